#pragma once
// The rules and requests of policy_bench: a platform's three zones, four rules a dataset class,
// provinces, scales, hours, node levels; each request is drawn so that some rule nearly or wholly
// holds it. As our policy, and the same for a peer.

#include <string>
#include <vector>

#include "policy/policy.hpp"

namespace hangu::bench {

/// One rule; what it says of compartments, hours and grade is the same of all permits.
struct BenchRule {
  bool forbid = false;  ///< of labels from 机密 on
  std::string id;
  std::size_t from = 0;
  std::size_t to = 0;
  std::size_t dataset = 0;
  std::size_t province = 0;  ///< beside 32 and 33
  std::size_t finest = 0;
  std::size_t level = 0;    ///< beside n0
  std::size_t secrecy = 0;  ///< the highest: internal, secret, confidential
  std::size_t declassifier = 0;
  std::size_t role = 0;
  std::size_t megabytes = 0;
};

struct World {
  std::string catalogue;  ///< TOML
  std::string policy;     ///< TOML
  std::vector<BenchRule> rules;
  std::vector<policy::Request> requests;
};

inline constexpr std::size_t kRequests = 4096;

/// The same for the same number.
[[nodiscard]] World make_world(std::size_t rules);

/// The rules in Cedar's language: zones as principal and resource, the rest in the context. Cedar
/// has no obligations; of what may be unknown nothing is said, since these requests know all of it.
[[nodiscard]] std::string cedar_of(const std::vector<BenchRule>& rules);

/// A request as Cedar's, and what our rules say of it: {"from", "to", "context", "allowed",
/// "rules"}.
[[nodiscard]] wire::Json question_of(const policy::Request& request, const policy::RuleBook& book);

}  // namespace hangu::bench
