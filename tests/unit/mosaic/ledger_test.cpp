// What is contiguous, how large it is, and what is refused.

#include <algorithm>

#include "mosaic/ground_area.hpp"
#include "mosaic/limits.hpp"
#include "tests/unit/mosaic/town.hpp"

using namespace hangu;
using test::box;
using test::must;
using test::Town;

namespace {

constexpr double kHundredMetresNorth = 100 / 110'574.0;  ///< degrees, on the equator

double km2(const mosaic::Ring& ring) { return mosaic::ground_area(ring) / 1e6; }

}  // namespace

TEST_CASE("a release that fits is entered, one that does not is not, and a metre decides",
          "[mosaic]") {
  // About 24.7 square kilometres, and a strip beside it that brings it to just under and over 25.
  const mosaic::Ring sheet = box(116, 0, 116.05, 0.04);
  const double rest = (25e6 - mosaic::ground_area(sheet)) / mosaic::ground_area(box(0, 0, 1, 0.04));
  Town town;
  CHECK(town.enter({sheet}, 25).fits);
  const mosaic::Reserved over = town.enter({box(116.05, 0, 116.05 + rest * 1.0001, 0.04)}, 25);
  CHECK_FALSE(over.fits);
  CHECK(over.number == 0);
  CHECK(over.square_metres > 25'000'000);
  const mosaic::Reserved under = town.enter({box(116.05, 0, 116.05 + rest * 0.9999, 0.04)}, 25);
  CHECK(under.fits);
  CHECK(under.number == 2);  // what did not fit took no number
  CHECK(under.square_metres <= 25'000'000);
  CHECK_FALSE(town.enter({box(116.02, 0.04, 116.03, 0.05)}, 25).fits);
  CHECK(town.enter({box(117, 0, 117.01, 0.01)}, 25).fits);  // elsewhere there is room
  CHECK(must(town.ledger->last()) == 3);
}

TEST_CASE("what overlaps is counted once, and what is released again adds nothing", "[mosaic]") {
  Town town;
  CHECK(town.area({box(116, 39, 116.02, 39.02)}) == Approx(km2(box(116, 39, 116.02, 39.02))));
  CHECK(town.area({box(116, 39, 116.02, 39.02)}) == Approx(km2(box(116, 39, 116.02, 39.02))));
  CHECK(town.area({box(116.01, 39, 116.03, 39.02)}) == Approx(km2(box(116, 39, 116.03, 39.02))));
  CHECK(town.area({box(115.99, 38.99, 116.04, 39.03)}) ==
        Approx(km2(box(115.99, 38.99, 116.04, 39.03))));
  // Also within one release.
  CHECK(town.area({box(100, 30, 100.02, 30.02), box(100.01, 30, 100.03, 30.02)}) ==
        Approx(km2(box(100, 30, 100.03, 30.02))));
}

TEST_CASE("edges and corners that touch, and gaps up to a hundred metres, are contiguous",
          "[mosaic]") {
  const mosaic::Ring first = box(116, 0, 116.01, 0.01);
  const auto with = [&](const mosaic::Ring& second) {
    Town town;
    (void)town.area({first});
    return town.area({second}) > km2(second) * 1.5;
  };
  CHECK(with(box(116.01, 0, 116.02, 0.01)));     // an edge
  CHECK(with(box(116.01, 0.01, 116.02, 0.02)));  // a corner
  const double north = 0.01 + kHundredMetresNorth;
  CHECK(with(box(116, north - 1e-5, 116.01, north + 0.01)));
  CHECK_FALSE(with(box(116, north + 1e-5, 116.01, north + 0.01)));
  // Far north a degree of longitude is shorter: ninety metres are contiguous, two hundred are not.
  Town town;
  (void)town.area({box(116, 60, 116.01, 60.01)});
  const mosaic::Ring near = box(116.01 + 90 / 55'800.0, 60, 116.03, 60.01);
  CHECK(town.area({near}) > km2(near) * 1.2);
  const mosaic::Ring far = box(115.98, 60, 116 - 200 / 55'800.0, 60.01);
  CHECK(town.area({far}) == Approx(km2(far)));
}

TEST_CASE("a bridge makes one area of two, and a ring keeps its hole", "[mosaic]") {
  Town town;
  const double one = town.area({box(116, 0, 116.01, 0.01)});
  CHECK(town.area({box(116.02, 0, 116.03, 0.01)}) == Approx(one));
  CHECK(town.area({box(116.005, 0.004, 116.025, 0.006)}) ==
        Approx(2 * one + km2(box(116.01, 0.004, 116.02, 0.006))));
  Town ring;
  const double around = ring.area({box(100, 0, 100.03, 0.01), box(100, 0.02, 100.03, 0.03),
                                   box(100, 0.01, 100.01, 0.02), box(100.02, 0.01, 100.03, 0.02)});
  CHECK(around == Approx(km2(box(100, 0, 100.03, 0.03)) - km2(box(100.01, 0.01, 100.02, 0.02))));
  CHECK(ring.area({box(100.005, 0.005, 100.025, 0.025)}) == Approx(km2(box(100, 0, 100.03, 0.03))));
}

TEST_CASE("each receiver and family has a mosaic of its own, and a release must fit all of its",
          "[mosaic]") {
  using mosaic::Account;
  Town town;
  const auto reserve = [&](mosaic::Ring ring, std::set<Account> accounts) {
    return town.reserve(Town::release(++town.transfers, {std::move(ring)}, 2, std::move(accounts)));
  };
  const Account portal{"portal", "imagery"};
  const Account mirror{"mirror", "imagery"};
  const Account heights{"portal", "elevation"};
  CHECK(reserve(box(116, 0, 116.01, 0.01), {portal}).fits);
  CHECK(reserve(box(116.01, 0, 116.02, 0.01), {mirror}).fits);
  CHECK(reserve(box(116.01, 0, 116.02, 0.01), {heights}).fits);
  CHECK_FALSE(reserve(box(116.01, 0, 116.02, 0.01), {mirror, portal}).fits);
  // It was entered in neither.
  CHECK(reserve(box(116.02, 0, 116.025, 0.01), {mirror}).square_metres ==
        Approx(km2(box(116.01, 0, 116.025, 0.01)) * 1e6).margin(2));
}

TEST_CASE("a transfer finds its own reservation; under another limit it is looked at anew",
          "[mosaic]") {
  Town town;
  const auto first = Town::release(1, {box(116, 0, 116.01, 0.01)}, 2);
  const mosaic::Reserved reserved = town.reserve(first);
  CHECK(reserved.fits);
  CHECK(town.reserve(Town::release(2, {box(116.01, 0, 116.02, 0.01)}, 3)).fits);
  CHECK(town.reserve(first) == reserved);  // though more hangs together by now
  CHECK(must(town.ledger->last()) == 2);
  CHECK_FALSE(town.reserve(Town::release(1, {box(116, 0, 116.01, 0.01)}, 1)).fits);
  const mosaic::Reserved again = town.reserve(Town::release(1, {box(116, 0, 116.01, 0.01)}, 4));
  CHECK(again.fits);
  CHECK(again.number == 3);
  CHECK(again.square_metres == Approx(km2(box(116, 0, 116.02, 0.01)) * 1e6).margin(2));
}

TEST_CASE("what was reserved is there after a restart, committed or not", "[mosaic]") {
  Town town;
  CHECK(town.enter({box(116, 0, 116.01, 0.01)}, 2).fits);
  CHECK(town.enter({box(117, 0, 117.01, 0.01)}, 2).fits);
  REQUIRE(town.ledger->commit(1));
  CHECK(must(town.ledger->uncommitted()) == 1);
  town.open_again();
  CHECK(must(town.ledger->last()) == 2);
  CHECK(must(town.ledger->uncommitted()) == 1);
  CHECK_FALSE(town.enter({box(116.01, 0, 116.02, 0.01)}, 2).fits);
  CHECK_FALSE(town.enter({box(117.01, 0, 117.02, 0.01)}, 2).fits);
}

TEST_CASE("areas hang together across the antimeridian and about the poles", "[mosaic]") {
  Town town;
  const double east = town.area({box(179.99, 0, 180, 0.01)});
  CHECK(town.area({box(-180, 0, -179.99, 0.01)}) == Approx(2 * east));
  CHECK(town.area({box(-180, 1, -179.99, 1.01)}) == Approx(east).epsilon(1e-3));
  const mosaic::Ring polar = box(0, 89.9995, 10, 90);
  const double cap = town.area({polar});
  CHECK(town.area({box(170, 89.9995, 175, 90)}) == Approx(cap * 1.5).margin(2e-6));
}

TEST_CASE("a footprint without shape, off the earth or beyond the bounds is refused", "[mosaic]") {
  using mosaic::Footprint;
  CHECK(Footprint::create({{{0, 0}, {1, 1}}}).error().reason() == "footprint-invalid");
  CHECK(Footprint::create({box(179, 0, 180.0001, 1)}).error().reason() == "footprint-invalid");
  CHECK(Footprint::create({box(0, 0, 1, 90.0001)}).error().reason() == "footprint-invalid");
  CHECK(Footprint::create({box(0, 0, 1, std::nan(""))}).error().reason() == "footprint-invalid");
  CHECK(Footprint::create(std::vector(mosaic::kPolygonsMax, box(0, 0, 1, 1))));
  CHECK(
      Footprint::create(std::vector(mosaic::kPolygonsMax + 1, box(0, 0, 1, 1))).error().reason() ==
      "footprint-limit");
  mosaic::Ring long_one;
  for (std::size_t i = 0; i <= mosaic::kPointsMax; ++i)
    long_one.push_back({static_cast<double>(i) * 1e-3, 0});
  CHECK(Footprint::create({long_one}).error().reason() == "footprint-limit");
  long_one.pop_back();
  CHECK(Footprint::create({long_one}));

  Town town;
  const auto reason = [&](const mosaic::Release& one) {
    const auto made = town.ledger->reserve(one);
    return made ? std::string("ok") : std::string(made.error().reason());
  };
  CHECK(reason(Town::release(1, {{{0, 0}, {1, 1}, {1, 0}, {0, 1}}})) == "footprint-invalid");
  CHECK(reason(Town::release(1, {{{0, 0}, {1, 1}, {2, 2}}})) == "footprint-invalid");
  CHECK(reason(Town::release(1, {box(0, 0, 1, 1)}, 1, {})) == "mosaic-limit");
  const std::string name(mosaic::kNameBytesMax + 1, 'n');
  CHECK(reason(Town::release(1, {box(0, 0, 1, 1)}, 1, {{name, "imagery"}})) == "mosaic-limit");
  CHECK(must(town.ledger->last()) == 0);
  CHECK(town.enter({box(0, 0, 1, 1)}).fits);  // and goes on
}

TEST_CASE("a ledger has one keeper, and one that was damaged is not gone on with", "[mosaic]") {
  Town town;
  CHECK(town.enter({box(0, 0, 1, 1)}).fits);
  CHECK(mosaic::MosaicLedger::open(town.folder / "mosaic.sqlite").error().reason() ==
        "mosaic-in-use");
  town.ledger.reset();
  std::filesystem::resize_file(town.folder / "mosaic.sqlite", 5000);
  CHECK(mosaic::MosaicLedger::open(town.folder / "mosaic.sqlite").error().reason() ==
        "mosaic-corrupt");
}
