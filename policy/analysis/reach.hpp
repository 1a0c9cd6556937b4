#pragma once
// Reach: everywhere that a promise's data can come to by the permits, found by exact search.
// Dataset class, area, scale and label stay the same along a path, so they are cut where rules cut
// them, and each piece is searched by itself.
//
// More may be found than can happen, never less: times, subjects, area sets, limits and forbids are
// left out, each permit is taken alone (what others demand beside it is not), and of labels the
// lowest that the promise speaks of is taken, of compartments those that it must have: the fewest
// rules hold what is higher or has more.

#include <optional>
#include <vector>

#include "policy/policy.hpp"

namespace hangu::policy {

/// A piece of what data can be, fixed along a path: class, area codes [first, end), denominators.
struct Slice {
  NameIndex dataset = 0;
  Area area;
  ScaleRange scale;
};

/// Where data is, and what its history has done: declassifiers as bits, in the order of the
/// promise's; whether some hop had its approvals.
struct Place {
  NameIndex zone = 0;
  std::uint32_t declassified = 0;
  bool approved = false;
  auto operator<=>(const Place&) const = default;
};

struct Hop {
  std::uint32_t rule = 0;  ///< number in the rule book
  NameIndex to = 0;
};

/// A way that breaks a promise: the shortest of its slice.
struct Breach {
  Slice slice;
  NameIndex from = 0;
  std::vector<Hop> hops;
};

struct Reached {
  Slice slice;
  std::vector<Place> places;  ///< in rising order, the beginnings included
};

struct Reach {
  std::vector<Reached> slices;
  std::optional<Breach> breach;
  bool complete = true;  ///< false: a bound was met, and nothing is proved
};

inline constexpr std::size_t kSlicesMax = 50'000;       ///< of one promise
inline constexpr std::size_t kPlacesMax = 200'000;      ///< of one promise, in all its slices
inline constexpr std::size_t kPlacesOfSliceMax = 2000;  ///< a promise may name many declassifiers

/// What `declassified` is when all has run.
[[nodiscard]] std::uint32_t all_declassified(const Promise& promise);
/// Of these, what a permit has run, as bits.
[[nodiscard]] std::uint32_t declassified_by(const Promise& promise, const Obligations& obligations);
/// Whether data may be there.
[[nodiscard]] bool keeps(const Promise& promise, const Place& place);

[[nodiscard]] Reach reach_of(const Promise& promise, const RuleBook& book,
                             const Catalogue& catalogue);

}  // namespace hangu::policy
