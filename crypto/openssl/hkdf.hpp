#pragma once
// HKDF (RFC 5869) with SHA-256 or SM3 by OpenSSL.

#include "base/bytes.hpp"
#include "crypto/secret.hpp"
#include "crypto/suite.hpp"

namespace hangu::crypto::openssl {

/// Extract and expand to `size` bytes (at most 255 * 32). `info` is at most 2,000 bytes.
[[nodiscard]] SecretBytes hkdf(HashAlgorithm algorithm, const SecretBytes& input, ByteView salt,
                               ByteView info, std::size_t size);

}  // namespace hangu::crypto::openssl
