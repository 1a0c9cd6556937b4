// The members of every event, as data.

#include <algorithm>
#include <array>

#include "audit/schema.hpp"

namespace hangu::audit {
namespace {

constexpr auto kText = MemberKind::text;
constexpr auto kNumber = MemberKind::number;
constexpr auto kFlag = MemberKind::flag;
constexpr auto kTexts = MemberKind::texts;
constexpr auto kOrNull = Presence::or_null;
constexpr auto kOptional = Presence::optional;

// --- transfers ---------------------------------------------------------------------------------

constexpr std::array kReceived{
    Member{"zone", kText, "来自哪个网络区", "the zone it came from"},
    Member{"node", kText, "送来的节点", "the node that sent it"},
    Member{"package", kText, "密封包的摘要", "digest of the sealed package"},
    Member{"bytes", kNumber, "密封包的字节数", "size of the sealed package in bytes"},
};
constexpr std::array kStated{
    Member{"submission", kText, "提交声明的摘要", "digest of the submission statement"},
    Member{"node", kText, "提交的节点", "the node that submits"},
    Member{"from", kText, "来源网络区", "zone of origin"},
    Member{"to", kText, "目的网络区", "zone of destination"},
    Member{"recipients", kTexts, "接收节点(最多列 64 个)",
           "receiving nodes (64 at most are listed)"},
    Member{"product", kText, "数据产品代码", "product code of the dataset"},
    Member{"areas", kTexts, "行政区划代码(GB/T 2260)", "GB/T 2260 codes of its areas"},
    Member{"secrecy", kText, "密级", "secrecy grade"},
    Member{"grade", kText, "数据级别", "data grade"},
    Member{"owner", kText, "责任单位", "organisation that answers for it"},
    Member{"suite", kText, "密码套件", "cryptographic suite"},
    Member{"sequence", kNumber, "提交方的序号", "the sender's number"},
    Member{"objects", kNumber, "对象个数", "how many objects"},
    Member{"bytes", kNumber, "对象总字节数", "bytes of the objects together"},
    Member{"key", kText, "签名密钥标识", "id of the key that signed"},
};
constexpr std::array kAsked{
    Member{"catalogue", kText, "目录及版本", "catalogue and its version"},
    Member{"from", kText, "来源网络区", "zone of origin"},
    Member{"to", kText, "目的网络区", "zone of destination"},
    Member{"classes", kTexts, "数据类别", "dataset classes"},
    Member{"secrecy", kText, "密级", "secrecy grade"},
    Member{"grade", kText, "数据级别", "data grade"},
    Member{"compartments", kTexts, "知悉范围", "compartments"},
    Member{"areas", kTexts, "行政区划代码(GB/T 2260)", "GB/T 2260 codes of its areas"},
    Member{"inside", kTexts, "位于其中的区域集;null:不知道",
           "area sets that it lies in; null: not known", kOrNull},
    Member{"touching", kTexts, "触及的区域集;null:不知道",
           "area sets that it touches; null: not known", kOrNull},
    Member{"scale", kNumber, "比例尺分母;null:不知道", "scale denominator; null: not known",
           kOrNull},
    Member{"at", kText, "时间;null:不知道", "when; null: not known", kOrNull},
    Member{"nodeLevel", kText, "节点级别;null:不知道", "level of the node; null: not known",
           kOrNull},
    Member{"roles", kTexts, "节点的岗位;null:不知道", "roles of the node; null: not known",
           kOrNull},
};
constexpr std::array kDecided{
    Member{"stage", kText, "decide 或 clear", "decide or clear"},
    Member{"decision", kText, "决定书的摘要", "digest of the decision"},
    Member{"allowed", kFlag, "是否允许", "whether it may go on"},
    Member{"reason", kText, "原因代码", "reason code"},
    Member{"rules", kTexts, "命中的规则(最多列 64 条)",
           "rules that matched (64 at most are listed)"},
    Member{"policy", kText, "策略及版本", "policy and its version"},
    Member{"approvals", kNumber, "要求的审批人数", "how many approvals it demands"},
    Member{"declassifiers", kTexts, "要求的脱密处理", "declassifiers it demands"},
    Member{"secrecy", kText, "放行时的密级", "secrecy grade of what would leave"},
    Member{"grade", kText, "放行时的数据级别", "data grade of what would leave"},
    Member{"directoryCookie", kText, "所依据的中心目录状态",
           "state of the central directory it went by", kOptional},
    Member{"directorySnapshot", kText, "当时目录内容的 SHA-256", "SHA-256 of what was known of it",
           kOptional},
    Member{"directoryAge", kNumber, "距最近一次证实的毫秒数", "milliseconds since that was proved",
           kOptional},
    // Absent in logs of before it was told.
    Member{"asked", MemberKind::object, "向规则提出的请求;null:说不出",
           "what was asked of the rules; null: it cannot be said", Presence::optional_or_null,
           kAsked},
};
constexpr std::array kFiltered{
    Member{"name", kText, "对象名", "name of the object"},
    Member{"object", kText, "处理前的摘要", "digest of what the filter was given"},
    Member{"output", kText, "处理后的摘要", "digest of what it made", kOrNull},
    Member{"verdict", kText, "结论", "verdict"},
    Member{"reason", kText, "原因代码", "reason code"},
    Member{"actions", kTexts, "去掉或发现了什么", "what was left behind or found"},
};
constexpr std::array kFilter{
    Member{"part", kNumber, "第几部分", "which part"},
    Member{"of", kNumber, "共几部分", "of how many"},
    Member{"objects", MemberKind::objects, "逐个对象", "object by object", Presence::always,
           kFiltered},
};
constexpr std::array kWithdrawn{
    Member{"node", kText, "撤回的节点", "the node that withdrew", kOptional},
};
constexpr std::array kQuarantined{
    Member{"attempts", kNumber, "尝试次数", "attempts"},
    Member{"reason", kText, "原因代码", "reason code"},
    Member{"round", kNumber, "轮次", "round"},
    Member{"stage", kText, "环节", "stage"},
};
constexpr std::array kFetched{
    Member{"node", kText, "取走密封包的节点", "the node that fetches the sealed package"},
    Member{"zone", kText, "取走处的区", "the zone where it does"},
    Member{"sealed", kText, "密封包的摘要", "digest of the sealed package"},
};
constexpr std::array kAcknowledged{
    Member{"node", kText, "取走并核验的节点", "the node that fetched and opened it"},
    Member{"sealed", kText, "密封包的摘要", "digest of the sealed package"},
};
constexpr std::array kGap{
    Member{"node", kText, "提交的节点", "the node that submits"},
    Member{"sequence", kNumber, "本次序号", "the number it used"},
    Member{"missing", kNumber, "之前缺少的序号", "the number before it that none has taken"},
};

// --- what the gateway works by -------------------------------------------------------------------

constexpr std::array kDocument{
    Member{"name", kText, "文件", "the file"},
    Member{"sha256", kText, "SHA-256,十六进制", "SHA-256 in hex"},
};
constexpr std::array kPolicyReleased{
    Member{"policy", kText, "策略及版本", "policy and its version"},
    Member{"release", kNumber, "发布号,只增不减", "the release, which only rises"},
    Member{"bundle", kText, "策略包的 SHA-256,十六进制", "SHA-256 of its bundle in hex"},
    Member{"previous", kText, "之前执行的策略包;空:此前没有",
           "the bundle in force before; empty: there was none"},
    Member{"widens", kFlag, "是否新增准许或放宽要求", "whether it permits more or demands less"},
    Member{"signers", kTexts, "签署人", "the people who signed it"},
    Member{"passed", kText, "通过闸门检查的时间", "when the gate let it pass"},
};
constexpr std::array kShadowed{
    Member{"stage", kText, "第几次决定", "which decision"},
    Member{"policy", kText, "影子策略", "the policy in the shadow"},
    Member{"enforced", kText, "执行的策略", "the policy that decides"},
    Member{"differs", kFlag, "结论或要求是否不同", "whether what it says or demands is another"},
    Member{"allowed", kFlag, "影子策略是否准许", "whether the shadow would allow it"},
    Member{"reason", kText, "影子策略的原因", "the shadow's reason"},
    Member{"rules", kTexts, "命中的规则(最多列 64 条)", "the rules that matched (64 at most)"},
};
constexpr std::array kCounted{
    Member{"node", kText, "接收节点", "the receiving node"},
    Member{"family", kText, "数据集类别", "the dataset class"},
    Member{"day", kText, "日期(UTC+8)", "the day, by UTC+8"},
    Member{"place", kNumber, "当日第几次", "which of that day's it is"},
    Member{"limit", kNumber, "当日上限", "how many that day may have"},
};
constexpr std::array kCovered{
    Member{"number", kNumber, "覆盖台账的预留号", "number of the reservation in the mosaic ledger"},
    Member{"nodes", kTexts, "接收节点", "the receiving nodes"},
    Member{"families", kTexts, "数据集类别", "the dataset classes"},
    Member{"squareMetres", kNumber, "所在最大连片面积(平方米)",
           "largest contiguous area that it is part of, in square metres"},
    Member{"limit", kNumber, "上限(平方公里)", "the limit in square kilometres"},
    Member{"facts", kText, "所依据的实测数据的摘要", "digest of what was measured"},
};
constexpr std::array kPostureSwitched{
    Member{"number", kNumber, "命令序号,逐一递增", "the order's number, one more each time"},
    Member{"posture", kText, "命令的运行态势", "the posture that is ordered"},
    Member{"reason", kText, "理由", "why"},
    Member{"ordered", kText, "签署时间", "when it was signed"},
    Member{"signers", kTexts, "签署人", "the people who signed it"},
};
constexpr std::array kPostureChanged{
    Member{"posture", kText, "现在的运行态势", "the posture as it is now"},
    Member{"causes", kTexts, "原因:switch、alarm、unwitnessed", "why: switch, alarm, unwitnessed"},
};
constexpr std::array kPolicyChanged{
    Member{"policy", kText, "策略及版本", "policy and its version"},
    Member{"catalogue", kText, "目录及版本", "catalogue and its version"},
    Member{"documents", MemberKind::objects, "生效的文件", "the documents in force",
           Presence::always, kDocument},
};
constexpr std::array kDirectoryLoaded{
    Member{"entries", kNumber, "条目数", "entries"},
    Member{"nodes", kNumber, "其中的节点", "nodes among them"},
    Member{"refused", kNumber, "没有有效授权的条目", "entries that no good grant gives any power"},
    Member{"how", kText, "whole、resumed 或 pages", "whole, resumed or pages"},
    Member{"cookie", kText, "目录服务器的状态", "the server's own name of the state"},
    Member{"snapshot", kText, "全部内容的 SHA-256", "SHA-256 of it all"},
};
constexpr std::array kDirectoryConflict{
    Member{"human", kText, "兼任两个管理员角色的人", "who was found to be two administrators"},
};
constexpr std::array kLogins{
    Member{"zone", kText, "网络区", "zone"},
    Member{"node", kText, "节点", "node"},
    Member{"count", kNumber, "次数", "how often"},
};
constexpr std::array kRefusals{
    Member{"zone", kText, "网络区", "zone"},
    Member{"node", kText, "节点;未证明身份时为空", "node; null where none was proved", kOrNull},
    Member{"reason", kText, "拒绝的原因", "why it was turned away"},
    Member{"count", kNumber, "次数", "how often"},
};
constexpr std::array kEdge{
    Member{"logins", MemberKind::objects, "自上次以来的登录", "log-ins since the one before",
           Presence::always, kLogins},
    Member{"refusals", MemberKind::objects, "自上次以来的拒绝", "refusals since then",
           Presence::always, kRefusals},
    Member{"lost", kNumber, "未能列出的次数", "how many more are not listed"},
};

// --- the log about itself ------------------------------------------------------------------------

constexpr Member kWhileUnknown{kClockMember, kText, "时间未知时为 unknown",
                               "unknown, while the time is", kOptional};
constexpr std::array kCounter{
    Member{"kind", kText, "tpm、file 或 none", "tpm, file or none"},
    Member{"value", kNumber, "单调计数器的值", "value of the monotonic counter"},
};
constexpr std::array kGenesisMembers{
    Member{"origin", kText, "日志名", "name of the log"},
    Member{"vkey", kText, "日志公钥", "the log's key"},
    Member{"epochVkey", kText, "第 0 期的公钥", "the key of epoch 0"},
    Member{"gmVkey", kText, "国密公钥", "the SM2 key", kOrNull},
    kWhileUnknown,
};
constexpr std::array kLogKeys{
    Member{"vkey", kText, "此前的日志公钥", "the log's key up to here"},
    Member{"gmVkey", kText, "此前的国密公钥", "the SM2 key up to here", kOrNull},
    Member{"nextVkey", kText, "此后的日志公钥", "the log's key from here on"},
    Member{"nextGmVkey", kText, "此后的国密公钥", "the SM2 key from here on", kOrNull},
};
constexpr std::array kClose{
    Member{"epoch", kNumber, "期号", "number of the epoch"},
    Member{"first", kNumber, "本期第一条", "its first entry"},
    Member{"size", kNumber, "此前的条数", "entries before this one"},
    Member{"root", kText, "此前的树根", "root of the tree before this one"},
    Member{"nextVkey", kText, "下一期的公钥", "the next epoch's key"},
    Member{"sm3", kText, "SM3 链的值", "value of the SM3 chain"},
    Member{"counter", MemberKind::object, "单调计数器", "the monotonic counter", kOptional,
           kCounter},
    Member{"logKeys", MemberKind::object, "日志自身密钥的更换", "the log's own keys roll over",
           kOptional, kLogKeys},
    kWhileUnknown,
};
constexpr std::array kBoot{
    Member{"size", kNumber, "此前的条数", "entries before"},
    Member{"epoch", kNumber, "期号", "epoch"},
    Member{"catalogue", kText, "条目目录的摘要", "digest of the catalogue of entries"},
    Member{"counter", MemberKind::object, "单调计数器", "the monotonic counter", kOptional,
           kCounter},
    Member{"version", kText, "软件版本", "version of the software", kOptional},
    Member{"documents", MemberKind::objects, "程序、配置与密钥名册",
           "programs, configuration and lists of keys", kOptional, kDocument},
    kWhileUnknown,
};
constexpr std::array kTypeCount{
    Member{"type", kText, "条目类型", "type of entry"},
    Member{"count", kNumber, "条数", "how many"},
};
constexpr std::array kWitnessed{
    Member{"size", kNumber, "条数", "entries"},
    Member{"time", kText, "见证的时间", "when they saw it"},
};
constexpr std::array kWitnessAge{
    Member{"state", kText, "alarm、over 或 other-tree", "alarm, over or other-tree"},
    Member{"size", kNumber, "最后被见证的条数", "entries that were witnessed last"},
    Member{"time", kText, "最后被见证的时间", "when that was", Presence::optional_or_null},
    Member{"root", kText, "另一棵树的根", "root of the other tree", kOptional},
    kWhileUnknown,
};
constexpr std::array kWitnessAlarm{
    Member{"witness", kText, "见证者", "the witness"},
    Member{"alarm", kText, "何种警报", "which alarm"},
    Member{"size", kNumber, "送去的条数", "entries that it was shown"},
    Member{"witnessSize", kNumber, "见证者所说的条数", "entries that it says it saw"},
    Member{"detail", kText, "细节", "details"},
};
constexpr std::array kHeartbeat{
    Member{"size", kNumber, "条数", "entries"},
    Member{"published", kNumber, "已发布的条数", "entries published"},
    Member{"appended", kNumber, "自上次以来写入", "appended since the one before"},
    Member{"refused", kNumber, "自上次以来拒绝", "refused since then"},
    Member{"commits", kNumber, "自上次以来落盘次数", "commits since then"},
    Member{"lost", kNumber, "丢失;恒为 0", "lost; always 0"},
    Member{"types", MemberKind::objects, "按类型的条数", "appended, by type", kOptional,
           kTypeCount},
    Member{"witnessed", MemberKind::object, "最近一次法定见证", "the last quorum of witnesses",
           Presence::optional_or_null, kWitnessed},
    Member{"diskFree", kNumber, "剩余字节", "bytes free on the log's disk", kOptional},
    kWhileUnknown,
};
constexpr std::array kRecovery{
    Member{"size", kNumber, "条数", "entries"},
    Member{"discardedBytes", kNumber, "丢弃的、从未确认过的字节",
           "bytes that were never acknowledged"},
    kWhileUnknown,
};
constexpr std::array kClock{
    Member{"now", kText, "现在的时间", "the time now"},
    Member{"lastEntry", kText, "上一条的时间", "the time of the entry before"},
};
constexpr std::array kStop{
    Member{"size", kNumber, "条数", "entries"},
    Member{"appended", kNumber, "自上次心跳以来写入", "appended since the last heartbeat"},
    Member{"refused", kNumber, "自上次心跳以来拒绝", "refused since then"},
    kWhileUnknown,
};

constexpr std::array kReleased{
    Member{"told", kNumber, "日志所记的计数器值", "the counter as the log told it"},
    Member{"found", kNumber, "实际的计数器值", "the counter as it was found"},
    Member{"kind", kText, "tpm、file 或 none", "tpm, file or none"},
    Member{"reason", kText, "审计员的说明", "the auditors' words"},
    Member{"signers", kTexts, "签署的审计员", "auditors who signed"},
    Member{"order", kText, "命令原文(base64)", "the order's envelope in base64"},
    kWhileUnknown,
};
constexpr std::array kEpochThen{
    Member{"number", kNumber, "期号", "number of the epoch"},
    Member{"first", kNumber, "本期第一条", "its first entry"},
    Member{"vkey", kText, "本期公钥", "its key"},
};
constexpr std::array kPruned{
    Member{"before", kNumber, "此前的条目已删除", "entries before this one are deleted"},
    Member{"lastTime", kText, "已删除的最后一条的时间", "time of the last deleted entry"},
    Member{"epoch", MemberKind::object, "保留的第一条所在的期", "the epoch of the first that stays",
           Presence::always, kEpochThen},
    Member{"sm3", kText, "该处 SM3 链的值", "value of the SM3 chain there"},
    Member{"vkey", kText, "该处的日志公钥", "the log's key there"},
    Member{"gmVkey", kText, "该处的国密公钥", "the SM2 key there", kOrNull},
    Member{"counter", MemberKind::object, "最后所记的计数器", "the counter as told last", kOrNull,
           kCounter},
    Member{"keys", kText, "所占键文件的 SHA-256", "SHA-256 of the file of taken keys"},
    Member{"archive", kText, "归档清单的 SHA-256", "SHA-256 of the archive's manifest"},
    Member{"signers", kTexts, "签署的审计员", "auditors who signed"},
    Member{"order", kText, "命令原文(base64)", "the order's envelope in base64"},
    kWhileUnknown,
};

struct EventSchema {
  std::string_view type;
  std::span<const Member> members;
};

constexpr std::array kSchemas{
    EventSchema{"transfer.received", kReceived},
    EventSchema{"transfer.stated", kStated},
    EventSchema{"transfer.decided", kDecided},
    EventSchema{"transfer.shadowed", kShadowed},
    EventSchema{"transfer.counted", kCounted},
    EventSchema{"transfer.covered", kCovered},
    EventSchema{"filter.inspect", kFilter},
    EventSchema{"filter.transform", kFilter},
    EventSchema{"filter.check", kFilter},
    EventSchema{"transfer.withdrawn", kWithdrawn},
    EventSchema{"transfer.quarantined", kQuarantined},
    EventSchema{"transfer.fetched", kFetched},
    EventSchema{"transfer.acknowledged", kAcknowledged},
    EventSchema{"sequence.gap", kGap},
    EventSchema{"policy.released", kPolicyReleased},
    EventSchema{"policy.changed", kPolicyChanged},
    EventSchema{"posture.switched", kPostureSwitched},
    EventSchema{"posture.changed", kPostureChanged},
    EventSchema{"directory.loaded", kDirectoryLoaded},
    EventSchema{"directory.conflict", kDirectoryConflict},
    EventSchema{"edge.access", kEdge},
    EventSchema{"witness.alarm", kWitnessAlarm},
    EventSchema{"witness.age", kWitnessAge},
    EventSchema{"genesis", kGenesisMembers},
    EventSchema{"epoch.close", kClose},
    EventSchema{"boot", kBoot},
    EventSchema{"heartbeat", kHeartbeat},
    EventSchema{"recovery", kRecovery},
    EventSchema{"clock", kClock},
    EventSchema{"stop", kStop},
    EventSchema{"counter.released", kReleased},
    EventSchema{"log.pruned", kPruned},
};

}  // namespace

std::span<const Member> event_members(std::string_view type) {
  const auto found = std::ranges::find(kSchemas, type, &EventSchema::type);
  return found == kSchemas.end() ? std::span<const Member>() : found->members;
}

}  // namespace hangu::audit
