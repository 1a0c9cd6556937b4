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
  HANGU_TRY(out.roles, names_of(a, "role", c.roles));
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

  bool explain(const policy::Request& request) {
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
    std::string unknown;
    for (const policy::Column column : unknown_in(request))
      unknown += (unknown.empty() ? "" : chinese_ ? "、" : ", ") + column_text(column);
    if (!unknown.empty()) console_.line(std::string(console_.say(kUnknown)) + ": " + unknown);
    console_.event("policy-explained", {{"outcome", ruling.allowed ? "permit" : "deny"},
                                        {"rules", std::move(by)},
                                        {"demands", demands},
                                        {"nearest", std::move(nearly)}});
    return ruling.allowed;
  }

 private:
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
  return Explainer(session.console, file).explain(request) ? Exit::done : Exit::refused_policy;
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
  add("--secrecy", "GRADE", both("密级", "secrecy"), OptionKind::value, true);
  add("--grade", "GRADE", both("数据级别", "data grade"), OptionKind::value, true);
  add("--compartment", "NAME", both("知悉范围", "compartment"), OptionKind::list);
  add("--area", "CODE", both("行政区划代码", "administrative area"), OptionKind::list);
  add("--area-set", "NAME", both("所在的区域集", "area set that it lies in"), OptionKind::list);
  add("--outside-area-sets", "", both("已知不涉及其他区域集", "known to touch no other area set"),
      OptionKind::flag);
  add("--scale", "DENOMINATOR", both("比例尺分母", "scale denominator"), OptionKind::value);
  add("--at", "TIME", both("时间(RFC 3339)", "time (RFC 3339)"), OptionKind::value);
  add("--node-level", "LEVEL", both("节点级别", "node level"), OptionKind::value);
  add("--role", "ROLE", both("节点的岗位", "role of the node"), OptionKind::list);
  return {"explain",
          both("对一个请求,规则怎么说、为什么", "what the rules say of one request, and why"),
          std::move(options),
          run_explain,
          {}};
}

}  // namespace hangu::cli
