// The content digest, and the outline that is proved by it.

#include <numeric>

#include "crypto/chunk_tree.hpp"
#include "plain/outline.hpp"
#include "plain/records.hpp"
#include "samples.hpp"

namespace hangu::plain {
namespace {

using test::content_of;
using test::memory_file;
using test::reason_of;

Result<Trailer> check_bytes(ByteView bytes) { return check(memory_file(bytes).view()); }

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

}  // namespace
}  // namespace hangu::plain
