#pragma once
// The evaluator: a pure function from submission, policy, catalogue, directory and time to a
// Decision. What no officer may override comes first; then the rule book. docs/protocols/policy.md
// §4.

#include <set>
#include <string>

#include "config/gateway.hpp"
#include "flow/decision.hpp"
#include "flow/submission.hpp"
#include "policy/directory.hpp"
#include "policy/policy.hpp"

namespace hangu::policy {

/// What stands behind a decision, fixed for one evaluation.
struct Grounds {
  const Policy& policy;
  const Catalogue& catalogue;
  const Directory& directory;
  const config::Gateway& gateway;
};

/// Who signed: the id of the key in the submission's envelope.
struct Submitted {
  const flow::Submission& submission;
  std::string signing_key_id;
};

/// What came of it, and what was asked of the rules: absent when it cannot be said, because the
/// catalogue or the directory lacks a name. It is there also when something before the rules
/// refused. And the limits over time, which a flow::Decision has no words for, since only who
/// decides needs them.
struct Evaluated {
  flow::Decision decision;
  std::optional<Request> asked;
  Limits limits{};                   ///< joined; of what is allowed
  std::set<std::string> families{};  ///< ids of the dataset classes of its product
};

/// evaluate decides. It never fails: what is unknown, missing or stale denies, with a reason:
/// "submitter-unknown", "submitter-key", "submitter-zone", "link-absent", "zone-unknown",
/// "product-unknown", "compartment-unknown", "area-unknown", "role-unknown", "label-above-ceiling",
/// "recipient-unknown", "recipient-zone", "recipient-suite", "policy-not-effective",
/// "policy-expired", "policy-forbidden", "policy-no-permit", "policy-too-many-matches",
/// "size-over-limit", "objects-over-limit", "carrier-refused", "declassifier-missing",
/// "obligation-unavailable", "approvers-too-few"; or "ok".
[[nodiscard]] Evaluated evaluate(const Grounds& grounds, const Submitted& submitted, WallTime now);

}  // namespace hangu::policy
