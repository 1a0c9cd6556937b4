#include "audit/export/line_text.hpp"

#include <catch2/catch.hpp>

#include "base/text.hpp"

namespace hangu::audit::test {
namespace {

using namespace std::string_literals;

/// What a sender may put into a name to break a line, and what must stand in its place.
struct Hostile {
  std::string text;
  std::string shown;
};
const std::vector<Hostile>& hostile() {
  static const std::vector<Hostile> kAll{
      {"a\nb", "a\\u{a}b"},
      {"a\r\nb", "a\\u{d}\\u{a}b"},
      {"a\0b"s, "a\\u{0}b"},
      {"a\\b", "a\\u{5c}b"},
      {"a\u2028b\u2029c", "a\\u{2028}b\\u{2029}c"},
      {"a\u202egpj.exe", "a\\u{202e}gpj.exe"},
      {"\u2066a\u2069", "\\u{2066}a\\u{2069}"},
      {"a\u200bb\ufeffc", "a\\u{200b}b\\u{feff}c"},
      {"a\xffz", "a\\xffz"},
      {"a\xc0\xafz", "a\\xc0\\xafz"},           // an overlong '/'
      {"a\xed\xa0\x80z", "a\\xed\\xa0\\x80z"},  // a surrogate
      {"a\x1b[2Jb", "a\\u{1b}[2Jb"},
      {"省界|=]\"", "省界|=]\""},
  };
  return kAll;
}

}  // namespace

TEST_CASE("what breaks a line or misleads an eye is escaped in it", "[export]") {
  for (const Hostile& one : hostile()) CHECK(line_text(one.text) == one.shown);
}

TEST_CASE("a text of the longest length stays, and a longer one is cut with an ellipsis",
          "[export]") {
  const std::string longest(kExportTextBytesMax, 'x');
  CHECK(line_text(longest) == longest);
  CHECK(line_text(longest + "x") == longest + "…");
  const std::string huge = line_text(std::string(64 * 1024, 'x'));
  CHECK(huge == longest + "…");
  CHECK(is_utf8(line_text(std::string(kExportTextBytesMax - 1, 'x') + "省省")));
}

TEST_CASE("several texts stand in one, cut as one", "[export]") {
  CHECK(line_texts({}).empty());
  CHECK(line_texts({"a", "b c", "d"}) == "a b c d");
  const std::vector<std::string> many(10'000, "rule");
  CHECK(line_texts(many).size() <= kExportTextBytesMax + 3);
}

// RFC 5424 §6.3.3.
TEST_CASE("structured data escapes quote, backslash and bracket, and nothing else", "[export]") {
  CHECK(escape_structured(R"(a"b\c]d)") == R"(a\"b\\c\]d)");
  CHECK(escape_structured("[a=b|c'd") == "[a=b|c'd");
  CHECK(escape_structured("\\\\]]") == "\\\\\\\\\\]\\]");
}

// RFC 5424 §6: header fields are PRINTUSASCII of a bounded length, or NILVALUE.
TEST_CASE("a header field of a syslog line has no space, no control and no more than its length",
          "[export]") {
  CHECK(syslog_token("gw-demo", 255) == "gw-demo");
  CHECK(syslog_token("", 255) == "-");
  CHECK(syslog_token("a b\nc\x7f省", 255) == "a_b_c____");
  CHECK(syslog_token(std::string(33, 'x'), 32) == std::string(32, 'x'));
  CHECK(syslog_token(std::string(32, 'x'), 32) == std::string(32, 'x'));
}

// The examples of "Implementing ArcSight Common Event Format", section "Character Encoding".
TEST_CASE("CEF escapes as its specification's examples do", "[export]") {
  CHECK(escape_cef_header("detected a | in message") == R"(detected a \| in message)");
  CHECK(escape_cef_header(R"(detected a \ in packet)") == R"(detected a \\ in packet)");
  CHECK(escape_cef_header("detected a = in message") == "detected a = in message");
  CHECK(escape_cef_value("blocked a |") == "blocked a |");
  CHECK(escape_cef_value(R"(blocked a \)") == R"(blocked a \\)");
  CHECK(escape_cef_value("blocked a =") == R"(blocked a \=)");
  CHECK(escape_cef_value("Detected a threat.\n No action needed.") ==
        R"(Detected a threat.\n No action needed.)");
  CHECK(escape_cef_value("a\rb") == R"(a\rb)");
  CHECK(escape_cef_header("a\nb\rc") == "a b c");
}

// RFC 4180 §2, rules 5 to 7.
TEST_CASE("CSV quotes separators, line breaks and quotes", "[export]") {
  CHECK(escape_csv("aaa") == "aaa");
  CHECK(escape_csv("").empty());
  CHECK(escape_csv("b\r\nbb") == "\"b\r\nbb\"");
  CHECK(escape_csv("b\"bb") == "\"b\"\"bb\"");
  CHECK(escape_csv("a,b") == "\"a,b\"");
}

TEST_CASE("no cell of a table begins as a formula", "[export]") {
  for (const char* start : {"=", "+", "-", "@", "\t", "\uff1d", "\uff0b", "\uff0d", "\uff20"})
    CHECK(escape_csv(std::string(start) + "cmd|' /C calc'!A0") ==
          "'" + std::string(start) + "cmd|' /C calc'!A0");
  CHECK(escape_csv("\r=1") == "\"'\r=1\"");
  CHECK(escape_csv("=1,2") == "\"'=1,2\"");
  CHECK(escape_csv("a=1") == "a=1");
  CHECK(escape_csv("'=1") == "'=1");
}

}  // namespace hangu::audit::test
