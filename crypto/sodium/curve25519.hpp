#pragma once
// Ed25519 (RFC 8032) and X25519 (RFC 7748) by libsodium.

#include <array>
#include <optional>

#include "base/bytes.hpp"
#include "crypto/secret.hpp"

namespace hangu::crypto::sodium {

inline constexpr std::size_t kCurve25519Bytes = 32;  ///< seeds, scalars and points
inline constexpr std::size_t kEd25519SignatureBytes = 64;

using Point = std::array<std::byte, kCurve25519Bytes>;

/// True for the canonical encoding of a point of the prime-order subgroup, not the identity.
[[nodiscard]] bool ed25519_point_valid(ByteView point);
[[nodiscard]] Point ed25519_public(const SecretBytes& seed);
[[nodiscard]] std::array<std::byte, kEd25519SignatureBytes> ed25519_sign(const SecretBytes& seed,
                                                                         ByteView point,
                                                                         ByteView message);
[[nodiscard]] bool ed25519_verify(ByteView point, ByteView message, ByteView signature);

/// True for a canonical u-coordinate that is not of small order.
[[nodiscard]] bool x25519_point_valid(ByteView point);
[[nodiscard]] Point x25519_public(const SecretBytes& scalar);
/// The shared secret; nothing when it would be all zero (RFC 7748 §6.1).
[[nodiscard]] std::optional<SecretBytes> x25519_agree(const SecretBytes& scalar, ByteView point);

}  // namespace hangu::crypto::sodium
