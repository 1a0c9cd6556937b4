#include "base/time.hpp"

#include <catch2/catch.hpp>

using namespace hangu;
using namespace std::chrono_literals;

TEST_CASE("RFC 3339 times are read to the millisecond", "[base]") {
  // Seconds from GNU date(1): date -u -d TEXT +%s. The first two are examples of RFC 3339 section
  // 5.8; its third is moved from 1937 to 2037, the others are leap seconds.
  const std::vector<std::pair<std::string, std::int64_t>> vectors{
      {"1985-04-12T23:20:50.52Z", 482196050'520},
      {"1996-12-19T16:39:57-08:00", 851042397'000},
      {"2037-01-01T12:00:27.87+00:20", 2114422827'870},
      {"1970-01-01T00:00:00Z", 0},
      {"2000-02-29T00:00:00Z", 951782400'000},
      {"2024-02-29T23:59:59.999999999Z", 1709251199'999},
      {"2026-03-01T08:00:00.000Z", 1772352000'000},
      {"2026-03-01T16:00:00+08:00", 1772352000'000},
      {"9999-12-31T23:59:59.999Z", 253402300799'999},
      {"2026-03-01T08:00:00.1Z", 1772352000'100},
      {"2026-03-01T08:00:00.0009Z", 1772352000'000}};
  for (const auto& [text, milliseconds] : vectors) {
    INFO(text);
    const auto time = WallTime::parse(text);
    REQUIRE(time);
    CHECK(time->since_epoch().count() == milliseconds);
    CHECK(*WallTime::parse(time->to_text()) == *time);
  }
  CHECK(WallTime(1772352000'000ms).to_text() == "2026-03-01T08:00:00.000Z");
  CHECK(WallTime(482196050'520ms).to_text() == "1985-04-12T23:20:50.520Z");
  CHECK(WallTime().to_text() == "1970-01-01T00:00:00.000Z");
}

TEST_CASE("what is not an RFC 3339 time between 1970 and 9999 is refused", "[base]") {
  for (const char* const text : {"",
                                 "2026-03-01",
                                 "2026-03-01T08:00Z",
                                 "2026-03-01T08:00:00",
                                 "2026-03-01 08:00:00Z",
                                 "2026-03-01t08:00:00z",
                                 "2026-3-1T08:00:00Z",
                                 "26-03-01T08:00:00Z",
                                 "2026-13-01T08:00:00Z",
                                 "2026-00-01T08:00:00Z",
                                 "2026-02-29T08:00:00Z",
                                 "2100-02-29T00:00:00Z",
                                 "2026-04-31T08:00:00Z",
                                 "2026-03-00T08:00:00Z",
                                 "2026-03-01T24:00:00Z",
                                 "2026-03-01T08:60:00Z",
                                 "2026-03-01T08:00:60Z",
                                 "2026-03-01T08:00:00.Z",
                                 "2026-03-01T08:00:00.1234567890Z",
                                 "2026-03-01T08:00:00,5Z",
                                 "2026-03-01T08:00:00+8:00",
                                 "2026-03-01T08:00:00+0800",
                                 "2026-03-01T08:00:00+08",
                                 "2026-03-01T08:00:00+24:00",
                                 "2026-03-01T08:00:00+08:60",
                                 "2026-03-01T08:00:00ZZ",
                                 "2026-03-01T08:00:00Z ",
                                 " 2026-03-01T08:00:00Z",
                                 "+2026-03-01T08:00:00Z",
                                 "1969-12-31T23:59:59Z",
                                 "1937-01-01T12:00:27.87+00:20",
                                 "1990-12-31T23:59:60Z",
                                 "1970-01-01T00:00:00+00:01",
                                 "9999-12-31T23:59:59-00:01",
                                 "-001-01-01T00:00:00Z",
                                 "2026-03-01T-8:00:00Z"}) {
    INFO(text);
    const auto refused = WallTime::parse(text);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == ErrorCode::malformed);
    CHECK(refused.error().reason() == "time-invalid");
  }
}

TEST_CASE("a manual clock stands still until told", "[base]") {
  ManualClock clock(WallTime(1000ms));
  CHECK(*clock.now() == WallTime(1000ms));
  clock.advance(500ms);
  CHECK(*clock.now() == WallTime(1500ms));
  CHECK(*clock.now() - WallTime(1000ms) == 500ms);
}
