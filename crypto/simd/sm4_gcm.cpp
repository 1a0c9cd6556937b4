#include "crypto/simd/sm4_gcm.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "crypto/octets.hpp"
#include "crypto/simd/multi_buffer.hpp"
#include "crypto/simd/sm4_wide.hpp"

namespace hangu::crypto::simd {
namespace {

constexpr std::size_t kSm4KeyBytes = 16;
constexpr std::size_t kKeyAlignment = 64;
/// Text is enciphered and hashed in pieces of this size, so that the second pass finds it in cache.
constexpr std::size_t kPieceBytes = 8 * kSm4BatchBytes;

/// What a key becomes: the GHASH tables first, aligned, then SM4's round keys.
struct Schedule {
  gcm_key_data hashing;
  Sm4RoundKeys round_keys;
};
constexpr std::size_t kScheduleBytes =
    (sizeof(Schedule) + kKeyAlignment - 1) / kKeyAlignment * kKeyAlignment;

class Sm4Gcm final : public Aead {
 public:
  Sm4Gcm(const IMB_MGR& library, const SecretBytes& key)
      : library_(library), schedule_(kScheduleBytes) {
    HANGU_ASSERT(key.size() == kSm4KeyBytes);
    void* start = schedule_.reveal_mutable(SecretAccess::for_sealing()).data();
    HANGU_ASSERT(std::bit_cast<std::uintptr_t>(start) % kKeyAlignment == 0);
    auto* schedule = static_cast<Schedule*>(start);
    sm4_expand(key.reveal(SecretAccess::for_sealing()), schedule->round_keys);
    // H = E(0): counter mode over zeros from counter zero.
    std::array<std::byte, kSm4BlockBytes> h{};
    sm4_counter_mode(schedule->round_keys, Sm4Counter{}, h, h);
    library_.ghash_pre(h.data(), &schedule->hashing);
    wipe(h);
  }

  void seal(const Nonce& nonce, ByteView associated, ByteView plain,
            MutableByteView out) const override {
    HANGU_ASSERT(out.size() == plain.size() + kTagBytes);
    const std::size_t size = plain.size();
    Tag hash = start_hash(associated);
    for (std::size_t at = 0; at < size; at += kPieceBytes) {
      const std::size_t n = std::min(kPieceBytes, size - at);
      encipher(nonce, at, plain.subspan(at, n), out.subspan(at, n));
      absorb(hash, out.subspan(at, n));
    }
    const Tag tag = finish(hash, nonce, associated.size(), size);
    std::ranges::copy(tag, out.last(kTagBytes).begin());
  }

  bool open(const Nonce& nonce, ByteView associated, ByteView sealed,
            MutableByteView out) const override {
    HANGU_ASSERT(sealed.size() == out.size() + kTagBytes);
    const std::size_t size = out.size();
    Tag wanted{};
    std::ranges::copy(sealed.last(kTagBytes), wanted.begin());
    Tag hash = start_hash(associated);
    for (std::size_t at = 0; at < size; at += kPieceBytes) {
      const std::size_t n = std::min(kPieceBytes, size - at);
      absorb(hash, sealed.subspan(at, n));
      encipher(nonce, at, sealed.subspan(at, n), out.subspan(at, n));
    }
    return constant_time_equal(finish(hash, nonce, associated.size(), size), wanted);
  }

 private:
  using Tag = std::array<std::byte, kTagBytes>;

  [[nodiscard]] const Schedule& schedule() const {
    const void* start = schedule_.reveal(SecretAccess::for_sealing()).data();
    return *static_cast<const Schedule*>(start);
  }

  [[nodiscard]] static Sm4Counter counter(const Nonce& nonce, std::uint32_t block) {
    const ByteView words(nonce);
    return {load_u32(words), load_u32(words.subspan(4)), load_u32(words.subspan(8)), block};
  }

  /// Counter 1 is the tag's, so text begins at 2 (SP 800-38D §7.1). `at` is whole blocks.
  void encipher(const Nonce& nonce, std::size_t at, ByteView in, MutableByteView out) const {
    const auto block = static_cast<std::uint32_t>(at / kSm4BlockBytes + 2);
    sm4_counter_mode(schedule().round_keys, counter(nonce, block), in, out);
  }

  /// GHASH of `bytes`, zero-padded to whole blocks.
  void absorb(Tag& hash, ByteView bytes) const {
    if (bytes.empty()) return;
    library_.ghash(&schedule().hashing, bytes.data(), bytes.size(), hash.data(), hash.size());
  }

  [[nodiscard]] Tag start_hash(ByteView associated) const {
    Tag hash{};
    absorb(hash, associated);
    return hash;
  }

  [[nodiscard]] Tag finish(Tag hash, const Nonce& nonce, std::size_t associated,
                           std::size_t text) const {
    Tag lengths{};
    store_u64(lengths, std::uint64_t{associated} * 8);
    store_u64(MutableByteView(lengths).subspan(8), std::uint64_t{text} * 8);
    absorb(hash, lengths);
    sm4_counter_mode(schedule().round_keys, counter(nonce, 1), hash, hash);
    return hash;
  }

  const IMB_MGR& library_;
  SecretBytes schedule_;
};

}  // namespace

std::unique_ptr<const Aead> make_sm4_gcm(const SecretBytes& key) {
  const IMB_MGR* library = multi_buffer();
  if (library == nullptr || !sm4_wide_available()) return nullptr;
  return std::make_unique<Sm4Gcm>(*library, key);
}

}  // namespace hangu::crypto::simd
