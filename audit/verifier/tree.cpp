#include "audit/verifier/tree.hpp"

#include <bit>
#include <exception>
#include <memory>

#include <botan/base64.h>
#include <botan/hash.h>
#include <botan/hex.h>

namespace hangu_verify {
namespace {

constexpr std::size_t kTileWidth = 256;

Hash digest(std::initializer_list<std::span<const std::uint8_t>> parts) {
  static thread_local const std::unique_ptr<Botan::HashFunction> kSha =
      Botan::HashFunction::create_or_throw("SHA-256");
  for (const auto& part : parts) kSha->update(part.data(), part.size());
  Hash out{};
  kSha->final(out.data());
  return out;
}

std::span<const std::uint8_t> octets(std::string_view text) {
  const void* start = text.data();
  return {static_cast<const std::uint8_t*>(start), text.size()};
}

constexpr std::array<std::uint8_t, 1> kLeaf{0};
constexpr std::array<std::uint8_t, 1> kNode{1};

}  // namespace

Hash hash_empty() { return digest({}); }
Hash hash_leaf(std::string_view entry) { return digest({kLeaf, octets(entry)}); }
Hash hash_node(const Hash& left, const Hash& right) { return digest({kNode, left, right}); }

void Frontier::add(const Hash& leaf) {
  stack_.push_back({leaf, 1});
  while (stack_.size() > 1 && stack_[stack_.size() - 2].leaves == stack_.back().leaves) {
    const Subtree right = stack_.back();
    stack_.pop_back();
    stack_.back() = {hash_node(stack_.back().root, right.root), right.leaves * 2};
  }
  ++size_;
}

Hash Frontier::root() const {
  if (stack_.empty()) return hash_empty();
  Hash root = stack_.back().root;
  for (std::size_t i = stack_.size() - 1; i-- > 0;) root = hash_node(stack_[i].root, root);
  return root;
}

Hash root_of(std::span<const Hash> leaves) {
  Frontier tree;
  for (const Hash& leaf : leaves) tree.add(leaf);
  return tree.root();
}

std::vector<std::vector<Hash>> tile_levels(std::vector<Hash> leaves) {
  std::vector<std::vector<Hash>> levels;
  levels.push_back(std::move(leaves));
  while (levels.back().size() >= kTileWidth) {
    const std::vector<Hash>& below = levels.back();
    std::vector<Hash> above;
    for (std::size_t at = 0; at + kTileWidth <= below.size(); at += kTileWidth)
      above.push_back(root_of(std::span(below).subspan(at, kTileWidth)));
    levels.push_back(std::move(above));
  }
  return levels;
}

std::string to_base64(std::string_view bytes) {
  return Botan::base64_encode(octets(bytes).data(), bytes.size());
}

bool from_base64(std::string_view text, std::string& bytes) {
  try {
    const auto raw = Botan::base64_decode(text.data(), text.size(), false);
    bytes.assign(raw.begin(), raw.end());
    return to_base64(bytes) == text;
  } catch (const std::exception&) {
    return false;
  }
}

std::string to_hex(const Hash& hash) { return Botan::hex_encode(hash.data(), hash.size(), false); }

}  // namespace hangu_verify
