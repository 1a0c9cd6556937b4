#include "policy/analysis/gate.hpp"

#include "crypto/hash.hpp"
#include "policy/analysis/contain.hpp"
#include "policy/analysis/prove.hpp"

namespace hangu::policy {
namespace {

void add(GateRuling& ruling, std::string code, std::string zh, std::string en,
         std::string rule = {}, std::string place = {}) {
  ruling.obstacles.push_back({Severity::error, std::move(code), std::move(rule), std::move(place),
                              std::move(zh), std::move(en)});
}

void check_text(GateRuling& ruling, const Candidate& candidate, WallTime now) {
  for (const Error& problem : candidate.reading.problems)
    ruling.obstacles.push_back(finding_of(problem));
  if (!ruling.passes()) return;
  for (const Finding& finding : lint(candidate.reading, candidate.catalogue, now))
    if (finding.severity == Severity::error) ruling.obstacles.push_back(finding);
}

void check_promises(GateRuling& ruling, const Candidate& candidate) {
  for (const Promise& promise : candidate.reading.promises) {
    if (prove(promise, candidate.reading.policy.book, candidate.catalogue).holds()) {
      ++ruling.promises;
      continue;
    }
    add(ruling, "promise-not-proved", "承诺未能证明(hangu policy prove 说明原因)",
        "the promise is not proved (hangu policy prove says why)", promise.id, promise.place);
  }
}

void check_parent(GateRuling& ruling, const Candidate& candidate, const Standards& standards) {
  const std::string& named = candidate.reading.policy.parent;
  const bool older =
      standards.parent_release > 0 &&
      (standards.parent == nullptr || standards.parent->release < standards.parent_release ||
       (standards.parent->release == standards.parent_release &&
        standards.parent->digest != standards.parent_digest));
  if (older)
    add(ruling, "parent-older",
        "现行策略的上级是第 " + std::to_string(standards.parent_release) +
            " 次发布,不能换成更早的或去掉",
        "the parent of what is in force is release " + std::to_string(standards.parent_release) +
            "; it gives way to a later one alone");
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
    add(ruling, excess.code, excess.zh, excess.en, excess.rule,
        excess.in_parent ? std::string() : excess.place);
}

void check_release(GateRuling& ruling, const Candidate& candidate, const Standards& standards) {
  const std::uint64_t released = standards.released;
  const std::string number = std::to_string(candidate.release);
  if (candidate.release <= released)
    add(ruling, "release-not-higher",
        "发布号须大于 " + std::to_string(released) + ",此为 " + number,
        "the release must be above " + std::to_string(released) + "; this is " + number);
  if (candidate.release > released + kReleasesSkippedMax)
    add(ruling, "release-too-high",
        "发布号最多比 " + std::to_string(released) + " 大 " + std::to_string(kReleasesSkippedMax) +
            ",此为 " + number,
        "the release may be at most " + std::to_string(kReleasesSkippedMax) + " above " +
            std::to_string(released) + "; this is " + number);
  if (standards.in_force == nullptr) return;
  const std::string name = candidate.reading.policy.name();
  if (name == standards.in_force->reading.policy.name() &&
      candidate.text != standards.in_force->text)
    add(ruling, "policy-version-kept", name + " 已在执行,内容却不同:请提高 version",
        name + " is in force with another text: raise its version");
}

}  // namespace

Result<Candidate> read_candidate(const Bundle& bundle, std::string_view catalogue) {
  Candidate out;
  out.release = bundle.release;
  out.digest = to_hex(crypto::hash(crypto::HashAlgorithm::sha256, bytes_of(bundle.to_text())));
  out.text = bundle.policy;
  HANGU_TRY(out.catalogue, Catalogue::parse(catalogue));
  HANGU_TRY(out.reading, read_policy(bundle.policy, out.catalogue));
  return out;
}

GateRuling examine(const Candidate& candidate, const Standards& standards, WallTime now) {
  GateRuling ruling;
  check_text(ruling, candidate, now);
  check_release(ruling, candidate, standards);
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
