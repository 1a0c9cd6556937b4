#include "policy/analysis/region.hpp"

#include <algorithm>
#include <bit>

namespace hangu::policy {
namespace {

bool is_empty(const Extent& extent, const Axis& axis) {
  if (extent.unknown) return false;
  if (!extent.known) return true;
  if (!axis.empty_is_known && !extent.inside.any()) return true;
  return !std::ranges::all_of(extent.touching,
                              [&](const Atoms& some) { return some.touches(extent.inside); });
}

/// An extent of which nothing can be known says nothing of values.
void settle(Extent& extent, const Axis& axis) {
  Extent values = extent;
  values.unknown = false;
  if (!is_empty(values, axis)) return;
  extent.known = false;
  extent.inside = Atoms(extent.inside.size());
  extent.touching.clear();
}

void narrow(Extent& extent, const Literal& literal, const Axis& axis) {
  extent.unknown = extent.unknown && literal.unknown;
  if (!extent.known) return;
  if (literal.how != Literal::How::touching) {
    extent.inside.keep(literal.atoms);
  } else {
    const bool said = std::ranges::any_of(extent.touching, [&](const Atoms& some) {
      return some.is_inside(literal.atoms, extent.inside);
    });
    if (!said) {
      std::erase_if(extent.touching, [&](const Atoms& some) {
        return literal.atoms.is_inside(some, extent.inside);
      });
      extent.touching.push_back(literal.atoms);
    }
  }
  settle(extent, axis);
}

Literal opposite(const Literal& literal) {
  using How = Literal::How;
  const How how = literal.how == How::one_of   ? How::one_of
                  : literal.how == How::inside ? How::touching
                                               : How::inside;
  return {.how = how, .unknown = !literal.unknown, .atoms = literal.atoms.others()};
}

bool meets(const Extent& extent, const Literal& literal, const Axis& axis) {
  if (extent.unknown && literal.unknown) return true;
  if (!extent.known) return false;
  if (literal.how != Literal::How::inside) return extent.inside.touches(literal.atoms);
  if (!axis.empty_is_known && !extent.inside.touches(literal.atoms)) return false;
  return std::ranges::all_of(extent.touching, [&](const Atoms& some) {
    return some.touches(extent.inside, literal.atoms);
  });
}

bool is_inside(const Extent& extent, const Literal& literal, const Axis& axis) {
  if (extent.unknown && !literal.unknown) return false;
  if (!extent.known) return true;
  if (literal.how != Literal::How::touching) return extent.inside.is_inside(literal.atoms);
  if (!axis.empty_is_known && extent.inside.is_inside(literal.atoms)) return true;
  return std::ranges::any_of(extent.touching, [&](const Atoms& some) {
    return some.is_inside(literal.atoms, extent.inside);
  });
}

}  // namespace

Atoms Atoms::all(std::size_t size) { return Atoms(size).others(); }

bool Atoms::any() const {
  return first_ != 0 || std::ranges::any_of(more_, [](std::uint64_t one) { return one != 0; });
}

bool Atoms::touches(const Atoms& other) const {
  if ((first_ & other.first_) != 0) return true;
  for (std::size_t i = 0; i < more_.size(); ++i)
    if ((more_[i] & other.more_[i]) != 0) return true;
  return false;
}

bool Atoms::touches(const Atoms& other, const Atoms& third) const {
  if ((first_ & other.first_ & third.first_) != 0) return true;
  for (std::size_t i = 0; i < more_.size(); ++i)
    if ((more_[i] & other.more_[i] & third.more_[i]) != 0) return true;
  return false;
}

bool Atoms::is_inside(const Atoms& other) const { return is_inside(other, *this); }

bool Atoms::is_inside(const Atoms& other, const Atoms& limit) const {
  if ((first_ & limit.first_ & ~other.first_) != 0) return false;
  for (std::size_t i = 0; i < more_.size(); ++i)
    if ((more_[i] & limit.more_[i] & ~other.more_[i]) != 0) return false;
  return true;
}

void Atoms::keep(const Atoms& other) {
  first_ &= other.first_;
  for (std::size_t i = 0; i < more_.size(); ++i) more_[i] &= other.more_[i];
}

void Atoms::merge(const Atoms& other) {
  first_ |= other.first_;
  for (std::size_t i = 0; i < more_.size(); ++i) more_[i] |= other.more_[i];
}

Atoms Atoms::others() const {
  Atoms out = *this;
  for (std::size_t i = 0; i <= more_.size(); ++i) {
    const std::size_t used = std::min(size_ - std::min(size_, 64 * i), std::size_t{64});
    const std::uint64_t mask = used == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << used) - 1;
    out.word(i) = ~word(i) & mask;
  }
  return out;
}

std::vector<std::size_t> Atoms::list() const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i <= more_.size(); ++i)
    for (std::uint64_t bits = word(i); bits != 0; bits &= bits - 1)
      out.push_back(64 * i + static_cast<std::size_t>(std::countr_zero(bits)));
  return out;
}

const Axis& axis_of(Column column) {
  static constexpr Axis kOne{};
  static constexpr Axis kOneOrUnknown{.may_be_unknown = true};
  static constexpr Axis kSome{.many = true, .may_be_unknown = true};
  static constexpr Axis kAny{.many = true, .empty_is_known = true};
  static constexpr Axis kAnyOrUnknown{.many = true, .empty_is_known = true, .may_be_unknown = true};
  switch (column) {
    case Column::from:
    case Column::to:
    case Column::secrecy:
    case Column::grade: return kOne;
    case Column::dataset:
    case Column::area: return kSome;
    case Column::within: return kAny;
    case Column::area_set:
    case Column::role: return kAnyOrUnknown;
    case Column::scale:
    case Column::when:
    case Column::node_level: return kOneOrUnknown;
  }
  return kOne;
}

bool meets(const Region& region, const Shape& shape) {
  for (std::size_t i = 0; i < kColumns; ++i)
    if (shape[i] && !meets(region.columns[i], *shape[i], axis_of(static_cast<Column>(i))))
      return false;
  return true;
}

std::size_t columns_outside(const Region& region, const Shape& shape) {
  std::size_t out = 0;
  for (std::size_t i = 0; i < kColumns; ++i)
    if (shape[i] && !is_inside(region.columns[i], *shape[i], axis_of(static_cast<Column>(i))))
      ++out;
  return out;
}

Region both(const Region& region, const Shape& shape) {
  Region out = region;
  for (std::size_t i = 0; i < kColumns; ++i)
    if (shape[i]) narrow(out.columns[i], *shape[i], axis_of(static_cast<Column>(i)));
  return out;
}

std::vector<Region> without(const Region& region, const Shape& shape) {
  std::vector<Region> out;
  Region rest = region;
  for (std::size_t i = 0; i < kColumns; ++i) {
    const Axis& axis = axis_of(static_cast<Column>(i));
    if (!shape[i] || is_inside(rest.columns[i], *shape[i], axis)) continue;
    Region piece = rest;
    narrow(piece.columns[i], opposite(*shape[i]), axis);
    if (!is_empty(piece.columns[i], axis)) out.push_back(std::move(piece));
    narrow(rest.columns[i], *shape[i], axis);
    if (is_empty(rest.columns[i], axis)) break;
  }
  return out;
}

std::optional<Region> merged(const Region& one, const Region& other) {
  std::optional<std::size_t> differs;
  for (std::size_t i = 0; i < kColumns; ++i) {
    if (one.columns[i] == other.columns[i]) continue;
    if (differs) return std::nullopt;
    differs = i;
  }
  if (!differs) return one;
  const Extent& a = one.columns.at(*differs);
  const Extent& b = other.columns.at(*differs);
  const bool many = axis_of(static_cast<Column>(*differs)).many;
  const bool same = a.inside == b.inside && a.touching == b.touching;
  // A set that lies in one or in another is not one that lies in both together.
  if (a.known && b.known && many && !same) return std::nullopt;
  Region out = one;
  Extent& extent = out.columns.at(*differs);
  extent = a.known ? a : b;
  if (a.known && b.known) extent.inside.merge(b.inside);
  extent.unknown = a.unknown || b.unknown;
  return out;
}

}  // namespace hangu::policy
