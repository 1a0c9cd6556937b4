#pragma once
// Bits: which of the 65,536 entries of one block have a value; and the short form that is kept.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"

namespace hangu::audit::search {

inline constexpr std::uint64_t kBlockEntries = 65'536;

/// Places of one block. Value semantics. Thread: one at a time.
class Bits {
 public:
  void set(std::uint16_t place) { words_[place / 64U] |= std::uint64_t{1} << (place % 64U); }
  [[nodiscard]] bool has(std::uint16_t place) const {
    return ((words_[place / 64U] >> (place % 64U)) & 1U) != 0;
  }
  void set_all() { words_.fill(~std::uint64_t{0}); }
  /// Clears what is not in [first, end), 0 <= first <= end <= kBlockEntries.
  void keep(std::uint64_t first, std::uint64_t end);
  Bits& operator&=(const Bits& other);
  [[nodiscard]] std::uint64_t count() const;
  [[nodiscard]] bool any() const;
  /// All places, ascending.
  [[nodiscard]] std::vector<std::uint16_t> places() const;

  /// Adds what pack() made. Errors: Corrupt "index-corrupt".
  [[nodiscard]] Done add(ByteView packed);
  bool operator==(const Bits&) const = default;

 private:
  std::array<std::uint64_t, kBlockEntries / 64> words_{};
};

/// Up to 4,095 places: two big-endian bytes each; more: 8,192 bytes of a bit each.
/// `places` is ascending, each once.
[[nodiscard]] Bytes pack(std::span<const std::uint16_t> places);

}  // namespace hangu::audit::search
