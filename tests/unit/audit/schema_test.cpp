// The closed schema of events.

#include "audit/schema.hpp"

#include <catch2/catch.hpp>

#include "audit/catalogue.hpp"

namespace hangu::audit::test {
namespace {

bool follows(std::string_view type, const char* event) {
  return follows_schema(type, wire::Json::parse(event, 65536).value());
}

}  // namespace

TEST_CASE("an event has exactly the members of its type", "[audit][schema]") {
  CHECK(follows("sequence.gap", R"({"node":"n","sequence":3,"missing":2})"));
  CHECK(follows("sequence.gap", R"({"missing":2,"node":"n","sequence":3})"));
  CHECK_FALSE(follows("sequence.gap", R"({"node":"n","sequence":3})"));
  CHECK_FALSE(follows("sequence.gap", R"({"node":"n","sequence":3,"missing":2,"more":1})"));
  CHECK_FALSE(follows("sequence.gap", R"({"node":1,"sequence":3,"missing":2})"));
  CHECK_FALSE(follows("sequence.gap", R"({"node":"n","sequence":-1,"missing":2})"));
  CHECK_FALSE(follows("sequence.gap", R"({"node":"n","sequence":1.5,"missing":2})"));
  CHECK_FALSE(follows("sequence.gap", R"({"node":"n","sequence":null,"missing":2})"));
  CHECK_FALSE(follows("sequence.gap", "[]"));
  CHECK(follows("transfer.expired", "{}"));
  CHECK_FALSE(follows("transfer.expired", R"({"node":"n"})"));
  CHECK(follows("transfer.withdrawn", "{}"));
  CHECK(follows("transfer.withdrawn", R"({"node":"n"})"));
}

TEST_CASE("members inside members are closed too", "[audit][schema]") {
  constexpr const char* kGood =
      R"({"part":1,"of":1,"objects":[{"name":"a","object":"d","output":null,"verdict":"pass","reason":"ok","actions":["x"]}]})";
  CHECK(follows("filter.inspect", kGood));
  std::string bad = kGood;
  bad.replace(bad.find("null"), 4, "true");
  CHECK_FALSE(follows("filter.inspect", bad.c_str()));
  bad = kGood;
  bad.replace(bad.find(R"("reason":"ok",)"), 14, "");
  CHECK_FALSE(follows("filter.inspect", bad.c_str()));
  CHECK(follows("filter.check", R"({"part":1,"of":1,"objects":[]})"));
  CHECK_FALSE(follows("filter.check", R"({"part":1,"of":1,"objects":{}})"));
}

TEST_CASE("every type of event has a schema and a meaning in both languages", "[audit][schema]") {
  for (const EntryType& type : catalogue()) {
    CAPTURE(type.name);
    const bool empty = event_members(type.name).empty();
    if (type.body == AllowedBody::statement) CHECK(empty);
    if (type.body == AllowedBody::event && type.name != "transfer.expired") CHECK_FALSE(empty);
    for (const Member& member : event_members(type.name)) {
      CHECK_FALSE(member.meaning_zh.empty());
      CHECK_FALSE(member.meaning_en.empty());
    }
  }
  CHECK(event_members("nothing").empty());
}

}  // namespace hangu::audit::test
