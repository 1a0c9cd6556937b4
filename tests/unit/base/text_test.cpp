#include "base/text.hpp"

#include <catch2/catch.hpp>

#include "base/ids.hpp"

using namespace hangu;

TEST_CASE("UTF-8 is the shortest form without surrogates, up to U+10FFFF", "[base]") {
  for (const char* const text :
       {"", "a", "函谷关", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
        "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    CHECK(is_utf8(text));
  }
  // RFC 3629 section 3 and 4: overlong, surrogate, too high, cut, stray.
  for (const char* const text :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5", "\xff", "\xe5\x87", "a\xe5", "\xe5\x87z"}) {
    CHECK_FALSE(is_utf8(text));
    const auto refused = to_nfc(text);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason() == "text-not-utf8");
  }
}

TEST_CASE("NFC composes as Unicode Annex 15 shows", "[base]") {
  const std::vector<std::pair<std::string, std::string>> examples{
      {"A\u030A", "\u00C5"},             // A, ring -> Å
      {"\u212B", "\u00C5"},              // angstrom sign -> Å
      {"\u1E0B\u0323", "\u1E0D\u0307"},  // reordered
      {"s\u0323\u0307", "\u1E69"},       // two marks
      {"\u1112\u1161\u11AB", "\uD55C"},  // Hangul jamo
      {"\uFB01", "\uFB01"},              // ligature: NFC keeps compatibility forms
      {"\u0958", "\u0915\u093C"},        // composition exclusion
      {"函谷", "函谷"}};
  for (const auto& [from, to] : examples) {
    const auto made = to_nfc(from);
    REQUIRE(made);
    CHECK(*made == to);
  }
}

TEST_CASE("names that collide on some file system have one collision key", "[base]") {
  const auto key = [](std::string_view text) {
    const auto made = to_collision_key(text);
    REQUIRE(made);
    return *made;
  };
  CHECK(key("README.TXT") == key("readme.txt"));
  CHECK(key("stra\u00DFe") == key("STRASSE"));
  CHECK(key("\uFB01le") == key("file"));
  CHECK(key("A\u030A") == key("\u00E5"));
  CHECK(key("\uFF21") == key("a"));                 // full-width A
  CHECK(key("pass\u200Bword") == key("password"));  // zero width
  CHECK(key("\u51FD") != key("\u8C37"));
  CHECK_FALSE(to_collision_key("\xff"));
}

TEST_CASE("printable text cannot steer a terminal, a log or a reader", "[base]") {
  CHECK(printable("函谷 pass-1") == "函谷 pass-1");
  CHECK(printable("a\nb") == "a\\u{a}b");
  CHECK(printable("\x1b[2J") == "\\u{1b}[2J");
  CHECK(printable(std::string_view("a\0b", 3)) == "a\\u{0}b");
  CHECK(printable("\u009B1m") == "\\u{9b}1m");                    // C1 control
  CHECK(printable("exe\u202Etxt.doc") == "exe\\u{202e}txt.doc");  // right-to-left override
  CHECK(printable("\u2066a\u2069") == "\\u{2066}a\\u{2069}");     // isolates
  CHECK(printable("a\u200Bb\uFEFF") == "a\\u{200b}b\\u{feff}");   // zero width, BOM
  CHECK(printable("a\u2028b") == "a\\u{2028}b");                  // line separator
  CHECK(printable("\uE000") == "\\u{e000}");                      // private use
  CHECK(printable("\xff\xe5") == "\\xff\\xe5");
  CHECK(printable("\\u{a}") != printable("\n"));  // an escape cannot be forged
}

TEST_CASE("printable text is cut between code points", "[base]") {
  CHECK(printable("abcd", 4) == "abcd");
  CHECK(printable("abcde", 4) == "abcd…");
  CHECK(printable("函谷关", 4) == "函谷…");
  CHECK(is_utf8(printable(std::string(1000, '\xff'))));
  CHECK(printable(std::string(1000, '\xff')).size() < 220);
}

TEST_CASE("what printable made is printable, and what it would escape is not", "[base]") {
  for (const char* text : {"函谷 pass-1", "", "a\nb", "\x1b[2J", "a\u200Bb", "\xff\xe5"}) {
    INFO(printable(text));
    CHECK(is_printable(printable(text), 100));
    CHECK(is_printable(text, 100) == (printable(text) == text));
  }
  CHECK(is_printable("abcd", 4));
  CHECK_FALSE(is_printable("abcde", 4));
}

TEST_CASE("split keeps empty pieces", "[base]") {
  using Pieces = std::vector<std::string_view>;
  CHECK(split("", ':') == Pieces{""});
  CHECK(split("a:b", ':') == Pieces{"a", "b"});
  CHECK(split(":a::", ':') == Pieces{"", "a", "", ""});
}

TEST_CASE("identifiers keep to their alphabet and length", "[base]") {
  CHECK(ZoneId::create("egov"));
  CHECK(ZoneId::create("a23456789012345"));  // 15
  for (const char* const text :
       {"", "1a", "-a", "Egov", "e_gov", "e.gov", "a234567890123456", "egov\n", "函谷"}) {
    INFO(text);
    const auto refused = ZoneId::create(text);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason() == "id-invalid");
  }
  CHECK(NodeId::create("a" + std::string(62, '.')));
  CHECK_FALSE(NodeId::create("a" + std::string(63, '.')));
  for (const char* const text : {"", ".", "..", "_a", "a/b", "A", "a b"}) {
    INFO(text);
    CHECK_FALSE(NodeId::create(text));
  }
  CHECK(TransferId::create("0123456789abcdef0123456789abcdef"));
  for (const char* const text :
       {"0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdef0",
        "0123456789ABCDEF0123456789abcdef"}) {
    CHECK_FALSE(TransferId::create(text));
  }
}
