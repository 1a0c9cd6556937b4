// What a policy file and a catalogue may say, and what is told of one that says something else.
#include <catch2/catch.hpp>

#include "policy/policy.hpp"
#include "tests/support/must.hpp"

namespace {

using namespace hangu;
using policy::Catalogue;
using policy::Policy;
using test::must;
using test::source_file;

const Catalogue& demo_catalogue() {
  static const Catalogue kCatalogue =
      must(Catalogue::parse(source_file("policy/examples/demo.catalogue.toml")));
  return kCatalogue;
}

}  // namespace

TEST_CASE("a policy that names what the catalogue does not know says what it may have meant",
          "[policy]") {
  std::string second = source_file("policy/examples/demo.policy.toml");
  const std::size_t at = second.find("from = [\"电子政务网\"]");
  REQUIRE(at != std::string::npos);
  second.replace(at, std::string("from = [\"电子政务网\"]").size(), "from = [\"电子政务往\"]");
  const auto refused = Policy::parse(second, demo_catalogue());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason() == "policy-name-unknown");
  CHECK(refused.error().context().find("电子政务网") != std::string::npos);
  CHECK(refused.error().context().starts_with("line "));
}

TEST_CASE("unknown keys, empty lists, double ids and missing columns are refused at load",
          "[policy]") {
  const std::string good = source_file("policy/examples/demo.policy.toml");
  const auto reason_with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    const auto parsed = Policy::parse(text, demo_catalogue());
    return parsed ? std::string("loaded") : std::string(parsed.error().reason());
  };
  CHECK(reason_with("require.limit", "colour = 1\nrequire.limit") == "config-unknown-key");
  CHECK(reason_with("to = [\"互联网\"]", "to = []") == "config-value");
  CHECK(reason_with("id = \"P-002\"", "id = \"P-001\"") == "policy-rule-twice");
  CHECK(reason_with(", grade_max = \"一般\"", "") == "policy-column-missing");
  CHECK(reason_with("distinct = true", "distinct = false") == "config-value");
  CHECK(reason_with("landspace@1", "landspace@2") == "config-value");
  CHECK(reason_with("expires = 2035", "expires = 2024") == "config-value");
}

TEST_CASE("times beyond what is known, long keys and titles that turn text around are refused",
          "[policy]") {
  const std::string good = source_file("policy/examples/demo.policy.toml");
  const auto reason_with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    const auto parsed = Policy::parse(text, demo_catalogue());
    return parsed ? std::string("loaded") : std::string(parsed.error().reason());
  };
  CHECK(reason_with("effective = 2025-01-01T00:00:00+08:00", "effective = 1969-12-31T23:59:59Z") ==
        "config-value");
  CHECK(reason_with("expires = 2035-01-01T00:00:00+08:00", "expires = 9999-12-31T23:59:59-08:00") ==
        "config-value");
  CHECK(reason_with("effective = 2025-01-01T00:00:00+08:00", "effective = 2025-01-01T00:00:00") ==
        "config-value");
  CHECK(reason_with("title = \"公开成果", "title = \"\u202e公开成果") == "config-value");
  CHECK(reason_with("title = \"公开成果", "title = \"a\\nb") == "config-value");
  const auto key_of = [](std::size_t parts) {
    std::string key = "a";
    for (std::size_t i = 1; i < parts; ++i) key += ".a";
    return key;
  };
  const std::string permit = "id = \"P-001\"\n";
  CHECK(reason_with(permit, permit + key_of(33) + " = 1\n") == "config-unknown-key");
  CHECK(reason_with(permit, permit + key_of(34) + " = 1\n") == "config-syntax");
  CHECK(reason_with(permit, permit + key_of(400'000) + " = 1\n") == "config-syntax");
  CHECK(reason_with(permit, permit + "# " + key_of(400'000) + "\n") == "loaded");
  CHECK(reason_with("title = \"公开成果", "title = \"" + key_of(60)) == "loaded");
}

TEST_CASE("everything that is wrong in a policy is told in one reading, and its good rules stay",
          "[policy]") {
  std::string text = source_file("policy/examples/demo.policy.toml");
  const auto replace = [&](const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
  };
  replace("secrecy_max = \"公开\", grade_max = \"一般\"",
          "secrecy_max = \"公\", grade_max = \"一\", colour = 1");
  replace("to = [\"涉密内网\"]", "to = \"nowhere\"");
  const policy::PolicyReading reading = must(policy::read_policy(text, demo_catalogue()));
  std::vector<std::string> reasons;
  for (const Error& problem : reading.problems) {
    reasons.emplace_back(problem.reason());
    CHECK(problem.context().starts_with("line "));
  }
  CHECK(reasons == std::vector<std::string>{"config-value", "config-value", "config-unknown-key",
                                            "policy-name-unknown"});
  CHECK(reading.policy.book.rules().size() == 2);  // P-002 and F-001
  CHECK(Policy::parse(text, demo_catalogue()).error().reason() == "config-value");
}

TEST_CASE("hours are half-open, by the calendar's clock, and its odd days count", "[policy]") {
  policy::Calendar calendar;
  calendar.offset = std::chrono::hours(8);
  calendar.weekdays = {1, 2, 3, 4, 5};
  const auto day = [](int month, unsigned of_month) {
    return std::chrono::sys_days(std::chrono::year(2026) / month / static_cast<int>(of_month));
  };
  calendar.off = {day(10, 1)};    // a Thursday
  calendar.made = {day(10, 10)};  // a Saturday
  const std::vector hours{must(policy::Hours::parse("08:00-20:00"))};
  const auto within = [&](const char* time) {
    return is_within(calendar, hours, must(WallTime::parse(time)));
  };
  CHECK(within("2026-03-03T08:00:00+08:00"));
  CHECK_FALSE(within("2026-03-03T07:59:59.999+08:00"));
  CHECK(within("2026-03-03T19:59:59.999+08:00"));
  CHECK_FALSE(within("2026-03-03T20:00:00+08:00"));
  CHECK(within("2026-03-03T00:00:00Z"));  // eight o'clock there
  CHECK_FALSE(within("2026-03-07T09:00:00+08:00"));
  CHECK_FALSE(within("2026-10-01T09:00:00+08:00"));
  CHECK(within("2026-10-10T09:00:00+08:00"));
  CHECK(is_within(calendar, {}, must(WallTime::parse("2026-03-03T23:59:59+08:00"))));
  CHECK(must(policy::Hours::parse("00:00-24:00")) == policy::Hours{});
  for (const char* bad : {"", "8:00-20:00", "08:00", "08:00-08:00", "22:00-06:00", "08:60-09:00",
                          "08:00-24:01", "08:00-20:00 ", "08:00\u201320:00"}) {
    CAPTURE(bad);
    CHECK_FALSE(policy::Hours::parse(bad));
  }
}

TEST_CASE("two names of a catalogue are never the same, nor look it", "[policy]") {
  const std::string good = source_file("policy/examples/demo.catalogue.toml");
  const auto reason_with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    const auto parsed = Catalogue::parse(text);
    return parsed ? std::string("loaded") : std::string(parsed.error().reason());
  };
  CHECK(reason_with("id = \"egov\"", "id = \"internet\"") == "catalogue-twice");
  CHECK(reason_with("title_zh = \"电子政务网\"", "title_zh = \"互联网\"") == "catalogue-twice");
  CHECK(reason_with("title_en = \"e-government network\"", "title_en = \"Internet\"") ==
        "catalogue-twice");  // by case
  CHECK(reason_with("title_en = \"e-government network\"",
                    "title_en = \"\uff49nternet\"") == "catalogue-twice");  // a full-width i
  CHECK(reason_with("title_en = \"imagery\"", "title_en = \"ima\u0067ery\"") == "loaded");
  CHECK(reason_with("title_en = \"imagery\"", "title_en = \"e\u0301\"") == "config-value");
}

TEST_CASE("what waits for witnesses is a duration and two grades, all three", "[policy]") {
  const std::string good = source_file("policy/examples/demo.policy.toml");
  CHECK_FALSE(must(Policy::parse(good, demo_catalogue())).unwitnessed);
  const auto with = [&](const std::string& table) {
    std::string text = good;
    text.insert(text.find("[[permit]]"), "[unwitnessed]\n" + table + "\n\n");
    return Policy::parse(text, demo_catalogue());
  };
  const auto seconds_of = [&](const std::string& after) -> long {
    const auto policy =
        with("after = \"" + after + "\"\nsecrecy = \"internal\"\ngrade = \"general\"");
    return policy ? policy->unwitnessed->after.count() : -1;
  };
  CHECK(seconds_of("1s") == 1);
  CHECK(seconds_of("90s") == 90);
  CHECK(seconds_of("10m") == 600);
  CHECK(seconds_of("1h") == 3600);
  CHECK(seconds_of("30d") == 30 * 86'400);
  for (const char* bad : {"", "h", "0s", "01h", "-1h", "1", "1w", "1 h", "1.5h", "31d", "721h",
                          "9999999999999999999h"}) {
    CAPTURE(bad);
    CHECK(seconds_of(bad) == -1);
  }
  const auto chinese = with("after = \"1h\"\nsecrecy = \"内部\"\ngrade = \"重要\"");
  REQUIRE(chinese);
  CHECK(chinese->unwitnessed->secrecy == flow::Secrecy::internal);
  CHECK(chinese->unwitnessed->grade == flow::DataGrade::important);
  CHECK_FALSE(with("after = \"1h\"\nsecrecy = \"internal\""));
  CHECK_FALSE(with("after = \"1h\"\ngrade = \"general\""));
  CHECK_FALSE(with("secrecy = \"internal\"\ngrade = \"general\""));
  CHECK_FALSE(with("after = \"1h\"\nsecrecy = \"hidden\"\ngrade = \"general\""));
  CHECK(with("after = \"1h\"\nsecrecy = \"internal\"\ngrade = \"general\"\nelse = 1")
            .error()
            .reason() == "config-unknown-key");
}
