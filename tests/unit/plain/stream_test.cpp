#include <cmath>
#include <numeric>

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

TEST_CASE("the content digest does not depend on frames or on where it is stored", "[plain]") {
  Trailer stored;
  const auto file = test::vector_file(&stored);
  auto hashing = Writer::digest_only({DatasetKind::vector, 2});
  REQUIRE(hashing);
  REQUIRE(test::write_vector(*hashing));
  const auto hashed = hashing->finish();
  REQUIRE(hashed);
  CHECK(*hashed == stored);
  CHECK(content_of(file) == content_of(test::vector_file()));
}

TEST_CASE("the content digest is the chunk tree's root over the records before the trailer",
          "[plain]") {
  auto writer = Writer::digest_only({DatasetKind::table, 1});
  REQUIRE(writer);
  Layer layer;
  layer.name = "t";
  layer.fields = {{"a", FieldType::text, 0, false}};
  REQUIRE(writer->layer(layer));
  const std::array<Value, 1> row{std::string_view("hi")};
  REQUIRE(writer->feature(row, {}));
  const auto trailer = writer->finish();
  REQUIRE(trailer);
  // By hand from the byte table in docs/protocols/plain-form.md:
  //   printf '00...' | xxd -r -p | sha256sum (00 is the mark of a leaf)
  const Bytes records = test::hex(
      "01"
      "00000007"
      "0001"
      "02"
      "00000001"
      "02"
      "00000018"
      "00000001"
      "74"
      "00"
      "00"
      "00"
      "00"
      "00000001"
      "00000001"
      "61"
      "02"
      "00000000"
      "00"
      "04"
      "00000007"
      "01"
      "00000002"
      "6869");
  Bytes leaf(1);
  append(leaf, records);
  CHECK(to_hex(trailer->digest) == to_hex(crypto::hash(crypto::HashAlgorithm::sha256, leaf)));
}

TEST_CASE("a content of many chunks has the digest of its records as an object", "[plain]") {
  Layer layer;
  layer.name = "t";
  layer.fields = {{"a", FieldType::text, 0, false}};
  const Dataset dataset{DatasetKind::table, 1};
  auto writer = Writer::digest_only(dataset);
  REQUIRE(writer);
  CHECK(reason_of(writer->layer(layer)) == "ok");
  wire::Writer records;
  wire::Writer body;
  encode(body, dataset);
  const auto put = [&](RecordType type) {
    const auto length = static_cast<std::uint32_t>(body.bytes().size());
    records.raw(encode(RecordHead{type, length})).raw(body.bytes());
    body.clear();
  };
  put(RecordType::dataset);
  encode(body, layer);
  put(RecordType::layer);
  for (std::size_t i = 0; i < 23; ++i) {  // from 0 bytes to 12 MiB, across every chunk's edge
    const std::string value(i * 48'611, static_cast<char>('a' + i));
    const std::array<Value, 1> row{std::string_view(value)};
    REQUIRE(writer->feature(row, {}));
    encode_values(body, layer, row);
    put(RecordType::row);
  }
  const auto trailer = writer->finish();
  REQUIRE(trailer);
  CHECK(trailer->digest == crypto::digest_of(crypto::HashAlgorithm::sha256, records.bytes()).root);
}

TEST_CASE("an outline says what the whole says, and refuses what is not whole", "[plain]") {
  Trailer written;
  const auto file = test::vector_file(&written);
  const auto outline = read_outline(file.view());
  REQUIRE(outline);
  CHECK(outline->dataset == Dataset{DatasetKind::vector, 2});
  REQUIRE(outline->layers.size() == 2);
  CHECK(outline->layers.front() == test::every_field());
  CHECK(outline->trailer == written);
  CHECK(std::accumulate(outline->features.begin(), outline->features.end(), std::uint64_t{0}) ==
        written.features);
  const auto raster = read_outline(test::raster_file(test::small_raster()).view());
  REQUIRE(raster);
  CHECK(raster->raster == test::small_raster());
  CHECK(raster->trailer.tiles > 0);

  // Of whatever byte is changed, the outline says what the reader says, but for what only a look
  // into the record could tell; and then the digest tells.
  const Bytes whole = content_of(file);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    Bytes changed = whole;
    changed[i] ^= std::byte{0xff};
    const auto read = check_bytes(changed);
    const auto outlined = read_outline(memory_file(changed).view());
    CHECK(outlined.has_value() == read.has_value());
    if (outlined && read) CHECK(outlined->trailer == *read);
  }
  for (std::size_t n = 0; n < whole.size(); ++n)
    CHECK_FALSE(read_outline(memory_file(ByteView(whole).first(n)).view()));
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

Done layer_rule(const Layer& layer) {
  Rules rules;
  HANGU_CHECK(rules.dataset({DatasetKind::vector, 1}));
  return rules.layer(layer);
}

TEST_CASE("layer and field names are checked", "[plain][rules]") {
  const auto named = [](std::string_view name) {
    Layer layer;
    layer.name = name;
    return reason_of(layer_rule(layer));
  };
  CHECK(named("城市 roads") == "ok");
  CHECK(named(std::string(kNameBytesMax, 'a')) == "ok");
  CHECK(named(std::string(kNameBytesMax + 1, 'a')) == "plain-name");
  for (const std::string_view bad :
       {"", " a", "a ", "a\nb", "sqlite_x", "GPKG_contents", "RTree_a_b", "\xff"}) {
    CHECK(named(bad) == "plain-name");
  }
  Layer layer;
  layer.name = "a";
  layer.fields = {{"Name", FieldType::text, 0, true}, {"name", FieldType::text, 0, true}};
  CHECK(reason_of(layer_rule(layer)) == "plain-name");
  layer.fields[1].name = "name2";
  CHECK(layer_rule(layer));
  layer.fields[1].width = 3;
  CHECK(layer_rule(layer));
  layer.fields[1].type = FieldType::integer;
  CHECK(reason_of(layer_rule(layer)) == "plain-schema");
}

TEST_CASE("a layer has at most so many fields, a dataset so many layers", "[plain][rules]") {
  Layer layer;
  layer.name = "wide";
  for (std::size_t i = 0; i < kFieldsMax; ++i) {
    layer.fields.push_back({"f" + std::to_string(i), FieldType::integer, 0, true});
  }
  CHECK(layer_rule(layer));
  layer.fields.push_back({"more", FieldType::integer, 0, true});
  CHECK(reason_of(layer_rule(layer)) == "plain-limit");
  CHECK(Rules().dataset({DatasetKind::vector, kLayersMax}));
  CHECK(reason_of(Rules().dataset({DatasetKind::vector, kLayersMax + 1})) == "plain-limit");
  CHECK(reason_of(Rules().dataset({DatasetKind::vector, 0})) == "plain-schema");
  CHECK(reason_of(Rules().dataset({DatasetKind::table, 2})) == "plain-schema");
  CHECK(reason_of(Rules().dataset({DatasetKind::raster, 1})) == "plain-schema");
}

std::string value_rule(const Field& field, const Value& value) {
  Rules rules;
  Layer layer;
  layer.name = "l";
  layer.fields = {field};
  REQUIRE(rules.dataset({DatasetKind::vector, 1}));
  REQUIRE(rules.layer(layer));
  return reason_of(rules.feature(std::array<Value, 1>{value}, {}));
}

TEST_CASE("values must fit their fields", "[plain][rules]") {
  const Field text{"t", FieldType::text, 2, true};
  CHECK(value_rule(text, std::string_view("函谷")) == "ok");
  CHECK(value_rule(text, std::string_view("函谷关")) == "plain-value");
  CHECK(value_rule(text, Value()) == "ok");
  CHECK(value_rule({"t", FieldType::text, 2, false}, Value()) == "plain-value");
  CHECK(value_rule(text, std::string_view("a\0", 2)) == "plain-value");
  CHECK(value_rule(text, std::string_view("\xc0\x80", 2)) == "plain-value");
  CHECK(value_rule(text, std::int64_t{1}) == "plain-value");

  const Field real{"r", FieldType::real, 0, true};
  CHECK(value_rule(real, 0.0) == "ok");
  CHECK(value_rule(real, -0.0) == "plain-value");
  CHECK(value_rule(real, HUGE_VAL) == "plain-value");
  CHECK(value_rule(real, canonical_nan()) == "plain-value");

  const Field long_text{"t", FieldType::text, 0, true};
  const std::string most(kValueBytesMax, 'x');
  const std::string more = most + "x";
  CHECK(value_rule(long_text, std::string_view(most)) == "ok");
  CHECK(value_rule(long_text, std::string_view(more)) == "plain-value");

  CHECK(value_rule({"d", FieldType::date, 0, true}, Date{2932896}) == "ok");
  CHECK(value_rule({"d", FieldType::date, 0, true}, Date{2932897}) == "plain-value");
}

TEST_CASE("geometry must be of its layer's type and dimensions", "[plain][rules]") {
  const auto rule = [](GeometryType type, Presence z) {
    Rules rules;
    Layer layer;
    layer.name = "l";
    layer.geometry = type;
    layer.z = z;
    REQUIRE(rules.dataset({DatasetKind::vector, 1}));
    REQUIRE(rules.layer(layer));
    return reason_of(rules.feature({}, test::point()));
  };
  CHECK(rule(GeometryType::point, Presence::never) == "ok");
  CHECK(rule(GeometryType::any, Presence::optional) == "ok");
  CHECK(rule(GeometryType::polygon, Presence::never) == "geometry-type-mismatch");
  CHECK(rule(GeometryType::point, Presence::always) == "geometry-type-mismatch");
}

TEST_CASE("rasters have bounded sides, bands and palettes", "[plain][rules]") {
  const auto rule = [](const Raster& raster) {
    Rules rules;
    REQUIRE(rules.dataset({DatasetKind::raster, 0}));
    return reason_of(rules.raster(raster));
  };
  Raster raster = test::small_raster();
  CHECK(rule(raster) == "ok");
  raster.width = kRasterSideMax;
  raster.height = kRasterSideMax;
  CHECK(rule(raster) == "ok");
  raster.bands.emplace_back();
  CHECK(rule(raster) == "plain-limit");
  raster.width = kRasterSideMax + 1;
  raster.height = 1;
  CHECK(rule(raster) == "plain-limit");
  raster.width = 0;
  CHECK(rule(raster) == "plain-raster");

  raster = test::small_raster();
  raster.transform = {{0, 1, 1, 0, 1, 1}};  // not invertible
  CHECK(rule(raster) == "plain-raster");

  raster = test::small_raster();
  raster.bands = {{Colour::palette, std::nullopt}};
  CHECK(rule(raster) == "plain-raster");
  raster.sample = SampleType::u8;
  raster.palette.resize(256);
  CHECK(rule(raster) == "ok");
  raster.palette.resize(257);
  CHECK(rule(raster) == "plain-limit");
  raster.bands.assign(kBandsMax, Band());
  raster.palette.clear();
  CHECK(rule(raster) == "ok");
  raster.bands.emplace_back();
  CHECK(rule(raster) == "plain-limit");
}

TEST_CASE("samples hide nothing in the payload of a NaN", "[plain][rules]") {
  Rules rules;
  Raster raster;
  raster.width = 2;
  raster.height = 1;
  raster.sample = SampleType::f32;
  raster.bands.resize(1);
  REQUIRE(rules.dataset({DatasetKind::raster, 0}));
  REQUIRE(rules.raster(raster));
  CHECK(reason_of(rules.tile({{}, test::hex("0000803f0100c07f")})) == "plain-tile");
  CHECK(reason_of(rules.tile({{}, test::hex("0000803f")})) == "plain-tile");
  CHECK(rules.tile({{}, test::hex("0000803f0000c07f")}));
  CHECK(rules.complete());
  CHECK(reason_of(rules.tile({{}, test::hex("0000803f0000c07f")})) == "plain-order");
}

TEST_CASE("records out of place are refused, and an end that comes too early", "[plain][rules]") {
  Rules rules;
  CHECK(reason_of(rules.complete()) == "plain-order");
  CHECK(reason_of(rules.layer(test::every_field())) == "plain-order");
  REQUIRE(rules.dataset({DatasetKind::vector, 1}));
  CHECK(reason_of(rules.dataset({DatasetKind::vector, 1})) == "plain-order");
  CHECK(reason_of(rules.feature({}, {})) == "plain-order");
  CHECK(reason_of(rules.complete()) == "plain-order");
  CHECK(reason_of(rules.raster(test::small_raster())) == "plain-order");
  REQUIRE(rules.layer(test::every_field()));
  CHECK(rules.complete());
  CHECK(reason_of(rules.layer(test::every_field())) == "plain-order");
}

}  // namespace
}  // namespace hangu::plain
