// Every way to damage a package by one byte, one cut, or one swap.

#include <set>

#include "package/layout.hpp"
#include "tests/unit/package/forgery.hpp"

using namespace hangu;
using namespace hangu::test;

namespace {

/// Small: some header, statement, two objects, one of them empty.
const std::vector<SampleObject> kSmall{{"图.bin", pattern(24, 1)}, {"空.bin", {}}};

struct SmallPackage {
  explicit SmallPackage(crypto::Suite suite, std::string_view seed = "small")
      : parties(suite, seed) {
    parties.recipients.push_back(
        must(crypto::OpeningKey::generate(suite, parties.entropy)).recipient_key());
    bytes = content_of(seal_sample(kSmall, parties, 1).file.view());
  }
  Parties parties;
  Bytes bytes;
};

}  // namespace

TEST_CASE("a package with any one byte changed is refused with a reason", "[package][mutation]") {
  for (const crypto::Suite suite : kSuites) {
    const SmallPackage small(suite);
    REQUIRE(reason_of_opening(small.bytes, small.parties) == "");
    Bytes changed = small.bytes;
    std::set<std::string> reasons;
    for (std::size_t i = 0; i < changed.size(); ++i)
      for (const std::byte flip : {std::byte{0x01}, std::byte{0xff}}) {
        changed[i] ^= flip;
        const std::string reason = reason_of_opening(changed, small.parties);
        changed[i] ^= flip;
        if (reason.empty()) FAIL("byte " << i << " may be changed");
        reasons.insert(reason);
      }
    CHECK(reasons.contains("package-magic"));
    CHECK(reasons.contains("package-flags"));
    CHECK(reasons.contains("package-not-for-us"));
    CHECK(reasons.contains("chunk-not-authentic"));
    CHECK(reasons.contains("key-unwrap-failed"));
  }
}

TEST_CASE("a package cut at any length is refused with a reason", "[package][mutation]") {
  for (const crypto::Suite suite : kSuites) {
    const SmallPackage small(suite);
    for (std::size_t length = 0; length < small.bytes.size(); ++length) {
      const std::string reason =
          reason_of_opening(ByteView(small.bytes).first(length), small.parties);
      if (reason != "package-truncated") FAIL(length << " bytes: '" << reason << "'");
    }
  }
}

TEST_CASE("a package with bytes behind its end is refused", "[package][mutation]") {
  for (const crypto::Suite suite : kSuites) {
    const SmallPackage small(suite);
    for (const std::size_t more : {std::size_t{1}, std::size_t{16}, kChunkBytes + 16}) {
      Bytes longer = small.bytes;
      longer.resize(longer.size() + more);
      CHECK(reason_of_opening(longer, small.parties) == "package-trailing-bytes");
    }
    Bytes twice = small.bytes;
    append(twice, small.bytes);
    CHECK(reason_of_opening(twice, small.parties) == "package-trailing-bytes");
  }
}

TEST_CASE("a package with bytes taken out or put in anywhere is refused", "[package][mutation]") {
  for (const crypto::Suite suite : kSuites) {
    const SmallPackage small(suite);
    for (std::size_t i = 0; i < small.bytes.size(); i += 7) {
      Bytes shorter = small.bytes;
      shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
      if (reason_of_opening(shorter, small.parties).empty()) FAIL("without byte " << i);
      Bytes longer = small.bytes;
      longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(i), std::byte{0});
      if (reason_of_opening(longer, small.parties).empty()) FAIL("one more before byte " << i);
    }
  }
}

TEST_CASE("chunks cannot be swapped, repeated or moved between objects and packages",
          "[package][mutation]") {
  constexpr std::size_t kSealed = package::kSealedChunkBytes;
  const std::vector<SampleObject> objects{{"a.bin", pattern(3 * kChunkBytes, 1)},
                                          {"b.bin", pattern(3 * kChunkBytes, 2)}};
  for (const crypto::Suite suite : kSuites) {
    Parties parties(suite);
    const SealedSample one = seal_sample(objects, parties);
    const SealedSample two = seal_sample(objects, parties);  // the same, under another key
    const Bytes bytes = content_of(one.file.view());
    const Bytes other = content_of(two.file.view());
    REQUIRE(bytes.size() == other.size());
    const auto reader = must(package::Reader::open(one.file.view(), parties.opener));
    const auto at = [&](std::size_t stream, std::uint64_t chunk) {
      return static_cast<std::ptrdiff_t>(reader.layout().chunk_at(stream, chunk));
    };
    const auto moved = [&](const Bytes& from, std::ptrdiff_t source, std::ptrdiff_t target,
                           std::size_t length) {
      Bytes out = bytes;
      std::copy_n(from.begin() + source, length, out.begin() + target);
      return reason_of_opening(out, parties);
    };
    CHECK(moved(bytes, at(1, 0), at(1, 1), kSealed) == "chunk-not-authentic");  // repeated
    CHECK(moved(bytes, at(1, 1), at(2, 1), kSealed) == "chunk-not-authentic");  // other object
    CHECK(moved(other, at(1, 1), at(1, 1), kSealed) == "chunk-not-authentic");  // other package
    CHECK(moved(other, at(1, 0), at(1, 0), 3 * kSealed) == "chunk-not-authentic");
    const std::ptrdiff_t statement = at(0, 0);
    const std::size_t statement_bytes = bytes.size() - static_cast<std::size_t>(statement);
    CHECK(moved(other, statement, statement, statement_bytes) == "chunk-not-authentic");
    // Header and objects of one, the statement of the other.
    CHECK(moved(other, 0, 0, static_cast<std::size_t>(statement)) == "chunk-not-authentic");
    // Header and statement of one, objects of the other.
    CHECK(moved(other, at(1, 0), at(1, 0), static_cast<std::size_t>(statement - at(1, 0))) ==
          "chunk-not-authentic");
    // Two chunks, and two objects, change places.
    Bytes swapped = bytes;
    std::swap_ranges(swapped.begin() + at(1, 0), swapped.begin() + at(1, 1),
                     swapped.begin() + at(1, 1));
    CHECK(reason_of_opening(swapped, parties) == "chunk-not-authentic");
    swapped = bytes;
    std::swap_ranges(swapped.begin() + at(1, 0), swapped.begin() + at(2, 0),
                     swapped.begin() + at(2, 0));
    CHECK(reason_of_opening(swapped, parties) == "chunk-not-authentic");
  }
}

TEST_CASE("an object that fails leaves the others readable and says which it is",
          "[package][mutation]") {
  Parties parties(crypto::Suite::intl);
  const SealedSample sample =
      seal_sample({{"a.bin", pattern(9)}, {"b.bin", pattern(9, 2)}}, parties);
  const auto reader = must(package::Reader::open(sample.file.view(), parties.opener));
  const std::array<std::byte, 1> wrong{};
  REQUIRE(os::write_all_at(sample.file.view(), reader.layout().chunk_at(1, 0), wrong).has_value());
  const os::UniqueFd out = memory_file();
  const auto done = reader.extract(0, out.view());
  REQUIRE(!done.has_value());
  CHECK(done.error().reason() == "chunk-not-authentic");
  CHECK(done.error().context().find("a.bin") != std::string::npos);
  CHECK(content_of(out.view()).empty());  // nothing unauthentic was written
  CHECK(reader.extract(1, out.view()).has_value());
}

TEST_CASE("a package that becomes shorter while it is read is refused", "[package]") {
  Parties parties(crypto::Suite::intl);
  const SealedSample sample = seal_sample({{"a.bin", pattern(3 * kChunkBytes)}}, parties);
  const auto reader = must(package::Reader::open(sample.file.view(), parties.opener));
  REQUIRE(::ftruncate(sample.file.get(), static_cast<off_t>(reader.layout().chunk_at(1, 2))) == 0);
  const os::UniqueFd out = memory_file();
  CHECK(reader.extract(0, out.view()).error().reason() == "package-truncated");
}
