#pragma once
// Phrases of the auditor's commands, each in both languages.

#include "cli/phrases.hpp"

namespace hangu::cli::phrase {

inline constexpr Bilingual kIndexing = both("建立索引", "indexing");
inline constexpr Bilingual kProving = both("核验条目", "proving entries");
inline constexpr Bilingual kBegunAnew =
    both("此前索引的是另一个日志:已重新建立索引",
         "what was indexed before was another log: the index was begun anew");
inline constexpr Bilingual kIndexed = both("已索引条目", "entries indexed");
inline constexpr Bilingual kAdded = both("新增", "new");
inline constexpr Bilingual kActor = both("行为人", "actor");
inline constexpr Bilingual kDecision = both("决定", "decision");
inline constexpr Bilingual kWhat = both("事项", "what happened");
inline constexpr Bilingual kEntryType = both("类型", "type");
inline constexpr Bilingual kLeaf = both("叶哈希", "leaf hash");
inline constexpr Bilingual kPrunedEntry =
    both("(条目已清除,只有索引还知道它)", "(pruned: only the index still knows it)");
inline constexpr Bilingual kHits = both("命中", "hits");
inline constexpr Bilingual kShown = both("显示", "shown");
inline constexpr Bilingual kNotProved =
    both("按索引回答,未经核验;--verified 会核验每一条",
         "answered by the index, not proved; --verified proves every entry");
inline constexpr Bilingual kProved =
    both("已核验:范围内的每一条都已读取,并证明属于签名的检查点;条目",
         "proved: every entry of the range was read and led to the "
         "signed checkpoint; entries");
inline constexpr Bilingual kIndexAgrees =
    both("索引与条目一致", "the index agrees with the entries");
inline constexpr Bilingual kHiddenByIndex = both("索引隐瞒了条目", "the index hides entry");
inline constexpr Bilingual kMadeUpByIndex = both("索引编造了条目", "the index makes up entry");
inline constexpr Bilingual kChangedByIndex = both("索引改动了条目", "the index changes entry");
inline constexpr Bilingual kMoreDifferences = both("更多差异", "more differences");
inline constexpr Bilingual kUndecided =
    both("无法判断的条目(其提交声明已被清除)",
         "entries that nobody can decide on (what stated their transfer was pruned)");
inline constexpr Bilingual kOlderPruned =
    both("早于此条目的已被清除", "entries below this one were pruned");
inline constexpr Bilingual kCertificateWritten = both("查询证书", "query certificate");
inline constexpr Bilingual kCertificateHolds =
    both("证书成立:重新查询,结果相同",
         "the certificate holds: the search, made again, "
         "finds the same");
inline constexpr Bilingual kIndexHolds = both("索引与日志逐条一致;条目",
                                              "the index is what the log makes, entry for entry; "
                                              "entries");
inline constexpr Bilingual kIndexBehind =
    both("索引落后于日志(用 hangu audit index 更新);索引到",
         "the index is behind the log (hangu audit index brings it up); it goes up to");
inline constexpr Bilingual kQuerySaved = both("已保存查询", "query saved");
inline constexpr Bilingual kQueryForgotten = both("已删除查询", "query deleted");
inline constexpr Bilingual kNoQueries = both("没有保存的查询", "no saved queries");
inline constexpr Bilingual kQueryName = both("名称", "name");
inline constexpr Bilingual kQuery = both("查询", "query");
inline constexpr Bilingual kEntryProved =
    both("已证明属于检查点,其条目数", "proved to the checkpoint of size");
inline constexpr Bilingual kStated = both("其中签名的内容:", "what is signed in it:");
inline constexpr Bilingual kLineageProved = both(
    "已证明:以上每一条都属于检查点,各条指明前一条,其间没有缺漏;检查点条目数",
    "proved: each of these is of the checkpoint, and names the one before it, so that none between "
    "them is missing; entries of the checkpoint");
inline constexpr Bilingual kLineageCut =
    both("还有更多,未全部列出", "there are more, not all are listed");
inline constexpr Bilingual kTransfersCut =
    both("还有更多传输,未列出", "there are more transfers, not listed");
inline constexpr Bilingual kLaterNotProved =
    both("未证明:此后再没有它的条目(只是索引所说),最后一条是",
         "not proved: that nothing of it comes later, which the index says; the last is");
inline constexpr Bilingual kKeyBeside =
    both("没有 --key:用的是日志旁边的 anchors/log.vkey;谁能改日志,也许就能改它",
         "no --key: anchors/log.vkey beside the log is taken, which whoever could change the log "
         "may have changed too");
inline constexpr Bilingual kNothingFound = both("没有找到", "nothing found");

// Chapters of a transfer's lineage.
inline constexpr Bilingual kChapterSent = both("谁发送", "who sent it");
inline constexpr Bilingual kChapterFound = both("查出什么", "what was found");
inline constexpr Bilingual kChapterDecided = both("如何决定", "how it was decided");
inline constexpr Bilingual kChapterRemoved = both("去除了什么", "what was removed");
inline constexpr Bilingual kChapterChecked = both("如何复检", "how it was checked");
inline constexpr Bilingual kChapterApproved = both("谁审批", "who approved");
inline constexpr Bilingual kChapterLeft = both("如何移交", "how it left");
inline constexpr Bilingual kChapterFetched =
    both("谁取走、谁确认", "who fetched and acknowledged it");
inline constexpr Bilingual kChapterEnded = both("如何结束", "how it ended");

}  // namespace hangu::cli::phrase
