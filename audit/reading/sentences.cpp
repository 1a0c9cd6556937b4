// What entries say, in sentences for people.

#include <array>

#include "audit/reading/facts.hpp"
#include "base/text.hpp"
#include "flow/label.hpp"

namespace hangu::audit {
namespace {

constexpr std::size_t kShownBytesMax = 200;  ///< of one foreign text
constexpr std::size_t kObjectsShownMax = 3;
constexpr std::size_t kActionsShownMax = 3;
constexpr std::size_t kRefusalsShownMax = 3;

struct Phrase {
  std::string_view name;
  std::string_view zh;
  std::string_view en;
};

constexpr auto kStageWords = std::to_array<Phrase>({
    {"receive", "接收", "receive"},
    {"verify", "核验", "verify"},
    {"inspect", "检查", "inspect"},
    {"decide", "决定", "decide"},
    {"transform", "变换", "transform"},
    {"check", "复检", "check"},
    {"approve", "审批", "approve"},
    {"clear", "放行复核", "clear"},
    {"emit", "移交", "emit"},
});

constexpr auto kTypes = std::to_array<Phrase>({
    {"transfer.received", "收到一个密封的数据包", "a sealed package came in"},
    {"transfer.stated", "发送方提交了一个数据包", "a sender submitted a package"},
    {"document.submission", "发送方签名的提交声明", "the sender's signed submission"},
    {"transfer.withdrawn", "发送方撤回了传输", "the sender withdrew the transfer"},
    {"transfer.quarantined", "传输被隔离", "the transfer was put in quarantine"},
    {"transfer.expired", "传输已过有效期", "the transfer expired"},
    {"transfer.fetched", "数据包被接收方取走", "a recipient fetched the package"},
    {"transfer.acknowledged", "接收方确认收到", "a recipient acknowledged the package"},
    {"sequence.gap", "发送方的序号有缺口", "a gap in a sender's numbers"},
    {"directory.loaded", "中心目录已重新载入", "the central directory was loaded"},
    {"directory.conflict", "有人兼任两个管理员角色", "somebody is two of the three administrators"},
    {"edge.access", "网络区入口的来访", "at a zone's entrance"},
    {"counter.released", "审计员放行了单调计数器的差异",
     "auditors released a difference of the monotonic counter"},
    {"witness.alarm", "见证者的回答令人警觉", "a witness's answer is alarming"},
    {"witness.age", "日志久未被见证", "no witness has seen the log for long"},
    {"posture.switched", "安全员切换了运行态势", "officers switched the posture"},
    {"posture.changed", "运行态势已改变", "the posture changed"},
    {"policy.released", "一份策略开始执行", "a policy came into force"},
    {"transfer.shadowed", "影子策略另作比较", "a shadow policy was asked beside"},
    {"transfer.covered", "覆盖范围已计入连片面积", "its ground was entered in the mosaic ledger"},
    {"transfer.counted", "计入当日放行次数", "the transfer was counted among its day's"},
    {"policy.changed", "策略被更改", "the policy was changed"},
    {"genesis", "日志开始", "the log begins"},
    {"epoch.close", "日志时期结束", "an epoch of the log ends"},
    {"boot", "日志程序启动", "the log's writer started"},
    {"stop", "日志程序正常结束", "the log's writer ended cleanly"},
    {"heartbeat", "日志程序正常运行", "the log's writer is alive"},
    {"recovery", "日志从中断中恢复", "the log recovered from an interruption"},
    {"clock", "时钟被拨动", "the clock was moved"},
    {"log.pruned", "较早的日志条目被清除", "older entries of the log were removed"},
});

/// What a ruling says of a stage, a policy, a person or a filter.
struct RulingWords {
  std::string_view zh;
  std::string_view en;
};
constexpr std::array<RulingWords, 5> kOfStages{{{"已完成", "was done"},
                                                {"通过", "passed"},
                                                {"拒绝", "refused"},
                                                {"隔离", "held"},
                                                {"出错", "ended in an error"}}};
constexpr std::array<RulingWords, 5> kOfPolicy{{{"已评估", "was evaluated"},
                                                {"允许", "allows"},
                                                {"不允许", "refuses"},
                                                {"隔离", "holds"},
                                                {"出错", "ended in an error"}}};
constexpr std::array<RulingWords, 5> kOfPeople{{{"已签署", "signed"},
                                                {"批准", "approved"},
                                                {"拒绝", "refused"},
                                                {"搁置", "holds"},
                                                {"出错", "ended in an error"}}};

const RulingWords& words_of(const std::array<RulingWords, 5>& words, Ruling ruling) {
  return words.at(static_cast<std::size_t>(ruling));
}

FactText joined(std::string_view zh, std::string_view en, const RulingWords& words) {
  return {std::string(zh) + std::string(words.zh), std::string(en) + " " + std::string(words.en)};
}

/// The details of a sentence, put behind its headline.
class Details {
 public:
  void add(std::string_view zh, std::string_view en, std::string_view value) {
    if (value.empty()) return;
    const std::string shown = printable(value, kShownBytesMax);
    put(zh_, ",", zh, shown);
    put(en_, ", ", en, shown);
  }
  void add(std::string_view zh, std::string_view en, const std::vector<std::string>& values) {
    std::string all;
    for (const std::string& value : values) all += (all.empty() ? "" : ", ") + value;
    add(zh, en, all);
  }
  void add(std::string_view zh, std::string_view en, std::optional<std::uint64_t> number) {
    if (number) add(zh, en, std::to_string(*number));
  }
  [[nodiscard]] FactText behind(const FactText& headline) const {
    return {headline.zh + (zh_.empty() ? "" : ":" + zh_),
            headline.en + (en_.empty() ? "" : ": " + en_)};
  }

 private:
  static void put(std::string& text, std::string_view between, std::string_view name,
                  std::string_view value) {
    if (!text.empty()) text += between;
    text += name;
    if (!name.empty()) text += ' ';
    text += value;
  }
  std::string zh_;
  std::string en_;
};

void add_label(const EntryFacts& facts, Details& details) {
  const auto secrecy = flow::parse_secrecy(facts.secrecy);
  const auto grade = flow::parse_data_grade(facts.grade);
  if (!secrecy || !grade) return;
  const std::string zh =
      std::string(flow::to_chinese(*secrecy)) + "/" + std::string(flow::to_chinese(*grade));
  details.add("标记", "label", facts.secrecy + "/" + facts.grade + " (" + zh + ")");
}

void add_objects(const EntryFacts& facts, Details& details) {
  for (std::size_t i = 0; i < facts.seen.size() && i < kObjectsShownMax; ++i) {
    const ObjectFacts& object = facts.seen[i];
    std::string text = object.name;
    for (std::size_t k = 0; k < object.actions.size() && k < kActionsShownMax; ++k)
      text += (k == 0 ? " [" : "; ") + object.actions[k];
    if (object.actions.size() > kActionsShownMax) text += "; …";
    if (!object.actions.empty()) text += "]";
    details.add("对象", "object", text);
  }
  if (facts.seen.size() > kObjectsShownMax) details.add("共", "of", facts.objects);
}

void add_refusals(const EntryFacts& facts, Details& details) {
  for (std::size_t i = 0; i < facts.refused.size() && i < kRefusalsShownMax; ++i) {
    const RefusalFacts& refusal = facts.refused[i];
    const std::string what = refusal.zone + (refusal.node.empty() ? "" : "/" + refusal.node) + " " +
                             refusal.reason + " x" + std::to_string(refusal.count);
    details.add("", "", what);
  }
  if (facts.refused.size() > kRefusalsShownMax)
    details.add("共", "of", std::to_string(facts.refused.size()));
}

void add_logins(const EntryFacts& facts, Details& details) {
  for (std::size_t i = 0; i < facts.logins.size() && i < kRefusalsShownMax; ++i) {
    const LoginFacts& login = facts.logins[i];
    details.add("登录", "log-in",
                login.zone + "/" + login.node + " x" + std::to_string(login.count));
  }
  if (facts.logins.size() > kRefusalsShownMax)
    details.add("登录的节点共", "log-ins of nodes", std::to_string(facts.logins.size()));
}

void add_route(const EntryFacts& facts, Details& details) {
  if (facts.to.empty()) return details.add("区域", "zone", facts.from);
  if (facts.from.empty()) return details.add("区域", "zone", facts.to);
  details.add("路由", "route", facts.from + " -> " + facts.to);
}

/// The number that an event of the log or of a sender's numbers is about.
void add_count(const EntryFacts& facts, Details& details) {
  if (!facts.count || *facts.count < 0) return;
  const auto number = static_cast<std::uint64_t>(*facts.count);
  if (facts.type == "epoch.close" || facts.type == "boot") details.add("时期", "epoch", number);
  if (facts.type == "sequence.gap") details.add("缺少序号", "missing number", number);
  if (facts.type == "counter.released") details.add("计数器", "counter", number);
  if (facts.type == "log.pruned") details.add("条目之前", "below entry", number);
  if (facts.type == "recovery") details.add("丢弃字节", "bytes discarded", number);
  if (facts.type == "transfer.stated") details.add("序号", "number", number);
  if (facts.type == "transfer.decided") details.add("需审批人数", "approvals needed", number);
}

}  // namespace

std::string_view stage_in_chinese(std::string_view stage) {
  for (const Phrase& phrase : kStageWords)
    if (phrase.name == stage) return phrase.zh;
  return stage;
}

FactText headline_of(const EntryFacts& facts) {
  if (!facts.readable) return {"无法读懂的条目", "an entry that cannot be read"};
  const std::string zh_stage(stage_in_chinese(facts.stage));
  if (facts.type.starts_with("step."))
    return joined("环节「" + zh_stage + "」", "stage " + facts.stage,
                  words_of(kOfStages, facts.decision));
  if (facts.type.starts_with("filter."))
    return joined("过滤「" + zh_stage + "」", "filter " + facts.stage,
                  words_of(kOfStages, facts.decision));
  if (facts.type == "transfer.decided") {
    const bool again = facts.stage == "clear";
    return joined(again ? "放行前策略" : "策略", again ? "policy, just before release," : "policy",
                  words_of(kOfPolicy, facts.decision));
  }
  if (facts.type == "approval.given")
    return joined("审批人", "a reviewer", words_of(kOfPeople, facts.decision));
  if (facts.replaces_keys()) return {"日志自身的密钥更换", "the log's own keys were replaced"};
  for (const Phrase& phrase : kTypes)
    if (phrase.name == facts.type) return {std::string(phrase.zh), std::string(phrase.en)};
  return {"条目 " + facts.type, "entry " + facts.type};
}

FactText sentence_of(const EntryFacts& facts) {
  Details details;
  details.add("节点", "node", facts.node);
  if (!facts.person.empty())
    details.add("", "", facts.person + (facts.role.empty() ? "" : " (" + facts.role + ")"));
  details.add("签署人", "signed by", facts.signers);
  details.add("见证者", "witness", facts.witness);
  details.add("理由", "in words", facts.words);
  details.add("数据集", "dataset", facts.dataset);
  add_label(facts, details);
  details.add("区域", "areas", facts.areas);
  add_route(facts, details);
  add_refusals(facts, details);
  add_logins(facts, details);
  details.add("接收方", "recipients", facts.recipients);
  if (facts.reason != "ok") details.add("原因", "reason", facts.reason);
  details.add("详情", "details", facts.detail);
  details.add("规则", "rules", facts.rules);
  details.add("策略", "policy", facts.policy);
  add_count(facts, details);
  if (facts.seen.empty()) details.add("对象数", "objects", facts.objects);
  details.add("字节", "bytes", facts.bytes);
  add_objects(facts, details);
  return details.behind(headline_of(facts));
}

}  // namespace hangu::audit
