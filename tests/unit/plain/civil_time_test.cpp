#include "plain/civil_time.hpp"

#include "samples.hpp"

namespace hangu::plain {
namespace {

TEST_CASE("dates read and print by the Gregorian calendar", "[plain][time]") {
  CHECK(parse_date("1970-01-01")->days == 0);
  CHECK(parse_date("2000-02-29")->days == 11016);  // date -d 2000-02-29 +%s / 86400
  CHECK(to_text(Date{-719162}) == "0001-01-01");
  CHECK(to_text(Date{2932896}) == "9999-12-31");
  for (const std::string_view bad : {"1900-02-29", "2000-13-01", "2000-00-10", "0000-01-01",
                                     "2000-1-1", "2000-01-01 ", "", "20000-01-01"}) {
    CHECK_FALSE(parse_date(bad));
  }
  CHECK(in_range(Date{2932896}));
  CHECK_FALSE(in_range(Date{2932897}));
  CHECK_FALSE(in_range(Date{-719163}));
}

TEST_CASE("times read the forms that SQLite and GeoPackage write", "[plain][time]") {
  constexpr std::int64_t kSeen = 1'565'904'502'000;  // date -u -d 2019-08-15T21:28:22Z +%s
  for (const std::string_view text : {"2019-08-15T21:28:22Z", "2019-08-15 21:28:22",
                                      "2019-08-15T21:28:22.000Z", "2019-08-16T05:28:22+08:00"}) {
    const auto time = parse_date_time(text);
    REQUIRE(time);
    CHECK(time->milliseconds == kSeen);
  }
  CHECK(parse_date_time("2019-08-15T21:28:22.1234567Z")->milliseconds == kSeen + 123);
  CHECK(parse_date_time("2019-08-15T21:28Z")->milliseconds == kSeen - 22'000);
  CHECK(to_text(DateTime{kSeen + 7}) == "2019-08-15T21:28:22.007Z");
  CHECK(to_text(DateTime{-1}) == "1969-12-31T23:59:59.999Z");
  for (const std::string_view bad :
       {"2019-08-15", "2019-08-15T24:00:00Z", "2019-08-15T21:60:00Z", "2019-08-15T21:28:60Z",
        "2019-08-15T21:28:22.Z", "2019-08-15T21:28:22Zx", "2019-08-15T21:28:22+15:00",
        "2019-02-30T00:00:00Z", "2019-08-15T21:28:22.1234567890Z", "now"}) {
    CHECK_FALSE(parse_date_time(bad));
  }
}

}  // namespace
}  // namespace hangu::plain
