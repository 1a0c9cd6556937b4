#include "wire/json.hpp"

#include <functional>
#include <limits>

#include <catch2/catch.hpp>

#include "base/limits.hpp"

using namespace hangu;
using namespace hangu::wire;

namespace {

constexpr std::size_t kBytesMax = 1 << 20;

/// The reason of the refusal, or "accepted".
std::string reason_of(std::string_view text, std::size_t bytes_max = kBytesMax) {
  const auto json = Json::parse(text, bytes_max);
  return json ? "accepted" : std::string(json.error().reason());
}

Json parsed(std::string_view text) {
  auto json = Json::parse(text, kBytesMax);
  INFO(text);
  REQUIRE(json);
  return std::move(*json);
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

}  // namespace

TEST_CASE("JSON that parsers disagree about is refused", "[wire][json]") {
  using namespace std::string_literals;
  const std::vector<std::pair<std::string, std::string>> table{
      {R"({"a":1,"a":2})", "json-duplicate-key"},
      {R"({"a":1,"\u0061":2})", "json-duplicate-key"},
      {R"({"x":{"a":1,"b":{"a":1},"a":2}})", "json-duplicate-key"},
      {"{} {}", "json-syntax"},
      {"{}x", "json-syntax"},
      {"{}\0"s, "json-syntax"},
      {"{}\0{\"a\":1}"s, "json-syntax"},
      {"[1,]", "json-syntax"},
      {R"({"a":1,})", "json-syntax"},
      {"{a:1}", "json-syntax"},
      {"{'a':1}", "json-syntax"},
      {"NaN", "json-syntax"},
      {"Infinity", "json-syntax"},
      {"-Infinity", "json-syntax"},
      {"// c\n1", "json-syntax"},
      {"/* c */ 1", "json-syntax"},
      {"01", "json-syntax"},
      {"+1", "json-syntax"},
      {".5", "json-syntax"},
      {"1.", "json-syntax"},
      {"0x10", "json-syntax"},
      {"tru", "json-syntax"},
      {"", "json-syntax"},
      {" ", "json-syntax"},
      {"\"a\nb\"", "json-syntax"},
      {"\"\\x41\"", "json-syntax"},
      {R"("\ud800")", "json-syntax"},
      {R"("\udc00\ud800")", "json-syntax"},
      {"\xef\xbb\xbf{}", "json-syntax"},
      {"\"\xff\"", "json-not-utf8"},
      {"\"\xed\xa0\x80\"", "json-not-utf8"},
      {"\"\xc0\xaf\"", "json-not-utf8"},
      {"18446744073709551616", "json-number"},
      {"9223372036854775808", "json-number"},
      {"-9223372036854775809", "json-number"},
      {"123456789012345678901234567890", "json-number"},
  };
  for (const auto& [text, reason] : table) {
    INFO(text);
    CHECK(reason_of(text) == reason);
  }
  CHECK(reason_of("1e400") != "accepted");
  CHECK(reason_of("-1e400") != "accepted");
  CHECK(reason_of(R"("\u0000")") != "accepted");
  CHECK(reason_of(R"({"\u0000":1})") != "accepted");
}

TEST_CASE("JSON is nested up to its bound and not one deeper", "[wire][json]") {
  CHECK(reason_of(nested(kJsonDepthMax)) == "accepted");
  CHECK(reason_of(nested(kJsonDepthMax + 1)) == "json-too-deep");
  CHECK(reason_of(std::string(100'000, '[')) == "json-too-deep");
  std::string objects;
  for (std::size_t i = 0; i <= kJsonDepthMax; ++i) objects += R"({"a":)";
  CHECK(reason_of(objects) == "json-too-deep");
}

TEST_CASE("JSON is as long as its bound and not one byte longer", "[wire][json]") {
  CHECK(reason_of("[1,2]", 5) == "accepted");
  CHECK(reason_of("[1,2]", 4) == "json-too-long");
  CHECK(Json::parse("[1,2]", 4).error().code() == ErrorCode::exhausted);
}

TEST_CASE("JSON keeps the kinds of values apart", "[wire][json]") {
  const Json json =
      parsed(R"({"n":null,"t":true,"i":-9223372036854775808,"j":9223372036854775807,"d":1.0,)"
             R"("e":1e3,"s":"函\u8c37\ud83d\ude00\n","a":[1,"2",[]],"o":{}})");
  CHECK(json.find("n")->is_null());
  CHECK(*json.find("t")->as_bool());
  CHECK(*json.find("i")->as_integer() == std::numeric_limits<std::int64_t>::min());
  CHECK(*json.find("j")->as_integer() == std::numeric_limits<std::int64_t>::max());
  CHECK(json.find("d")->as_integer() == nullptr);
  CHECK(json.find("d")->as_double() == 1.0);
  CHECK(json.find("e")->as_double() == 1000.0);
  CHECK(json.find("i")->as_bool() == nullptr);
  CHECK(*json.find("s")->as_string() == "函谷😀\n");
  CHECK(json.find("a")->as_array()->size() == 3);
  CHECK(json.find("o")->as_object()->empty());
  CHECK(json.find("absent") == nullptr);
}

TEST_CASE("what is written reads back equal, in one spelling", "[wire][json]") {
  for (const char* const text :
       {"null", "true", "0", "-1", "9223372036854775807", "1.0", "-0.5", "1e+300", "5e-324", "\"\"",
        R"("a\"\\\n\r\t\u0001\u007f函")", "[]", "{}", R"([1,[2,{"b":1,"a":null}],"x"])"}) {
    INFO(text);
    const Json json = parsed(text);
    CHECK(json.to_text() == text);
    CHECK(parsed(json.to_pretty_text()) == json);
  }
  // Order is kept, white space is not.
  CHECK(parsed(" { \"b\" : 1 , \"a\" : [ ] } ").to_text() == R"({"b":1,"a":[]})");
  CHECK(Json(JsonObject{{"z", 1}, {"a", 2.0}}).to_text() == R"({"z":1,"a":2.0})");
}

TEST_CASE("fields of a closed object are each read once, by type and range", "[wire][json]") {
  const Json json = parsed(R"({"name":"abc","count":5,"ratio":2,"on":false,"tags":["x","y"]})");
  Fields f(json, "thing");
  CHECK(f.text("name", 3) == "abc");
  CHECK(f.integer("count", 5, 5) == 5);
  CHECK(f.number("ratio") == 2.0);
  CHECK_FALSE(f.boolean("on"));
  CHECK(f.texts("tags", 2, 1) == std::vector<std::string>{"x", "y"});
  CHECK_FALSE(f.optional_text("absent", 10));
  CHECK_FALSE(f.optional_integer("absent", 0, 1));
  CHECK(f.optional_value("absent") == nullptr);
  CHECK(f.finish());
}

TEST_CASE("a closed object refuses what is unknown, missing, mistyped or out of range",
          "[wire][json]") {
  const auto refusal = [](const char* text, const std::function<void(Fields&)>& read) {
    const Json json = parsed(text);
    Fields f(json, "thing");
    read(f);
    const auto done = f.finish();
    return done ? std::string("accepted") : std::string(done.error().reason());
  };
  CHECK(refusal(R"({"a":1})", [](Fields&) {}) == "field-unknown");
  CHECK(refusal("{}", [](Fields& f) { f.text("a", 9); }) == "field-missing");
  CHECK(refusal("{}", [](Fields& f) { f.integer("a", 0, 9); }) == "field-missing");
  CHECK(refusal("{}", [](Fields& f) { f.boolean("a"); }) == "field-missing");
  CHECK(refusal("{}", [](Fields& f) { f.array("a", 9); }) == "field-missing");
  CHECK(refusal(R"({"a":1})", [](Fields& f) { f.text("a", 9); }) == "field-type");
  CHECK(refusal(R"({"a":null})", [](Fields& f) { f.optional_text("a", 9); }) == "field-type");
  CHECK(refusal(R"({"a":"1"})", [](Fields& f) { f.integer("a", 0, 9); }) == "field-type");
  CHECK(refusal(R"({"a":1.0})", [](Fields& f) { f.integer("a", 0, 9); }) == "field-type");
  CHECK(refusal(R"({"a":1})", [](Fields& f) { f.boolean("a"); }) == "field-type");
  CHECK(refusal(R"({"a":["x",1]})", [](Fields& f) { f.texts("a", 9, 9); }) == "field-type");
  CHECK(refusal("[]", [](Fields&) {}) == "field-type");
  CHECK(refusal(R"({"a":"abcd"})", [](Fields& f) { f.text("a", 3); }) == "field-range");
  CHECK(refusal(R"({"a":10})", [](Fields& f) { f.integer("a", 0, 9); }) == "field-range");
  CHECK(refusal(R"({"a":-1})", [](Fields& f) { f.integer("a", 0, 9); }) == "field-range");
  CHECK(refusal(R"({"a":[1,2]})", [](Fields& f) { f.array("a", 1); }) == "field-range");
  CHECK(refusal(R"({"a":1})", [](Fields& f) {
          f.integer("a", 0, 9);
          f.reject("a", "not today");
        }) == "field-invalid");
}
