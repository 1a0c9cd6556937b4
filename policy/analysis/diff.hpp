#pragma once
// Diff: what another policy decides otherwise. Exact over requests: not texts are compared but what
// the rules say of every request, so that another order, or a rule in two halves, is no difference.
// Beside the rules, what guards them: promises, tests, [unwitnessed], the period, the catalogue.
// What could not be compared to the end counts as widening. docs/protocols/policy.md §11.

#include <memory>
#include <string>
#include <vector>

#include "policy/analysis/region.hpp"
#include "policy/policy.hpp"

namespace hangu::policy {

enum class ChangeKind : std::uint8_t {
  newly_allowed,  ///< refused before
  weakened,       ///< allowed by both under fewer demands; or a guard taken away or softened
  newly_refused,
  strengthened,
  notice,  ///< nothing is decided otherwise
};
/// "newly-allowed", "weakened", "newly-refused", "strengthened", "notice".
[[nodiscard]] std::string_view to_text(ChangeKind kind);

/// A rule, promise or test that a change comes from.
struct Responsible {
  bool in_new = false;  ///< of the new policy's file, else of the old one's
  std::string id;
  std::string place;  ///< "line 12:1" there
  auto operator<=>(const Responsible&) const = default;
};

/// A request for which both policies' rule books have been asked, and answered as is said.
struct Instance {
  Request request;                   ///< in the names of PolicyDiff::catalogue
  std::string given;                 ///< as a [[test]]'s `given`
  std::string before_zh, before_en;  ///< what each answers: outcome, rules, demands
  std::string after_zh, after_en;
};

struct Change {
  ChangeKind kind = ChangeKind::notice;
  /// Of rules: "access" (allowed or refused); of demands their key in `require`: "declassify",
  /// "desensitise", "approve.count", "approve.roles", "approve.distinct_organisations",
  /// "limit.size_mb", "limit.objects", "limit.per_day", "limit.contiguous_km2", "carrier",
  /// "watermark", "notify". "approvers" where another
  /// number or role hides that one permit's people are gone. Of guards: "forbid", "never", "test",
  /// "unwitnessed", "posture", "period", "parent", "ceiling", "product", "compartment", "role",
  /// "node-level", "area-set", "calendar", "title".
  std::string code{};
  std::vector<Responsible> rules{};
  std::vector<Region> regions{};  ///< for which requests, of rules; told by PolicyDiff::concerns()
  std::optional<Instance> example{};
  std::string zh{};  ///< one sentence
  std::string en{};
};

class Space;

struct PolicyDiff {
  Catalogue catalogue;                 ///< the names of both
  std::shared_ptr<const Space> space;  ///< shared by copies of this diff: it never changes
  std::vector<Change> changes;  ///< by kind, in the order of ChangeKind; then in that of the file
  /// Why it is not complete, else empty: more may be allowed than is said.
  std::string incomplete_zh;
  std::string incomplete_en;

  [[nodiscard]] bool complete() const { return incomplete_en.empty(); }
  /// New access or weakening anywhere, or not complete.
  [[nodiscard]] bool widens() const;
  /// Whether a change is about this request (in the names of `catalogue`).
  [[nodiscard]] bool concerns(const Change& change, const Request& request) const;
};

/// Of one kind of change: a step is a box held against a region, or a part of making one.
inline constexpr std::size_t kDiffStepsMax = 40'000'000;
inline constexpr std::size_t kDiffChangesMax = 1000;  ///< of one kind, of rules
inline constexpr std::size_t kDiffRegionsMax = 64;    ///< of one change

/// Each reading is of its catalogue. One with problems, whose rules are not all there, is not
/// compared, and that counts as widening.
[[nodiscard]] PolicyDiff difference(const PolicyReading& before, const Catalogue& of_before,
                                    const PolicyReading& after, const Catalogue& of_after);

}  // namespace hangu::policy
