#include <cmath>

#include <zstd.h>

#include "crypto/chunk_tree.hpp"
#include "plain/outline.hpp"
#include "plain/records.hpp"
#include "plain/rules.hpp"
#include "samples.hpp"

namespace hangu::plain {
namespace {

using test::content_of;
using test::memory_file;
using test::reason_of;

Result<Trailer> check_bytes(ByteView bytes) { return check(memory_file(bytes).view()); }

TEST_CASE("a vector dataset comes back value by value", "[plain]") {
  Trailer written;
  const auto file = test::vector_file(&written);
  auto reader = Reader::open(file.view());
  REQUIRE(reader);
  CHECK(reader->dataset() == Dataset{DatasetKind::vector, 2});

  auto record = reader->next();
  REQUIRE(record);
  REQUIRE(std::holds_alternative<LayerStart>(*record));
  CHECK(*std::get<LayerStart>(*record).layer == test::every_field());

  record = reader->next();
  REQUIRE(record);
  const auto& feature = std::get<Feature>(*record);
  const auto expected = test::every_value();
  REQUIRE(feature.values.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK((feature.values[i] == expected[i]));
  CHECK(equal(feature.geometry, test::point()));
  CHECK(feature.shape.vertices == 1);

  record = reader->next();
  REQUIRE(record);
  CHECK(std::get<Feature>(*record).geometry.empty());
  record = reader->next();
  REQUIRE(record);
  CHECK(std::get<LayerStart>(*record).layer->name == "rows");
  REQUIRE(reader->next());
  REQUIRE(reader->next());
  record = reader->next();
  REQUIRE(record);
  const auto& trailer = std::get<Trailer>(*record);
  CHECK(trailer.features == 4);
  CHECK(trailer == written);
}

TEST_CASE("a raster comes back tile by tile, edge tiles cut", "[plain]") {
  const Raster raster = test::small_raster();
  const auto file = test::raster_file(raster);
  auto reader = Reader::open(file.view());
  REQUIRE(reader);
  auto record = reader->next();
  REQUIRE(record);
  CHECK(*std::get<RasterStart>(*record).raster == raster);
  const std::array<TilePlace, 4> places{{{0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}}};
  const std::array<std::size_t, 4> bytes{256 * 2 * 2, 256 * 2 * 2, 44 * 2 * 2, 44 * 2 * 2};
  for (std::size_t i = 0; i < places.size(); ++i) {
    record = reader->next();
    REQUIRE(record);
    const auto& tile = std::get<Tile>(*record);
    CHECK(tile.place == places[i]);
    CHECK(tile.samples.size() == bytes[i]);
    CHECK(equal(tile.samples, test::samples_of(raster, places[i])));
  }
  record = reader->next();
  REQUIRE(record);
  CHECK(std::get<Trailer>(*record).tiles == 4);
}

TEST_CASE("records may lie across frames", "[plain]") {
  const auto file = memory_file();
  auto writer = Writer::create(file.view(), {DatasetKind::table, 1});
  REQUIRE(writer);
  Layer layer;
  layer.name = "t";
  layer.fields = {{"a", FieldType::text, 0, false}};
  REQUIRE(writer->layer(layer));
  const std::string long_text(3 * kFrameBytes + 17, 'x');
  const std::string other(kFrameBytes - 1, 'y');
  for (const std::string_view text :
       {std::string_view(long_text), std::string_view(other), std::string_view("z")}) {
    const std::array<Value, 1> row{text};
    REQUIRE(writer->feature(row, {}));
  }
  const auto written = writer->finish();
  REQUIRE(written);
  const auto read = check(file.view());
  REQUIRE(read);
  CHECK(*read == *written);
}

TEST_CASE("mutating any byte is refused, or leaves the same content", "[plain]") {
  Trailer written;
  const Bytes whole = content_of(test::vector_file(&written));
  std::size_t same = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const unsigned flip : {0x01U, 0x80U, 0xffU}) {
      Bytes changed = whole;
      changed[i] ^= static_cast<std::byte>(flip);
      const auto read = check_bytes(changed);
      if (read) {
        CHECK(*read == written);
        ++same;
      }
    }
  }
  CHECK(same < whole.size() / 10);
  const Bytes raster = content_of(test::raster_file(test::small_raster()));
  const auto raster_trailer = check_bytes(raster);
  REQUIRE(raster_trailer);
  for (std::size_t i = 0; i < raster.size(); ++i) {
    Bytes changed = raster;
    changed[i] ^= std::byte{0x10};
    const auto read = check_bytes(changed);
    if (read) CHECK(*read == *raster_trailer);
  }
}

TEST_CASE("truncation at any length is refused, and so are bytes at the end", "[plain]") {
  const Bytes whole = content_of(test::vector_file());
  for (std::size_t n = 0; n < whole.size(); ++n) {
    CHECK_FALSE(check_bytes(ByteView(whole).first(n)));
  }
  Bytes longer = whole;
  longer.push_back({});
  CHECK(reason_of(check_bytes(longer)) == "plain-trailing");
  Bytes twice = whole;
  append(twice, ByteView(whole).subspan(8));
  CHECK(reason_of(check_bytes(twice)) == "plain-trailing");
}

// --- Frames -------------------------------------------------------------------------------------

Bytes with_frames(const std::vector<Bytes>& frames) {
  Bytes out = to_bytes("HANGUPF\x01");
  for (const Bytes& frame : frames) {
    Bytes length(4);
    store_u32(length, static_cast<std::uint32_t>(frame.size()));
    append(out, length);
    append(out, frame);
  }
  return out;
}

Bytes zstd(ByteView plain, bool checksum = false, bool content_size = true) {
  Bytes out(ZSTD_compressBound(plain.size()));
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, checksum ? 1 : 0);
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, content_size ? 1 : 0);
  const std::size_t n = ZSTD_compress2(context, out.data(), out.size(), plain.data(), plain.size());
  ZSTD_freeCCtx(context);
  REQUIRE_FALSE(ZSTD_isError(n));
  out.resize(n);
  return out;
}

/// The plain bytes of a file of one frame.
Bytes plain_of(ByteView file) {
  Bytes out(kFrameBytes);
  const std::size_t n = ZSTD_decompress(out.data(), out.size(), file.data() + 12, file.size() - 12);
  REQUIRE_FALSE(ZSTD_isError(n));
  out.resize(n);
  return out;
}

TEST_CASE("frames of any other kind than the writer's are refused", "[plain]") {
  const Bytes plain = plain_of(content_of(test::vector_file()));
  const Bytes frame = zstd(plain);
  CHECK(check_bytes(with_frames({frame})));
  CHECK(reason_of(check_bytes(with_frames({zstd(plain, true)}))) == "plain-frame");
  CHECK(reason_of(check_bytes(with_frames({zstd(plain, false, false)}))) == "plain-frame");

  const Bytes skippable = test::hex("502a4d1804000000aabbccdd");
  CHECK(reason_of(check_bytes(with_frames({skippable, frame}))) == "plain-frame");
  CHECK(reason_of(check_bytes(with_frames({frame, skippable}))) == "plain-trailing");

  Bytes dictionary = frame;
  dictionary[4] |= std::byte{1};
  CHECK(reason_of(check_bytes(with_frames({dictionary}))) == "plain-frame");

  Bytes two_in_one = frame;
  append(two_in_one, zstd(Bytes()));
  CHECK(reason_of(check_bytes(with_frames({two_in_one}))) == "plain-frame");

  const ByteView head = ByteView(plain).first(10);
  const ByteView tail = ByteView(plain).subspan(10);
  CHECK(reason_of(check_bytes(with_frames({zstd(head), zstd(tail)}))) == "plain-frame");
  CHECK(reason_of(check_bytes(with_frames({zstd(Bytes())}))) == "plain-frame");
}

TEST_CASE("a frame that would unpack beyond its bound is refused", "[plain]") {
  const Bytes bomb = zstd(Bytes(kFrameBytes + 1));
  CHECK(reason_of(check_bytes(with_frames({bomb}))) == "plain-frame");
  const Bytes full = zstd(Bytes(kFrameBytes));
  CHECK(reason_of(check_bytes(with_frames({full}))) == "plain-record");
}

// --- Rules --------------------------------------------------------------------------------------

}  // namespace
}  // namespace hangu::plain
