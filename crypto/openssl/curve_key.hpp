#pragma once
// Keys on P-256 and SM2 as OpenSSL objects. Included by crypto/openssl only.

#include <optional>

#include "crypto/openssl/library.hpp"
#include "crypto/secret.hpp"

namespace hangu::crypto::openssl {

/// The name that OpenSSL gives the key type and the group.
struct CurveName {
  const char* type;
  const char* group;
};
inline constexpr CurveName kP256Curve{.type = "EC", .group = "P-256"};
inline constexpr CurveName kSm2Curve{.type = "SM2", .group = "SM2"};

inline constexpr std::size_t kCurvePointBytes = 65;  ///< 0x04 ‖ x ‖ y
inline constexpr std::size_t kCurveScalarBytes = 32;

/// Null unless `point` is the uncompressed encoding of a point on the curve.
[[nodiscard]] Key public_key(CurveName curve, ByteView point);
/// Null when OpenSSL refuses; the caller has checked that scalar and point belong together.
[[nodiscard]] Key private_key(CurveName curve, const SecretBytes& scalar, ByteView point);

}  // namespace hangu::crypto::openssl
