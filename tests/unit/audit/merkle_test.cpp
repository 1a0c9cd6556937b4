#include "audit/merkle.hpp"

#include <map>

#include <catch2/catch.hpp>

#include "audit/tile.hpp"
#include "tests/unit/audit/support.hpp"

namespace hangu::audit::test {
namespace {

constexpr std::size_t kTreesMax = 100;

std::vector<Hash> leaves_of(std::size_t count) {
  std::vector<Hash> leaves;
  for (std::size_t i = 0; i < count; ++i) {
    leaves.push_back(leaf_hash(bytes_of("entry " + std::to_string(i))));
  }
  return leaves;
}

Hash flipped(Hash hash) {
  hash[7] ^= std::byte{0x10};
  return hash;
}

}  // namespace

// Leaves and roots: certificate-transparency and transparency-dev/merkle, testonly/constants.go.
TEST_CASE("the frontier has the roots that other RFC 6962 implementations publish", "[audit]") {
  const std::vector<std::string> leaves{"",
                                        "00",
                                        "10",
                                        "2021",
                                        "3031",
                                        "40414243",
                                        "5051525354555657",
                                        "606162636465666768696a6b6c6d6e6f"};
  const std::vector<std::string> roots{
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  Frontier frontier;
  CHECK(to_hex(frontier.root()) == roots[0]);
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    frontier.append(leaf_hash(*from_hex(leaves[i])));
    CHECK(to_hex(frontier.root()) == roots[i + 1]);
  }
}

TEST_CASE("every entry of every tree up to 100 proves, and every change to a proof fails",
          "[audit]") {
  for (std::size_t n = 1; n <= kTreesMax; ++n) {
    const std::vector<Hash> leaves = leaves_of(n);
    const PlainTree tree(leaves);
    const TreeHead head{.size = n, .root = tree.root(0, n)};
    for (std::size_t i = 0; i < n; ++i) {
      const auto path = *inclusion_path(tree, i, n);
      REQUIRE(verify_inclusion(leaves[i], i, head, path));
      REQUIRE_FALSE(verify_inclusion(flipped(leaves[i]), i, head, path));
      REQUIRE_FALSE(verify_inclusion(leaves[i], i, {.size = n, .root = flipped(head.root)}, path));
      REQUIRE_FALSE(verify_inclusion(leaves[i], n, head, path));
      if (n > 1) REQUIRE_FALSE(verify_inclusion(leaves[i], (i + 1) % n, head, path));
      for (std::size_t p = 0; p < path.size(); ++p) {
        auto changed = path;
        changed[p] = flipped(changed[p]);
        REQUIRE_FALSE(verify_inclusion(leaves[i], i, head, changed));
        changed = path;
        changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(p));
        REQUIRE_FALSE(verify_inclusion(leaves[i], i, head, changed));
      }
      auto longer = path;
      longer.push_back(head.root);
      REQUIRE_FALSE(verify_inclusion(leaves[i], i, head, longer));
    }
  }
}

TEST_CASE("every two trees up to 100 are consistent, and every change to the proof fails",
          "[audit]") {
  const std::vector<Hash> leaves = leaves_of(kTreesMax);
  const PlainTree tree(leaves);
  for (std::size_t n = 1; n <= kTreesMax; ++n) {
    const TreeHead second{.size = n, .root = tree.root(0, n)};
    for (std::size_t m = 1; m <= n; ++m) {
      const TreeHead first{.size = m, .root = tree.root(0, m)};
      const auto path = *consistency_path(tree, m, n);
      REQUIRE(verify_consistency(first, second, path));
      REQUIRE_FALSE(verify_consistency({.size = m, .root = flipped(first.root)}, second, path));
      REQUIRE_FALSE(verify_consistency(first, {.size = n, .root = flipped(second.root)}, path));
      for (std::size_t p = 0; p < path.size(); ++p) {
        auto changed = path;
        changed[p] = flipped(changed[p]);
        REQUIRE_FALSE(verify_consistency(first, second, changed));
        changed = path;
        changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(p));
        REQUIRE_FALSE(verify_consistency(first, second, changed));
      }
      auto longer = path;
      longer.push_back(second.root);
      REQUIRE_FALSE(verify_consistency(first, second, longer));
    }
  }
}

TEST_CASE("nothing is proved by an empty or a larger first tree", "[audit]") {
  const PlainTree tree(leaves_of(3));
  const TreeHead three{.size = 3, .root = tree.root(0, 3)};
  CHECK_FALSE(verify_consistency({.size = 0, .root = empty_root()}, three, {}));
  CHECK_FALSE(verify_consistency(three, {.size = 2, .root = tree.root(0, 2)}, {}));
  CHECK(consistency_path(tree, 0, 3).error().reason() == "proof-range");
  CHECK(consistency_path(tree, 4, 3).error().reason() == "proof-range");
  CHECK(inclusion_path(tree, 3, 3).error().reason() == "proof-range");
}

TEST_CASE("a hash is exactly 32 bytes", "[audit]") {
  CHECK(hash_from(Bytes(32)));
  CHECK(hash_from(Bytes(31)).error().reason() == "hash-invalid");
  CHECK(hash_from(Bytes(33)).error().reason() == "hash-invalid");
  CHECK(hash_from({}).error().reason() == "hash-invalid");
}

TEST_CASE("tile hashes give the nodes of the plain tree, before and after release", "[audit]") {
  const std::vector<Hash> leaves = leaves_of(1000);
  const PlainTree tree(leaves);
  std::map<std::string, Bytes> files;
  TileHashes hashes([&](const Tile& tile) -> Result<Bytes> { return files.at(tile.path()); });
  for (const Hash& leaf : leaves) hashes.append(leaf);
  const auto agree = [&] {
    for (unsigned height = 0; height < 10; ++height) {
      for (std::uint64_t i = 0; (i + 1) << height <= leaves.size(); i += 7) {
        REQUIRE(*hashes.node(height, i) == *tree.node(height, i));
      }
    }
    CHECK(*root_of(hashes, 1000) == tree.root(0, 1000));
    CHECK(*root_of(hashes, 77) == tree.root(0, 77));
  };
  agree();
  for (std::uint64_t n = 0; n < 3; ++n) {
    const Tile tile{.level = 0, .number = n};
    files[tile.path()] = hashes.tile_bytes(tile);
  }
  hashes.release(1000);
  agree();
}

}  // namespace hangu::audit::test
