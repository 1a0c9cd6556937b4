#include "crypto/openssl/aes_gcm.hpp"

#include <algorithm>
#include <array>

#include <openssl/err.h>

#include "crypto/openssl/library.hpp"

namespace hangu::crypto::openssl {
namespace {

constexpr std::size_t kAes256KeyBytes = 32;

/// A context is made for each call, so that one key serves many threads: it costs a microsecond
/// against hundreds for a chunk.
class AesGcm final : public Aead {
 public:
  explicit AesGcm(const SecretBytes& key) : key_(key.copy(SecretAccess::for_sealing())) {
    HANGU_ASSERT(key_.size() == kAes256KeyBytes);
  }

  void seal(const Nonce& nonce, ByteView associated, ByteView plain,
            MutableByteView out) const override {
    HANGU_ASSERT(out.size() == plain.size() + kTagBytes);
    const CipherContext context = started(nonce, associated, 1);
    int length = 0;
    HANGU_ASSERT(EVP_EncryptUpdate(context.get(), octets_out(out), &length, octets(plain),
                                   static_cast<int>(plain.size())) == 1);
    HANGU_ASSERT(EVP_EncryptFinal_ex(context.get(), octets_out(out.last(kTagBytes)), &length) == 1);
    HANGU_ASSERT(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes,
                                     out.last(kTagBytes).data()) == 1);
  }

  bool open(const Nonce& nonce, ByteView associated, ByteView sealed,
            MutableByteView out) const override {
    HANGU_ASSERT(sealed.size() == out.size() + kTagBytes);
    const CipherContext context = started(nonce, associated, 0);
    std::array<std::byte, kTagBytes> tag{};
    std::ranges::copy(sealed.last(kTagBytes), tag.begin());
    std::array<std::byte, kTagBytes> rest{};
    int length = 0;
    HANGU_ASSERT(EVP_DecryptUpdate(context.get(), octets_out(out), &length, octets(sealed),
                                   static_cast<int>(out.size())) == 1);
    HANGU_ASSERT(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) ==
                 1);
    const bool authentic = EVP_DecryptFinal_ex(context.get(), octets_out(rest), &length) == 1;
    ERR_clear_error();
    return authentic;
  }

 private:
  [[nodiscard]] CipherContext started(const Nonce& nonce, ByteView associated,
                                      int encrypting) const {
    CipherContext context(EVP_CIPHER_CTX_new());
    int length = 0;
    HANGU_ASSERT(context && EVP_CipherInit_ex2(context.get(), openssl::aes_256_gcm(),
                                               octets(key_.reveal(SecretAccess::for_sealing())),
                                               octets(nonce), encrypting, nullptr) == 1);
    HANGU_ASSERT(associated.empty() ||
                 EVP_CipherUpdate(context.get(), nullptr, &length, octets(associated),
                                  static_cast<int>(associated.size())) == 1);
    return context;
  }

  SecretBytes key_;
};

}  // namespace

std::unique_ptr<const Aead> make_aes_256_gcm(const SecretBytes& key) {
  return std::make_unique<AesGcm>(key);
}

}  // namespace hangu::crypto::openssl
