#pragma once
// Axes: the columns of rules cut into atoms, values that no rule of two policies tells apart.

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "policy/analysis/region.hpp"

namespace hangu::policy {

inline constexpr std::size_t kAtomsMax = 4096;  ///< of one column

/// The names of one list.
class NameAxis {
 public:
  /// Cut by the names that a column of the rules lists. Nothing beyond kAtomsMax.
  [[nodiscard]] static std::optional<NameAxis> cut(std::span<const Rule* const> rules,
                                                   std::optional<NameSet> Box::* column,
                                                   std::size_t names);
  [[nodiscard]] Atoms atoms_of(const NameSet& names) const;
  [[nodiscard]] NameSet names_of(const Atoms& atoms) const;
  [[nodiscard]] std::size_t atom_of(NameIndex name) const { return atom_of_[name]; }
  [[nodiscard]] NameIndex example_of(std::size_t atom) const { return *members_[atom].begin(); }
  [[nodiscard]] std::size_t size() const { return members_.size(); }

 private:
  std::vector<std::size_t> atom_of_;
  std::vector<NameSet> members_;
};

/// Areas: an atom is a prefix that some rule names or that holds one, or all those inside such a
/// prefix that neither are nor hold one. It is told by one of its own.
class AreaAxis {
 public:
  [[nodiscard]] static std::optional<AreaAxis> cut(std::span<const Rule* const> rules);
  /// Those wholly inside one of the prefixes.
  [[nodiscard]] Atoms inside(const std::vector<Area>& prefixes) const;
  /// Those that one of the prefixes touches.
  [[nodiscard]] Atoms touching(const std::vector<Area>& prefixes) const;
  [[nodiscard]] std::optional<std::size_t> atom_of(const Area& area) const;
  [[nodiscard]] const Area& example_of(std::size_t atom) const { return atoms_[atom]; }
  [[nodiscard]] std::size_t size() const { return atoms_.size(); }

 private:
  std::vector<Area> atoms_;  ///< each prefix before those inside it
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> named_;  ///< by first and end
  /// Of each prefix, and of all China (0, 1'000'000), the atom of what no rule names in it.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> others_;
};

/// Scale denominators.
class ScaleAxis {
 public:
  [[nodiscard]] static std::optional<ScaleAxis> cut(std::span<const Rule* const> rules);
  [[nodiscard]] Atoms atoms_of(const ScaleRange& range) const;
  [[nodiscard]] std::optional<std::size_t> atom_of(std::int64_t denominator) const;
  [[nodiscard]] const ScaleRange& range_of(std::size_t atom) const { return atoms_[atom]; }
  [[nodiscard]] std::size_t size() const { return atoms_.size(); }

 private:
  std::vector<ScaleRange> atoms_;
};

/// A time in which a policy counts: [from, to).
struct Period {
  WallTime from;
  WallTime to;
};

/// Times: an atom are those in the same of all `when`s that rules say, told by one of them. Only
/// times of the periods, in which at least one policy counts, are there.
class TimeAxis {
 public:
  [[nodiscard]] static std::optional<TimeAxis> cut(std::span<const Rule* const> rules,
                                                   const std::vector<Calendar>& calendars,
                                                   std::span<const Period> periods);
  [[nodiscard]] Atoms atoms_of(const When& when) const;
  [[nodiscard]] std::optional<std::size_t> atom_of(WallTime time) const;
  [[nodiscard]] WallTime example_of(std::size_t atom) const { return examples_[atom]; }
  [[nodiscard]] std::size_t size() const { return examples_.size(); }

 private:
  class Cutter;
  [[nodiscard]] std::vector<bool> signature_of(WallTime time) const;

  std::vector<Calendar> calendars_;
  std::vector<When> whens_;                         ///< those that differ
  std::map<std::vector<bool>, std::size_t> atoms_;  ///< by which of them hold
  std::vector<WallTime> examples_;
};

inline constexpr std::size_t kDaysLookedAtMax = 20'000;
inline constexpr std::size_t kTimesLookedAtMax = 20'000'000;  ///< times and `when`s of rules

}  // namespace hangu::policy
