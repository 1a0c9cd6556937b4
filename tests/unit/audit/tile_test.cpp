#include "audit/tile.hpp"

#include <catch2/catch.hpp>

#include "audit/crc32c.hpp"
#include "tests/unit/audit/support.hpp"

namespace hangu::audit::test {

TEST_CASE("tiles have the names of C2SP tlog-tiles", "[audit]") {
  CHECK(tile_number_text(5) == "005");
  CHECK(tile_number_text(999) == "999");
  CHECK(tile_number_text(1000) == "x001/000");
  CHECK(tile_number_text(1'234'067) == "x001/x234/067");
  CHECK(Tile{.level = 0, .number = 5}.path() == "tile/0/005");
  CHECK(Tile{.level = 2, .number = 0, .width = 17}.path() == "tile/2/000.p/17");
  CHECK(Tile{.level = std::nullopt, .number = 1234, .width = 255}.path() ==
        "tile/entries/x001/234.p/255");
}

namespace {

std::vector<std::string> partial_paths(std::uint64_t size) {
  std::vector<std::string> paths;
  for (const Tile& tile : partial_tiles_of(size)) paths.push_back(tile.path());
  return paths;
}

}  // namespace

// Counts: the specification's arithmetic, worked out in the reference for these three sizes.
TEST_CASE("a log of 256, 70 000 and 1 000 000 entries has these tiles and no others", "[audit]") {
  using Paths = std::vector<std::string>;
  CHECK(hashes_at(256, 1) == 1);
  CHECK(hashes_at(256, 2) == 0);
  CHECK(partial_paths(256) == Paths{"tile/1/000.p/1"});

  CHECK(hashes_at(70'000, 1) == 273);
  CHECK(hashes_at(70'000, 2) == 1);
  CHECK(partial_paths(70'000) ==
        Paths{"tile/entries/273.p/112", "tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"});

  CHECK(hashes_at(1'000'000, 1) == 3906);
  CHECK(hashes_at(1'000'000, 2) == 15);
  CHECK(hashes_at(1'000'000, 3) == 0);
  CHECK(partial_paths(1'000'000) == Paths{"tile/entries/x003/906.p/64", "tile/0/x003/906.p/64",
                                          "tile/1/015.p/66", "tile/2/000.p/15"});
  CHECK(partial_paths(0).empty());
}

TEST_CASE("a bundle gives back its entries and refuses short, long and trailing bytes", "[audit]") {
  Bytes bundle;
  append_to_bundle(bundle, bytes_of("one"));
  append_to_bundle(bundle, {});
  append_to_bundle(bundle, Bytes(0xffff));
  const auto entries = parse_bundle(bundle, 3);
  REQUIRE(entries);
  CHECK(text_of((*entries)[0]) == "one");
  CHECK((*entries)[1].empty());
  CHECK((*entries)[2].size() == 0xffff);
  CHECK(parse_bundle(bundle, 2).error().reason() == "bundle-invalid");
  CHECK(parse_bundle(bundle, 4).error().reason() == "bundle-invalid");
  for (const std::size_t cut : {std::size_t{1}, std::size_t{4}, bundle.size() - 1}) {
    CHECK_FALSE(parse_bundle(ByteView(bundle).first(cut), 3));
  }
}

// RFC 3720 B.4 and the check value of CRC-32/ISCSI.
TEST_CASE("CRC-32C has the published values, in one piece and in two", "[audit]") {
  for (const auto sum : {crc32c, crc32c_by_tables}) {
    CHECK(sum(bytes_of("123456789"), 0) == 0xe3069283);
    CHECK(sum(Bytes(32), 0) == 0x8a9136aa);
    CHECK(sum(Bytes(32, std::byte{0xff}), 0) == 0x62a8ab43);
    Bytes rising(32);
    for (std::size_t i = 0; i < 32; ++i) rising[i] = static_cast<std::byte>(i);
    CHECK(sum(rising, 0) == 0x46dd794e);
    for (std::size_t cut = 0; cut <= 32; ++cut) {
      const ByteView all(rising);
      CHECK(sum(all.subspan(cut), sum(all.first(cut), 0)) == 0x46dd794e);
    }
  }
}

}  // namespace hangu::audit::test
