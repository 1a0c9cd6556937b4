// TIFF files are made here by hand, so that the walker is not tested against the writer alone.

#include <algorithm>
#include <cmath>
#include <cstring>

#include "check/crs_facts.hpp"
#include "check/tiff_walker.hpp"
#include "tests/unit/check/made.hpp"

namespace hangu::check {
namespace {

using test::kTiff;
using test::put_u16_le;
using test::put_u32_le;
using test::verdict_of;

struct Entry {
  unsigned tag;
  unsigned type;  // 2 ASCII, 3 SHORT, 4 LONG, 12 DOUBLE
  Bytes values;
  std::uint32_t count;
};

Bytes shorts(std::initializer_list<unsigned> values) {
  Bytes out(values.size() * 2);
  std::size_t at = 0;
  for (const unsigned value : values) put_u16_le(out, std::exchange(at, at + 2), value);
  return out;
}
Bytes longs(std::initializer_list<std::uint32_t> values) {
  Bytes out(values.size() * 4);
  std::size_t at = 0;
  for (const std::uint32_t value : values) put_u32_le(out, std::exchange(at, at + 4), value);
  return out;
}
Bytes doubles(std::initializer_list<double> values) {
  Bytes out;
  for (const double value : values) {
    std::array<std::byte, 8> raw;
    std::memcpy(raw.data(), &value, 8);
    append(out, raw);
  }
  return out;
}
Entry entry(unsigned tag, unsigned type, Bytes values) {
  const std::size_t size = type == 2 ? 1 : type == 3 ? 2 : type == 4 ? 4 : 8;
  const auto count = static_cast<std::uint32_t>(values.size() / size);
  return {tag, type, std::move(values), count};
}
Entry text(unsigned tag, std::string_view value) {
  Bytes bytes = to_bytes(value);
  bytes.push_back(std::byte{0});
  return entry(tag, 2, std::move(bytes));
}

/// A small TIFF: directory, values, tiles, in this order and without a gap.
struct HandMade {
  std::vector<Entry> entries;
  std::vector<Bytes> tiles;
  std::size_t gap = 0;  // before the first tile
  std::uint32_t next_directory = 0;
  std::size_t trailing = 0;

  [[nodiscard]] Bytes bytes() const {
    Bytes out = to_bytes(std::string_view("II*\0\x08\0\0\0", 8));
    const std::size_t directory = 2 + entries.size() * 12 + 4;
    std::size_t at = 8 + directory;
    for (const Entry& e : entries) at += e.values.size() > 4 ? e.values.size() : 0;
    std::vector<std::uint32_t> offsets;
    std::size_t tile_at = at + gap;
    for (const Bytes& tile : tiles) {
      offsets.push_back(static_cast<std::uint32_t>(tile_at));
      tile_at += tile.size();
    }
    out.resize(8 + directory);
    put_u16_le(out, 8, static_cast<unsigned>(entries.size()));
    for (std::size_t i = 0; i < entries.size(); ++i) {
      Entry e = entries[i];
      if (e.tag == 324) {
        for (std::size_t t = 0; t < tiles.size(); ++t) put_u32_le(e.values, t * 4, offsets[t]);
      }
      const std::size_t place = 10 + i * 12;
      put_u16_le(out, place, e.tag);
      put_u16_le(out, place + 2, e.type);
      put_u32_le(out, place + 4, e.count);
      if (e.values.size() <= 4) {
        std::ranges::copy(e.values, out.begin() + static_cast<std::ptrdiff_t>(place) + 8);
      } else {
        put_u32_le(out, place + 8, static_cast<std::uint32_t>(out.size()));
        append(out, e.values);
      }
    }
    put_u32_le(out, 8 + directory - 4, next_directory);
    out.resize(out.size() + gap);
    for (const Bytes& tile : tiles) append(out, tile);
    out.resize(out.size() + trailing);
    return out;
  }

  Entry& at(unsigned tag) { return *std::ranges::find(entries, tag, &Entry::tag); }
  void put(Entry e) {
    const auto place = std::ranges::lower_bound(entries, e.tag, {}, &Entry::tag);
    entries.insert(place, std::move(e));
  }
  void drop(unsigned tag) {
    std::erase_if(entries, [&](const Entry& e) { return e.tag == tag; });
  }
};

constexpr std::size_t kTileBytes = 256 * 256 * 2;

plain::Raster hand_raster() {
  plain::Raster raster;
  raster.width = 300;
  raster.height = 2;
  raster.sample = plain::SampleType::u16;
  raster.transform = {{500'000, 10, 0, 3'000'000, 0, -10}};
  raster.crs = {.kind = plain::Crs::Kind::epsg, .code = 4547, .text = {}};
  raster.bands = {{plain::Colour::gray, 0.0}};
  return raster;
}

/// What `hand_raster` is as TIFF, its samples as plain::test::samples_of gives them.
HandMade right() {
  HandMade tiff;
  tiff.entries = {
      entry(256, 3, shorts({300})),
      entry(257, 3, shorts({2})),
      entry(258, 3, shorts({16})),
      entry(259, 3, shorts({1})),
      entry(262, 3, shorts({1})),
      entry(277, 3, shorts({1})),
      entry(284, 3, shorts({1})),
      entry(322, 3, shorts({256})),
      entry(323, 3, shorts({256})),
      entry(324, 4, longs({0, 0})),
      entry(325, 4, longs({kTileBytes, kTileBytes})),
      entry(339, 3, shorts({1})),
      entry(33550, 12, doubles({10, 10, 0})),
      entry(33922, 12, doubles({0, 0, 0, 500'000, 3'000'000, 0})),
      entry(34735, 3, shorts({1, 1, 1, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 4547})),
      text(42113, "0")};
  const plain::Raster raster = hand_raster();
  for (std::uint32_t column = 0; column < 2; ++column) {
    const plain::TilePlace place{0, column, 0};
    const Bytes samples = plain::test::samples_of(raster, place);
    const std::size_t row = plain::tile_width(raster, place) * std::size_t{2};
    Bytes tile(kTileBytes);
    for (std::size_t r = 0; r < 2; ++r)
      std::memcpy(tile.data() + r * 512, samples.data() + r * row, row);
    tiff.tiles.push_back(std::move(tile));
  }
  return tiff;
}

std::string verdict(const HandMade& tiff) {
  return verdict_of(tiff.bytes(), kTiff, plain::test::raster_file(hand_raster()));
}

/// The verdict over the right file after a change.
template <class Change>
std::string changed(Change&& change) {
  HandMade tiff = right();
  change(tiff);
  return verdict(tiff);
}

TEST_CASE("a TIFF made by hand passes", "[check][tiff]") { CHECK(verdict(right()) == "pass: ok"); }

TEST_CASE("a TIFF of which a byte belongs to nothing or to two things is refused",
          "[check][tiff]") {
  CHECK(changed([](HandMade& t) { t.gap = 2; }) == "fail: bytes-gap");
  CHECK(changed([](HandMade& t) { t.gap = 1; }) == "fail: bytes-gap");
  CHECK(changed([](HandMade& t) { t.trailing = 1; }) == "fail: bytes-trailing");
  CHECK(changed([](HandMade& t) { t.tiles.pop_back(); }) == "fail: bytes-overlap");
  Bytes cut = right().bytes();
  cut.pop_back();
  CHECK(verdict_of(cut, kTiff, plain::test::raster_file(hand_raster())) ==
        "fail: bytes-beyond-end");
}

TEST_CASE("one zero byte may bring the next part of a TIFF to an even offset", "[check][tiff]") {
  HandMade tiff = right();
  tiff.at(42113) = text(42113, "0.00");  // five bytes, so that the tiles would begin at an odd one
  CHECK(verdict(tiff) == "pass: ok");
  tiff.gap = 1;
  Bytes bytes = tiff.bytes();
  const os::UniqueFd plain_form = plain::test::raster_file(hand_raster());
  CHECK(verdict_of(bytes, kTiff, plain_form) == "pass: ok");
  bytes[bytes.size() - 2 * kTileBytes - 1] = std::byte{1};
  CHECK(verdict_of(bytes, kTiff, plain_form) == "fail: bytes-gap");
}

TEST_CASE("a TIFF with a second directory or tags that are not on the list is refused",
          "[check][tiff]") {
  CHECK(changed([](HandMade& t) { t.next_directory = 8; }) == "fail: tiff-second-directory");
  CHECK(changed([](HandMade& t) { t.put(text(65000, "secret")); }) == "fail: tiff-tag");
  CHECK(changed([](HandMade& t) { t.put(text(305, "GDAL")); }) == "fail: tiff-tag");
  CHECK(changed([](HandMade& t) { std::swap(t.entries[0], t.entries[1]); }) ==
        "fail: tiff-entry-order");
  CHECK(changed([](HandMade& t) { t.put(t.at(256)); }) == "fail: tiff-entry-order");
  CHECK(changed([](HandMade& t) { t.at(256).type = 7; }) == "fail: tiff-entry");
  CHECK(changed([](HandMade& t) { t.at(256) = entry(256, 3, shorts({300, 0})); }) ==
        "error: tiff-limit");
  CHECK(changed([](HandMade& t) { t.at(256).values = shorts({300, 7}); }) == "fail: tiff-slack");
  CHECK(changed([](HandMade& t) { t.drop(322); }) == "fail: tiff-tag-missing");
}

TEST_CASE("a TIFF whose tags make no sense is refused", "[check][tiff]") {
  CHECK(changed([](HandMade& t) { t.at(259).values = shorts({5}); }) == "fail: tiff-value");
  CHECK(changed([](HandMade& t) { t.put(entry(317, 3, shorts({2}))); }) == "fail: tiff-value");
  CHECK(changed([](HandMade& t) { t.at(284).values = shorts({3}); }) == "fail: tiff-value");
  CHECK(changed([](HandMade& t) { t.at(258).values = shorts({12}); }) == "fail: tiff-value");
  CHECK(changed([](HandMade& t) { t.at(277).values = shorts({2}); }) == "fail: tiff-value");
  CHECK(changed([](HandMade& t) { t.at(322).values = shorts({128}); }) == "fail: tiff-tiles");
  CHECK(changed([](HandMade& t) { t.at(256).values = shorts({513}); }) == "fail: tiff-tiles");
  CHECK(changed([](HandMade& t) { t.at(325).values = longs({kTileBytes, 2}); }) ==
        "fail: tiff-tiles");
  CHECK(changed([](HandMade& t) { t.at(256) = entry(256, 4, longs({0xffff'ffff})); }) ==
        "error: tiff-limit");
  Bytes big_endian = right().bytes();
  big_endian[0] = big_endian[1] = std::byte{'M'};
  CHECK(verdict_of(big_endian, kTiff, plain::test::raster_file(hand_raster())) ==
        "fail: tiff-header");
}

TEST_CASE("a TIFF that says another size, place, colour or no-data value is refused",
          "[check][tiff]") {
  CHECK(changed([](HandMade& t) { t.at(256).values = shorts({301}); }) ==
        "fail: rendition-size-differs");
  CHECK(changed([](HandMade& t) { t.at(339).values = shorts({2}); }) ==
        "fail: rendition-samples-differ");
  CHECK(changed([](HandMade& t) {
          t.at(33922).values = doubles({0, 0, 0, std::nextafter(500'000.0, 1e9), 3'000'000, 0});
        }) == "fail: rendition-transform-differs");
  CHECK(changed([](HandMade& t) {
          t.at(33922).values = doubles({1, 0, 0, 500'000, 3'000'000, 0});
        }) == "fail: tiff-model");
  CHECK(changed([](HandMade& t) {
          t.drop(33550);
          t.drop(33922);
        }) == "fail: rendition-transform-differs");
  CHECK(changed([](HandMade& t) { t.at(42113) = text(42113, "1"); }) ==
        "fail: rendition-no-data-differs");
  CHECK(changed([](HandMade& t) { t.at(42113) = text(42113, "0 secret"); }) ==
        "fail: tiff-no-data");
  CHECK(changed([](HandMade& t) { t.drop(42113); }) == "fail: rendition-no-data-differs");
  CHECK(changed([](HandMade& t) { t.at(42113).values = shorts({0x3030}); }) == "fail: tiff-text");
}

TEST_CASE("a TIFF's GeoKeys say plain form's system, in listed keys, and nothing more",
          "[check][tiff]") {
  const auto with_keys = [](std::initializer_list<unsigned> keys) {
    return changed([&](HandMade& t) { t.at(34735) = entry(34735, 3, shorts(keys)); });
  };
  CHECK(with_keys({1, 1, 1, 2, 1024, 0, 1, 1, 3072, 0, 1, 4547}) == "pass: ok");
  CHECK(with_keys({1, 1, 1, 2, 1024, 0, 1, 1, 3072, 0, 1, 4548}) == "fail: rendition-crs-differs");
  CHECK(with_keys({1, 1, 1, 2, 1024, 0, 1, 2, 2048, 0, 1, 4547}) == "pass: ok");
  CHECK(with_keys({1, 1, 1, 3, 1024, 0, 1, 2, 2048, 0, 1, 4547, 3072, 0, 1, 4547}) ==
        "fail: rendition-crs-differs");
  CHECK(with_keys({1, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, 4547}) == "fail: tiff-geo-keys");
  CHECK(with_keys({1, 1, 1, 1, 1024, 0, 1, 1}) == "fail: rendition-crs-differs");
  CHECK(with_keys({1, 1, 1, 3, 1024, 0, 1, 1, 3072, 0, 1, 4547, 5000, 0, 1, 7}) ==
        "fail: tiff-geo-keys");
  CHECK(with_keys({1, 1, 1, 3, 1024, 0, 1, 1, 1025, 0, 1, 2, 3072, 0, 1, 4547}) ==
        "fail: tiff-geo-keys");
  CHECK(with_keys({1, 1, 1, 3, 1024, 0, 1, 1, 3072, 0, 1, 4547, 3074, 0, 1, 16050}) ==
        "fail: tiff-geo-keys");
  CHECK(with_keys({1, 1, 1, 3, 1024, 0, 1, 1, 3072, 0, 1, 4547}) == "fail: tiff-geo-keys");
  CHECK(with_keys({1, 1, 1, 2, 3072, 0, 1, 4547, 1024, 0, 1, 1}) == "fail: tiff-geo-keys");
  CHECK(with_keys({1, 1, 1, 3, 1024, 0, 1, 1, 1026, 34737, 4, 0, 3072, 0, 1, 4547}) ==
        "fail: tiff-geo-keys");
  CHECK(changed([](HandMade& t) { t.put(text(34737, "secret|")); }) == "fail: tiff-geo-keys");
  CHECK(changed([](HandMade& t) { t.put(entry(34736, 12, doubles({1}))); }) ==
        "fail: tiff-geo-keys");
}

TEST_CASE("a TIFF with another sample, or anything beyond the raster's edge, is refused",
          "[check][tiff]") {
  CHECK(changed([](HandMade& t) { t.tiles[1][512] ^= std::byte{1}; }) ==
        "fail: rendition-content-differs");
  CHECK(changed([](HandMade& t) { t.tiles[1][500] = std::byte{1}; }) == "fail: tiff-cell-padding");
  CHECK(changed([](HandMade& t) { t.tiles[0].back() = std::byte{1}; }) ==
        "fail: tiff-cell-padding");
}

TEST_CASE("a TIFF's colour metadata is taken only in its one form", "[check][tiff]") {
  const std::string head = "<GDALMetadata>\n";
  const std::string gray =
      "  <Item name=\"COLORINTERP\" sample=\"0\" role=\"colorinterp\">Gray</Item>\n";
  const auto with = [](const std::string& metadata) {
    return changed([&](HandMade& t) {
      t.drop(42113);
      t.put(text(42112, metadata));
      t.put(text(42113, "0"));
    });
  };
  CHECK(with(head + gray + "</GDALMetadata>\n") == "pass: ok");
  CHECK(with(head + "</GDALMetadata>") == "pass: ok");
  CHECK(with(head + gray + gray + "</GDALMetadata>\n") == "fail: tiff-metadata");
  CHECK(with(head + "  <Item name=\"AUTHOR\">me</Item>\n</GDALMetadata>\n") ==
        "fail: tiff-metadata");
  CHECK(with(head + "</GDALMetadata>\n<!-- -->") == "fail: tiff-metadata");
}

TEST_CASE("the writer's GeoTIFF passes, with Deflate, several bands and a palette",
          "[check][tiff]") {
  plain::Raster two = plain::test::small_raster();
  two.bands[1].no_data = two.bands[0].no_data;
  plain::Raster palette = hand_raster();
  palette.sample = plain::SampleType::u8;
  palette.bands = {{plain::Colour::palette, std::nullopt}};
  palette.palette = {{1, 2, 3}, {255, 0, 128}};
  plain::Raster rgba = hand_raster();
  rgba.sample = plain::SampleType::u8;
  rgba.bands = {{plain::Colour::red, {}},
                {plain::Colour::green, {}},
                {plain::Colour::blue, {}},
                {plain::Colour::alpha, {}}};
  plain::Raster odd = rgba;
  odd.bands = {{plain::Colour::blue, {}}, {plain::Colour::undefined, {}}, {plain::Colour::red, {}}};
  plain::Raster bare = hand_raster();
  bare.transform.reset();
  bare.crs = {};
  bare.bands = {{plain::Colour::undefined, std::nullopt}};
  plain::Raster turned = hand_raster();
  turned.transform = {{500'000, 9, 1, 3'000'000, 1, -9}};
  for (const plain::Raster& raster : {two, palette, rgba, odd, bare, turned}) {
    const os::UniqueFd plain_form = plain::test::raster_file(raster);
    CHECK(verdict_of(test::written(geo::write_geotiff, plain_form), kTiff, plain_form) ==
          "pass: ok");
  }
}

TEST_CASE("the writer's GeoTIFF of another raster is refused", "[check][tiff]") {
  const os::UniqueFd plain_form = plain::test::raster_file(hand_raster());
  const auto other = [&](auto&& change) {
    plain::Raster raster = hand_raster();
    change(raster);
    return verdict_of(test::written(geo::write_geotiff, plain::test::raster_file(raster)), kTiff,
                      plain_form);
  };
  CHECK(other([](plain::Raster&) {}) == "pass: ok");
  CHECK(other([](plain::Raster& r) { r.crs.code = 4548; }) == "fail: rendition-crs-differs");
  CHECK(other([](plain::Raster& r) { r.crs = {}; }) == "fail: rendition-crs-differs");
  CHECK(other([](plain::Raster& r) { r.height = 3; }) == "fail: rendition-size-differs");
  CHECK(other([](plain::Raster& r) { r.bands.push_back(r.bands[0]); }) ==
        "fail: rendition-samples-differ");
  CHECK(other([](plain::Raster& r) { r.bands[0].no_data = 1; }) ==
        "fail: rendition-no-data-differs");
}

TEST_CASE("a broken or padded Deflate stream is refused", "[check][tiff]") {
  const os::UniqueFd plain_form = plain::test::raster_file(hand_raster());
  const Bytes good = test::written(geo::write_geotiff, plain_form);
  const auto tiff = walk_tiff(MemorySource(good));
  REQUIRE(tiff);
  REQUIRE(tiff->compression == TiffCompression::deflate);
  for (const std::size_t back : {1U, 4U}) {
    Bytes bad = good;
    bad[static_cast<std::size_t>(tiff->tile_offsets[0] + tiff->tile_bytes[0]) - back] ^=
        std::byte{0x40};
    CHECK(verdict_of(bad, kTiff, plain_form) == "fail: tiff-deflate");
  }
}

TEST_CASE("every changed byte of a TIFF is refused, or changes no value", "[check][tiff]") {
  const os::UniqueFd plain_form = plain::test::raster_file(hand_raster());
  const Bytes good = test::written(geo::write_geotiff, plain_form);
  REQUIRE(good.size() < 4'000);
  std::size_t passed = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const unsigned change : {0x01U, 0x80U, 0xffU}) {
      Bytes bad = good;
      bad[at] ^= static_cast<std::byte>(change);
      if (verdict_of(bad, kTiff, plain_form) == "pass: ok") {
        ++passed;
        // Only the letters of a citation, which name the system to people, and the way in which
        // Deflate is coded may differ.
        const auto tiff = walk_tiff(MemorySource(bad));
        bool in_tile = false;
        for (std::size_t i = 0; i < tiff->tile_offsets.size(); ++i) {
          in_tile |=
              at >= tiff->tile_offsets[i] && at < tiff->tile_offsets[i] + tiff->tile_bytes[i];
        }
        CAPTURE(at, change);
        CHECK((in_tile || tiff->geo_text != walk_tiff(MemorySource(good))->geo_text));
      }
    }
  }
  CAPTURE(passed);
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK(verdict_of(ByteView(good).first(size), kTiff, plain_form) != "pass: ok");
  }
}

TEST_CASE("systems without a code are compared term by term", "[check][crs]") {
  // PROJ's words for EPSG:32725, with and without its code.
  const std::string_view wkt2 =
      "PROJCRS[\"x\",BASEGEOGCRS[\"y\",DATUM[\"d\",ELLIPSOID[\"GRS80\",6378137,298.257222101,"
      "LENGTHUNIT[\"metre\",1]]],PRIMEM[\"Greenwich\",0,ANGLEUNIT[\"degree\",0.0174532925199433]]],"
      "CONVERSION[\"UTM\",METHOD[\"Transverse Mercator\",ID[\"EPSG\",9807]],"
      "PARAMETER[\"Latitude of natural origin\",0,ANGLEUNIT[\"degree\",0.0174532925199433]],"
      "PARAMETER[\"Longitude of natural origin\",-33,ANGLEUNIT[\"degree\",0.0174532925199433]],"
      "PARAMETER[\"Scale factor at natural origin\",0.9996,SCALEUNIT[\"unity\",1]],"
      "PARAMETER[\"False easting\",500000,LENGTHUNIT[\"metre\",1]],"
      "PARAMETER[\"False northing\",10000000,LENGTHUNIT[\"metre\",1]]],"
      "CS[Cartesian,2],AXIS[\"(E)\",east,ORDER[1],LENGTHUNIT[\"metre\",1]],"
      "AXIS[\"(N)\",north,ORDER[2],LENGTHUNIT[\"metre\",1]]]";
  const std::string_view wkt1 =
      "PROJCS[\"x\",GEOGCS[\"y\",DATUM[\"d\",SPHEROID[\"GRS80\",6378137,298.257222101]],"
      "PRIMEM[\"Greenwich\",0],UNIT[\"degree\",0.0174532925199433]],"
      "PROJECTION[\"Transverse_Mercator\"],PARAMETER[\"latitude_of_origin\",0],"
      "PARAMETER[\"central_meridian\",-33],PARAMETER[\"scale_factor\",0.9996],"
      "PARAMETER[\"false_easting\",500000],PARAMETER[\"false_northing\",10000000],"
      "UNIT[\"metre\",1],AXIS[\"Easting\",EAST],AXIS[\"Northing\",NORTH]]";
  const auto two = read_wkt(wkt2);
  const auto one = read_wkt(wkt1);
  REQUIRE(two);
  REQUIRE(one);
  CHECK(two->agrees_with(*one));
  const auto moved = [&](std::string_view from, std::string_view to) {
    std::string text(wkt1);
    text.replace(text.find(from), from.size(), to);
    return read_wkt(text);
  };
  CHECK_FALSE(two->agrees_with(*moved("-33", "-39")));
  CHECK_FALSE(two->agrees_with(*moved("0.9996", "0.99960001")));
  CHECK_FALSE(two->agrees_with(*moved("6378137", "6378245")));
  CHECK(moved("UNIT[\"metre\",1]", "UNIT[\"foot\",0.3048]").error().reason() ==
        "crs-not-comparable");
  CHECK(moved("Transverse_Mercator", "Krovak").error().reason() == "crs-not-comparable");
  CHECK(moved("PROJCS[", "PROJCS[,").error().reason() == "crs-text");
  CHECK(read_wkt(std::string(1'000, '[')).error().reason() == "crs-text");
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "A[";
  CHECK(read_wkt(deep).error().reason() == "crs-limit");
}

}  // namespace
}  // namespace hangu::check
