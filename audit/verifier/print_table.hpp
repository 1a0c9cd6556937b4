#pragma once
// Numbers by print: a table without pointers, since a log has one key and more for each entry.

#include <cstdint>
#include <optional>
#include <vector>

#include "audit/verifier/facts.hpp"

namespace hangu_verify {

/// Thread: one. 24 bytes a place, of which between a third and two thirds are taken.
class PrintTable {
 public:
  /// The number of `print`; nothing when it has none.
  [[nodiscard]] std::optional<std::uint64_t> find(const Print& print) const {
    const Place& place = places_[place_of(print)];
    return place.taken == 0 ? std::nullopt : std::optional<std::uint64_t>(place.number);
  }
  /// Gives `print` a number, which replaces the one before. True when it had none.
  bool put(const Print& print, std::uint64_t number) {
    if (3 * (count_ + 1) > 2 * places_.size()) grow();
    Place& place = places_[place_of(print)];
    const bool is_new = place.taken == 0;
    place.print = print;
    place.number = number & kNumberMax;
    place.taken = 1;
    count_ += is_new ? 1 : 0;
    return is_new;
  }

 private:
  static constexpr std::uint64_t kNumberMax = ~std::uint64_t{0} >> 1;
  struct Place {
    Print print{};
    std::uint64_t number : 63 = 0;
    std::uint64_t taken : 1 = 0;
  };
  /// Where it stands, or would: from its first half on, the next that is its own or free.
  [[nodiscard]] std::size_t place_of(const Print& print) const {
    std::size_t at = print[0] & (places_.size() - 1);
    while (places_[at].taken != 0 && places_[at].print != print)
      at = (at + 1) & (places_.size() - 1);
    return at;
  }
  void grow() {
    std::vector<Place> old(2 * places_.size());
    old.swap(places_);
    for (const Place& place : old)
      if (place.taken != 0) places_[place_of(place.print)] = place;
  }

  std::vector<Place> places_ = std::vector<Place>(1024);  // a power of two
  std::size_t count_ = 0;
};

}  // namespace hangu_verify
