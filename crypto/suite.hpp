#pragma once
// Suites: the named sets of algorithms. Named in everything signed, chosen by policy per flow,
// never negotiated down. docs/adr/0003-suites.md.

#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace hangu::crypto {

enum class HashAlgorithm : std::uint8_t { sha256 = 0, sm3 = 1 };
enum class SignatureAlgorithm : std::uint8_t { ed25519 = 0, sm2 = 1, ecdsa_p256 = 2 };

enum class Suite : std::uint8_t {
  intl = 0,  ///< Ed25519, X25519, AES-256-GCM, SHA-256
  gm = 1,    ///< SM2 signature and encryption, SM4-GCM, SM3
};

/// "intl", "gm"; "sha256", "sm3"; "ed25519", "sm2", "ecdsa-p256".
[[nodiscard]] std::string_view to_text(Suite suite);
[[nodiscard]] std::string_view to_text(HashAlgorithm algorithm);
[[nodiscard]] std::string_view to_text(SignatureAlgorithm algorithm);
/// Errors: Malformed "suite-unknown", "hash-unknown", "signature-unknown".
[[nodiscard]] Result<Suite> parse_suite(std::string_view text);
[[nodiscard]] Result<HashAlgorithm> parse_hash_algorithm(std::string_view text);
[[nodiscard]] Result<SignatureAlgorithm> parse_signature_algorithm(std::string_view text);

[[nodiscard]] HashAlgorithm hash_of(Suite suite);
[[nodiscard]] SignatureAlgorithm signature_of(Suite suite);

}  // namespace hangu::crypto
