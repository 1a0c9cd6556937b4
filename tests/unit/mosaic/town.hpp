#pragma once
// A ledger in a scratch folder, and rectangles to enter in it.

#include <catch2/catch.hpp>

#include "mosaic/mosaic_ledger.hpp"
#include "tests/support/must.hpp"
#include "tests/unit/os/scratch.hpp"

namespace hangu::test {

/// A rectangle's ring, degrees.
inline mosaic::Ring box(double west, double south, double east, double north) {
  return {{west, south}, {east, south}, {east, north}, {west, north}};
}

inline TransferId transfer(std::size_t number) {
  std::string text = std::to_string(number);
  return must(TransferId::create(std::string(32 - text.size(), '0') + text));
}

struct Town {
  os::test::ScratchFolder folder;
  std::unique_ptr<mosaic::MosaicLedger> ledger =
      must(mosaic::MosaicLedger::open(folder / "mosaic.sqlite"));
  std::size_t transfers = 0;

  void open_again() {
    ledger.reset();
    ledger = must(mosaic::MosaicLedger::open(folder / "mosaic.sqlite"));
  }
  static mosaic::Release release(std::size_t number, std::vector<mosaic::Ring> rings,
                                 std::uint64_t limit_km2 = 1'000'000,
                                 std::set<mosaic::Account> accounts = {{"portal", "imagery"}}) {
    return {transfer(number), std::move(accounts),
            must(mosaic::Footprint::create(std::move(rings))), limit_km2};
  }
  mosaic::Reserved reserve(const mosaic::Release& one) { return must(ledger->reserve(one)); }
  /// A release of its own.
  mosaic::Reserved enter(std::vector<mosaic::Ring> rings, std::uint64_t limit_km2 = 1'000'000) {
    return reserve(release(++transfers, std::move(rings), limit_km2));
  }
  /// Square kilometres of the area that a release is part of.
  double area(std::vector<mosaic::Ring> rings) {
    return static_cast<double>(enter(std::move(rings)).square_metres) / 1e6;
  }
};

}  // namespace hangu::test
