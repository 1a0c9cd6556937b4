#include "audit/verifier/remarks.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace hangu_verify {
namespace {

struct Sentence {
  std::string_view code;
  std::string_view en;
  std::string_view zh;
};

constexpr std::array kSentences{
    Sentence{"checkpoint-missing", "no checkpoint in {0}", "{0} 里没有检查点"},
    Sentence{"key-missing", "no log key given: the signatures of checkpoints are not checked",
             "没有给出日志公钥:检查点的签名没有核验"},
    Sentence{"stages-missing", "no stages' keys given: the stages' own signatures are not checked",
             "没有给出各阶段公钥:各阶段自己的签名没有核验"},
    Sentence{"note-malformed", "{0}: not a signed checkpoint", "{0}:不是签名的检查点"},
    Sentence{"line-missing", "{0}: not signed by {1}", "{0}:没有 {1} 的签名"},
    Sentence{"line-bad", "{0}: the signature of {1} is wrong", "{0}:{1} 的签名不对"},
    Sentence{"epoch-line-other", "{0}: signed by the key of another epoch than {1}",
             "{0}:由第 {1} 时期以外的密钥签名"},
    Sentence{"origin-other", "{0}: the checkpoint of another log, {1}",
             "{0}:是另一日志 {1} 的检查点"},
    Sentence{"log-too-large", "too many entries for this program: {0}",
             "条目太多,本程序无法核验:{0}"},
    Sentence{"file-missing", "{0} is missing", "缺少 {0}"},
    Sentence{"bundle-short", "{0} ends early", "{0} 不完整"},
    Sentence{"bundle-long", "{0} has bytes after its last entry", "{0} 最后一个条目之后还有字节"},
    Sentence{"entry-malformed", "not an entry", "不是条目"},
    Sentence{"entry-time", "its time is before the entry before", "时间早于前一条目"},
    Sentence{"entry-key-again", "key {0} was taken before", "键 {0} 此前已被占用"},
    Sentence{"entry-link", "its link to the transfer's entry before is wrong",
             "指向该传输前一条目的链接不对"},
    Sentence{"entry-gap", "not a gap", "不是序号缺口"},
    Sentence{"statement-missing", "no statement", "没有声明"},
    Sentence{"statement-unreadable", "statement not readable", "声明无法读取"},
    Sentence{"statement-unsigned", "statement not signed by {0}", "声明没有 {0} 的签名"},
    Sentence{"genesis-missing", "the log does not begin with genesis", "日志的第一条不是 genesis"},
    Sentence{"genesis-again", "a second genesis", "第二个 genesis"},
    Sentence{"genesis-key", "the log began with another {0} than the one given",
             "日志开始时的 {0} 与给出的不同"},
    Sentence{"key-former",
             "it put another {0} of the log into force than the one given; the present one is "
             "{1}. Whoever holds the former one could name it too: if it is the one that you get "
             "from the gateway's people by another way, give it, and check again",
             "自此条起,日志的 {0} 已不是给出的那一把;现用的是 {1}。掌握旧密钥的人也能这样写:"
             "若经由其他途径从网关人员处得到的也是这一把,请改用它重新核验"},
    Sentence{"log-keys-order", "it does not put next keys into force after the present ones",
             "它给出的密钥更换与现用密钥不衔接"},
    Sentence{"log-keys", "the log's own key changed from {0} to {1}",
             "日志自己的密钥由 {0} 换为 {1}"},
    Sentence{
        "line-former",
        "{0}: signed by a key from before all entries that are left: if it is one of the log's "
        "former keys, give it by --former-keys",
        "{0}:由现存条目之前的密钥签名;如系日志的旧密钥,请用 --former-keys 给出"},
    Sentence{"receipt-former-key",
             "its checkpoint is signed by a key of the log that is no longer in force",
             "其检查点由日志已停用的旧密钥签名"},
    Sentence{"epoch-order", "it does not close the present epoch, {0}",
             "它没有结束当前的第 {0} 时期"},
    Sentence{"epoch-root", "its root is not that of the entries before",
             "其中的根不是此前条目的根"},
    Sentence{"epoch-chain", "its SM3 chain is not that of the entries before",
             "其中的 SM3 链值不是此前条目的链值"},
    Sentence{"entry-changed", "its hash tile, which leads to the signed root, is of another entry",
             "与其杂凑瓦片不符,而瓦片得出所签的根"},
    Sentence{"entry-future", "{0} had seen it by {1}, before the time it claims",
             "{0} 不晚于 {1} 已见到它,早于它自称的时间"},
    Sentence{"journal-start", "{0}: its beginning does not fit what stands before",
             "{0}:段的开头与此前的内容不符"},
    Sentence{"journal-gap", "{0}: entries before it are missing", "{0}:此前缺少条目"},
    Sentence{"journal-batch", "{0}: an acknowledged batch was changed",
             "{0}:一批已确认的条目被改动"},
    Sentence{"journal-other", "{0}: other entries than those that were published",
             "{0}:与已发布的条目不同"},
    Sentence{"journal-behind", "{0}: ends before the checkpoint", "{0}:止于检查点之前"},
    Sentence{"journal-note", "{0}: its last batch is not signed as the log's",
             "{0}:最后一批没有日志的签名"},
    Sentence{"journal-torn", "{0}: {1} bytes at its end that nobody was told of",
             "{0}:末尾有 {1} 字节从未确认过"},
    Sentence{"journal-unread", "{0} cannot be read", "{0} 无法读取"},
    Sentence{"witness-ahead", "{0}: witnesses have seen {1} entries, and there are fewer now",
             "{0}:见证者见过 {1} 条,现在更少"},
    Sentence{"unwitnessed", "it and the {0} from it on were seen by no quorum of witnesses",
             "从它起共 {0} 条,见证者未达法定数"},
    Sentence{"not-yet-witnessed", "it and the {0} from it on are not witnessed yet",
             "从它起共 {0} 条,尚无足够见证"},
    Sentence{"policy-log", "the policy knows no such log: {0}", "策略中没有此日志:{0}"},
    Sentence{
        "pruned",
        "entries before {0} were removed by an order of auditors; the last was of {1}; archive "
        "{2}. Their words, keys and links, and which epochs' keys signed for them, "
        "can no longer be checked here; their hashes can",
        "第 {0} 条之前的条目已由审计员下令删除,最后一条的时间是 {1},归档 {2}。它们的内容、键、"
        "链接和当时的时期密钥在这里无法再核验;杂凑值仍可核验"},
    Sentence{"prune-unproven",
             "no auditors' keys given: that two of them ordered this is not checked",
             "没有给出审计员公钥:无法核验是否由两名审计员下令"},
    Sentence{
        "prune-unsigned",
        "its order to prune exactly this log so far is signed by {0} of the auditors given, not "
        "by two",
        "删除到此处的命令只有 {0} 名给出的审计员签名,应为两名"},
    Sentence{"range-outside", "no entries {0} to {1} in a log of {2}",
             "日志共 {2} 条,没有 {0} 到 {1}"},
    Sentence{"range-wrong", "{0} does not lead to the signed root", "{0} 得不出所签的根"},
    Sentence{"proof-malformed", "not a .tlog-proof", "不是 .tlog-proof"},
    Sentence{"proof-other", "the proof is of this entry, not of {0}",
             "证明的是这一条,不是第 {0} 条"},
    Sentence{"proof-wrong", "the entry does not lead to the signed root", "条目得不出所签的根"},
    Sentence{"proof-unwitnessed", "no quorum of witnesses has cosigned its checkpoint",
             "其检查点的见证者未达法定数"},
    Sentence{
        "proof-unbound",
        "no quorum, pin (--pin) or log (--log) at hand says that its checkpoint is of the log that "
        "everybody sees: who holds the log's key can make one for it alone",
        "没有见证法定数、保存的检查点(--pin)或日志(--log)表明其检查点属于大家所见的日志:"
        "持有日志私钥者可以单为它造一个"},
    Sentence{"proof-holds", "its receipt leads to the signed root; it was written {0}",
             "收据得出所签的根;写于 {0}"},
    Sentence{"compare-equal", "{0} and {1} are the same log of {2} entries",
             "{0} 与 {1} 相同,各 {2} 条"},
    Sentence{"compare-prefix", "{0} is the beginning of {1}: {2} of {3} entries",
             "{0} 是 {1} 的开头:{3} 条中的前 {2} 条"},
    Sentence{"compare-fork", "first entry that differs: {0} has one of {1}, {2} one of {3}",
             "第一个不同的条目:{0} 的时间是 {1},{2} 的时间是 {3}"},
    Sentence{"compare-fork-before",
             "they differ before {0}; a checkpoint alone does not tell where",
             "在第 {0} 条之前不同;只有检查点,看不出位置"},
    Sentence{"compare-apart", "two checkpoints, of {0} and {1} entries, and no tiles to join them",
             "两个检查点,分别为 {0} 和 {1} 条,没有瓦片可以连接"},
    Sentence{"compare-tile", "{0}: a hash tile over {1} to {2} does not fit those below it",
             "{0}:{1} 到 {2} 的杂凑瓦片与下层不符"},
    Sentence{"epoch", "epoch {0}: entries {1} up to {2}, closed {3}, key {4}",
             "第 {0} 时期:条目 {1} 至 {2} 之前,结束于 {3},密钥 {4}"},
    Sentence{"epoch-present", "epoch {0}: from {1} on, not closed, key {2}",
             "第 {0} 时期:从 {1} 起,尚未结束,密钥 {2}"},
    Sentence{"epoch-long", "epoch {0} lasted {1} seconds", "第 {0} 时期持续了 {1} 秒"},
    Sentence{"epoch-unknown", "no end of an epoch before the pin can be read: check the whole log",
             "保存的检查点之前读不到时期的结束:请核验整个日志"},
    Sentence{"pin-pruned", "entries since the pin were removed, up to {0}: check the whole log",
             "保存的检查点之后,第 {0} 条之前的条目已被删除:请核验整个日志"},
    Sentence{"boot-without-stop", "the last of run {0}, which did not end with stop",
             "运行 {0} 的最后一条,没有以 stop 结束"},
    Sentence{"heartbeat-missing", "{0} seconds without a heartbeat, since {1}",
             "自 {1} 起 {0} 秒没有心跳"},
    Sentence{"transfer-open", "last of a transfer without an end, begun with {0}: {1}, {2}",
             "未了结的传输的最后一条,始于第 {0} 条:{1},{2}"},
    Sentence{"clock-step",
             "the clock stepped back to {0}, the entry before was of {1}: {2} seconds",
             "时钟退到 {0},前一条是 {1}:{2} 秒"},
    Sentence{"clock-unknown", "the time was unknown; it carries {0}", "时间不明;所记为 {0}"},
    Sentence{"time-first", "the first that was read is of {0}", "读到的第一条的时间是 {0}"},
    Sentence{"time-last", "the last is of {0}", "最后一条的时间是 {0}"},
    Sentence{"root-wrong", "{0}: the entries do not make the signed root",
             "{0}:条目得不出所签的根"},
    Sentence{"note-size", "{0}: of {1} entries, not {2}", "{0}:有 {1} 条,应为 {2} 条"},
    Sentence{"tile-wrong", "{0}: hash {1} is wrong", "{0}:第 {1} 个杂凑值不对"},
    Sentence{"tile-size", "{0}: not of the size of its hashes", "{0}:长度与其杂凑值个数不符"},
    Sentence{"pin-unreadable", "pin: not a checkpoint of this log", "保存的检查点:不是本日志的"},
    Sentence{"pin-ahead", "the log had {0} entries before and has fewer now",
             "日志此前有 {0} 条,现在更少"},
    Sentence{"pin-wrong", "entries before {0} are not those of the pinned checkpoint",
             "第 {0} 条之前的条目与保存的检查点不符"},
    Sentence{"gap", "number {0} of {1} was never taken", "{1} 的序号 {0} 一直没有用过"},
    Sentence{"stray", "{0} belongs to no log", "{0} 不是日志的文件"},
    Sentence{"beyond", "{0} lies beyond the checkpoint: has an older one been put in its place?",
             "{0} 超出检查点:是否换成了较旧的检查点?"},
};

}  // namespace

std::string Remark::text(Language language) const {
  const auto found = std::find_if(kSentences.begin(), kSentences.end(),
                                  [&](const Sentence& sentence) { return sentence.code == code; });
  std::string out = code;
  if (found != kSentences.end()) out = language == Language::zh ? found->zh : found->en;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string place = "{" + std::to_string(i) + "}";
    if (const std::size_t at = out.find(place); at != std::string::npos)
      out.replace(at, place.size(), words[i]);
  }
  if (offset) {
    const std::string at = std::to_string(*offset);
    const bool named = !words.empty() && words.front() == path;
    if (language == Language::zh)
      out += named ? "(字节 " + at + ")" : "(" + path + ",字节 " + at + ")";
    else
      out += named ? " (byte " + at + ")" : " (" + path + ", byte " + at + ")";
  }
  if (!entry) return out;
  return (language == Language::zh ? "第 " + std::to_string(*entry) + " 条:"
                                   : "entry " + std::to_string(*entry) + ": ") +
         out;
}

}  // namespace hangu_verify
