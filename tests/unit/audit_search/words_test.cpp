// How texts are cut for searching.

#include "audit/search/words.hpp"

#include <catch2/catch.hpp>

#include "audit/search/query.hpp"

using namespace hangu::audit::search;
using Words = std::vector<std::string>;

TEST_CASE("texts are cut into words of letters, and Chinese into characters", "[audit]") {
  CHECK(words_of("policy-no-permit: World_Map.gpkg") ==
        Words{"policy", "no", "permit", "world", "map", "gpkg"});
  CHECK(words_of("北京市(朝阳区)2026年") ==
        Words{"北", "京", "市", "朝", "阳", "区", "2026", "年"});
  CHECK(words_of("地图map地图") == Words{"地", "图", "map", "地", "图"});
  CHECK(words_of("Größe ÅNGSTRÖM naïve") == Words{"grösse", "ångström", "naïve"});
  CHECK(words_of("MAP") == Words{"map"});                // full-width
  CHECK(words_of("𠮷野家") == Words{"𠮷", "野", "家"});  // beyond the first plane
  CHECK(words_of("、。「」!?—…").empty());
  CHECK(words_of("").empty());
  CHECK(words_of("\xff\xfe").empty());
}

TEST_CASE("a phrase is a run of words, and may be open at its end", "[audit]") {
  const Words text = words_of("北京市朝阳区地形图 draft-7");
  for (const char* in :
       {"北", "图", "朝阳", "朝阳区", "地形图", "阳区地", "draft 7", "DRAFT", "dra*", "图 draft"})
    CHECK(phrase_of(in).is_in(text));
  for (const char* not_in : {"海", "北阳", "区朝", "朝阳市", "地图", "dra", "draft 8", "7 draft"})
    CHECK_FALSE(phrase_of(not_in).is_in(text));
  CHECK_FALSE(phrase_of("、").is_in(text));
  CHECK_FALSE(phrase_of("图 draft 7 more").is_in(text));
}

TEST_CASE("a query has one spelling, and refuses what it cannot ask", "[audit]") {
  SearchQuery query;
  CHECK(query.add("secrecy", "秘密"));
  CHECK(query.add("area", "1101"));
  CHECK(query.add("decision", "deny"));
  CHECK(query.add("decision", "allow"));
  CHECK(query.add("package", "sha256-tree:12:abcd"));
  CHECK(query.add_text("地图"));
  CHECK(query.to_json().to_text() ==
        R"({"area":["1101"],"secrecy":["secret"],"decision":["allow","deny"],"package":["abcd"],)"
        R"("text":["地图"]})");
  const auto again = SearchQuery::parse(query.to_json());
  REQUIRE(again);
  CHECK(again->to_json() == query.to_json());

  for (const auto& [name, wanted] : std::vector<std::pair<std::string, std::string>>{
           {"colour", "red"},
           {"secrecy", "very"},
           {"grade", "x"},
           {"decision", "maybe"},
           {"area", "11a"},
           {"area", "1234567"},
           {"node", ""},
           {"node", std::string(kWantedBytesMax + 1, 'x')},
           {"node", "\xff"}}) {
    const auto refused = query.add(name, wanted);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason() == "query-invalid");
  }
  CHECK_FALSE(query.add_text("、"));
  CHECK(query.add("node", std::string(kWantedBytesMax, 'x')));
  SearchQuery many;
  for (std::size_t i = 0; i < kAlternativesMax; ++i)
    REQUIRE(many.add("node", "n" + std::to_string(i)));
  CHECK_FALSE(many.add("node", "one-more"));
  CHECK_FALSE(
      SearchQuery::parse(hangu::wire::JsonObject{{"colour", hangu::wire::JsonArray{"red"}}}));
}
