#include "crypto/short_hash.hpp"

#include <sodium.h>

#include "crypto/octets.hpp"

namespace hangu::crypto {

static_assert(crypto_shorthash_KEYBYTES == kShortHashSecretBytes);
static_assert(crypto_shorthash_BYTES == sizeof(std::uint64_t));

std::uint64_t short_hash(const std::array<std::byte, kShortHashSecretBytes>& secret,
                         ByteView bytes) {
  std::array<std::byte, sizeof(std::uint64_t)> out{};
  crypto_shorthash(octets_out(out), octets(bytes), bytes.size(), octets(secret));
  return load_u64(out);
}

}  // namespace hangu::crypto
