#include <fcntl.h>

#include "tests/unit/package/sample.hpp"

using namespace hangu;
using namespace hangu::test;

namespace {

/// Seals one source whose table row was made from `stated`.
Result<package::Sealed> seal_one(const Bytes& stated, const package::Source& source,
                                 Parties& parties, const package::Progress& progress = {}) {
  const flow::Envelope envelope = envelope_of({{"a.bin", stated}}, parties);
  const os::UniqueFd out = memory_file();
  const package::SourceObject object{"a.bin", "application/octet-stream", source};
  return package::seal({.suite = parties.suite,
                        .recipients = parties.recipients,
                        .objects = {&object, 1},
                        .state = test::stated(envelope),
                        .threads = 2,
                        .progress = progress},
                       out.view(), parties.entropy);
}

std::string reason_of_sealing(const Bytes& stated, const Bytes& found, Parties& parties) {
  const os::UniqueFd file = memory_file(found);
  const auto sealed = seal_one(stated, file.view(), parties);
  return sealed ? std::string() : std::string(sealed.error().reason());
}

}  // namespace

TEST_CASE("a source that differs from its statement is not sealed", "[package]") {
  for (const crypto::Suite suite : kSuites) {
    Parties parties(suite);
    for (const std::size_t size : {std::size_t{1}, kChunkBytes, 3 * kChunkBytes + 5}) {
      const Bytes bytes = pattern(size);
      CHECK(reason_of_sealing(bytes, bytes, parties) == "");
      Bytes other = bytes;
      other.back() ^= std::byte{1};
      CHECK(reason_of_sealing(bytes, other, parties) == "source-changed");
      other = bytes;
      other.front() ^= std::byte{1};
      CHECK(reason_of_sealing(bytes, other, parties) == "source-changed");
      other = bytes;
      other.pop_back();
      CHECK(reason_of_sealing(bytes, other, parties) == "source-changed");
      other = bytes;
      other.push_back(std::byte{0});
      CHECK(reason_of_sealing(bytes, other, parties) == "source-changed");
    }
    CHECK(reason_of_sealing({}, {}, parties) == "");
    CHECK(reason_of_sealing({}, Bytes(1), parties) == "source-changed");
  }
}

TEST_CASE("a source that is changed, cut or grown while it is sealed is noticed", "[package]") {
  Parties parties(crypto::Suite::intl);
  const Bytes bytes = pattern(64 * kChunkBytes);
  // The progress callback runs in the middle of the sealing: a change to a part that was not yet
  // read is seen by its leaf; the file's end by its size.
  const auto with = [&](const std::function<void(os::FdView)>& meddle) {
    const os::UniqueFd file = memory_file(bytes);
    bool done = false;
    const auto sealed = seal_one(bytes, file.view(), parties, [&](std::uint64_t, std::uint64_t) {
      if (!done) meddle(file.view());
      done = true;
    });
    return sealed ? std::string() : std::string(sealed.error().reason());
  };
  CHECK(with([](os::FdView) {}) == "");
  CHECK(with([](os::FdView file) {
          const std::array<std::byte, 3> other{};
          REQUIRE(os::write_all_at(file, 63 * kChunkBytes, other).has_value());
        }) == "source-changed");
  CHECK(with([](os::FdView file) { REQUIRE(::ftruncate(file.get(), 63 << 20) == 0); }) ==
        "source-changed");
  CHECK(with([](os::FdView file) { REQUIRE(::ftruncate(file.get(), 65 << 20) == 0); }) ==
        "source-changed");
}

TEST_CASE("only regular files are packed", "[package]") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const os::UniqueFd from(ends[0]);
  const os::UniqueFd to(ends[1]);
  CHECK(package::source_bytes(from.view()).error().reason() == "source-not-a-file");
  CHECK(package::source_bytes(package::SourcePath{"/dev/null"}).error().reason() ==
        "source-not-a-file");
  CHECK(package::source_bytes(package::SourcePath{"/no/such/file"}).error().reason() ==
        "file-missing");
  Parties parties(crypto::Suite::intl);
  CHECK(seal_one({}, from.view(), parties).error().reason() == "source-not-a-file");
}

TEST_CASE("a full disk is an error, not a package", "[package]") {
  Parties parties(crypto::Suite::intl);
  const os::UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  REQUIRE(full.valid());
  const std::vector<SampleObject> objects{{"a.bin", pattern(100)}};
  const flow::Envelope envelope = envelope_of(objects, parties);
  const auto sources = sources_of(objects);
  const auto sealed = package::seal({.suite = parties.suite,
                                     .recipients = parties.recipients,
                                     .objects = sources,
                                     .state = stated(envelope),
                                     .threads = 2,
                                     .progress = {}},
                                    full.view(), parties.entropy);
  REQUIRE(!sealed.has_value());
  CHECK(sealed.error().reason() == "disk-full");
}

TEST_CASE("an outline has names, types and sizes, and refuses bad names and too many objects",
          "[package]") {
  const auto outline = [](std::span<const package::SourceObject> objects) {
    return package::outline_objects(objects, crypto::HashAlgorithm::sm3);
  };
  const auto reason = [&](std::span<const package::SourceObject> objects) {
    const auto table = outline(objects);
    return table ? std::string() : std::string(table.error().reason());
  };
  const Bytes bytes = pattern(77);
  const os::UniqueFd file = memory_file(pattern(1234));
  const std::vector<package::SourceObject> two{{"a", "a/b", ByteView(bytes)},
                                               {"b", "text/plain", file.view()}};
  CHECK(must(outline(two)).rows() ==
        std::vector<flow::ObjectRow>{{"a", "a/b", {crypto::HashAlgorithm::sm3, 77, {}}},
                                     {"b", "text/plain", {crypto::HashAlgorithm::sm3, 1234, {}}}});
  const package::SourceObject good{"a", "a/b", ByteView{}};
  CHECK(reason(std::array{good}) == "");
  CHECK(reason(std::array{package::SourceObject{"../a", "a/b", ByteView{}}}) == "name-dot-dot");
  CHECK(reason(std::array{good, good}) == "name-collision");
  CHECK(reason(std::array{package::SourceObject{"a", "A/B", ByteView{}}}) == "media-type-invalid");
  CHECK(reason(std::array{package::SourceObject{"a", "a/b", package::SourcePath{"/no/such"}}}) ==
        "file-missing");
  CHECK(reason(std::vector(kObjectsMax + 1, good)) == "objects-too-many");
}
