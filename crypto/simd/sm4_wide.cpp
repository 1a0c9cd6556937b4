#include "crypto/simd/sm4_wide.hpp"

#include <algorithm>
#include <bit>

#include "crypto/secret.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace hangu::crypto::simd {

#if defined(__x86_64__)

// g++ 12's own intrinsics start from an undefined register, of which it then warns (PR105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

#define HANGU_SM4 __attribute__((target("avx512f,avx512bw,gfni")))
#define HANGU_SM4_INLINE HANGU_SM4 inline __attribute__((always_inline))
// std::array of a vector type loses its alignment attribute, which g++ reports.
// NOLINTBEGIN(modernize-avoid-c-arrays)

namespace {

using Words = __m512i;  // one 32-bit word of each of sixteen blocks

/// Groups of sixteen blocks whose rounds are interleaved, to fill the latency of each.
constexpr std::size_t kGroups = 4;
static_assert(kGroups * 16 * kSm4BlockBytes == kSm4BatchBytes);

// The S-box as two affine maps around GFNI's inversion: tests/support/sm4_gfni_matrices.py.
constexpr long long kPreMatrix = 0x4c287db91a22505d;
constexpr int kPreConstant = 0x3e;
constexpr std::uint64_t kPostMatrix = 0xf3ab34a974a6b589;
constexpr int kPostConstant = 0xd3;

constexpr std::array<std::uint32_t, 4> kFamilyKey = {0xa3b1bac6, 0x56aa3350, 0x677d9197,
                                                     0xb27022dc};

HANGU_SM4_INLINE Words sbox(Words x) {
  const Words pre = _mm512_set1_epi64(kPreMatrix);
  const Words post = _mm512_set1_epi64(std::bit_cast<long long>(kPostMatrix));
  return _mm512_gf2p8affineinv_epi64_epi8(_mm512_gf2p8affine_epi64_epi8(x, pre, kPreConstant), post,
                                          kPostConstant);
}

HANGU_SM4_INLINE Words xor_three(Words a, Words b, Words c) {
  return _mm512_ternarylogic_epi32(a, b, c, 0x96);
}

/// x0 ^ L(S(x1 ^ x2 ^ x3 ^ key)), GB/T 32907 §6.2.
HANGU_SM4_INLINE Words round(Words x0, Words x1, Words x2, Words x3, Words key) {
  const Words s = sbox(_mm512_xor_si512(xor_three(x1, x2, x3), key));
  const Words near = xor_three(s, _mm512_rol_epi32(s, 2), _mm512_rol_epi32(s, 10));
  return xor_three(x0, near, _mm512_xor_si512(_mm512_rol_epi32(s, 18), _mm512_rol_epi32(s, 24)));
}

/// Key stream of 64 blocks, the counter's last word counting from counter[3]:
/// stream[g][j] holds blocks 16g + 4j … 16g + 4j + 3 in order.
HANGU_SM4_INLINE void key_stream(std::span<const std::uint32_t, kSm4Rounds> round_keys,
                                 const Sm4Counter& counter, Words (&stream)[kGroups][4]) {
  const auto all = [](std::uint32_t word) { return std::bit_cast<int>(word); };
  // Element 4q + j counts block 4j + q, so that the transposition below leaves blocks in order.
  const Words places = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
#pragma GCC unroll 4
  for (std::size_t g = 0; g < kGroups; ++g) {
    for (std::size_t i = 0; i < 3; ++i) stream[g][i] = _mm512_set1_epi32(all(counter[i]));
    stream[g][3] = _mm512_add_epi32(
        _mm512_set1_epi32(all(counter[3] + static_cast<std::uint32_t>(16 * g))), places);
  }
  for (std::size_t r = 0; r < kSm4Rounds; r += 4) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < 4; ++i) {
      const Words key = _mm512_set1_epi32(all(round_keys[r + i]));
#pragma GCC unroll 4
      for (std::size_t g = 0; g < kGroups; ++g)
        stream[g][i] = round(stream[g][i], stream[g][(i + 1) % 4], stream[g][(i + 2) % 4],
                             stream[g][(i + 3) % 4], key);
    }
  }
  const Words big_endian = _mm512_set4_epi32(0x0c0d0e0f, 0x08090a0b, 0x04050607, 0x00010203);
#pragma GCC unroll 4
  for (std::size_t g = 0; g < kGroups; ++g) {
    // The output block is the last four words, newest first.
    const Words a = _mm512_shuffle_epi8(stream[g][3], big_endian);
    const Words b = _mm512_shuffle_epi8(stream[g][2], big_endian);
    const Words c = _mm512_shuffle_epi8(stream[g][1], big_endian);
    const Words d = _mm512_shuffle_epi8(stream[g][0], big_endian);
    const Words ab_low = _mm512_unpacklo_epi32(a, b);
    const Words ab_high = _mm512_unpackhi_epi32(a, b);
    const Words cd_low = _mm512_unpacklo_epi32(c, d);
    const Words cd_high = _mm512_unpackhi_epi32(c, d);
    stream[g][0] = _mm512_unpacklo_epi64(ab_low, cd_low);
    stream[g][1] = _mm512_unpackhi_epi64(ab_low, cd_low);
    stream[g][2] = _mm512_unpacklo_epi64(ab_high, cd_high);
    stream[g][3] = _mm512_unpackhi_epi64(ab_high, cd_high);
  }
}

/// One whole batch: out = in XOR key stream.
HANGU_SM4 void whole_batch(std::span<const std::uint32_t, kSm4Rounds> round_keys,
                           const Sm4Counter& counter, const std::byte* in, std::byte* out) {
  Words stream[kGroups][4];
  key_stream(round_keys, counter, stream);
#pragma GCC unroll 16
  for (std::size_t i = 0; i < 4 * kGroups; ++i)
    _mm512_storeu_si512(out + 64 * i,
                        _mm512_xor_si512(_mm512_loadu_si512(in + 64 * i), stream[i / 4][i % 4]));
}

/// The S-box on each byte of one word (for the key schedule).
HANGU_SM4 std::uint32_t sbox_word(std::uint32_t word) {
  return std::bit_cast<std::uint32_t>(
      _mm_cvtsi128_si32(_mm512_castsi512_si128(sbox(_mm512_set1_epi32(std::bit_cast<int>(word))))));
}

}  // namespace
// NOLINTEND(modernize-avoid-c-arrays)

bool sm4_wide_available() {
  static const bool kAvailable = __builtin_cpu_supports("avx512f") != 0 &&
                                 __builtin_cpu_supports("avx512bw") != 0 &&
                                 __builtin_cpu_supports("gfni") != 0;
  return kAvailable;
}

void sm4_expand(ByteView key, std::span<std::uint32_t, kSm4Rounds> round_keys) {
  HANGU_ASSERT(key.size() == 16);
  std::array<std::uint32_t, 4> k{};
  for (std::size_t i = 0; i < 4; ++i) k[i] = load_u32(key.subspan(4 * i, 4)) ^ kFamilyKey[i];
  for (std::size_t r = 0; r < kSm4Rounds; ++r) {
    // CK: byte j of constant r is 7·(4r + j) mod 256.
    std::uint32_t constant = 0;
    for (std::size_t j = 0; j < 4; ++j)
      constant = (constant << 8) | static_cast<std::uint32_t>(((4 * r + j) * 7) & 0xff);
    const std::uint32_t s = sbox_word(k[1] ^ k[2] ^ k[3] ^ constant);
    const std::uint32_t next = k[0] ^ s ^ std::rotl(s, 13) ^ std::rotl(s, 23);
    round_keys[r] = next;
    k = {k[1], k[2], k[3], next};
  }
  wipe(std::as_writable_bytes(std::span(k)));
}

void sm4_counter_mode(std::span<const std::uint32_t, kSm4Rounds> round_keys, Sm4Counter counter,
                      ByteView in, MutableByteView out) {
  HANGU_ASSERT(in.size() == out.size());
  constexpr std::uint32_t kBatchBlocks = kSm4BatchBytes / kSm4BlockBytes;
  std::size_t at = 0;
  for (; in.size() - at >= kSm4BatchBytes; at += kSm4BatchBytes, counter[3] += kBatchBlocks)
    whole_batch(round_keys, counter, in.data() + at, out.data() + at);
  const ByteView rest = in.subspan(at);
  if (rest.empty()) return;
  alignas(64) std::array<std::byte, kSm4BatchBytes> batch{};
  std::ranges::copy(rest, batch.begin());
  whole_batch(round_keys, counter, batch.data(), batch.data());
  std::copy_n(batch.begin(), rest.size(), out.subspan(at).begin());
  wipe(batch);
}

#else

bool sm4_wide_available() { return false; }
void sm4_expand(ByteView, std::span<std::uint32_t, kSm4Rounds>) {
  HANGU_ASSERT(false && "no AVX-512");
}
void sm4_counter_mode(std::span<const std::uint32_t, kSm4Rounds>, Sm4Counter, ByteView,
                      MutableByteView) {
  HANGU_ASSERT(false && "no AVX-512");
}

#endif

}  // namespace hangu::crypto::simd
