#include "crypto/simd/aes_gcm.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

#include "crypto/octets.hpp"
#include "crypto/simd/multi_buffer.hpp"

namespace hangu::crypto::simd {
namespace {

constexpr std::size_t kAes256KeyBytes = 32;
constexpr std::size_t kKeyAlignment = 64;
// Guarded memory ends at a page's end, so a size of whole 64 bytes starts on 64 bytes.
constexpr std::size_t kKeyDataBytes =
    (sizeof(gcm_key_data) + kKeyAlignment - 1) / kKeyAlignment * kKeyAlignment;

/// The library returns nothing and writes nothing for a null pointer, also to no bytes at all.
constexpr std::byte kNoBytes{};
const std::byte* not_null(ByteView bytes) { return bytes.empty() ? &kNoBytes : bytes.data(); }

class AesGcm final : public Aead {
 public:
  AesGcm(const IMB_MGR& library, const SecretBytes& key)
      : library_(library), schedule_(kKeyDataBytes) {
    HANGU_ASSERT(key.size() == kAes256KeyBytes);
    void* start = schedule_.reveal_mutable(SecretAccess::for_sealing()).data();
    HANGU_ASSERT(std::bit_cast<std::uintptr_t>(start) % kKeyAlignment == 0);
    library_.gcm256_pre(key.reveal(SecretAccess::for_sealing()).data(),
                        static_cast<gcm_key_data*>(start));
  }

  void seal(const Nonce& nonce, ByteView associated, ByteView plain,
            MutableByteView out) const override {
    HANGU_ASSERT(out.size() == plain.size() + kTagBytes);
    run(library_.gcm256_enc, nonce, associated, plain, out.data(), out.last(kTagBytes));
  }

  bool open(const Nonce& nonce, ByteView associated, ByteView sealed,
            MutableByteView out) const override {
    HANGU_ASSERT(sealed.size() == out.size() + kTagBytes);
    std::array<std::byte, kTagBytes> wanted{};
    std::ranges::copy(sealed.last(kTagBytes), wanted.begin());
    // Starts as what cannot match, should the library ever return without a tag.
    std::array<std::byte, kTagBytes> computed{};
    std::ranges::transform(wanted, computed.begin(), [](std::byte b) { return ~b; });
    run(library_.gcm256_dec, nonce, associated, sealed.first(out.size()), out.data(), computed);
    return constant_time_equal(computed, wanted);
  }

 private:
  void run(aes_gcm_enc_dec_t function, const Nonce& nonce, ByteView associated, ByteView in,
           std::byte* out, MutableByteView tag) const {
    gcm_context_data context{};
    std::byte nowhere{};
    const void* schedule = schedule_.reveal(SecretAccess::for_sealing()).data();
    void* to = out == nullptr ? &nowhere : out;
    const void* from = not_null(in);
    const void* also = not_null(associated);
    function(static_cast<const gcm_key_data*>(schedule), &context, static_cast<std::uint8_t*>(to),
             static_cast<const std::uint8_t*>(from), in.size(), octets(nonce),
             static_cast<const std::uint8_t*>(also), associated.size(), octets_out(tag),
             tag.size());
    wipe(std::as_writable_bytes(std::span(&context, 1)));
  }

  const IMB_MGR& library_;
  SecretBytes schedule_;
};

}  // namespace

std::unique_ptr<const Aead> make_aes_256_gcm(const SecretBytes& key) {
  const IMB_MGR* library = multi_buffer();
  if (library == nullptr) return nullptr;
  return std::make_unique<AesGcm>(*library, key);
}

}  // namespace hangu::crypto::simd
