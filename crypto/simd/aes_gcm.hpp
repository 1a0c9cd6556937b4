#pragma once
// AES-256-GCM with VAES, by Intel's multi-buffer library.

#include <memory>

#include "crypto/aead.hpp"

namespace hangu::crypto::simd {

/// Null when the processor lacks what it needs.
[[nodiscard]] std::unique_ptr<const Aead> make_aes_256_gcm(const SecretBytes& key);

}  // namespace hangu::crypto::simd
