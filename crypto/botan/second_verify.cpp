#include "crypto/botan/second_verify.hpp"

#include <algorithm>
#include <array>

#include <botan/ecdsa.h>
#include <botan/ed25519.h>
#include <botan/pubkey.h>

#include "crypto/botan/library.hpp"

namespace hangu::crypto::botan {
namespace {

/// RFC 8032 §5.1.7 wants S below the group's order; Botan 2.19 looks at its top three bits only.
/// The order 2^252 + 27742317777372353535851937790883648493, little-endian.
bool scalar_canonical(ByteView s) {
  constexpr std::array<unsigned char, 32> kOrder = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                                    0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                                    0,    0,    0,    0,    0,    0,    0,    0,
                                                    0,    0,    0,    0,    0,    0,    0,    0x10};
  for (std::size_t i = kOrder.size(); i-- > 0;) {
    const auto digit = std::to_integer<unsigned char>(s[i]);
    if (digit != kOrder[i]) return digit < kOrder[i];
  }
  return false;
}

/// For a key of prime order, the only R of small order that can verify: y = 1.
bool is_identity(ByteView r) {
  return r[0] == std::byte{1} &&
         std::ranges::all_of(r.subspan(1), [](std::byte b) { return b == std::byte{0}; });
}

}  // namespace

bool ed25519_verify(ByteView point, ByteView message, ByteView signature) {
  try {
    if (point.size() != 32 || signature.size() != 64 || !scalar_canonical(signature.subspan(32)) ||
        is_identity(signature.first(32)))
      return false;
    const Botan::Ed25519_PublicKey key(octets(point), point.size());
    Botan::PK_Verifier verifier(key, "Pure");
    return verifier.verify_message(octets(message), message.size(), octets(signature),
                                   signature.size());
  } catch (const std::exception&) {
    return false;
  }
}

bool ecdsa_p256_verify(ByteView point, ByteView message, ByteView signature) {
  try {
    const Botan::ECDSA_PublicKey key(p256_group(), decode_point(p256_group(), point));
    Botan::PK_Verifier verifier(key, "EMSA1(SHA-256)", Botan::DER_SEQUENCE);
    return verifier.verify_message(octets(message), message.size(), octets(signature),
                                   signature.size());
  } catch (const std::exception&) {
    return false;  // a signature that is not DER, or a point off the curve
  }
}

}  // namespace hangu::crypto::botan
