#include "audit/verifier/tree.hpp"

#include <algorithm>
#include <exception>
#include <memory>

#include <botan/base64.h>
#include <botan/hash.h>
#include <botan/hex.h>

namespace hangu_verify {
namespace {

Hash digest(std::initializer_list<std::span<const std::uint8_t>> parts) {
  static thread_local const std::unique_ptr<Botan::HashFunction> kSha =
      Botan::HashFunction::create_or_throw("SHA-256");
  for (const auto& part : parts) kSha->update(part.data(), part.size());
  Hash out{};
  kSha->final(out.data());
  return out;
}

constexpr std::array<std::uint8_t, 1> kLeaf{0};
constexpr std::array<std::uint8_t, 1> kNode{1};

}  // namespace

Hash hash_empty() { return digest({}); }
Hash hash_leaf(std::string_view entry) { return digest({kLeaf, octets(entry)}); }
Hash hash_node(const Hash& left, const Hash& right) { return digest({kNode, left, right}); }

void Frontier::add_subtree(const Hash& root, std::uint64_t leaves) {
  stack_.push_back({root, leaves});
  while (stack_.size() > 1 && stack_[stack_.size() - 2].leaves == stack_.back().leaves) {
    const Subtree right = stack_.back();
    stack_.pop_back();
    stack_.back() = {hash_node(stack_.back().root, right.root), right.leaves * 2};
  }
  size_ += leaves;
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

bool leads_to(const Hash& node, std::uint64_t index, std::uint64_t size, std::span<const Hash> path,
              const Hash& root) {
  if (index >= size) return false;
  Hash hash = node;
  std::uint64_t first = index;
  std::uint64_t last = size - 1;
  for (const Hash& other : path) {
    if (last == 0) return false;
    if ((first & 1) != 0 || first == last) {
      hash = hash_node(other, hash);
      for (; (first & 1) == 0 && first != 0; first >>= 1) last >>= 1;
    } else {
      hash = hash_node(hash, other);
    }
    first >>= 1;
    last >>= 1;
  }
  return last == 0 && hash == root;
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

std::string to_hex(const Hash& hash) { return to_hex_text(text_of(hash)); }

std::string to_hex_text(std::string_view bytes) {
  return Botan::hex_encode(octets(bytes).data(), bytes.size(), false);
}

std::optional<Hash> hash_from_hex(std::string_view text) {
  Hash out{};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool digit = c >= '0' && c <= '9';
    if (i >= 2 * out.size() || (!digit && (c < 'a' || c > 'f'))) return std::nullopt;
    const int value = digit ? c - '0' : c - 'a' + 10;
    out[i / 2] = static_cast<std::uint8_t>(out[i / 2] << 4 | value);
  }
  if (text.size() != 2 * out.size()) return std::nullopt;
  return out;
}

std::optional<Hash> hash_from(std::string_view bytes) {
  Hash out{};
  if (bytes.size() != out.size()) return std::nullopt;
  std::ranges::copy(octets(bytes), out.begin());
  return out;
}

std::string_view text_of(const Hash& hash) {
  const void* start = hash.data();
  return {static_cast<const char*>(start), hash.size()};
}

std::span<const std::uint8_t> octets(std::string_view text) {
  const void* start = text.data();
  return {static_cast<const std::uint8_t*>(start), text.size()};
}

}  // namespace hangu_verify
