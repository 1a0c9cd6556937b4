#pragma once
// SM3 (GB/T 32905) of eight texts side by side: one chain of digests cannot be hurried, but a log
// has one for each epoch. docs/protocols/audit-log.md §6.

#include <array>
#include <cstdint>

namespace hangu_verify {

inline constexpr std::size_t kLanes = 8;

/// The state of eight digests: word by word, each of all lanes.
struct Sm3Lanes {
  alignas(64) std::array<std::array<std::uint32_t, kLanes>, 8> words;

  /// Begins a new text in one lane.
  void begin(std::size_t lane);
  /// Takes one block of 64 bytes in each lane.
  void add(const std::array<const std::uint8_t*, kLanes>& blocks);
  /// The digest of one lane, whose last block was padded.
  [[nodiscard]] std::array<std::uint8_t, 32> digest(std::size_t lane) const;
};

}  // namespace hangu_verify
