#pragma once
// SM2 (GB/T 32918-2016) by Botan: signatures with SM3 and the standard identity, and public key
// encryption.

#include <array>
#include <optional>

#include "base/bytes.hpp"
#include "crypto/secret.hpp"

namespace hangu::crypto::botan {

inline constexpr std::size_t kSm2PointBytes = 65;
inline constexpr std::size_t kSm2ScalarBytes = 32;
/// C1 ‖ C3 adds this much to a plaintext: an uncompressed point and an SM3 value.
inline constexpr std::size_t kSm2CipherOverheadBytes = 97;

using Sm2Point = std::array<std::byte, kSm2PointBytes>;

/// True for the uncompressed encoding of a point on the curve, not at infinity.
[[nodiscard]] bool sm2_point_valid(ByteView point);
/// The public point of a scalar in 1..n-2; nothing for other scalars.
[[nodiscard]] std::optional<Sm2Point> sm2_public(const SecretBytes& scalar);

/// How a signature is spelled; Botan's own numbers.
enum class Sm2Form : std::uint8_t {
  fixed = 0,  ///< r ‖ s, 64 bytes
  der = 1,    ///< a SEQUENCE of r and s
};
/// Errors: Internal "sign-failed".
[[nodiscard]] Result<Bytes> sm2_sign(const SecretBytes& scalar, ByteView message, Entropy& entropy,
                                     Sm2Form form = Sm2Form::der);
[[nodiscard]] bool sm2_verify(ByteView point, ByteView message, ByteView signature,
                              Sm2Form form = Sm2Form::der);

/// C1 ‖ C3 ‖ C2 (GB/T 32918.4 as amended: the hash before the text).
/// Errors: Internal "encrypt-failed".
[[nodiscard]] Result<Bytes> sm2_encrypt(ByteView point, ByteView plain, Entropy& entropy);
/// Nothing for every cause of failure.
[[nodiscard]] std::optional<SecretBytes> sm2_decrypt(const SecretBytes& scalar, ByteView cipher);

}  // namespace hangu::crypto::botan
