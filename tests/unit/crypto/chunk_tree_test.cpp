#include "crypto/chunk_tree.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "crypto/file_tree.hpp"
#include "vectors.hpp"

using namespace hangu;
using namespace hangu::crypto;

namespace {

struct TreeVector {
  HashAlgorithm algorithm;
  std::size_t size;
  std::string_view root;
};

// Printed by tests/support/chunk_tree_vectors.py (hashlib).
constexpr std::array kVectors = {
    TreeVector{HashAlgorithm::sha256, 0,
               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    TreeVector{HashAlgorithm::sha256, 1,
               "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"},
    TreeVector{HashAlgorithm::sha256, 1048575,
               "2dc4819212832ea69532e005288d8ff402d46a01450985e7bddde5d322535096"},
    TreeVector{HashAlgorithm::sha256, 1048576,
               "f4e53704c07aef05b5b12a89d6c1e54292fa7d9d8c3ee431c40b6f6ef6d19280"},
    TreeVector{HashAlgorithm::sha256, 1048577,
               "c782cd77b0f9139f9d7fab306f384a6cab7f6c65426252d0f67ef5aadffcc3f3"},
    TreeVector{HashAlgorithm::sha256, 3145735,
               "620fa40bf09ee5d34da0547797751cce555890f25f38a1a2ab8850b79ad5ec9c"},
    TreeVector{HashAlgorithm::sha256, 17825797,
               "1302f330efd0b0e08d320f14f1f06325b2cc16fc1a3034c0b780744f96c94a73"},
    TreeVector{HashAlgorithm::sha256, 22020096,
               "a6609ca63cc766e0b2904dd6553989d79106a134371096e534047690408b55bd"},
    TreeVector{HashAlgorithm::sm3, 0,
               "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"},
    TreeVector{HashAlgorithm::sm3, 1,
               "af83a966222057ac761246a7543c580d9111014f4e5e3cb1281db33151160335"},
    TreeVector{HashAlgorithm::sm3, 1048575,
               "49469dcce5226fc1b8ec650e4358c143e1d001591da5420d7b9d6fa5cd31eafb"},
    TreeVector{HashAlgorithm::sm3, 1048576,
               "8ae0ae34402b80b4e07ab7cf19248b2eefe7ddac141eb88d01478efc74ab055b"},
    TreeVector{HashAlgorithm::sm3, 1048577,
               "04c81de2ed6185e9adf1e20fec58ed03fb48b1945d8b9c3d87bf85863abcd13b"},
    TreeVector{HashAlgorithm::sm3, 3145735,
               "da74631cdb33df5e9d99740a3b2e591fb6be4111c760ec68d978ba0c70697c7c"},
    TreeVector{HashAlgorithm::sm3, 17825797,
               "1f556232b538b0dfc6b5e4fd1ee4d32f1a8a12b06f5b95c390ba994646949ac8"},
    TreeVector{HashAlgorithm::sm3, 22020096,
               "988bb25526f45b6f8dedec3d0ddd447f93d3a519e64db5662c234d6a72ecfb95"},
};

/// A file in memory with `content`.
class MemoryFile {
 public:
  explicit MemoryFile(ByteView content) : descriptor_(::memfd_create("test", MFD_CLOEXEC)) {
    REQUIRE(descriptor_ >= 0);
    while (!content.empty()) {
      const ssize_t n = ::write(descriptor_, content.data(), content.size());
      REQUIRE(n > 0);
      content = content.subspan(static_cast<std::size_t>(n));
    }
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace

TEST_CASE("the chunk tree gives another implementation's roots in every way of computing it",
          "[crypto][tree]") {
  for (const TreeVector& vector : kVectors) {
    CAPTURE(to_text(vector.algorithm), vector.size);
    const Bytes content = test::pattern(vector.size);
    const ObjectDigest whole = digest_of(vector.algorithm, content);
    CHECK(to_hex(whole.root) == vector.root);
    CHECK(whole.size == vector.size);

    ChunkTree stream(vector.algorithm);
    constexpr std::size_t kOddPiece = 700'001;
    for (std::size_t at = 0; at < content.size(); at += kOddPiece)
      stream.update(ByteView(content).subspan(at, std::min(kOddPiece, content.size() - at)));
    CHECK(stream.finish() == whole);
    CHECK(stream.leaves().size() == chunk_count(vector.size));

    const MemoryFile file(content);
    for (const unsigned threads : {0U, 1U, 3U}) {
      const auto hashed = hash_file(file.descriptor(), vector.algorithm, threads);
      REQUIRE(hashed);
      CHECK(hashed->digest == whole);
      CHECK(hashed->leaves == stream.leaves());
    }
  }
}

TEST_CASE("leaves hashed many at once are the leaves hashed one by one", "[crypto][tree]") {
  for (const HashAlgorithm algorithm : {HashAlgorithm::sha256, HashAlgorithm::sm3}) {
    for (const std::size_t chunks : {1U, 2U, 3U, 4U, 5U, 7U, 8U, 15U, 16U, 17U, 33U}) {
      const Bytes content = test::pattern(chunks * kChunkBytes + 100);
      std::vector<Hash> leaves;
      leaf_hashes(algorithm, content, leaves);
      REQUIRE(leaves.size() == chunks + 1);
      for (std::size_t i = 0; i <= chunks; ++i) {
        const std::size_t at = i * kChunkBytes;
        const ByteView chunk =
            ByteView(content).subspan(at, std::min(kChunkBytes, content.size() - at));
        REQUIRE(leaves[i] == leaf_hash(algorithm, chunk));
      }
    }
  }
}

TEST_CASE("chunks that stand apart, some of them short, give their leaves in order",
          "[crypto][tree]") {
  for (const HashAlgorithm algorithm : {HashAlgorithm::sha256, HashAlgorithm::sm3}) {
    const Bytes content = test::pattern(8 * kChunkBytes);
    std::vector<ByteView> chunks;
    for (const std::size_t at : {5U, 0U, 7U, 3U, 2U, 6U})
      chunks.push_back(ByteView(content).subspan(at * kChunkBytes, kChunkBytes));
    chunks.insert(chunks.begin(), ByteView(content).first(9));
    chunks.insert(chunks.begin() + 3, ByteView());
    chunks.insert(chunks.begin() + 4, ByteView(content).first(kChunkBytes - 1));
    std::vector<Hash> leaves = {Hash{}};
    leaf_hashes(algorithm, chunks, leaves);
    REQUIRE(leaves.size() == chunks.size() + 1);
    CHECK(leaves[0] == Hash{});
    for (std::size_t i = 0; i < chunks.size(); ++i)
      CHECK(leaves[i + 1] == leaf_hash(algorithm, chunks[i]));
  }
}

TEST_CASE("hash_file refuses what is not a readable file", "[crypto][tree]") {
  CHECK(test::reason_of(hash_file(-1, HashAlgorithm::sha256)) == "read-failed");
  std::array<int, 2> pipe_ends{};
  REQUIRE(::pipe(pipe_ends.data()) == 0);
  CHECK(test::reason_of(hash_file(pipe_ends[0], HashAlgorithm::sha256)) == "read-failed");
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
  const int write_only = ::open("/tmp", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  REQUIRE(write_only >= 0);
  REQUIRE(::write(write_only, "x", 1) == 1);
  CHECK(test::reason_of(hash_file(write_only, HashAlgorithm::sha256)) == "read-failed");
  ::close(write_only);
}

TEST_CASE("a digest's text reads back, and no other spelling of it does", "[crypto][tree]") {
  const ObjectDigest digest = digest_of(HashAlgorithm::sm3, bytes_of("x"));
  const std::string text = digest.to_text();
  CHECK(text.starts_with("sm3-tree:1:"));
  const auto parsed = ObjectDigest::parse(text);
  REQUIRE(parsed);
  CHECK(*parsed == digest);

  const std::string root(64, 'a');
  CHECK(ObjectDigest::parse("sha256-tree:0:" + root));
  CHECK(ObjectDigest::parse("sha256-tree:1125899906842624:" + root));
  for (const std::string& bad :
       {std::string(), "sha256:1:" + root, "sha512-tree:1:" + root, "sha256-tree:01:" + root,
        "sha256-tree:-1:" + root, "sha256-tree:+1:" + root, "sha256-tree: 1:" + root,
        "sha256-tree::" + root, "sha256-tree:1:" + root + "0", "sha256-tree:1:" + root + ":",
        "sha256-tree:1:" + std::string(64, 'A'), "sha256-tree:1:" + std::string(62, 'a'),
        "sha256-tree:1125899906842625:" + root, "sha256-tree:18446744073709551616:" + root})
    CHECK(test::reason_of(ObjectDigest::parse(bad)) == "digest-invalid");
}

TEST_CASE("a verifier accepts an object's chunks in any order and nothing else", "[crypto][tree]") {
  const Bytes content = test::pattern(2 * kChunkBytes + 9);
  ChunkTree tree(HashAlgorithm::sha256);
  tree.update(content);
  const ObjectDigest digest = tree.finish();
  const auto verifier = ChunkVerifier::create(digest, tree.leaves());
  REQUIRE(verifier);
  const ByteView view(content);
  const ByteView first = view.first(kChunkBytes);
  const ByteView second = view.subspan(kChunkBytes, kChunkBytes);
  const ByteView last = view.subspan(2 * kChunkBytes);
  CHECK(verifier->check(2, last));
  CHECK(verifier->check(0, first));
  CHECK(verifier->check(1, second));

  CHECK(test::reason_of(verifier->check(0, second)) == "chunk-mismatch");
  CHECK(test::reason_of(verifier->check(3, last)) == "chunk-mismatch");
  CHECK(test::reason_of(verifier->check(~std::uint64_t{0}, last)) == "chunk-mismatch");
  CHECK(test::reason_of(verifier->check(2, last.first(8))) == "chunk-mismatch");
  CHECK(test::reason_of(verifier->check(2, {})) == "chunk-mismatch");
  Bytes changed = to_bytes(last);
  changed[4] ^= std::byte{1};
  CHECK(test::reason_of(verifier->check(2, changed)) == "chunk-mismatch");
}

TEST_CASE("a verifier is not made from leaves that do not fit the digest", "[crypto][tree]") {
  const Bytes content = test::pattern(2 * kChunkBytes);
  ChunkTree tree(HashAlgorithm::sha256);
  tree.update(content);
  const ObjectDigest digest = tree.finish();
  std::vector<Hash> leaves = tree.leaves();

  ObjectDigest longer = digest;
  longer.size += 1;
  CHECK(test::reason_of(ChunkVerifier::create(longer, leaves)) == "leaves-mismatch");
  // The node of two leaves offered as the one leaf of a shorter object.
  ObjectDigest shorter = digest;
  shorter.size = kChunkBytes;
  CHECK(test::reason_of(ChunkVerifier::create(shorter, leaves)) == "leaves-mismatch");
  std::swap(leaves[0], leaves[1]);
  CHECK(test::reason_of(ChunkVerifier::create(digest, leaves)) == "leaves-mismatch");

  const ObjectDigest empty = digest_of(HashAlgorithm::sha256, {});
  CHECK(ChunkVerifier::create(empty, {}));
  CHECK(test::reason_of(ChunkVerifier::create(empty, {Hash{}})) == "leaves-mismatch");
}

TEST_CASE("the tree of a growing file is that of the whole file, however it grew",
          "[crypto][chunk_tree]") {
  const auto algorithm = GENERATE(HashAlgorithm::sha256, HashAlgorithm::sm3);
  const Bytes bytes = test::pattern(26 * kChunkBytes + 77);
  const int file = ::memfd_create("grows", MFD_CLOEXEC);
  REQUIRE(file >= 0);
  FileTree tree(algorithm);
  std::size_t written = 0;
  for (const std::size_t step : {std::size_t{1}, 3 * kChunkBytes, kChunkBytes - 1, kChunkBytes / 2,
                                 16 * kChunkBytes, std::size_t{0}}) {
    REQUIRE(::write(file, bytes.data() + written, step) == static_cast<ssize_t>(step));
    written += step;
    REQUIRE(tree.follow(file, written));
    CHECK(tree.hashed() <= written);
    const auto so_far = tree.finish(file, written);
    REQUIRE(so_far);
    CHECK(so_far->digest == digest_of(algorithm, ByteView(bytes).first(written)));
  }
  CHECK(tree.hashed() > 0);
  REQUIRE(::write(file, bytes.data() + written, bytes.size() - written) ==
          static_cast<ssize_t>(bytes.size() - written));
  const auto whole = tree.finish(file, bytes.size());
  const auto again = hash_file(file, algorithm);
  REQUIRE((whole && again));
  CHECK(whole->digest == again->digest);
  CHECK(whole->leaves == again->leaves);
  CHECK(tree.finish(file, bytes.size())->digest == again->digest);  // asked again
  CHECK(tree.finish(file, bytes.size() + 1).error().reason() == "read-failed");
  ::close(file);
}
