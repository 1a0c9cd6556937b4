// hangu policy contains: whether a lower level's policy only narrows its parent's.

#include "cli/commands.hpp"
#include "cli/phrases.hpp"
#include "cli/policy_file.hpp"
#include "policy/analysis/contain.hpp"

namespace hangu::cli {
namespace {

constexpr Bilingual kContained = both("下级策略只有收紧", "the child only narrows its parent");
constexpr Bilingual kParent = both("上级", "parent");

Result<Exit> run_contains(Session& session, const Arguments& arguments) {
  Console& console = session.console;
  HANGU_TRY(const PolicyFile parent, read_good_policy_file(arguments, "parent"));
  HANGU_TRY(const PolicyFile child, read_good_policy_file(arguments, "child"));
  const std::vector<policy::Excess> found = policy::excesses(parent.reading, child.reading);
  for (const policy::Excess& one : found) {
    const std::string message = console.style().language == Language::zh ? one.zh : one.en;
    console.line(place_in(one.in_parent ? parent.path : child.path, one.place) + ": " +
                 (one.in_parent ? std::string(console.say(kParent)) + " " : "") +
                 (one.rule.empty() ? "" : one.rule + ": ") + message + " [" + one.code + "]");
    console.event("policy-excess", {{"code", one.code},
                                    {"rule", one.rule},
                                    {"of", one.in_parent ? "parent" : "child"},
                                    {"place", one.place},
                                    {"message", message}});
  }
  if (found.empty()) console.line(console.say(kContained));
  console.event("policy-contained", {{"parent", parent.reading.policy.name()},
                                     {"child", child.reading.policy.name()},
                                     {"excesses", found.size()}});
  return found.empty() ? Exit::done : Exit::integrity;
}

}  // namespace

CommandSpec policy_contains_command() {
  return {"contains",
          both("下级策略是否只收紧上级策略", "whether a child's policy only narrows its parent's"),
          {{"parent", "FILE", both("上级策略文件", "the parent's policy file"),
            OptionKind::positional, true},
           {"child", "FILE", both("下级策略文件", "the child's policy file"),
            OptionKind::positional, true},
           catalogue_option()},
          run_contains,
          {}};
}

}  // namespace hangu::cli
