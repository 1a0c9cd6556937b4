// hangu policy explain: what the rules of a file say of one request, and why.

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/phrases.hpp"
#include "cli/policy_file.hpp"
#include "policy/analysis/sentence.hpp"

namespace hangu::cli {
namespace {

constexpr Bilingual kPermitted = both("允许", "permitted");
constexpr Bilingual kForbidden = both("禁止", "forbidden");
constexpr Bilingual kNoRule = both("没有规则允许", "no rule permits it");
constexpr Bilingual kBy = both("依据", "by");
constexpr Bilingual kDemands = both("要求", "demands");
constexpr Bilingual kNearly = both("只差一项的规则", "rules that fail in one column only");
constexpr Bilingual kNone = both("未说明、按没有处理", "not said, and so none");
constexpr Bilingual kAgainst = both("但仍不能通过", "but it does not pass");
constexpr Bilingual kExpired = both("策略已过期", "the policy has expired");
constexpr Bilingual kLater = both("策略尚未生效", "the policy does not count yet");
constexpr Bilingual kCeiling =
    both("标签高于目的区域的上限", "its label is above what the zone holds");
constexpr Bilingual kCannot =
    both("本版网关做不到所要求的", "this version's gateway cannot carry out what is demanded");
constexpr Bilingual kUnknown = both("未说明、按不知道处理", "not said, and so not known");

Result<policy::NameIndex> name_of(const Arguments& arguments, const char* option,
                                  const policy::NameList& list) {
  const std::string text = arguments.text(option);
  if (const auto index = list.find(text)) return *index;
  return usage("--" + std::string(option),
               "\"" + printable(text, 60) + "\"" + list.did_you_mean(text));
}

Result<policy::NameSet> names_of(const Arguments& arguments, const char* option,
                                 const policy::NameList& list) {
  policy::NameSet out;
  for (const std::string& text : arguments.list(option)) {
    const auto index = list.find(text);
    if (!index)
      return usage("--" + std::string(option),
                   "\"" + printable(text, 60) + "\"" + list.did_you_mean(text));
    out.insert(*index);
  }
  return out;
}

Result<std::int64_t> scale_of(const std::string& text) {
  std::int64_t out = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, out);
  if (problem != std::errc{} || stop != end || out < 1 || out > policy::ScaleRange{}.coarsest)
    return usage("--scale", "\"" + printable(text, 30) + "\" is no denominator like 10000");
  return out;
}

Result<policy::Request> request_of(const Arguments& a, const policy::Catalogue& c) {
  policy::Request out;
  HANGU_TRY(out.from, name_of(a, "from", c.zones));
  HANGU_TRY(out.to, name_of(a, "to", c.zones));
  HANGU_TRY(out.classes, names_of(a, "dataset", c.datasets));
  HANGU_TRY(out.secrecy, from_option("--secrecy", flow::parse_secrecy(a.text("secrecy"))));
  HANGU_TRY(out.grade, from_option("--grade", flow::parse_data_grade(a.text("grade"))));
  HANGU_TRY(out.compartments, names_of(a, "compartment", c.compartments));
  for (const std::string& text : a.list("area")) {
    const auto area = policy::Area::parse(text);
    if (!area) return usage("--area", "\"" + printable(text, 30) + "\" is no 2, 4 or 6 digits");
    out.areas.push_back(*area);
  }
  if (a.has("area-set") || a.has("outside-area-sets")) {
    HANGU_TRY(const policy::NameSet sets, names_of(a, "area-set", c.area_sets));
    out.placement = policy::Placement{.inside = sets, .touched = sets};
  }
  if (a.has("scale")) {
    HANGU_TRY(out.scale, scale_of(a.text("scale")));
  }
  if (a.has("at")) {
    HANGU_TRY(out.at, from_option("--at", WallTime::parse(a.text("at"))));
  }
  if (a.has("node-level")) {
    HANGU_TRY(out.node_level, name_of(a, "node-level", c.node_levels));
  }
  if (a.has("role")) {
    HANGU_TRY(out.roles, names_of(a, "role", c.roles));
  }
  return out;
}

/// The columns that a request says nothing of.
std::vector<policy::Column> unknown_in(const policy::Request& request) {
  std::vector<policy::Column> out;
  if (request.areas.empty()) out.push_back(policy::Column::area);
  if (!request.placement) out.push_back(policy::Column::area_set);
  if (!request.scale) out.push_back(policy::Column::scale);
  if (!request.at) out.push_back(policy::Column::when);
  if (!request.node_level) out.push_back(policy::Column::node_level);
  if (!request.roles) out.push_back(policy::Column::role);
  return out;
}

/// The columns of which a request has nothing.
std::vector<policy::Column> none_in(const policy::Request& request) {
  std::vector<policy::Column> out;
  if (request.compartments.empty()) out.push_back(policy::Column::within);
  return out;
}

/// Tells one request's ruling.
class Explainer {
 public:
  Explainer(Console& console, const PolicyFile& file)
      : console_(console),
        file_(file),
        chinese_(console.style().language == Language::zh),
        tongue_(chinese_ ? policy::Tongue::zh : policy::Tongue::en) {}

  /// True when nothing stands against it.
  bool explain(const policy::Request& request, WallTime now) {
    const policy::RuleBook& book = file_.reading.policy.book;
    const policy::Ruling ruling = book.judge(request);
    const Bilingual& outcome = ruling.allowed         ? kPermitted
                               : ruling.rules.empty() ? kNoRule
                                                      : kForbidden;
    console_.line(console_.say(outcome));
    wire::JsonArray by;
    for (const std::uint32_t number : ruling.rules) {
      tell_rule(kBy, book.rules()[number], "");
      by.emplace_back(book.rules()[number].id);
    }
    std::string demands;
    if (ruling.allowed) {
      demands = demands_of(ruling.obligations, file_.catalogue, tongue_);
      console_.line(std::string(console_.say(kDemands)) + ": " + demands);
    }
    wire::JsonArray nearly =
        !ruling.allowed && ruling.rules.empty() ? tell_nearest(request) : wire::JsonArray();
    const std::vector<std::string_view> against = reasons_against(request, ruling, now);
    wire::JsonArray reasons;
    for (const std::string_view reason : against) reasons.emplace_back(std::string(reason));
    tell_columns(kUnknown, unknown_in(request));
    tell_columns(kNone, none_in(request));
    console_.event("policy-explained", {{"outcome", ruling.allowed ? "permit" : "deny"},
                                        {"rules", std::move(by)},
                                        {"demands", demands},
                                        {"nearest", std::move(nearly)},
                                        {"against", std::move(reasons)}});
    return ruling.allowed && against.empty();
  }

 private:
  void tell_columns(const Bilingual& how, const std::vector<policy::Column>& columns) {
    std::string text;
    for (const policy::Column column : columns)
      text += (text.empty() ? "" : chinese_ ? "、" : ", ") + column_text(column);
    if (!text.empty()) console_.line(std::string(console_.say(how)) + ": " + text);
  }

  /// What is no rule's, and stops it all the same; each is told.
  std::vector<std::string_view> reasons_against(const policy::Request& request,
                                                const policy::Ruling& ruling, WallTime now) {
    std::vector<std::string_view> out;
    const auto add = [&](std::string_view reason, const Bilingual& text) {
      out.push_back(reason);
      if (ruling.allowed)
        console_.line(std::string(console_.say(kAgainst)) + ": " + std::string(console_.say(text)) +
                      " [" + std::string(reason) + "]");
    };
    const policy::Policy& policy = file_.reading.policy;
    const policy::Ceiling& ceiling = file_.catalogue.ceilings[request.to];
    const WallTime at = request.at.value_or(now);
    if (at >= policy.expires) add("policy-expired", kExpired);
    if (at < policy.effective) add("policy-not-effective", kLater);
    if (request.secrecy > ceiling.secrecy || request.grade > ceiling.grade)
      add("label-above-ceiling", kCeiling);
    if (const auto refusal = policy::refusal_of(ruling.obligations); refusal && ruling.allowed)
      add(*refusal, kCannot);
    return out;
  }

  [[nodiscard]] std::string column_text(policy::Column column) const {
    return std::string(chinese_ ? policy::to_chinese(column) : policy::to_english(column));
  }

  void tell_rule(const Bilingual& how, const policy::Rule& rule, const std::string& more) {
    console_.line(std::string(console_.say(how)) + ": " + place_in(file_.path, rule.place) + ": " +
                  rule.id + more);
    console_.line("  " + sentence_of(rule, file_.catalogue, tongue_));
  }

  wire::JsonArray tell_nearest(const policy::Request& request) {
    wire::JsonArray out;
    for (const policy::Rule& rule : file_.reading.policy.book.rules()) {
      if (rule.kind != policy::RuleKind::permit) continue;
      const auto failing =
          failing_columns(rule.box, request, file_.reading.policy.book.calendars());
      if (failing.size() != 1) continue;
      tell_rule(kNearly, rule, " (" + column_text(failing.front()) + ")");
      out.emplace_back(wire::JsonObject{
          {"rule", rule.id}, {"column", std::string(policy::to_english(failing.front()))}});
    }
    return out;
  }

  Console& console_;
  const PolicyFile& file_;
  bool chinese_;
  policy::Tongue tongue_;
};

Result<Exit> run_explain(Session& session, const Arguments& arguments) {
  HANGU_TRY(const PolicyFile file, read_good_policy_file(arguments));
  HANGU_TRY(const policy::Request request, request_of(arguments, file.catalogue));
  HANGU_TRY(const WallTime now, session.clock.now());
  return Explainer(session.console, file).explain(request, now) ? Exit::done : Exit::refused_policy;
}

}  // namespace

CommandSpec policy_explain_command() {
  std::vector<OptionSpec> options = policy_file_options();
  const auto add = [&](const char* name, const char* value, Bilingual help, OptionKind kind,
                       bool required = false) {
    options.push_back({name, value, help, kind, required});
  };
  add("--from", "ZONE", both("来源区域", "origin zone"), OptionKind::value, true);
  add("--to", "ZONE", both("目的区域", "destination zone"), OptionKind::value, true);
  add("--dataset", "CLASS", both("数据类别", "dataset class"), OptionKind::list, true);
  add("--secrecy", "GRADE",
      both("密级:公开、内部、秘密、机密、绝密",
           "open 公开, internal 内部, secret 秘密, confidential 机密 or top-secret 绝密"),
      OptionKind::value, true);
  add("--grade", "GRADE",
      both("数据级别:一般、重要、核心", "general 一般, important 重要 or core 核心"),
      OptionKind::value, true);
  add("--compartment", "NAME", both("知悉范围", "compartment"), OptionKind::list);
  add("--area", "CODE", both("行政区划代码", "administrative area"), OptionKind::list);
  add("--area-set", "NAME", both("所在的区域集", "area set that it lies in"), OptionKind::list);
  add("--outside-area-sets", "", both("已知不涉及其他区域集", "known to touch no other area set"),
      OptionKind::flag);
  add("--scale", "DENOMINATOR", both("比例尺分母", "scale denominator"), OptionKind::value);
  add("--at", "TIME",
      both("时间,如 2026-03-03T09:00:00+08:00", "time, like 2026-03-03T09:00:00+08:00"),
      OptionKind::value);
  add("--node-level", "LEVEL", both("节点级别", "node level"), OptionKind::value);
  add("--role", "ROLE", both("提交节点的岗位", "role of the node that submits"), OptionKind::list);
  return {"explain",
          both("对一个请求,规则怎么说、为什么", "what the rules say of one request, and why"),
          std::move(options),
          run_explain,
          {}};
}

}  // namespace hangu::cli
