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

Hasher& Hasher::of_thread(HashAlgorithm algorithm) {
  if (algorithm == HashAlgorithm::sm3) {
    thread_local Hasher sm3(HashAlgorithm::sm3);
    return sm3;
  }
  thread_local Hasher sha256(HashAlgorithm::sha256);
  return sha256;
}

Hash hash(HashAlgorithm algorithm, ByteView bytes) {
  return Hasher::of_thread(algorithm).update(bytes).finish();
}

}  // namespace hangu::crypto
