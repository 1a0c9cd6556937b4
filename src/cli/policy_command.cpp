// hangu policy: what is said of a policy file before anybody signs it.

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "cli/commands.hpp"
#include "cli/phrases.hpp"
#include "cli/policy_bundle.hpp"
#include "cli/policy_file.hpp"
#include "policy/analysis/lint.hpp"
#include "policy/analysis/mutation.hpp"
#include "policy/test_case_writer.hpp"

namespace hangu::cli {
namespace {

constexpr Bilingual kError = both("错误", "error");
constexpr Bilingual kWarning = both("警告", "warning");
constexpr Bilingual kNotice = both("提示", "notice");
constexpr Bilingual kFailed = both("测试不符", "test failed");
constexpr Bilingual kExpected = both("应为", "expected");
constexpr Bilingual kAnswer = both("实为", "got");
constexpr Bilingual kUnnoticed = both("没有测试发现", "no test notices");

const Bilingual& word_of(policy::Severity severity) {
  switch (severity) {
    case policy::Severity::error: return kError;
    case policy::Severity::warning: return kWarning;
    case policy::Severity::notice: return kNotice;
  }
  return kError;
}

/// Line and column of "line 12:1"; what has no place comes first.
std::pair<int, int> numbers_in(const std::string& place) {
  std::pair<int, int> out{0, 0};
  if (std::sscanf(place.c_str(), "line %d:%d", &out.first, &out.second) != 2) return {0, 0};
  return out;
}

void tell(Console& console, const std::string& path, const policy::Finding& finding) {
  const std::string message = console.style().language == Language::zh ? finding.zh : finding.en;
  console.line(place_in(path, finding.place) + ": " +
               std::string(console.say(word_of(finding.severity))) + ": " +
               (finding.rule.empty() ? "" : finding.rule + ": ") + message + " [" + finding.code +
               "]");
  console.event("policy-finding", {{"severity", word_of(finding.severity).en},
                                   {"code", finding.code},
                                   {"rule", finding.rule},
                                   {"place", finding.place},
                                   {"message", message}});
}

/// Numbers of things, in the console's language.
class Counts {
 public:
  explicit Counts(const Console& console) : chinese_(console.style().language == Language::zh) {}

  [[nodiscard]] std::string of(std::size_t number, const Bilingual& one) const {
    const std::string digits = std::to_string(number);
    if (chinese_) return digits + std::string(one.zh);
    return digits + " " + std::string(one.en) + (number == 1 ? "" : "s");
  }
  [[nodiscard]] std::string of(std::size_t number, std::size_t all, const Bilingual& one) const {
    return std::to_string(number) + (chinese_ ? "/" : " of ") + of(all, one);
  }

 private:
  bool chinese_;
};

constexpr Bilingual kPermits = both("条允许", "permit");
constexpr Bilingual kForbids = both("条禁止", "forbid");
constexpr Bilingual kTests = both("项测试", "test");
constexpr Bilingual kPromises = both("条承诺", "promise");
constexpr Bilingual kForProof = both("(待 hangu policy prove 证明)", " (for hangu policy prove)");
constexpr Bilingual kErrors = both("个错误", "error");
constexpr Bilingual kWarnings = both("个警告", "warning");
constexpr Bilingual kNotices = both("个提示", "notice");
constexpr Bilingual kFailures = both("项不符", "failure");
constexpr Bilingual kRules = both("条规则", "rule");
constexpr Bilingual kReached = both("被测到", " reached");
constexpr Bilingual kMutants = both("处改动", "mutant");
constexpr Bilingual kNoticed = both("被发现", " noticed");
constexpr Bilingual kBoundaries = both("处边界", "rule end");
constexpr Bilingual kCovered = both("被测到", " covered");
constexpr Bilingual kUncovered = both("边界未测", "rule end untested");
constexpr Bilingual kScore = both("变异得分", "mutation score");

Result<Exit> run_check(Session& session, const Arguments& arguments) {
  HANGU_TRY(const PolicyFile file, read_policy_file(arguments));
  HANGU_TRY(const WallTime now, session.clock.now());
  std::vector<policy::Finding> findings;
  findings.reserve(file.reading.problems.size());
  for (const Error& problem : file.reading.problems)
    findings.push_back(policy::finding_of(problem));
  // Of rules that cannot be read nothing is known, so the rest would only mislead.
  if (findings.empty()) findings = policy::lint(file.reading, file.catalogue, now);
  std::ranges::stable_sort(findings, {}, [](const auto& one) { return numbers_in(one.place); });
  std::array<std::size_t, 3> counts{};
  for (const policy::Finding& finding : findings) {
    tell(session.console, file.path, finding);
    ++counts.at(static_cast<std::size_t>(finding.severity));
  }
  const auto& rules = file.reading.policy.book.rules();
  const auto permits = static_cast<std::size_t>(
      std::ranges::count(rules, policy::RuleKind::permit, &policy::Rule::kind));
  const Counts say(session.console);
  session.console.line(
      file.reading.policy.name() + ": " + say.of(permits, kPermits) + ", " +
      say.of(rules.size() - permits, kForbids) + ", " + say.of(file.reading.tests.size(), kTests) +
      ", " + say.of(file.reading.promises.size(), kPromises) +
      (file.reading.promises.empty() ? "" : std::string(session.console.say(kForProof))) + "; " +
      say.of(counts[0], kErrors) + ", " + say.of(counts[1], kWarnings) + ", " +
      say.of(counts[2], kNotices));
  session.console.event("policy-checked", {{"policy", file.reading.policy.name()},
                                           {"permits", permits},
                                           {"forbids", rules.size() - permits},
                                           {"tests", file.reading.tests.size()},
                                           {"promises", file.reading.promises.size()},
                                           {"errors", counts[0]},
                                           {"warnings", counts[1]},
                                           {"notices", counts[2]}});
  return counts[0] == 0 ? Exit::done : Exit::integrity;
}

/// How many tests fail; each is told.
std::size_t tell_failures(Console& console, const PolicyFile& file) {
  std::size_t failed = 0;
  for (const policy::TestCase& test : file.reading.tests) {
    const policy::Expectation answer = policy::answer_of(file.reading.policy.book, test);
    if (policy::meets(answer, test.expect)) continue;
    ++failed;
    console.line(place_in(file.path, test.place) + ": " + std::string(console.say(kFailed)) + ": " +
                 test.id + ": " + std::string(console.say(kExpected)) + " " +
                 policy::to_text(test.expect, file.catalogue) + "; " +
                 std::string(console.say(kAnswer)) + " " + policy::to_text(answer, file.catalogue));
    console.event("policy-test-failed", {{"test", test.id},
                                         {"place", test.place},
                                         {"expected", policy::to_text(test.expect, file.catalogue)},
                                         {"got", policy::to_text(answer, file.catalogue)}});
  }
  return failed;
}

/// How many rules no test reaches.
std::size_t count_unreached(const policy::PolicyReading& reading) {
  std::vector<bool> reached(reading.policy.book.rules().size());
  for (const policy::TestCase& test : reading.tests)
    for (const std::uint32_t number : reading.policy.book.judge(test.given).rules)
      reached[number] = true;
  return static_cast<std::size_t>(std::ranges::count(reached, false));
}

void tell_survivors(Console& console, const PolicyFile& file, const policy::MutationScore& score,
                    const Bilingual& what, const char* event) {
  for (const policy::Survivor& one : score.survivors) {
    const std::string message = console.style().language == Language::zh ? one.zh : one.en;
    console.line(place_in(file.path, one.place) + ": " + std::string(console.say(what)) + ": " +
                 one.rule + ": " + message);
    console.event(event, {{"rule", one.rule}, {"place", one.place}, {"change", message}});
  }
}

/// "0.98", cut off, so that 1.00 is all.
std::string share(std::size_t part, std::size_t all) {
  constexpr std::size_t kHundred = 100;
  const std::size_t hundredths = all == 0 ? kHundred : kHundred * part / all;
  return std::to_string(hundredths / kHundred) + "." +
         std::to_string(kHundred + hundredths % kHundred).substr(1);
}

/// The tests that are missing, as TOML to be pasted.
void tell_suggestions(Console& console, const PolicyFile& file) {
  const bool chinese = console.style().language == Language::zh;
  for (const policy::Suggestion& one : policy::suggest(file.reading, file.catalogue)) {
    const std::string why = one.rule + ": " + (chinese ? one.zh : one.en);
    const std::string test = policy::test_text(
        one.test, file.catalogue, chinese ? policy::Naming::chinese : policy::Naming::ids);
    console.line("# " + why + "\n" + test);
    console.event("policy-test-suggested", {{"rule", one.rule}, {"notices", why}, {"test", test}});
  }
}

Result<Exit> run_test(Session& session, const Arguments& arguments) {
  HANGU_TRY(const PolicyFile file, read_policy_file(arguments));
  Console& console = session.console;
  for (const Error& problem : file.reading.problems)
    tell(console, file.path, policy::finding_of(problem));
  if (!file.reading.problems.empty()) return Exit::integrity;
  const std::size_t failed = tell_failures(console, file);
  const std::size_t rules = file.reading.policy.book.rules().size();
  const std::size_t reached = rules - count_unreached(file.reading);
  const bool suggests = arguments.has("suggest") && failed == 0;
  if (suggests) tell_suggestions(console, file);
  const Counts say(console);
  std::string line = file.reading.policy.name() + ": " + say.of(file.reading.tests.size(), kTests) +
                     ", " + say.of(failed, kFailures) + "; " + say.of(reached, rules, kRules) +
                     std::string(console.say(kReached));
  wire::JsonObject told{{"policy", file.reading.policy.name()},
                        {"tests", file.reading.tests.size()},
                        {"failed", failed},
                        {"rules", rules},
                        {"reached", reached}};
  if (failed == 0) {
    const policy::MutationScore score = policy::cover_boundaries(file.reading, file.catalogue);
    if (!suggests) tell_survivors(console, file, score, kUncovered, "policy-boundary-untested");
    line += "; " + say.of(score.noticed(), score.mutants, kBoundaries) +
            std::string(console.say(kCovered));
    told.emplace_back("boundaries", score.mutants);
    told.emplace_back("uncovered", score.survivors.size());
  }
  if (arguments.has("mutants") && failed == 0) {
    const policy::MutationScore score = policy::mutate(file.reading, file.catalogue);
    if (!suggests) tell_survivors(console, file, score, kUnnoticed, "policy-mutant-unnoticed");
    line += "; " + say.of(score.noticed(), score.mutants, kMutants) +
            std::string(console.say(kNoticed)) + ", " + std::string(console.say(kScore)) + " " +
            share(score.noticed(), score.mutants);
    told.emplace_back("mutants", score.mutants);
    told.emplace_back("unnoticed", score.survivors.size());
  }
  if (suggests) line = "# " + line;  // all that is printed can be pasted
  console.line(line);
  console.event("policy-tested", std::move(told));
  return failed == 0 ? Exit::done : Exit::integrity;
}

}  // namespace

namespace {

CommandSpec settled(CommandSpec policy) {
  for (CommandSpec& command : policy.children) {
    if (!command.run) {
      command = settled(std::move(command));
      continue;
    }
    command.run = [run = std::move(command.run)](Session& session, const Arguments& arguments) {
      return settle_policy(session, run(session, arguments));
    };
  }
  return policy;
}

}  // namespace

CommandSpec policy_command() {
  std::vector<OptionSpec> of_test = policy_file_options();
  of_test.push_back(
      {"--mutants", "",
       both("另查:改动每条规则,测试是否发现", "also: whether the tests notice each rule changed"),
       OptionKind::flag});
  of_test.push_back({"--suggest", "",
                     both("打印缺少的测试,可直接贴入策略文件",
                          "prints the tests that are missing, to be pasted into the file"),
                     OptionKind::flag});
  return settled(
      {"policy",
       both("策略文件", "policy files"),
       {},
       {},
       {{"check",
         both("列出策略文件中的错误和可疑之处", "what is wrong in a policy file, or looks so"),
         policy_file_options(),
         run_check,
         {}},
        {"test",
         both("运行策略文件中的测试", "runs the tests in a policy file"),
         std::move(of_test),
         run_test,
         {}},
        policy_prove_command(),
        policy_contains_command(),
        policy_diff_command(),
        policy_replay_command(),
        policy_explain_command(),
        policy_render_command(),
        policy_enrol_command(),
        policy_sign_catalogue_command(),
        policy_propose_command(),
        policy_sign_command(),
        policy_unpack_command(),
        policy_label_command()}});
}

}  // namespace hangu::cli
