#pragma once
// The second implementations of signature checks that Botan gives: Ed25519 and ECDSA P-256.

#include "base/bytes.hpp"

namespace hangu::crypto::botan {

/// As strict as libsodium's: canonical S, R not the identity.
[[nodiscard]] bool ed25519_verify(ByteView point, ByteView message, ByteView signature);
[[nodiscard]] bool ecdsa_p256_verify(ByteView point, ByteView message, ByteView signature);

}  // namespace hangu::crypto::botan
