// A reader and a writer that have a companion give what those without give, and fail as they do.

#include <random>

#include "samples.hpp"
#include "tests/support/full_disk.hpp"

namespace hangu::plain {
namespace {

using test::content_of;
using test::memory_file;
using test::reason_of;

constexpr std::size_t kRowBytes = 100'000;
constexpr std::size_t kManyFrames = 14;

os::Companion companion() {
  auto started = os::Companion::start();
  REQUIRE(started);
  return *std::move(started);
}

/// Text that hardly packs: its frames are about as long in the file as in memory.
std::string noise(std::size_t bytes, unsigned seed) {
  std::mt19937 random(seed);
  std::string text(bytes, ' ');
  for (char& c : text) c = static_cast<char>(' ' + random() % 94);
  return text;
}

Layer one_text() {
  Layer layer;
  layer.name = std::string(1, 't');  // g++ 12 warns of an overlap in assigning a literal here
  layer.fields = {{"a", FieldType::text, 0, false}};
  return layer;
}

/// A table of `rows` rows, or where its making stopped.
Result<Trailer> write_table(os::FdView file, std::size_t rows, os::Companion* with) {
  HANGU_TRY(Writer writer, Writer::create(file, {DatasetKind::table, 1}, with));
  HANGU_CHECK(writer.layer(one_text()));
  for (std::size_t i = 0; i < rows; ++i) {
    const std::string text = noise(kRowBytes, static_cast<unsigned>(i));
    const std::array<Value, 1> row{std::string_view(text)};
    HANGU_TRY([[maybe_unused]] const Shape shape, writer.feature(row, {}));
  }
  HANGU_TRY(const Trailer trailer, writer.finish());
  CHECK(writer.stored_bytes() == os::file_size(file).value());
  return trailer;
}

std::size_t rows_of_frames(std::size_t frames) { return frames * kFrameBytes / kRowBytes; }

TEST_CASE("with a companion the same plain form is written and read", "[plain][companion]") {
  os::Companion other = companion();
  for (const std::size_t rows :
       {std::size_t{0}, std::size_t{1}, rows_of_frames(1), rows_of_frames(kManyFrames)}) {
    INFO(rows);
    const auto alone = memory_file();
    const auto together = memory_file();
    const auto wanted = write_table(alone.view(), rows, nullptr);
    const auto written = write_table(together.view(), rows, &other);
    REQUIRE(wanted);
    REQUIRE(written);
    CHECK(*written == *wanted);
    CHECK(content_of(together) == content_of(alone));
    const auto read = check(Input(alone.view()).with(&other));
    REQUIRE(read);
    CHECK(*read == *wanted);
  }
}

TEST_CASE("a stream may end anywhere in its last frame, and its digest still be known",
          "[plain][companion]") {
  os::Companion other = companion();
  // The trailer has 53 bytes: it comes to lie in one frame, across two, and in one of its own.
  for (std::size_t beside_text = 0; beside_text < 180; beside_text += 3) {
    const std::string text(kFrameBytes - beside_text, 'x');
    const auto one = memory_file();
    auto writer = Writer::create(one.view(), {DatasetKind::table, 1}, &other);
    REQUIRE(writer);
    REQUIRE(writer->layer(one_text()));
    const std::array<Value, 1> row{std::string_view(text)};
    REQUIRE(writer->feature(row, {}));
    const auto written = writer->finish();
    REQUIRE(written);
    auto hashing = Writer::digest_only({DatasetKind::table, 1});
    REQUIRE(hashing);
    REQUIRE(hashing->layer(one_text()));
    REQUIRE(hashing->feature(row, {}));
    CHECK(*hashing->finish() == *written);
    for (os::Companion* const with : {static_cast<os::Companion*>(nullptr), &other}) {
      const auto read = check(Input(one.view()).with(with));
      REQUIRE(read);
      CHECK(*read == *written);
    }
  }
}

TEST_CASE("damage in the middle is found with a companion as without", "[plain][companion]") {
  os::Companion other = companion();
  const auto file = memory_file();
  REQUIRE(write_table(file.view(), rows_of_frames(kManyFrames), nullptr));
  const Bytes whole = content_of(file);
  std::mt19937_64 random(4);
  for (int i = 0; i < 24; ++i) {
    Bytes changed = whole;
    const std::size_t at = random() % changed.size();
    changed[at] ^= std::byte{0x10};
    if (i % 3 == 0) changed.resize(at);
    const auto damaged = memory_file(changed);
    const auto alone = check(damaged.view());
    INFO("byte " << at << ": " << reason_of(alone));
    CHECK_FALSE(alone);
    CHECK(reason_of(check(Input(damaged.view()).with(&other))) == reason_of(alone));
  }
  Bytes longer = whole;
  append(longer, ByteView(whole).subspan(8));
  CHECK(reason_of(check(Input(memory_file(longer).view()).with(&other))) ==
        reason_of(check(memory_file(longer).view())));
}

TEST_CASE("bytes that are not the object's are found by the companion that reads ahead",
          "[plain][companion]") {
  os::Companion other = companion();
  const auto file = memory_file();
  REQUIRE(write_table(file.view(), rows_of_frames(kManyFrames), nullptr));
  const auto hashed = crypto::hash_file(file.view().get(), crypto::HashAlgorithm::sha256);
  REQUIRE(hashed);
  Bytes leaves;
  for (const crypto::Hash& leaf : hashed->leaves) append(leaves, leaf);
  const auto leaf_file = memory_file(leaves);
  Bytes changed = content_of(file);
  changed[changed.size() / 2] ^= std::byte{1};
  const auto swapped = memory_file(changed);
  for (const bool honest : {true, false}) {
    auto verified =
        VerifiedFile::open(honest ? file.view() : swapped.view(), hashed->digest, leaf_file.view());
    REQUIRE(verified);
    CHECK(reason_of(check(Input(*verified).with(&other))) == (honest ? "ok" : "chunk-mismatch"));
    CHECK(reason_of(verified->good()) == (honest ? "ok" : "chunk-mismatch"));
  }
}

TEST_CASE("a reader or writer that stops in the middle leaves its companion free",
          "[plain][companion]") {
  os::Companion other = companion();
  const auto file = memory_file();
  REQUIRE(write_table(file.view(), rows_of_frames(kManyFrames), nullptr));
  for (std::size_t records = 0; records < 30; ++records) {
    auto reader = Reader::open(Input(file.view()).with(&other));
    REQUIRE(reader);
    for (std::size_t i = 0; i < records; ++i) REQUIRE(reader->next());
  }
  for (std::size_t rows = 0; rows < 40; rows += 4) {
    const auto unfinished = memory_file();
    auto writer = Writer::create(unfinished.view(), {DatasetKind::table, 1}, &other);
    REQUIRE(writer);
    REQUIRE(writer->layer(one_text()));
    const std::string text = noise(kRowBytes, 1);
    const std::array<Value, 1> row{std::string_view(text)};
    for (std::size_t i = 0; i < rows; ++i) REQUIRE(writer->feature(row, {}));
  }
  CHECK(check(Input(file.view()).with(&other)));
}

TEST_CASE("a disk that is full is told, wherever in the stream the companion meets it",
          "[plain][companion]") {
  os::Companion other = companion();
  const std::size_t rows = rows_of_frames(kManyFrames);
  const auto file = memory_file();
  REQUIRE(write_table(file.view(), rows, nullptr));
  const auto size = static_cast<std::size_t>(os::file_size(file.view()).value());
  for (const std::size_t room :
       {std::size_t{4}, std::size_t{1000}, size / 3, size - kFrameBytes, size - 1, size}) {
    INFO(room << " of " << size);
    const auto output = memory_file();
    const hangu::test::FullDisk full(room);
    CHECK(reason_of(write_table(output.view(), rows, &other)) ==
          (room == size ? "ok" : "disk-full"));
  }
}

}  // namespace
}  // namespace hangu::plain
