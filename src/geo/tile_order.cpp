#include "geo/tile_order.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

namespace hangu::geo {
namespace {

/// A coordinate that sorts as an unsigned number, and below it the place of its box.
using Key = std::uint64_t;
using Keys = std::vector<Key>;

constexpr unsigned kPlaceBits = 32;
constexpr unsigned kDigitBits = 11;
constexpr unsigned kDigits = 3;  ///< 33 bits, for 32
constexpr std::size_t kDigitValues = std::size_t{1} << kDigitBits;
constexpr std::size_t kComparedMax = 1024;  ///< fewer keys are sorted faster by comparing them

Key key_of(float coordinate, std::size_t place) {
  const auto bits = std::bit_cast<std::uint32_t>(coordinate + 0.0F);  // no negative zero
  const std::uint32_t sortable = bits ^ ((bits >> 31) != 0 ? 0xffff'ffffU : 0x8000'0000U);
  return Key{sortable} << kPlaceBits | place;
}

std::uint32_t place_of(Key key) { return static_cast<std::uint32_t>(key); }

std::size_t digit_of(Key key, unsigned digit) {
  return key >> (kPlaceBits + digit * kDigitBits) & (kDigitValues - 1);
}

/// Sorts keys that come with rising places. `spare` is as long.
void sort_keys(std::span<Key> keys, std::span<Key> spare) {
  if (keys.size() <= kComparedMax) {
    std::ranges::sort(keys);
    return;
  }
  std::array<std::array<std::uint32_t, kDigitValues>, kDigits> starts{};
  for (const Key key : keys) {
    for (unsigned digit = 0; digit < kDigits; ++digit) ++starts[digit][digit_of(key, digit)];
  }
  std::span<Key> from = keys;
  std::span<Key> to = spare;
  for (unsigned digit = 0; digit < kDigits; ++digit) {
    std::uint32_t sum = 0;
    for (std::uint32_t& start : starts[digit]) sum += std::exchange(start, sum);
    for (const Key key : from) to[starts[digit][digit_of(key, digit)]++] = key;
    std::swap(from, to);
  }
  static_assert(kDigits % 2 == 1, "the keys end in the spare");
  std::ranges::copy(from, keys.begin());
}

}  // namespace

std::vector<std::uint32_t> tile_order(std::span<const TwiceMiddle> boxes,
                                      std::size_t node_entries) {
  const std::size_t nodes = (boxes.size() + node_entries - 1) / node_entries;
  const auto slices = static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(nodes))));
  if (slices == 0) return {};
  const std::size_t slice = (nodes + slices - 1) / slices * node_entries;

  Keys keys(boxes.size());
  Keys spare(boxes.size());
  for (std::size_t i = 0; i < boxes.size(); ++i) keys[i] = key_of(boxes[i].x, i);
  sort_keys(keys, spare);

  std::vector<std::uint32_t> order(boxes.size());  // first: the slice of each box
  for (std::size_t i = 0; i < keys.size(); ++i) {
    order[place_of(keys[i])] = static_cast<std::uint32_t>(i / slice);
  }
  std::vector<std::size_t> next(slices + 1);
  for (std::size_t s = 0; s < next.size(); ++s) next[s] = s * slice;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    keys[next[order[i]]++] = key_of(boxes[i].y, i);
  }
  for (std::size_t begin = 0; begin < keys.size(); begin += slice) {
    const std::size_t length = std::min(slice, keys.size() - begin);
    sort_keys(std::span(keys).subspan(begin, length), std::span(spare).subspan(begin, length));
  }
  std::ranges::transform(keys, order.begin(), place_of);
  return order;
}

}  // namespace hangu::geo
