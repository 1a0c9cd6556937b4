#include "plain/input.hpp"

#include <random>

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "os/file.hpp"
#include "plain/reader.hpp"
#include "tests/unit/plain/samples.hpp"

namespace hangu::plain {
namespace {

using crypto::HashAlgorithm;

struct Object {
  explicit Object(std::size_t size, HashAlgorithm algorithm = HashAlgorithm::sha256) : bytes(size) {
    std::mt19937_64 random(size);
    for (std::byte& b : bytes) b = static_cast<std::byte>(random());
    crypto::leaf_hashes(algorithm, bytes, hashes);
    digest = crypto::digest_of(algorithm, bytes);
    for (const crypto::Hash& hash : hashes) append(leaf_bytes, hash);
    file = memory(bytes);
    leaves = memory(leaf_bytes);
  }
  static os::UniqueFd memory(ByteView content) {
    os::UniqueFd out(::memfd_create("object", MFD_CLOEXEC));
    REQUIRE(os::write_all_at(out.view(), 0, content));
    return out;
  }
  [[nodiscard]] Result<VerifiedFile> open() const {
    return VerifiedFile::open(file.view(), digest, leaves.view());
  }

  Bytes bytes;
  std::vector<crypto::Hash> hashes;
  crypto::ObjectDigest digest;
  Bytes leaf_bytes;
  os::UniqueFd file;
  os::UniqueFd leaves;
};

}  // namespace

TEST_CASE("a verified file gives the object's bytes, in any order and across chunks", "[plain]") {
  for (const HashAlgorithm algorithm : {HashAlgorithm::sha256, HashAlgorithm::sm3})
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kChunkBytes, kChunkBytes + 1,
                                   (kVerifiedChunksKept + 3) * kChunkBytes + 17}) {
      INFO(size);
      const Object object(size, algorithm);
      auto file = object.open();
      REQUIRE(file);
      const Input input(*file);
      CHECK(input.size().value() == size);
      Bytes all(size);
      REQUIRE(input.read_at(0, all));
      CHECK(all == object.bytes);
      std::mt19937_64 random(7);
      for (int i = 0; i < 60 && size > 0; ++i) {
        const std::size_t at = random() % size;
        Bytes some(std::min<std::size_t>(size - at, random() % (2 * kChunkBytes)));
        REQUIRE(input.read_at(at, some));
        CHECK(equal(some, ByteView(object.bytes).subspan(at, some.size())));
      }
      Bytes one(1);
      CHECK(test::reason_of(input.read_at(size, one)) == "file-short");
      CHECK(file->good());
    }
}

TEST_CASE("a verified file gives no byte of a chunk that was changed", "[plain]") {
  const Object object(3 * kChunkBytes);
  auto file = object.open();
  REQUIRE(file);
  const std::byte other = object.bytes[kChunkBytes + 5] ^ std::byte{1};
  REQUIRE(os::write_all_at(object.file.view(), kChunkBytes + 5, {&other, 1}));
  Bytes out(16);
  CHECK(file->read_at(0, out));
  CHECK(test::reason_of(file->read_at(kChunkBytes + 100, out)) == "chunk-mismatch");
  CHECK(test::reason_of(file->read_at(kChunkBytes - 8, out)) == "chunk-mismatch");
  CHECK(file->read_at(2 * kChunkBytes, out));
  CHECK(test::reason_of(file->good()) == "chunk-mismatch");  // remembered
}

TEST_CASE("a chunk that was checked is not looked at again", "[plain]") {
  const Object object(kChunkBytes + 9);
  auto file = object.open();
  REQUIRE(file);
  Bytes out(16);
  REQUIRE(file->read_at(4, out));
  const Bytes other(2 * kChunkBytes, std::byte{0});
  REQUIRE(os::write_all_at(object.file.view(), 0, other));
  Bytes again(16);
  REQUIRE(file->read_at(4, again));
  CHECK(again == out);
}

TEST_CASE("a verified file gives its bytes wherever one reads and whichever way, read ahead or not",
          "[plain][companion]") {
  auto other = os::Companion::start();
  REQUIRE(other);
  const bool ahead = GENERATE(true, false);
  const std::size_t size = (2 * kVerifiedChunksKept + 3) * kChunkBytes + 17;
  const Object object(size);
  auto opened = object.open();
  REQUIRE(opened);
  if (ahead) opened->read_ahead(*other);
  VerifiedFile file = *std::move(opened);
  std::mt19937_64 random(11);
  for (int i = 0; i < 80; ++i) {  // a run from anywhere, forwards or backwards, broken off
    const bool forwards = random() % 2 == 0;
    std::size_t at = random() % size;
    for (std::size_t left = random() % 30; left > 0 && at < size; --left) {
      Bytes some(std::min<std::size_t>(size - at, kChunkBytes / 2));
      REQUIRE(file.read_at(at, some));
      REQUIRE(equal(some, ByteView(object.bytes).subspan(at, some.size())));
      at = forwards ? at + some.size() : at - kChunkBytes / 2;  // below 0 it ends as above size
    }
  }
  CHECK(file.good());
}

TEST_CASE("a chunk that was changed is not given when it was read ahead, and the error stays",
          "[plain][companion]") {
  auto other = os::Companion::start();
  REQUIRE(other);
  const std::size_t chunks = 24;
  for (std::size_t bad = 0; bad < chunks; bad += 3) {
    INFO(bad);
    const Object object(chunks * kChunkBytes);
    const std::byte changed = object.bytes[bad * kChunkBytes] ^ std::byte{1};
    REQUIRE(os::write_all_at(object.file.view(), bad * kChunkBytes, {&changed, 1}));
    auto file = object.open();
    REQUIRE(file);
    file->read_ahead(*other);
    Bytes out(kChunkBytes);
    bool failed = false;
    for (std::size_t i = 0; i < chunks; ++i) {
      const Done read = file->read_at(i * kChunkBytes, out);
      if (read) {
        CHECK(equal(out, ByteView(object.bytes).subspan(i * kChunkBytes, kChunkBytes)));
        CHECK(i != bad);
      } else {
        CHECK(read.error().reason() == "chunk-mismatch");
        failed = true;
      }
    }
    CHECK(failed);
    CHECK(test::reason_of(file->good()) == "chunk-mismatch");
  }
}

TEST_CASE("leaves, size or file that are not the digest's are refused", "[plain]") {
  const Object object(2 * kChunkBytes);
  const auto with_leaves = [&](ByteView leaves) {
    const os::UniqueFd file = Object::memory(leaves);
    return test::reason_of(VerifiedFile::open(object.file.view(), object.digest, file.view()));
  };
  CHECK(with_leaves(object.leaf_bytes) == "ok");
  CHECK(with_leaves(ByteView(object.leaf_bytes).first(32)) == "leaves-mismatch");
  CHECK(with_leaves({}) == "leaves-mismatch");
  Bytes wrong = object.leaf_bytes;
  wrong[40] ^= std::byte{1};
  CHECK(with_leaves(wrong) == "leaves-mismatch");
  CHECK(test::reason_of(VerifiedFile::open(object.file.view(), object.digest, std::nullopt)) ==
        "leaves-mismatch");
  const os::UniqueFd shorter = Object::memory(ByteView(object.bytes).first(kChunkBytes));
  CHECK(test::reason_of(VerifiedFile::open(shorter.view(), object.digest, object.leaves.view())) ==
        "object-mismatch");
  Bytes more = object.bytes;
  more.push_back(std::byte{0});
  const os::UniqueFd longer = Object::memory(more);
  CHECK(test::reason_of(VerifiedFile::open(longer.view(), object.digest, object.leaves.view())) ==
        "object-mismatch");
}

TEST_CASE("a plain form is read through its digest as without", "[plain]") {
  const auto form = test::vector_file();
  const auto hashed = crypto::hash_file(form.get(), HashAlgorithm::sha256);
  REQUIRE(hashed);
  auto verified = VerifiedFile::open(form.view(), hashed->digest, std::nullopt);
  REQUIRE(verified);
  CHECK(check(Input(*verified)).value() == check(form.view()).value());
}

}  // namespace hangu::plain
