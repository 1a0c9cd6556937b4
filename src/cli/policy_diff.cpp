// hangu policy diff: what another policy decides otherwise.

#include "cli/commands.hpp"
#include "cli/phrases.hpp"
#include "cli/policy_file.hpp"
#include "policy/analysis/diff.hpp"

namespace hangu::cli {
namespace {

constexpr Bilingual kExample = both("例", "example");
constexpr Bilingual kBefore = both("原来", "before");
constexpr Bilingual kAfter = both("现在", "after");
constexpr Bilingual kNothing = both("没有差别", "no difference");
constexpr Bilingual kNarrower =
    both("没有新增允许,没有减弱", "nothing newly allowed, nothing weakened");
constexpr Bilingual kWider = both("有新增允许或减弱", "something is newly allowed or weakened");

const Bilingual& word_of(policy::ChangeKind kind) {
  static constexpr Bilingual kAllowed = both("新增允许", "newly allowed");
  static constexpr Bilingual kWeakened = both("减弱", "weakened");
  static constexpr Bilingual kRefused = both("不再允许", "newly refused");
  static constexpr Bilingual kStrengthened = both("加强", "strengthened");
  static constexpr Bilingual kNotice = both("提示", "notice");
  switch (kind) {
    case policy::ChangeKind::newly_allowed: return kAllowed;
    case policy::ChangeKind::weakened: return kWeakened;
    case policy::ChangeKind::newly_refused: return kRefused;
    case policy::ChangeKind::strengthened: return kStrengthened;
    case policy::ChangeKind::notice: return kNotice;
  }
  return kNotice;
}

/// Tells a diff of two files.
class Teller {
 public:
  Teller(Console& console, const PolicyFile& before, const PolicyFile& after)
      : console_(console),
        before_(before),
        after_(after),
        chinese_(console.style().language == Language::zh) {}

  void tell(const policy::Change& change) {
    const policy::Responsible* first = change.rules.empty() ? nullptr : &change.rules.front();
    const std::string& message = chinese_ ? change.zh : change.en;
    console_.line(place_of(first) + ": " + std::string(console_.say(word_of(change.kind))) + ": " +
                  message + " [" + change.code + "]");
    for (std::size_t i = 1; i < change.rules.size(); ++i)
      console_.line("  " + place_of(&change.rules[i]) + ": " + change.rules[i].id);
    wire::JsonObject told{{"kind", std::string(to_text(change.kind))},
                          {"code", change.code},
                          {"message", message},
                          {"rules", rules_of(change)}};
    if (change.example) {
      const policy::Instance& example = *change.example;
      tell_line(kExample, example.given);
      tell_line(kBefore, chinese_ ? example.before_zh : example.before_en);
      tell_line(kAfter, chinese_ ? example.after_zh : example.after_en);
      told.emplace_back("example", example.given);
      told.emplace_back("before", chinese_ ? example.before_zh : example.before_en);
      told.emplace_back("after", chinese_ ? example.after_zh : example.after_en);
    }
    console_.event("policy-change", std::move(told));
  }

 private:
  [[nodiscard]] std::string place_of(const policy::Responsible* one) const {
    if (one == nullptr) return after_.path;
    return place_in(one->in_new ? after_.path : before_.path, one->place);
  }
  void tell_line(const Bilingual& what, const std::string& text) {
    console_.line("  " + std::string(console_.say(what)) + ": " + text);
  }
  static wire::JsonArray rules_of(const policy::Change& change) {
    wire::JsonArray out;
    for (const policy::Responsible& one : change.rules)
      out.emplace_back(wire::JsonObject{
          {"of", one.in_new ? "new" : "old"}, {"id", one.id}, {"place", one.place}});
    return out;
  }

  Console& console_;
  const PolicyFile& before_;
  const PolicyFile& after_;
  bool chinese_;
};

Result<Exit> run_diff(Session& session, const Arguments& arguments) {
  Console& console = session.console;
  HANGU_TRY(const PolicyFile after, read_good_policy_file(arguments, "new"));
  HANGU_TRY(const PolicyFile before,
            read_good_policy_file(arguments, "old",
                                  arguments.has("old-catalogue") ? "old-catalogue" : "catalogue"));
  const policy::PolicyDiff diff =
      policy::difference(before.reading, before.catalogue, after.reading, after.catalogue);
  Teller teller(console, before, after);
  for (const policy::Change& change : diff.changes) teller.tell(change);
  const std::string& incomplete =
      console.style().language == Language::zh ? diff.incomplete_zh : diff.incomplete_en;
  if (!diff.complete()) console.line(incomplete);
  const bool nothing = diff.changes.empty() && diff.complete();
  console.line(console.say(nothing ? kNothing : diff.widens() ? kWider : kNarrower));
  console.event("policy-compared", {{"old", before.reading.policy.name()},
                                    {"new", after.reading.policy.name()},
                                    {"changes", diff.changes.size()},
                                    {"complete", diff.complete()},
                                    {"incomplete", incomplete},
                                    {"widens", diff.widens()}});
  return diff.widens() ? Exit::integrity : Exit::done;
}

}  // namespace

CommandSpec policy_diff_command() {
  return {
      "diff",
      both("新策略的判定与旧策略有何不同", "what a new policy decides otherwise than an old one"),
      {{"old", "FILE", both("旧策略文件", "the old policy file"), OptionKind::positional, true},
       {"new", "FILE", both("新策略文件", "the new policy file"), OptionKind::positional, true},
       catalogue_option(),
       {"--old-catalogue", "FILE",
        both("旧策略的目录文件(省略:同一个)", "the old policy's catalogue file (absent: the same)"),
        OptionKind::value}},
      run_diff,
      {}};
}

}  // namespace hangu::cli
