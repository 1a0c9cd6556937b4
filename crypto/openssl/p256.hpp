#pragma once
// ECDSA on P-256 with SHA-256 (FIPS 186-4), and the second implementation of SM2 signature checks,
// by OpenSSL.

#include <array>
#include <optional>

#include "base/bytes.hpp"
#include "crypto/secret.hpp"

namespace hangu::crypto::openssl {

using P256Point = std::array<std::byte, 65>;

[[nodiscard]] bool p256_point_valid(ByteView point);
/// The public point of a scalar in 1..n-1; nothing for other scalars.
[[nodiscard]] std::optional<P256Point> p256_public(const SecretBytes& scalar);
/// A DER signature. Errors: Internal "sign-failed".
[[nodiscard]] Result<Bytes> p256_sign(const SecretBytes& scalar, ByteView point, ByteView message);
[[nodiscard]] bool p256_verify(ByteView point, ByteView message, ByteView signature);

/// SM2 with SM3 and kSm2Identity.
[[nodiscard]] bool sm2_verify(ByteView point, ByteView message, ByteView signature);

}  // namespace hangu::crypto::openssl
