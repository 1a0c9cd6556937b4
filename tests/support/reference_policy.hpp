#pragma once
// A slow, obvious evaluator, and the random policies and requests that both evaluators are asked
// about. It shares nothing with policy/: rules and requests are texts here, as an officer writes
// them, and a policy comes with its own TOML. docs/protocols/policy.md §3, §4.

#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace hangu::test {

using Texts = std::set<std::string>;

/// A rule as its table says. Secrecy and grade are steps from the lowest.
struct PlainRule {
  bool forbid = false;
  std::string id;
  std::optional<Texts> from, to, dataset, within, area, area_set, level, role;
  std::optional<int> secrecy, grade;
  std::optional<std::pair<long, long>> scale;  ///< finest, coarsest
  struct Hours {
    bool workdays = true;  ///< else every day
    int from = 0;          ///< hours of the day, local time
    int to = 24;
  };
  std::optional<Hours> when;
  Texts declassify, packs, approver_roles, notify, carriers{"online", "one-way", "media"};
  int approvals = 0;
  bool organisations = false;
  bool watermark = false;
  std::map<std::string, long> limits;  ///< by key, in the file's units
};

/// A request in words; a text may be one that no catalogue knows.
struct PlainRequest {
  std::string from, to;
  Texts classes, compartments, areas, inside, touched, roles;
  bool roles_known = true;
  bool placed = true;  ///< whether `inside` and `touched` are known
  int secrecy = 0;
  int grade = 0;
  std::optional<long> scale;
  std::optional<long> hour;  ///< since Monday 5 January 1970, 00:00 local time
  std::string level;         ///< empty: not known
};

/// What comes of it.
struct PlainRuling {
  bool allowed = false;
  Texts rules;
  PlainRule joined;  ///< its obligations
};

/// Default deny; any forbid denies; all permits' obligations hold.
[[nodiscard]] PlainRuling judge_plainly(const std::vector<PlainRule>& rules,
                                        const PlainRequest& request);

/// Makes them up. Names: zones z0..z3, classes c0..c5, compartments k0..k3, area sets s0..s2,
/// levels n0..n3, roles r0..r4, declassifiers d0..d3, packs p0..p1.
class PolicyMaker {
 public:
  explicit PolicyMaker(unsigned seed) : chance_(seed) {}
  [[nodiscard]] std::vector<PlainRule> rules(std::size_t count);
  [[nodiscard]] PlainRequest request();
  [[nodiscard]] static std::string catalogue_toml();
  [[nodiscard]] static std::string policy_toml(const std::vector<PlainRule>& rules);

 private:
  std::size_t below(std::size_t end) { return chance_() % end; }
  bool one_in(std::size_t count) { return below(count) == 0; }
  Texts some(char letter, std::size_t count);
  std::string area();
  PlainRule rule(std::size_t number);

  std::mt19937 chance_;
};

}  // namespace hangu::test
