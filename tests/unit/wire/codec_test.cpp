#include "wire/codec.hpp"

#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

using namespace hangu;
using namespace hangu::wire;

namespace {

enum class Colour : std::uint8_t { red, green, blue };

/// Reads every kind of field once.
std::string_view read_all(ByteView bytes) {
  Reader r(bytes);
  (void)r.u8();
  (void)r.u16();
  (void)r.u32();
  (void)r.u64();
  (void)r.f64();
  (void)r.flag();
  (void)r.enumerated(Colour::blue);
  (void)r.raw(3);
  (void)r.counted(10);
  (void)r.text(10);
  (void)r.count(10);
  const auto done = r.finish();
  return done ? std::string_view("fine") : done.error().reason();
}

Bytes sample() {
  return to_bytes(Writer()
                      .u8(1)
                      .u16(0x0203)
                      .u32(0x04050607)
                      .u64(0x08090a0b0c0d0e0f)
                      .f64(1.5)
                      .flag(true)
                      .enumerated(Colour::green)
                      .raw(bytes_of("raw"))
                      .counted(bytes_of("counted"))
                      .text("函谷")
                      .count(7)
                      .bytes());
}

}  // namespace

TEST_CASE("fields are big-endian and counted by 32 bits", "[wire]") {
  CHECK(to_hex(sample()) ==
        "01"
        "0203"
        "04050607"
        "08090a0b0c0d0e0f"
        "3ff8000000000000"
        "01"
        "01"
        "726177"
        "00000007"
        "636f756e746564"
        "00000006"
        "e587bde8b0b7"
        "00000007");
}

TEST_CASE("a reader gives back what a writer wrote", "[wire]") {
  const Bytes bytes = sample();
  Reader r(bytes);
  CHECK(r.u8() == 1);
  CHECK(r.u16() == 0x0203);
  CHECK(r.u32() == 0x04050607);
  CHECK(r.u64() == 0x08090a0b0c0d0e0f);
  CHECK(r.f64() == 1.5);
  CHECK(r.flag());
  CHECK(r.enumerated(Colour::blue) == Colour::green);
  CHECK(text_of(r.raw(3)) == "raw");
  CHECK(text_of(r.counted(7)) == "counted");
  CHECK(r.text(6) == "函谷");
  CHECK(r.count(7) == 7);
  CHECK(r.remaining() == 0);
  CHECK(r.finish());
}

TEST_CASE("every cut of a message is short, every longer one trails", "[wire]") {
  const Bytes bytes = sample();
  REQUIRE(read_all(bytes) == "fine");
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    INFO(n);
    CHECK(read_all(ByteView(bytes).first(n)) == "wire-short");
  }
  Bytes longer = bytes;
  longer.push_back(std::byte{0});
  CHECK(read_all(longer) == "wire-trailing");
}

TEST_CASE("a count is bounded before anything is taken for it", "[wire]") {
  const Bytes at_limit = to_bytes(Writer().counted(bytes_of("12345")).bytes());
  Reader fits(at_limit);
  CHECK(text_of(fits.counted(5)) == "12345");
  CHECK(fits.finish());
  Reader over(at_limit);
  CHECK(over.counted(4).empty());
  CHECK(over.finish().error().reason() == "wire-too-long");

  const Bytes huge = to_bytes(Writer().u32(0xffffffff).bytes());
  Reader lying(huge);
  CHECK(lying.counted(std::numeric_limits<std::size_t>::max()).empty());
  CHECK(lying.finish().error().reason() == "wire-short");
  Reader items(huge);
  CHECK(items.count(10'000) == 0);
  CHECK(items.finish().error().reason() == "wire-too-long");
}

TEST_CASE("flags, enumerations and texts outside their values are refused", "[wire]") {
  for (const unsigned value : {2U, 3U, 255U}) {
    const Bytes bytes = to_bytes(Writer().u8(static_cast<std::uint8_t>(value)).bytes());
    Reader flag(bytes);
    (void)flag.flag();
    CHECK(flag.finish().error().reason() == "wire-value");
  }
  const Bytes last = to_bytes(Writer().u8(2).bytes());
  Reader good(last);
  CHECK(good.enumerated(Colour::blue) == Colour::blue);
  CHECK(good.finish());
  const Bytes past = to_bytes(Writer().u8(3).bytes());
  Reader bad(past);
  (void)bad.enumerated(Colour::blue);
  CHECK(bad.finish().error().reason() == "wire-value");
  const Bytes broken = to_bytes(Writer().counted(bytes_of("\xff")).bytes());
  Reader text(broken);
  CHECK(text.text(10).empty());
  CHECK_FALSE(text.finish());
}

TEST_CASE("the first failure sticks and later reads give zero", "[wire]") {
  const Bytes bytes = to_bytes(Writer().u8(9).u32(5).bytes());
  Reader r(bytes);
  (void)r.flag();
  CHECK(r.failed());
  CHECK(r.u32() == 0);
  CHECK(r.raw(1).empty());
  CHECK(r.remaining() == 0);
  r.reject("later");
  CHECK(r.finish().error().reason() == "wire-value");
  Reader rejected(bytes);
  rejected.reject("caller-says-no");
  CHECK(rejected.finish().error().reason() == "caller-says-no");
}

TEST_CASE("doubles keep their bits, also those that compare unequal", "[wire]") {
  for (const double value : {0.0, -0.0, 5e-324, std::numeric_limits<double>::infinity()}) {
    const Bytes bytes = to_bytes(Writer().f64(value).bytes());
    Reader r(bytes);
    const double back = r.f64();
    CHECK(back == value);
    CHECK(std::signbit(back) == std::signbit(value));
  }
  const Bytes bytes = to_bytes(Writer().f64(std::nan("")).bytes());
  CHECK(std::isnan(Reader(bytes).f64()));
}
