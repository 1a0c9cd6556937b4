#include "crypto/hash.hpp"

#include <variant>

#include "crypto/botan/sm3.hpp"
#include "crypto/openssl/sha256.hpp"

namespace hangu::crypto {

struct Hasher::State {
  std::variant<openssl::Sha256, botan::Sm3> stream;
};

Hasher::Hasher(HashAlgorithm algorithm) : state_(std::make_unique<State>()) {
  if (algorithm == HashAlgorithm::sm3) state_->stream.emplace<botan::Sm3>();
}
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

Hasher& Hasher::update(ByteView bytes) {
  if (!bytes.empty()) std::visit([&](auto& stream) { stream.update(bytes); }, state_->stream);
  return *this;
}

Hash Hasher::finish() {
  return std::visit([](auto& stream) { return stream.finish(); }, state_->stream);
}

Hash hash(HashAlgorithm algorithm, ByteView bytes) {
  // One stream for each thread: making a context costs as much as hashing a small message.
  thread_local Hasher sha256(HashAlgorithm::sha256);
  thread_local Hasher sm3(HashAlgorithm::sm3);
  return (algorithm == HashAlgorithm::sm3 ? sm3 : sha256).update(bytes).finish();
}

}  // namespace hangu::crypto
