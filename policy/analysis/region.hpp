#pragma once
// Region: a box over atoms, closed under "and" and "but not" with the boxes of rules, so that what
// one policy decides and another does not can be said exactly. An atom is a set of values that no
// rule tells apart (space.hpp). Of a column with one value a region says which atoms it may be; of
// one with a set of values, inside which atoms the set lies and which it touches.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "policy/rule.hpp"

namespace hangu::policy {

/// A set of atoms of one column. All that meet are of one size.
class Atoms {
 public:
  Atoms() = default;
  explicit Atoms(std::size_t size) : size_(size), more_(size > 64 ? (size - 1) / 64 : 0) {}
  [[nodiscard]] static Atoms all(std::size_t size);

  void add(std::size_t atom) { word(atom / 64) |= std::uint64_t{1} << atom % 64; }
  [[nodiscard]] bool has(std::size_t atom) const {
    return ((word(atom / 64) >> atom % 64) & 1U) != 0;
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool any() const;
  [[nodiscard]] bool touches(const Atoms& other) const;
  /// Whether some atom is in all three.
  [[nodiscard]] bool touches(const Atoms& other, const Atoms& third) const;
  [[nodiscard]] bool is_inside(const Atoms& other) const;
  /// Whether what it shares with `limit` is inside `other`.
  [[nodiscard]] bool is_inside(const Atoms& other, const Atoms& limit) const;
  void keep(const Atoms& other);
  void merge(const Atoms& other);
  [[nodiscard]] Atoms others() const;
  [[nodiscard]] std::vector<std::size_t> list() const;
  bool operator==(const Atoms&) const = default;

 private:
  [[nodiscard]] std::uint64_t& word(std::size_t i) { return i == 0 ? first_ : more_[i - 1]; }
  [[nodiscard]] const std::uint64_t& word(std::size_t i) const {
    return i == 0 ? first_ : more_[i - 1];
  }

  std::size_t size_ = 0;
  std::uint64_t first_ = 0;
  std::vector<std::uint64_t> more_;
};

inline constexpr std::size_t kColumns = static_cast<std::size_t>(Column::role) + 1;

/// What a column's values are like.
struct Axis {
  bool many = false;            ///< a set of values, not one
  bool empty_is_known = false;  ///< of many: none is a value, too
  bool may_be_unknown = false;
};
[[nodiscard]] const Axis& axis_of(Column column);

/// What a rule says of one column.
struct Literal {
  enum class How : std::uint8_t {
    one_of,   ///< the value is one of these
    inside,   ///< all values are among these
    touching  ///< some value is
  };
  How how = How::one_of;
  bool unknown = false;  ///< whether what is not known matches
  Atoms atoms;
};

/// A rule's box over atoms; an absent literal is any.
using Shape = std::array<std::optional<Literal>, kColumns>;

/// What a region says of one column.
struct Extent {
  bool unknown = false;         ///< it may be not known
  bool known = true;            ///< it may be known, and then:
  Atoms inside;                 ///< its values are among these
  std::vector<Atoms> touching;  ///< of many: some value is in each
  bool operator==(const Extent&) const = default;
};

struct Region {
  std::array<Extent, kColumns> columns;
  [[nodiscard]] const Extent& of(Column column) const {
    return columns.at(static_cast<std::size_t>(column));
  }
};

/// Whether some request is in both.
[[nodiscard]] bool meets(const Region& region, const Shape& shape);
/// How many columns of the shape do not hold all of the region: none, and it is wholly inside.
[[nodiscard]] std::size_t columns_outside(const Region& region, const Shape& shape);
/// What is in both; it may be empty.
[[nodiscard]] Region both(const Region& region, const Shape& shape);
/// What is in the region and not in the shape, as regions that share nothing and are not empty.
[[nodiscard]] std::vector<Region> without(const Region& region, const Shape& shape);
/// One region for two, where one says exactly what both do.
[[nodiscard]] std::optional<Region> merged(const Region& one, const Region& other);

}  // namespace hangu::policy
