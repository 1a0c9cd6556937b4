// Decisions of the rule book, one core, at 10, 1,000 and 10,000 rules: who may match, each box's
// last word, obligations joined. Beside it, in the same run, every box looked at in turn. Then what
// is looked at before a policy of 1,000 rules counts: read, lint, ten promises proved by both
// methods.
//
// policy_bench --for-peers RULES FOLDER writes the same rules and requests for peers
// (policy_peers.sh), with what our rules say, and prints our own figures of them.

#include <time.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <span>
#include <string_view>
#include <utility>

#include "policy/analysis/diff.hpp"
#include "policy/analysis/lint.hpp"
#include "policy/analysis/prove.hpp"
#include "tests/bench/policy_world.hpp"

namespace {

using namespace hangu;
using bench::kRequests;
using bench::make_world;
using bench::World;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kTime{1};  ///< of each figure
constexpr double kTarget1000 = 1;         ///< us a decision
constexpr double kTarget10000 = 5;
constexpr double kTargetGate = 5;  ///< s, at 1,000 rules
constexpr int kPromises = 10;

/// Every box in turn.
policy::Ruling judge_in_turn(const policy::RuleBook& book, const policy::Request& request) {
  policy::Ruling out;
  for (std::uint32_t i = 0; i < book.rules().size(); ++i)
    if (book.rules()[i].kind == policy::RuleKind::forbid &&
        forbids(book.rules()[i].box, request, book.calendars()))
      out.rules.push_back(i);
  if (!out.rules.empty()) return out;
  for (std::uint32_t i = 0; i < book.rules().size(); ++i) {
    if (book.rules()[i].kind == policy::RuleKind::forbid ||
        !permits(book.rules()[i].box, request, book.calendars()))
      continue;
    out.rules.push_back(i);
    out.obligations.join(book.rules()[i].obligations);
  }
  out.allowed = !out.rules.empty();
  return out;
}

/// Processor time of this thread: others on the machine cost it none.
std::chrono::nanoseconds processor_time() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

/// Microseconds a decision, of processor time.
template <class Judge>
double time_of(const std::vector<policy::Request>& requests, Judge judge) {
  std::size_t decided = 0;
  const auto start = processor_time();
  std::chrono::nanoseconds spent{0};
  for (; spent < kTime; spent = processor_time() - start)
    for (std::size_t i = 0; i < 64; ++i) judge(requests[decided++ % requests.size()]);
  return std::chrono::duration<double, std::micro>(spent).count() / static_cast<double>(decided);
}

bool measure(std::size_t rules, double target) {
  const World world = make_world(rules);
  const auto start = Clock::now();
  const auto catalogue = policy::Catalogue::parse(world.catalogue);
  if (!catalogue) return std::puts(catalogue.error().message().c_str()), false;
  const auto policy = policy::Policy::parse(world.policy, *catalogue);
  if (!policy) return std::puts(policy.error().message().c_str()), false;
  const double load = std::chrono::duration<double>(Clock::now() - start).count();
  const policy::RuleBook& book = policy->book;
  std::size_t allowed = 0;
  std::size_t matched = 0;
  for (const policy::Request& request : world.requests) {
    const policy::Ruling ruling = book.judge(request);
    if (ruling != judge_in_turn(book, request)) return std::puts("they differ"), false;
    allowed += ruling.allowed ? 1 : 0;
    matched += ruling.rules.size();
  }
  const double ours = time_of(world.requests, [&](const auto& r) { return book.judge(r).allowed; });
  const double turn =
      time_of(world.requests, [&](const auto& r) { return judge_in_turn(book, r).allowed; });
  std::printf("%6zu rules: %.3f us a decision, %.1f M/s", rules, ours, 1 / ours);
  if (target > 0)
    std::printf(" (%s the target of %.0f us)", ours <= target ? "meets" : "misses", target);
  std::printf(
      "; every box in turn %.2f us, %.1fx; %.0f %% allowed, %.2f rules matched; read in %.0f ms\n",
      turn, turn / ours, 100.0 * static_cast<double>(allowed) / kRequests,
      static_cast<double>(matched) / kRequests, 1000 * load);
  return true;
}

/// Data of zone 0 never comes to zone 2, by its label and what has been done to it.
std::string promise(int number) {
  const std::string id = std::to_string(number);
  std::string out =
      "[[never]]\nid = \"N-" + id +
      "\"\norigin = { zone = \"z0\", secrecy_min = \"confidential\" }\nreach = \"z2\"\n";
  if (number % 3 == 1) out += "unless = { approvals_min = 2 }\n";
  if (number % 3 == 2)
    out += "unless = { declassified_by = [\"d" + std::to_string(number % 8) +
           "\"], approvals_min = 1 }\n";
  return out;
}

/// Every third size limit a megabyte higher.
std::string changed(std::string text) {
  const std::string_view limit = "size_mb = ";
  int number = 0;
  for (std::size_t at = text.find(limit); at != std::string::npos; at = text.find(limit, at)) {
    at += limit.size();
    if (++number % 3 != 0) continue;
    const std::size_t digits = text.find_first_not_of("0123456789", at) - at;
    const std::string more = std::to_string(std::stoul(text.substr(at, digits)) + 1);
    text.replace(at, digits, more);
  }
  return text;
}

bool measure_gate() {
  const World world = make_world(1000);
  std::string text = world.policy;
  for (int i = 0; i < kPromises; ++i) text += promise(i);
  const auto catalogue = policy::Catalogue::parse(world.catalogue);
  if (!catalogue) return std::puts(catalogue.error().message().c_str()), false;
  auto since = [start = Clock::now()]() mutable {
    const auto now = Clock::now();
    return std::chrono::duration<double>(now - std::exchange(start, now)).count();
  };
  const auto reading = policy::read_policy(text, *catalogue);
  if (!reading || !reading->problems.empty()) return std::puts("the policy cannot be read"), false;
  const double read = since();
  const std::size_t findings =
      lint(*reading, *catalogue, *WallTime::parse("2026-06-01T00:00:00Z")).size();
  const double linted = since();
  int held = 0;
  int unknown = 0;
  for (const policy::Promise& one : reading->promises) {
    const policy::Proof proof = prove(one, reading->policy.book, *catalogue);
    held += proof.holds() ? 1 : 0;
    unknown += proof.by_solver == policy::Answer::unknown ? 1 : 0;
  }
  const double proved = since();
  const auto before = policy::read_policy(changed(text), *catalogue);
  if (!before || !before->problems.empty()) return std::puts("the change cannot be read"), false;
  since();
  const policy::PolicyDiff diff = difference(*before, *catalogue, *reading, *catalogue);
  const double compared = since();
  const double all = read + linted + proved + compared;
  std::printf(
      "before 1000 rules count: %.2f s (%s the target of %.0f s): read %.2f, lint %.2f (%zu "
      "findings),"
      " %d promises proved twice %.2f (%d hold, %d unknown), diff against a third of them changed "
      "%.2f (%zu changes, %s)\n",
      all, all <= kTargetGate ? "meets" : "misses", kTargetGate, read, linted, findings, kPromises,
      proved, held, unknown, compared, diff.changes.size(),
      diff.complete() ? "complete" : "not complete");
  return unknown == 0;
}

/// For a peer: the rules in its language, the questions, and our figures as JSON.
bool write_for_peers(std::size_t rules, const std::string& folder) {
  const World world = make_world(rules);
  const auto catalogue = policy::Catalogue::parse(world.catalogue);
  if (!catalogue) return std::puts(catalogue.error().message().c_str()), false;
  const auto policy = policy::Policy::parse(world.policy, *catalogue);
  if (!policy) return std::puts(policy.error().message().c_str()), false;
  const policy::RuleBook& book = policy->book;
  wire::JsonArray questions;
  for (const policy::Request& one : world.requests)
    questions.emplace_back(bench::question_of(one, book));
  std::ofstream(folder + "/policies.cedar") << bench::cedar_of(world.rules);
  std::ofstream(folder + "/questions.json") << wire::Json(std::move(questions)).to_text();
  const double ours = time_of(world.requests, [&](const auto& r) { return book.judge(r).allowed; });
  const double turn =
      time_of(world.requests, [&](const auto& r) { return judge_in_turn(book, r).allowed; });
  std::printf("{\"rules\":%zu,\"us\":%.4f,\"turn_us\":%.4f}\n", rules, ours, turn);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> words(argv, static_cast<std::size_t>(argc));
  if (words.size() == 4 && std::string_view(words[1]) == "--for-peers")
    return write_for_peers(std::stoul(words[2]), words[3]) ? 0 : 1;
  const bool good = measure(10, 0) && measure(1000, kTarget1000) && measure(10'000, kTarget10000) &&
                    measure_gate();
  return good ? 0 : 1;
}
