#include "base/bytes.hpp"

#include <catch2/catch.hpp>

using namespace hangu;

TEST_CASE("base64 agrees with the vectors of RFC 4648 section 10, both ways", "[base]") {
  const std::vector<std::pair<std::string, std::string>> vectors{{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : vectors) {
    CHECK(to_base64(bytes_of(plain)) == coded);
    const auto back = from_base64(coded);
    REQUIRE(back);
    CHECK(text_of(*back) == plain);
  }
}

TEST_CASE("base64 has one spelling for each byte string", "[base]") {
  for (const char* const text :
       {"Z",    "Zg",    "Zg=",    "Zg===",  "Zm9v=", "Zm9vZg", "Zm8",       "=",
        "==",   "===",   "====",   "Z===",   "Zh==",  "Zm9=",   "Zg==Zg==",  "Zm=v",
        "Z=9v", " Zm9v", "Zm9v\n", "Zm9\nv", "Zm-v",  "Zm_v",   "Zm9v Zm9v", "Zg=\xc3\xa9"}) {
    INFO(text);
    const auto refused = from_base64(text);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == ErrorCode::malformed);
    CHECK(refused.error().reason() == "base64-invalid");
  }
  CHECK_FALSE(from_base64(std::string_view("Zm9\0", 4)));
}

TEST_CASE("every byte value survives base64 and hex", "[base]") {
  Bytes all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<std::byte>(i));
  for (std::size_t n = 0; n <= all.size(); ++n) {
    const ByteView part = ByteView(all).first(n);
    const auto from64 = from_base64(to_base64(part));
    const auto from16 = from_hex(to_hex(part));
    REQUIRE(from64);
    REQUIRE(from16);
    CHECK(equal(*from64, part));
    CHECK(equal(*from16, part));
  }
}

TEST_CASE("hex is lower case, even and nothing else", "[base]") {
  CHECK(to_hex(bytes_of("\x01\xab\xff")) == "01abff");
  CHECK(from_hex("")->empty());
  for (const char* const text : {"a", "abc", "AB", "0g", "0x01", " 01", "01 ", "-1", "\xff\xff"}) {
    INFO(text);
    const auto refused = from_hex(text);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason() == "hex-invalid");
  }
}

TEST_CASE("integers are stored big-endian", "[base]") {
  std::array<std::byte, 8> at{};
  store_u64(at, 0x0102030405060708ULL);
  CHECK(to_hex(at) == "0102030405060708");
  CHECK(load_u64(at) == 0x0102030405060708ULL);
  CHECK(load_u32(at) == 0x01020304U);
  store_u32(at, 0xfffefdfcU);
  CHECK(to_hex(at) == "fffefdfc05060708");
}
