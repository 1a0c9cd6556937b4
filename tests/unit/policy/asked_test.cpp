#include "policy/asked.hpp"

#include <catch2/catch.hpp>

#include "policy/policy.hpp"
#include "tests/support/must.hpp"
#include "tests/support/policy_questions.hpp"

namespace {

using namespace hangu;
using policy::Catalogue;
using test::must;
using test::PolicyMaker;

const Catalogue& made_catalogue() {
  static const Catalogue kCatalogue = must(Catalogue::parse(PolicyMaker::catalogue_toml()));
  return kCatalogue;
}

wire::Json with(const wire::Json& json, const std::string& key, const wire::Json& value) {
  wire::JsonObject members = *json.as_object();
  for (auto& [name, member] : members)
    if (name == key) member = value;
  return members;
}

}  // namespace

TEST_CASE("what was asked comes back from the record as the same question", "[policy]") {
  PolicyMaker maker(3);
  const policy::Policy policy =
      must(policy::Policy::parse(PolicyMaker::policy_toml(maker.rules(30)), made_catalogue()));
  for (int i = 0; i < 2000; ++i) {
    const policy::Request request = *test::record_of(maker.request(), made_catalogue());
    const wire::Json json = asked_json(request, made_catalogue());
    const policy::Asked again = must(read_asked(
        must(wire::Json::parse(json.to_text(), policy::kAskedBytesMax)), made_catalogue()));
    CHECK(again.unknown.empty());
    CHECK(again.catalogue == "made@1");
    CHECK(asked_json(again.request, made_catalogue()) == json);
    REQUIRE(policy.book.judge(again.request) == policy.book.judge(request));
  }
}

TEST_CASE(
    "a record with a name that the catalogue lacks is told; one that is not whole is no record",
    "[policy]") {
  policy::Request request;
  request.classes = {0};
  request.areas = {*policy::Area::parse("33")};
  const wire::Json json = asked_json(request, made_catalogue());
  CHECK(must(read_asked(with(json, "to", "z9"), made_catalogue())).unknown == "z9");
  CHECK(must(read_asked(with(json, "classes", wire::JsonArray{"c0", "c9"}), made_catalogue()))
            .unknown == "c9");
  // A level that is not in the catalogue is not known, as when it is decided.
  CHECK(must(read_asked(with(json, "nodeLevel", "n9"), made_catalogue())).unknown.empty());
  for (const auto& [key, value] :
       std::vector<std::pair<std::string, wire::Json>>{{"from", nullptr},
                                                       {"secrecy", "lower"},
                                                       {"areas", wire::JsonArray{"99"}},
                                                       {"scale", 0},
                                                       {"at", "yesterday"},
                                                       {"inside", wire::JsonArray{}}}) {
    INFO(key);
    CHECK_FALSE(read_asked(with(json, key, value), made_catalogue()));
  }
  wire::JsonObject more = *json.as_object();
  more.emplace_back("more", 1);
  CHECK_FALSE(read_asked(more, made_catalogue()));
  more.pop_back();
  more.pop_back();
  CHECK_FALSE(read_asked(more, made_catalogue()));
}

TEST_CASE("times are on record to the minute, which is all that rules look at", "[policy]") {
  policy::Request request;
  request.classes = {0};
  request.at = must(WallTime::parse("2026-03-03T09:00:59.999+08:00"));
  CHECK(*asked_json(request, made_catalogue()).find("at")->as_string() ==
        "2026-03-03T01:00:00.000Z");
}

TEST_CASE("what was asked is on record when it fits, and not when it is too long", "[policy]") {
  policy::Request request;
  request.classes = {0};
  request.areas.assign(1500, *policy::Area::parse("330106"));
  const wire::Json fits = asked_json(request, made_catalogue());
  CHECK_FALSE(fits.is_null());
  CHECK(fits.to_text().size() <= policy::kAskedBytesMax);
  request.areas.assign(2000, *policy::Area::parse("330106"));
  CHECK(asked_json(request, made_catalogue()).is_null());
}
