#include "crypto/botan/sm4_gcm.hpp"

#include <algorithm>
#include <cstring>

#include <botan/aead.h>

#include "crypto/octets.hpp"

namespace hangu::crypto::botan {
namespace {

constexpr std::size_t kSm4KeyBytes = 16;

/// A mode is made for each call, so that one key serves many threads.
class Sm4Gcm final : public Aead {
 public:
  explicit Sm4Gcm(const SecretBytes& key) : key_(key.copy(SecretAccess::for_sealing())) {
    HANGU_ASSERT(key_.size() == kSm4KeyBytes);
  }

  void seal(const Nonce& nonce, ByteView associated, ByteView plain,
            MutableByteView out) const override {
    HANGU_ASSERT(out.size() == plain.size() + kTagBytes);
    run(Botan::ENCRYPTION, nonce, associated, plain, plain.size(), out);
  }

  bool open(const Nonce& nonce, ByteView associated, ByteView sealed,
            MutableByteView out) const override {
    HANGU_ASSERT(sealed.size() == out.size() + kTagBytes);
    try {
      run(Botan::DECRYPTION, nonce, associated, sealed, out.size(), out);
      return true;
    } catch (const Botan::Integrity_Failure&) {
      return false;
    }
  }

 private:
  /// Whole cipher blocks of the first `text` bytes are done in place in `out`; the rest of `in`
  /// (an open's tag with it) goes through Botan's own buffer.
  void run(Botan::Cipher_Dir direction, const Nonce& nonce, ByteView associated, ByteView in,
           std::size_t text, MutableByteView out) const {
    const auto mode = Botan::AEAD_Mode::create_or_throw("SM4/GCM", direction);
    const ByteView key = key_.reveal(SecretAccess::for_sealing());
    mode->set_key(octets(key), key.size());
    mode->set_associated_data(octets(associated), associated.size());
    mode->start(octets(nonce), nonce.size());
    const std::size_t bulk = text - text % mode->update_granularity();
    const ByteView rest = in.subspan(bulk);
    Botan::secure_vector<std::uint8_t> tail(octets(rest), octets(rest) + rest.size());
    if (bulk > 0) {
      std::memmove(out.data(), in.data(), bulk);
      mode->process(octets_out(out), bulk);
    }
    mode->finish(tail);
    HANGU_ASSERT(bulk + tail.size() == out.size());
    std::ranges::copy(std::as_bytes(std::span(tail)),
                      out.begin() + static_cast<std::ptrdiff_t>(bulk));
  }

  SecretBytes key_;
};

}  // namespace

std::unique_ptr<const Aead> make_sm4_gcm(const SecretBytes& key) {
  return std::make_unique<Sm4Gcm>(key);
}

}  // namespace hangu::crypto::botan
