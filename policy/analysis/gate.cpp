#include "policy/analysis/gate.hpp"

#include "policy/analysis/contain.hpp"
#include "policy/analysis/lint.hpp"
#include "policy/analysis/prove.hpp"

namespace hangu::policy {
namespace {

void add(GateRuling& ruling, std::string code, std::string zh, std::string en,
         std::string place = {}) {
  ruling.obstacles.push_back({std::move(code), std::move(place), std::move(zh), std::move(en)});
}

/// An error of reading says its place first: "line 12:1: what".
Obstacle obstacle_of(const Error& error) {
  const std::string& context = error.context();
  const std::size_t colon = context.find(": ");
  const bool placed = context.starts_with("line ") && colon != std::string::npos;
  const std::string message = placed ? context.substr(colon + 2) : context;
  return {std::string(error.reason()), placed ? context.substr(0, colon) : std::string(), message,
          message};
}

void check_text(GateRuling& ruling, const Candidate& candidate, WallTime now) {
  for (const Error& problem : candidate.reading.problems)
    ruling.obstacles.push_back(obstacle_of(problem));
  if (!ruling.passes()) return;
  for (const Finding& finding : lint(candidate.reading, candidate.catalogue, now))
    if (finding.severity == Severity::error)
      add(ruling, finding.code,
          finding.rule.empty() ? finding.zh : finding.rule + ": " + finding.zh,
          finding.rule.empty() ? finding.en : finding.rule + ": " + finding.en, finding.place);
}

void check_promises(GateRuling& ruling, const Candidate& candidate) {
  for (const Promise& promise : candidate.reading.promises) {
    if (prove(promise, candidate.reading.policy.book, candidate.catalogue).holds()) {
      ++ruling.promises;
      continue;
    }
    add(ruling, "promise-not-proved", promise.id + ": 承诺未能证明(hangu policy prove 说明原因)",
        promise.id + ": the promise is not proved (hangu policy prove says why)", promise.place);
  }
}

void check_parent(GateRuling& ruling, const Candidate& candidate, const Standards& standards) {
  const std::string& named = candidate.reading.policy.parent;
  if (standards.parent == nullptr) {
    if (standards.parent_demanded)
      add(ruling, "policy-parent-missing", "本节点有上级:策略包须带上级的策略包",
          "this gateway has a higher level: the bundle must hold the parent's bundle");
    else if (!named.empty())
      add(ruling, "policy-parent-missing", "策略写明上级 " + named + ",策略包中却没有",
          "the policy names its parent, " + named + ", which is not in the bundle");
    return;
  }
  for (const Excess& excess : excesses(standards.parent->reading, candidate.reading))
    add(ruling, excess.code, excess.rule.empty() ? excess.zh : excess.rule + ": " + excess.zh,
        excess.rule.empty() ? excess.en : excess.rule + ": " + excess.en,
        excess.in_parent ? std::string() : excess.place);
}

void check_release(GateRuling& ruling, const Candidate& candidate, const Candidate& in_force) {
  if (candidate.release <= in_force.release)
    add(ruling, "release-not-higher",
        "发布号须大于现行的 " + std::to_string(in_force.release) + ",此为 " +
            std::to_string(candidate.release),
        "the release must be above the " + std::to_string(in_force.release) +
            " that is in force; this is " + std::to_string(candidate.release));
  const std::string name = candidate.reading.policy.name();
  if (name == in_force.reading.policy.name() && candidate.text != in_force.text)
    add(ruling, "policy-version-kept", name + " 已在执行,内容却不同:请提高 version",
        name + " is in force with another text: raise its version");
}

}  // namespace

Result<Candidate> read_candidate(const Bundle& bundle, std::string_view catalogue) {
  Candidate out{.release = bundle.release, .text = bundle.policy, .catalogue = {}, .reading = {}};
  HANGU_TRY(out.catalogue, Catalogue::parse(catalogue));
  HANGU_TRY(out.reading, read_policy(bundle.policy, out.catalogue));
  return out;
}

GateRuling examine(const Candidate& candidate, const Standards& standards, WallTime now) {
  GateRuling ruling;
  check_text(ruling, candidate, now);
  if (standards.in_force != nullptr) check_release(ruling, candidate, *standards.in_force);
  if (!ruling.passes()) return ruling;  // of rules that cannot be read nothing more can be said
  ruling.tests = candidate.reading.tests.size();
  check_promises(ruling, candidate);
  check_parent(ruling, candidate, standards);
  if (ruling.passes() && standards.in_force != nullptr)
    ruling.changes = difference(standards.in_force->reading, standards.in_force->catalogue,
                                candidate.reading, candidate.catalogue);
  return ruling;
}

}  // namespace hangu::policy
