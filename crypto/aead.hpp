#pragma once
// Aead: one key of an authenticated cipher, whichever library computes it. Internal to crypto/.

#include <array>
#include <cstddef>
#include <memory>

#include "base/bytes.hpp"
#include "crypto/sealing.hpp"

namespace hangu::crypto {

inline constexpr std::size_t kNonceBytes = 12;
using Nonce = std::array<std::byte, kNonceBytes>;

/// Aead seals and opens. Thread: any number at once.
class Aead {
 public:
  Aead() = default;
  Aead(const Aead&) = delete;
  Aead& operator=(const Aead&) = delete;
  virtual ~Aead() = default;

  /// Writes ciphertext ‖ tag into `out`, plain.size() + kTagBytes long; `out` may start at the
  /// same byte as `plain`. A nonce may be used once for a key.
  virtual void seal(const Nonce& nonce, ByteView associated, ByteView plain,
                    MutableByteView out) const = 0;
  /// Writes the plaintext, sealed.size() - kTagBytes long, and says whether the tag is right; when
  /// it is not, `out` holds bytes that the caller must wipe. `out` may start where `sealed` does.
  [[nodiscard]] virtual bool open(const Nonce& nonce, ByteView associated, ByteView sealed,
                                  MutableByteView out) const = 0;
};

/// The fastest AES-256-GCM (32-byte key) and SM4-GCM (16-byte key) for this processor.
[[nodiscard]] std::unique_ptr<const Aead> aes_256_gcm(const SecretBytes& key);
[[nodiscard]] std::unique_ptr<const Aead> sm4_gcm(const SecretBytes& key);

}  // namespace hangu::crypto
