#include "crypto/simd/sha256_lanes.hpp"

#include <utility>

#include "crypto/simd/leaf_message.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace hangu::crypto::simd {

#if defined(__x86_64__)

// Unrolling is for g++; clang unrolls by itself and reports where it did so earlier than asked.
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpass-failed"
#endif

#define HANGU_SHA_TARGET __attribute__((target("sha,avx2")))

// Loops over lanes are unrolled by request: left rolled, the words go through memory, and two
// streams are no faster than one.

namespace {

constexpr std::array<std::uint32_t, 8> kInitial = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                                   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

alignas(16) constexpr std::array<std::uint32_t, 64> kRound = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

constexpr std::size_t kLanes = kSha256Lanes;

/// The states of all lanes in the order that the instructions want: (A B E F) and (C D G H).
struct States {
  __m128i abef[kLanes];  // NOLINT(modernize-avoid-c-arrays): std::array of a vector type warns
  __m128i cdgh[kLanes];  // NOLINT(modernize-avoid-c-arrays)
};

__m128i word_load(const void* at) { return _mm_loadu_si128(static_cast<const __m128i*>(at)); }

HANGU_SHA_TARGET void start(States& states) {
  const __m128i dcba = _mm_shuffle_epi32(word_load(&kInitial[0]), 0xb1);
  const __m128i hgfe = _mm_shuffle_epi32(word_load(&kInitial[4]), 0x1b);
#pragma GCC unroll 4
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    states.abef[lane] = _mm_alignr_epi8(dcba, hgfe, 8);
    states.cdgh[lane] = _mm_blend_epi16(hgfe, dcba, 0xf0);
  }
}

/// Four rounds `Step` of every lane, and the message words that later steps need.
template <std::size_t Step>
HANGU_SHA_TARGET inline __attribute__((always_inline)) void four_rounds(
    States& states, __m128i (&words)[kLanes][4]) {  // NOLINT(modernize-avoid-c-arrays)
  constexpr std::size_t kNow = Step % 4;
  constexpr std::size_t kNext = (Step + 1) % 4;
  constexpr std::size_t kLast = (Step + 3) % 4;
  const __m128i constants =  // NOLINTNEXTLINE(bugprone-casting-through-void): what it takes.
      _mm_load_si128(static_cast<const __m128i*>(static_cast<const void*>(&kRound[4 * Step])));
#pragma GCC unroll 4
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    __m128i(&w)[4] = words[lane];  // NOLINT(modernize-avoid-c-arrays)
    const __m128i sum = _mm_add_epi32(w[kNow], constants);
    states.cdgh[lane] = _mm_sha256rnds2_epu32(states.cdgh[lane], states.abef[lane], sum);
    if constexpr (Step >= 3 && Step < 15)
      w[kNext] = _mm_sha256msg2_epu32(
          _mm_add_epi32(w[kNext], _mm_alignr_epi8(w[kNow], w[kLast], 4)), w[kNow]);
    states.abef[lane] =
        _mm_sha256rnds2_epu32(states.abef[lane], states.cdgh[lane], _mm_shuffle_epi32(sum, 0x0e));
    if constexpr (Step >= 1 && Step < 13) w[kLast] = _mm_sha256msg1_epu32(w[kLast], w[kNow]);
  }
}

template <std::size_t... Step>
HANGU_SHA_TARGET inline __attribute__((always_inline)) void all_rounds(
    States& states, __m128i (&words)[kLanes][4],  // NOLINT(modernize-avoid-c-arrays)
    std::index_sequence<Step...>) {
  (four_rounds<Step>(states, words), ...);
}

/// Compresses `blocks` consecutive blocks of each lane.
HANGU_SHA_TARGET void compress(States& states, std::array<const std::byte*, kLanes> at,
                               std::size_t blocks) {
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  States now = states;
  for (; blocks > 0; --blocks) {
    const States before = now;
    __m128i words[kLanes][4];  // NOLINT(modernize-avoid-c-arrays)
#pragma GCC unroll 4
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
#pragma GCC unroll 4
      for (std::size_t i = 0; i < 4; ++i)
        words[lane][i] = _mm_shuffle_epi8(word_load(at[lane] + 16 * i), big_endian);
      at[lane] += kBlockBytes;
    }
    all_rounds(now, words, std::make_index_sequence<16>());
#pragma GCC unroll 4
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      now.abef[lane] = _mm_add_epi32(now.abef[lane], before.abef[lane]);
      now.cdgh[lane] = _mm_add_epi32(now.cdgh[lane], before.cdgh[lane]);
    }
  }
  states = now;
}

HANGU_SHA_TARGET Hash value_of(const States& states, std::size_t lane) {
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  const __m128i feba = _mm_shuffle_epi32(states.abef[lane], 0x1b);
  const __m128i dchg = _mm_shuffle_epi32(states.cdgh[lane], 0xb1);
  const __m128i dcba = _mm_blend_epi16(feba, dchg, 0xf0);
  const __m128i hgfe = _mm_alignr_epi8(dchg, feba, 8);
  Hash value{};
  void* out = value.data();
  _mm_storeu_si128(static_cast<__m128i*>(out), _mm_shuffle_epi8(dcba, big_endian));
  out = value.data() + 16;
  _mm_storeu_si128(static_cast<__m128i*>(out), _mm_shuffle_epi8(hgfe, big_endian));
  return value;
}

}  // namespace

bool sha256_lanes_available() {
  static const bool kAvailable = [] {
    unsigned a = 0, b = 0, c = 0, d = 0;
    // Leaf 7, EBX bit 29: SHA. The compiler's own test does not know the name.
    asm("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "a"(7), "c"(0));
    return ((b >> 29) & 1) != 0 && __builtin_cpu_supports("avx2") != 0;
  }();
  return kAvailable;
}

void sha256_leaves(std::span<const ByteView, kSha256Lanes> chunks,
                   std::span<Hash, kSha256Lanes> leaves) {
  States states;
  start(states);
  std::array<Block, kLanes> first{};
  std::array<Tail, kLanes> tail{};
  std::array<const std::byte*, kLanes> at{};
#pragma GCC unroll 4
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    first[lane] = first_block(chunks[lane]);
    tail[lane] = tail_blocks(chunks[lane]);
    at[lane] = first[lane].data();
  }
  compress(states, at, 1);
#pragma GCC unroll 4
  for (std::size_t lane = 0; lane < kLanes; ++lane) at[lane] = chunks[lane].data() + kFirstBytes;
  compress(states, at, inner_blocks(chunks[0].size()));
#pragma GCC unroll 4
  for (std::size_t lane = 0; lane < kLanes; ++lane) at[lane] = tail[lane].blocks[0].data();
  compress(states, at, tail[0].count);
#pragma GCC unroll 4
  for (std::size_t lane = 0; lane < kLanes; ++lane) leaves[lane] = value_of(states, lane);
}

#else

bool sha256_lanes_available() { return false; }
void sha256_leaves(std::span<const ByteView, kSha256Lanes>, std::span<Hash, kSha256Lanes>) {
  HANGU_ASSERT(false && "no SHA instructions");
}

#endif

}  // namespace hangu::crypto::simd
