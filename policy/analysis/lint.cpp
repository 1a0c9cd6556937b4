#include "policy/analysis/lint.hpp"

#include <algorithm>
#include <set>

#include "policy/analysis/approvers.hpp"
#include "policy/analysis/boxes.hpp"

namespace hangu::policy {
namespace {

bool demands_no_less(const Rule& one, const Rule& other) {
  const std::array approvers{
      ApprovalDemand{one.obligations.approver_roles, one.obligations.approvals}};
  return demands_all_of(one.obligations, other.obligations) &&
         meets(approvers, {other.obligations.approver_roles, other.obligations.approvals});
}

constexpr int kCalendarYearsTold = 5;  ///< from the policy's first on

class Linter {
 public:
  Linter(const PolicyReading& reading, const Catalogue& catalogue, WallTime now)
      : reading_(reading), catalogue_(catalogue), now_(now), rules_(reading.policy.book.rules()) {}

  std::vector<Finding> run() {
    look_at_time();
    look_at_calendars();
    look_at_whole();
    find_tested();
    look_at_tests();
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      if (rules_[i].kind == RuleKind::permit)
        look_at_permit(i);
      else
        look_at_forbid(i);
      if (!tested_.contains(rules_[i].id))
        add(Severity::notice, "rule-untested", rules_[i], "没有 [[test]] 用到它。",
            "No [[test]] reaches it.");
    }
    if (overlaps_ > kOverlapsTold)
      add_whole(Severity::notice, "rules-overlap",
                "另有" + std::to_string(overlaps_ - kOverlapsTold) + "对重叠的规则。",
                std::to_string(overlaps_ - kOverlapsTold) + " more pairs of rules overlap.");
    return std::move(found_);
  }

 private:
  void add(Severity severity, std::string code, const Rule& rule, std::string zh, std::string en) {
    found_.push_back(
        {severity, std::move(code), rule.id, rule.place, std::move(zh), std::move(en)});
  }
  void add_whole(Severity severity, std::string code, std::string zh, std::string en) {
    found_.push_back({severity, std::move(code), {}, {}, std::move(zh), std::move(en)});
  }

  void look_at_time() {
    const Policy& policy = reading_.policy;
    if (now_ >= policy.expires)
      add_whole(Severity::error, "policy-expired", "策略已过期:" + policy.expires.to_text() + "。",
                "The policy expired at " + policy.expires.to_text() + ".");
    else if (now_ + kExpiringSoon >= policy.expires)
      add_whole(Severity::warning, "policy-expiring",
                "策略将过期:" + policy.expires.to_text() + "。",
                "The policy expires at " + policy.expires.to_text() + ".");
    if (now_ < policy.effective)
      add_whole(Severity::notice, "policy-later", "策略生效于" + policy.effective.to_text() + "。",
                "The policy counts from " + policy.effective.to_text() + " on.");
  }

  /// A calendar that names no day of a year takes each of its public holidays for a working day.
  void look_at_calendars() {
    std::set<NameIndex> used;
    for (const Rule& rule : rules_)
      if (rule.box.when) used.insert(rule.box.when->calendar);
    for (const NameIndex index : used) {
      const Calendar& calendar = catalogue_.calendar_days[index];
      std::set<int> years;
      for (const auto* days : {&calendar.off, &calendar.made})
        for (const std::chrono::sys_days day : *days)
          years.insert(static_cast<int>(std::chrono::year_month_day(day).year()));
      const auto year_of = [&](WallTime time) {
        const std::chrono::sys_time local(time.since_epoch() + calendar.offset);
        return static_cast<int>(
            std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(local)).year());
      };
      constexpr std::chrono::milliseconds kLast{1};
      const int end = std::min(year_of(reading_.policy.expires + -kLast),
                               year_of(reading_.policy.effective) + kCalendarYearsTold);
      for (int year = year_of(reading_.policy.effective); year <= end; ++year) {
        if (years.contains(year)) continue;
        const Named& name = catalogue_.calendars[index];
        add_whole(Severity::warning, "calendar-year",
                  "日历“" + name.title_zh + "”没有" + std::to_string(year) +
                      "年的节假日:那一年的节假日都算工作日。",
                  "Calendar " + name.title_en + " names no day of " + std::to_string(year) +
                      ": public holidays of that year count as any other day.");
      }
    }
  }

  void look_at_whole() {
    const bool permits =
        std::ranges::any_of(rules_, [](const Rule& rule) { return rule.kind == RuleKind::permit; });
    if (!permits)
      add_whole(Severity::notice, "policy-permits-nothing", "没有允许规则:一切都被拒绝。",
                "There is no permit: everything is refused.");
    else if (reading_.promises.empty())
      add_whole(Severity::notice, "policy-promises-nothing", "没有 [[never]]:没有可证明的承诺。",
                "There is no [[never]]: nothing is promised, so nothing can be proved.");
  }

  void look_at_tests() {
    std::set<std::string> known;
    for (const Rule& rule : rules_) known.insert(rule.id);
    for (const TestCase& test : reading_.tests) {
      for (const std::string& id : test.expect.rules.value_or(std::vector<std::string>{}))
        if (!known.contains(id))
          found_.push_back({Severity::error, "test-rule-unknown", test.id, test.place,
                            "没有规则“" + id + "”。", "There is no rule \"" + id + "\"."});
      const Expectation answer = answer_of(reading_.policy.book, test);
      if (!meets(answer, test.expect))
        found_.push_back({Severity::error, "test-failed", test.id, test.place,
                          "应为 " + to_text(test.expect, catalogue_) + ",实为 " +
                              to_text(answer, catalogue_) + "。",
                          "Expected " + to_text(test.expect, catalogue_) + "; got " +
                              to_text(answer, catalogue_) + "."});
    }
  }

  void find_tested() {
    for (const TestCase& test : reading_.tests)
      for (const std::uint32_t number : reading_.policy.book.judge(test.given).rules)
        tested_.insert(rules_[number].id);
  }

  void look_at_permit(std::size_t i) {
    const Rule& rule = rules_[i];
    for (const Rule& other : rules_) {
      if (other.kind != RuleKind::forbid || !permit_under(rule.box, other.box)) continue;
      add(Severity::warning, "rule-under-forbid", rule,
          "禁止规则" + other.id + "拒绝它允许的一切:它不起作用。",
          other.id + " forbids all that it permits: it has no effect.");
      break;
    }
    look_at_ceilings(rule);
    if (rule.box.dataset && rule.box.dataset->size() == catalogue_.datasets.size() &&
        catalogue_.datasets.size() > 1)
      add(Severity::notice, "rule-every-dataset", rule, "它允许目录中的每一个数据类别。",
          "It permits every dataset class of the catalogue.");
    look_at_other_permits(i);
  }

  /// A label above a zone's ceiling never enters it, whatever a rule says.
  void look_at_ceilings(const Rule& rule) {
    if (!rule.box.to) return;
    for (const NameIndex zone : *rule.box.to) {
      const Ceiling& ceiling = catalogue_.ceilings[zone];
      const bool above = (rule.box.secrecy && *rule.box.secrecy > ceiling.secrecy) ||
                         (rule.box.grade && *rule.box.grade > ceiling.grade);
      if (!above) continue;
      const Named& name = catalogue_.zones[zone];
      add(Severity::notice, "rule-over-ceiling", rule,
          "它允许的标签高于" + name.title_zh + "的上限,高出部分仍被拒绝。",
          "It permits labels above the ceiling of " + name.title_en +
              ", which are refused all the same.");
    }
  }

  void look_at_other_permits(std::size_t i) {
    const Rule& rule = rules_[i];
    for (std::size_t j = 0; j < rules_.size(); ++j) {
      const Rule& other = rules_[j];
      if (j == i || other.kind != RuleKind::permit) continue;
      const bool inside = permit_within(rule.box, other.box);
      const bool same =
          inside && permit_within(other.box, rule.box) && rule.obligations == other.obligations;
      if (inside && demands_no_less(other, rule) && (!same || j < i)) {
        add(Severity::warning, "rule-redundant", rule,
            "规则" + other.id + "允许同样的一切,要求不少于它:删去它没有区别。",
            other.id + " permits all of it and demands no less: without it nothing changes.");
        return;
      }
      if (j < i || rule.obligations == other.obligations || !permits_overlap(rule.box, other.box))
        continue;
      if (++overlaps_ <= kOverlapsTold)
        add(Severity::notice, "rules-overlap", rule,
            "与规则" + other.id + "重叠而要求不同:两者都符合的,须满足两者的要求。",
            "It overlaps " + other.id +
                ", which demands otherwise: what both permit must do what both demand.");
    }
  }

  void look_at_forbid(std::size_t i) {
    const Rule& rule = rules_[i];
    if (forbid_within(Box{}, rule.box))
      add(Severity::warning, "rule-forbids-all", rule, "它禁止一切传输。",
          "It forbids everything.");
    for (std::size_t j = 0; j < rules_.size(); ++j) {
      const Rule& other = rules_[j];
      if (j == i || other.kind != RuleKind::forbid || !forbid_within(rule.box, other.box)) continue;
      if (forbid_within(other.box, rule.box) && j > i) continue;  // told of the later of two
      add(Severity::warning, "rule-redundant", rule,
          "禁止规则" + other.id + "禁止同样的一切:删去它没有区别。",
          other.id + " forbids all of it: without it nothing changes.");
      return;
    }
  }

  const PolicyReading& reading_;
  const Catalogue& catalogue_;
  WallTime now_;
  const std::vector<Rule>& rules_;
  std::set<std::string> tested_;
  std::size_t overlaps_ = 0;
  std::vector<Finding> found_;
};

}  // namespace

Finding finding_of(const Error& error) {
  const std::string& context = error.context();
  const std::size_t colon = context.find(": ");
  const bool placed = context.starts_with("line ") && colon != std::string::npos;
  const std::string message = placed ? context.substr(colon + 2) : context;
  return {.severity = Severity::error,
          .code = std::string(error.reason()),
          .rule = {},
          .place = placed ? context.substr(0, colon) : std::string(),
          .zh = message,
          .en = message};
}

std::vector<Finding> lint(const PolicyReading& reading, const Catalogue& catalogue, WallTime now) {
  return Linter(reading, catalogue, now).run();
}

}  // namespace hangu::policy
