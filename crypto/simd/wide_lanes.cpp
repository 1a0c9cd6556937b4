#include "crypto/simd/wide_lanes.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

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

#define HANGU_WIDE __attribute__((target("avx512f,avx512bw")))
#define HANGU_WIDE_INLINE HANGU_WIDE inline __attribute__((always_inline))
// std::array of a vector type loses its alignment attribute, which g++ reports.
// NOLINTBEGIN(modernize-avoid-c-arrays)

namespace {

using Words = __m512i;  // one 32-bit word of each lane

constexpr std::size_t kBlockBytes = 64;
/// Each lane's bytes are gathered into this much local buffer before they are hashed: chunks lie
/// 1 MiB apart, where sixteen streams would fight for one set of the cache.
constexpr std::size_t kStageBytes = 1024;
constexpr std::size_t kStageStride = kStageBytes + kBlockBytes;

template <int Bits>
HANGU_WIDE_INLINE Words rol(Words x) {
  return _mm512_rol_epi32(x, Bits);
}
HANGU_WIDE_INLINE Words add(Words a, Words b) { return _mm512_add_epi32(a, b); }
HANGU_WIDE_INLINE Words xor_two(Words a, Words b) { return _mm512_xor_si512(a, b); }
HANGU_WIDE_INLINE Words xor_three(Words a, Words b, Words c) {
  return _mm512_ternarylogic_epi32(a, b, c, 0x96);
}
HANGU_WIDE_INLINE Words choose(Words a, Words b, Words c) {  // a ? b : c
  return _mm512_ternarylogic_epi32(a, b, c, 0xca);
}
HANGU_WIDE_INLINE Words majority(Words a, Words b, Words c) {
  return _mm512_ternarylogic_epi32(a, b, c, 0xe8);
}
HANGU_WIDE_INLINE Words all(std::uint32_t x) { return _mm512_set1_epi32(static_cast<int>(x)); }

/// rows[lane] holds sixteen words of one lane; afterwards rows[i] holds word i of every lane.
HANGU_WIDE_INLINE void transpose(Words (&rows)[16]) {
  Words pairs[16];
#pragma GCC unroll 8
  for (int i = 0; i < 16; i += 2) {
    pairs[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
    pairs[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
  }
  Words fours[16];
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {
    fours[i] = _mm512_unpacklo_epi64(pairs[i], pairs[i + 2]);
    fours[i + 1] = _mm512_unpackhi_epi64(pairs[i], pairs[i + 2]);
    fours[i + 2] = _mm512_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
    fours[i + 3] = _mm512_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
  }
  // fours[4g + w] holds words w, w+4, w+8, w+12 of lanes 4g … 4g+3, in quarters.
#pragma GCC unroll 4
  for (int w = 0; w < 4; ++w) {
    const Words low = _mm512_shuffle_i32x4(fours[w], fours[4 + w], 0x88);
    const Words high = _mm512_shuffle_i32x4(fours[w], fours[4 + w], 0xdd);
    const Words low_b = _mm512_shuffle_i32x4(fours[8 + w], fours[12 + w], 0x88);
    const Words high_b = _mm512_shuffle_i32x4(fours[8 + w], fours[12 + w], 0xdd);
    rows[w] = _mm512_shuffle_i32x4(low, low_b, 0x88);
    rows[w + 8] = _mm512_shuffle_i32x4(low, low_b, 0xdd);
    rows[w + 4] = _mm512_shuffle_i32x4(high, high_b, 0x88);
    rows[w + 12] = _mm512_shuffle_i32x4(high, high_b, 0xdd);
  }
}

HANGU_WIDE_INLINE Words swap_bytes(Words x) {
  return _mm512_shuffle_epi8(x, _mm512_set4_epi32(0x0c0d0e0f, 0x08090a0b, 0x04050607, 0x00010203));
}

/// FIPS 180-4 §6.2.
struct Sha256Wide {
  static constexpr std::array<std::uint32_t, 8> kInitial = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
                                                            0xa54ff53a, 0x510e527f, 0x9b05688c,
                                                            0x1f83d9ab, 0x5be0cd19};
  static constexpr std::array<std::uint32_t, 64> kRound = {
      0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
      0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
      0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
      0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
      0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
      0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
      0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
      0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
      0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
      0xc67178f2};

  HANGU_WIDE static void compress(Words (&state)[8], Words (&w)[16]) {
    Words a = state[0], b = state[1], c = state[2], d = state[3];
    Words e = state[4], f = state[5], g = state[6], h = state[7];
#pragma GCC unroll 64
    for (std::size_t t = 0; t < 64; ++t) {
      if (t >= 16) {
        const Words old = w[(t + 1) % 16];
        const Words recent = w[(t + 14) % 16];
        const Words s0 = xor_three(rol<25>(old), rol<14>(old), _mm512_srli_epi32(old, 3));
        const Words s1 = xor_three(rol<15>(recent), rol<13>(recent), _mm512_srli_epi32(recent, 10));
        w[t % 16] = add(add(w[t % 16], s0), add(w[(t + 9) % 16], s1));
      }
      const Words sum1 = xor_three(rol<26>(e), rol<21>(e), rol<7>(e));
      const Words t1 = add(add(add(h, all(kRound[t])), w[t % 16]), add(sum1, choose(e, f, g)));
      const Words sum0 = xor_three(rol<30>(a), rol<19>(a), rol<10>(a));
      const Words t2 = add(sum0, majority(a, b, c));
      h = g;
      g = f;
      f = e;
      e = add(d, t1);
      d = c;
      c = b;
      b = a;
      a = add(t1, t2);
    }
    const Words after[8] = {a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; ++i) state[i] = add(state[i], after[i]);
  }
};

/// GB/T 32905-2016 §5.3.
struct Sm3Wide {
  static constexpr std::array<std::uint32_t, 8> kInitial = {0x7380166f, 0x4914b2b9, 0x172442d7,
                                                            0xda8a0600, 0xa96f30bc, 0x163138aa,
                                                            0xe38dee4d, 0xb0fb0e4e};

  static constexpr std::uint32_t constant(std::size_t j) {
    return std::rotl(j < 16 ? 0x79cc4519U : 0x7a879d8aU, static_cast<int>(j % 32));
  }

  HANGU_WIDE static void compress(Words (&state)[8], Words (&w)[16]) {
    Words a = state[0], b = state[1], c = state[2], d = state[3];
    Words e = state[4], f = state[5], g = state[6], h = state[7];
#pragma GCC unroll 64
    for (std::size_t j = 0; j < 64; ++j) {
      // Word j+4 is needed in round j, so it is expanded here; it replaces word j-12.
      if (j >= 12) {
        const Words x = xor_three(w[(j + 4) % 16], w[(j + 11) % 16], rol<15>(w[(j + 1) % 16]));
        const Words p1 = xor_three(x, rol<15>(x), rol<23>(x));
        w[(j + 4) % 16] = xor_three(p1, rol<7>(w[(j + 7) % 16]), w[(j + 14) % 16]);
      }
      const Words word = w[j % 16];
      const Words mixed = xor_two(word, w[(j + 4) % 16]);
      const Words a12 = rol<12>(a);
      const Words ss1 = rol<7>(add(add(a12, e), all(constant(j))));
      const Words ss2 = xor_two(ss1, a12);
      const Words ff = j < 16 ? xor_three(a, b, c) : majority(a, b, c);
      const Words gg = j < 16 ? xor_three(e, f, g) : choose(e, f, g);
      const Words tt1 = add(add(ff, d), add(ss2, mixed));
      const Words tt2 = add(add(gg, h), add(ss1, word));
      d = c;
      c = rol<9>(b);
      b = a;
      a = tt1;
      h = g;
      g = rol<19>(f);
      f = e;
      e = xor_three(tt2, rol<9>(tt2), rol<17>(tt2));
    }
    const Words after[8] = {a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; ++i) state[i] = xor_two(state[i], after[i]);
  }
};

/// The bytes of every lane that are hashed next.
struct Stage {
  alignas(64) std::array<std::byte, kWideLanes * kStageStride> bytes;
  [[nodiscard]] std::byte* lane(std::size_t i) { return bytes.data() + i * kStageStride; }
};

template <class Rounds>
HANGU_WIDE void compress_staged(Words (&state)[8], Stage& stage, std::size_t blocks) {
  for (std::size_t block = 0; block < blocks; ++block) {
    Words words[16];
#pragma GCC unroll 16
    for (std::size_t lane = 0; lane < kWideLanes; ++lane)
      words[lane] = swap_bytes(_mm512_load_si512(stage.lane(lane) + block * kBlockBytes));
    transpose(words);
    Rounds::compress(state, words);
  }
}

template <class Rounds>
HANGU_WIDE void hash_lanes(std::span<const ByteView, kWideLanes> chunks,
                           std::span<Hash, kWideLanes> leaves) {
  const std::size_t chunk_bytes = chunks[0].size();
  const std::uint64_t message_bytes = std::uint64_t{chunk_bytes} + 1;  // 0x00 ‖ chunk
  Words state[8];
  for (std::size_t i = 0; i < 8; ++i) state[i] = all(Rounds::kInitial[i]);
  Stage stage;

  // Whole stages. The first holds the prefix, so every other starts one byte earlier in the chunk.
  std::size_t done = 0;  // bytes of the message
  for (; done + kStageBytes <= message_bytes; done += kStageBytes) {
    for (std::size_t lane = 0; lane < kWideLanes; ++lane) {
      const std::size_t prefix = done == 0 ? 1 : 0;
      stage.lane(lane)[0] = std::byte{0};
      std::memcpy(stage.lane(lane) + prefix, chunks[lane].data() + (done + prefix - 1),
                  kStageBytes - prefix);
    }
    compress_staged<Rounds>(state, stage, kStageBytes / kBlockBytes);
  }

  // The rest, 0x80, zeros and the length in bits; at most one block more than a stage, which the
  // stride has room for.
  const auto rest = static_cast<std::size_t>(message_bytes - done);
  const std::size_t padded = (rest + 1 + 8 + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
  for (std::size_t lane = 0; lane < kWideLanes; ++lane) {
    const std::size_t prefix = done == 0 ? 1 : 0;
    const MutableByteView out(stage.lane(lane), padded);
    std::ranges::fill(out, std::byte{0});
    std::ranges::copy(chunks[lane].last(rest - prefix),
                      out.begin() + static_cast<std::ptrdiff_t>(prefix));
    out[rest] = std::byte{0x80};
    store_u64(out.last(8), message_bytes * 8);
  }
  compress_staged<Rounds>(state, stage, padded / kBlockBytes);

  alignas(64) std::array<std::array<std::uint32_t, kWideLanes>, 8> words;
  for (std::size_t i = 0; i < 8; ++i) _mm512_store_si512(words[i].data(), state[i]);
  for (std::size_t lane = 0; lane < kWideLanes; ++lane)
    for (std::size_t i = 0; i < 8; ++i)
      store_u32(MutableByteView(leaves[lane]).subspan(4 * i, 4), words[i][lane]);
}

}  // namespace
// NOLINTEND(modernize-avoid-c-arrays)

bool wide_lanes_available() {
  static const bool kAvailable =
      __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0;
  return kAvailable;
}

void wide_leaves(HashAlgorithm algorithm, std::span<const ByteView, kWideLanes> chunks,
                 std::span<Hash, kWideLanes> leaves) {
  if (algorithm == HashAlgorithm::sm3)
    hash_lanes<Sm3Wide>(chunks, leaves);
  else
    hash_lanes<Sha256Wide>(chunks, leaves);
}

#else

bool wide_lanes_available() { return false; }
void wide_leaves(HashAlgorithm, std::span<const ByteView, kWideLanes>,
                 std::span<Hash, kWideLanes>) {
  HANGU_ASSERT(false && "no AVX-512");
}

#endif

}  // namespace hangu::crypto::simd
