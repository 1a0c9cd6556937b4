// The mosaic ledger at many released polygons: what check and reservation of one release take,
// beside one union of some of them, which is how it would be known without a ledger.
//
// usage: mosaic_bench [POLYGONS]    1,000,000 unless said otherwise; HANGU_BENCH_FOLDER: where the
//                                   ledger lies
// Exit status: 0 all measured, and a release is checked in under kTarget; 1 not.

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>

#include <geos_c.h>

#include "mosaic/mosaic_ledger.hpp"
#include "tests/bench/scratch_folder.hpp"

namespace {

using namespace hangu;
using Seconds = std::chrono::duration<double>;

constexpr std::size_t kPolygons = 1'000'000;
constexpr std::size_t kAtOnce = 1000;    ///< polygons of a release while the ledger is built
constexpr std::size_t kReleases = 2000;  ///< that are measured
/// Of which one union is made.
constexpr std::size_t kUnited = 20'000;
constexpr double kTarget = 0.002;  ///< seconds, median, of a check
constexpr std::uint64_t kLimit = 10'000'000;

/// Sheets of about a square kilometre, at random over China: some hang together, most do not.
class Sheets {
 public:
  mosaic::Ring next() {
    const double west = 75 + chance() * 60;
    const double south = 18 + chance() * 35;
    return {{west, south},
            {west + kWide, south + tilt()},
            {west + kWide + tilt(), south + kHigh},
            {west, south + kHigh}};
  }

 private:
  static constexpr double kWide = 0.0115;
  static constexpr double kHigh = 0.009;
  double chance() { return static_cast<double>(random_()) / std::mt19937::max(); }
  double tilt() { return chance() * 0.0005; }
  std::mt19937 random_{4};
};

/// Seconds of processor time: others on the machine cost it none.
double processor_seconds() {
  timespec at{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
  return static_cast<double>(at.tv_sec) + 1e-9 * static_cast<double>(at.tv_nsec);
}

double now() { return Seconds(std::chrono::steady_clock::now().time_since_epoch()).count(); }

TransferId transfer(std::size_t number) {
  std::string text = std::to_string(number);
  return *TransferId::create(std::string(32 - text.size(), '0') + text);
}

/// Enters `rings` as one release; the seconds that it took, or none when it failed.
std::optional<double> enter(mosaic::MosaicLedger& ledger, std::size_t number,
                            std::vector<mosaic::Ring> rings, std::uint64_t limit) {
  auto footprint = mosaic::Footprint::create(std::move(rings));
  if (!footprint) return std::nullopt;
  const mosaic::Release release{
      transfer(number), {{"portal", "imagery"}}, *std::move(footprint), limit};
  const double begun = now();
  const auto reserved = ledger.reserve(release);
  if (!reserved) {
    std::printf("failed: %s\n", reserved.error().message().c_str());
    return std::nullopt;
  }
  return now() - begun;
}

struct Spread {
  double median = 0;
  double p99 = 0;
};
Spread spread_of(std::vector<double> seconds) {
  std::ranges::sort(seconds);
  return {seconds[seconds.size() / 2], seconds[seconds.size() * 99 / 100]};
}

/// Processor seconds of one union.
double union_of(const std::vector<mosaic::Ring>& rings) {
  GEOSContextHandle_t geos = GEOS_init_r();
  std::vector<GEOSGeometry*> all;
  all.reserve(rings.size());
  for (const mosaic::Ring& ring : rings) {
    GEOSCoordSequence* const points =
        GEOSCoordSeq_create_r(geos, static_cast<unsigned>(ring.size() + 1), 2);
    for (std::size_t i = 0; i <= ring.size(); ++i)
      GEOSCoordSeq_setXY_r(geos, points, static_cast<unsigned>(i), ring[i % ring.size()].east,
                           ring[i % ring.size()].north);
    all.push_back(
        GEOSGeom_createPolygon_r(geos, GEOSGeom_createLinearRing_r(geos, points), nullptr, 0));
  }
  GEOSGeometry* const together = GEOSGeom_createCollection_r(geos, GEOS_MULTIPOLYGON, all.data(),
                                                             static_cast<unsigned>(all.size()));
  const double begun = processor_seconds();
  GEOSGeometry* const merged = GEOSUnaryUnion_r(geos, together);
  const double took = processor_seconds() - begun;
  GEOSGeom_destroy_r(geos, merged);
  GEOSGeom_destroy_r(geos, together);
  GEOS_finish_r(geos);
  return took;
}

int measure(const std::string& folder, std::size_t polygons) {
  auto ledger = mosaic::MosaicLedger::open(folder + "/mosaic.sqlite");
  if (!ledger) return EXIT_FAILURE;
  Sheets sheets;
  std::vector<mosaic::Ring> all;
  std::size_t number = 0;
  const double begun = now();
  while (all.size() < polygons) {
    std::vector<mosaic::Ring> some;
    for (std::size_t i = 0; i < kAtOnce && all.size() < polygons; ++i) {
      some.push_back(sheets.next());
      all.push_back(some.back());
    }
    if (!enter(**ledger, ++number, std::move(some), kLimit)) return EXIT_FAILURE;
  }
  const double built = now() - begun;
  std::printf("%zu polygons built in %.0f s, %.0f us each, %zu to a release; %.0f MiB\n",
              all.size(), built, built / static_cast<double>(all.size()) * 1e6, kAtOnce,
              static_cast<double>(std::filesystem::file_size(folder + "/mosaic.sqlite")) / 1048576);
  // A limit of nothing refuses each: check without entering. Then the same, entered and durable.
  std::vector<double> checked;
  std::vector<double> reserved;
  const double used = processor_seconds();
  for (std::size_t i = 0; i < kReleases; ++i) {
    const mosaic::Ring ring = sheets.next();
    const auto check = enter(**ledger, ++number, {ring}, 0);
    const auto entered = enter(**ledger, ++number, {ring}, kLimit);
    if (!check || !entered) return EXIT_FAILURE;
    checked.push_back(*check);
    reserved.push_back(*entered);
  }
  const double each = (processor_seconds() - used) / kReleases;
  const Spread check = spread_of(std::move(checked));
  const Spread reserve = spread_of(std::move(reserved));
  std::printf("check                %7.3f ms median, %7.3f ms p99\n", check.median * 1e3,
              check.p99 * 1e3);
  std::printf("check and reserve    %7.3f ms median, %7.3f ms p99 (durable)\n",
              reserve.median * 1e3, reserve.p99 * 1e3);
  std::printf("both together        %7.3f ms of the processor\n", each * 1e3);
  ledger->reset();
  const double opening = now();
  if (!mosaic::MosaicLedger::open(folder + "/mosaic.sqlite")) return EXIT_FAILURE;
  std::printf("opening              %7.1f s, the file's integrity checked\n", now() - opening);
  all.resize(std::min(all.size(), kUnited));
  const double merged = union_of(all);
  std::printf("one union of %zu   %7.1f s of the processor (GEOS): %.0f times both\n", all.size(),
              merged, merged / each);
  return check.median < kTarget ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int count, char** values) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const std::size_t polygons = count > 1 ? std::strtoull(values[1], nullptr, 10) : kPolygons;
  return bench::in_scratch_folder(
      "mosaic", [&](const std::string& folder) { return measure(folder, polygons); });
}
