#include "crypto/botan/sm3.hpp"

#include <botan/hash.h>

#include "crypto/octets.hpp"

namespace hangu::crypto::botan {

Sm3::Sm3() : function_(Botan::HashFunction::create("SM3")) { HANGU_ASSERT(function_ != nullptr); }
Sm3::Sm3(Sm3&&) noexcept = default;
Sm3& Sm3::operator=(Sm3&&) noexcept = default;
Sm3::~Sm3() = default;

void Sm3::update(ByteView bytes) { function_->update(octets(bytes), bytes.size()); }

Hash Sm3::finish() {
  Hash value{};
  function_->final(octets_out(value));
  return value;
}

}  // namespace hangu::crypto::botan
