#pragma once
// SM4-GCM (GB/T 32907, RFC 8998) by Botan.

#include <memory>

#include "crypto/aead.hpp"

namespace hangu::crypto::botan {

[[nodiscard]] std::unique_ptr<const Aead> make_sm4_gcm(const SecretBytes& key);

}  // namespace hangu::crypto::botan
