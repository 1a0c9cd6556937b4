#pragma once
// SM4-GCM (GB/T 32907, RFC 8998) in AVX-512 with GFNI: no tables, so time does not depend on keys
// or text. GHASH by Intel's multi-buffer library.

#include <memory>

#include "crypto/aead.hpp"

namespace hangu::crypto::simd {

/// Null when the processor lacks what it needs.
[[nodiscard]] std::unique_ptr<const Aead> make_sm4_gcm(const SecretBytes& key);

}  // namespace hangu::crypto::simd
