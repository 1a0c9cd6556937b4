#include "audit/verifier/sm3_lanes.hpp"

#include <cstring>

namespace hangu_verify {
namespace {

/// One word of each lane; the compiler makes of it what the processor has.
using Lanes = std::uint32_t __attribute__((vector_size(4 * kLanes)));

constexpr std::size_t kBlockWords = 16;
constexpr std::size_t kExpandedWords = 68;
constexpr std::size_t kRounds = 64;
constexpr std::size_t kFirstRounds = 16;  ///< with the first pair of functions

constexpr std::array<std::uint32_t, 8> kStart{0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600,
                                              0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e};

constexpr std::uint32_t rotated(std::uint32_t word, std::size_t by) {
  by %= 32;
  return by == 0 ? word : word << by | word >> (32 - by);
}

// A macro: a function would have to return a vector, for which there is no one way to be called.
#define HANGU_ROTATE(x, by) (((x) << (by)) | ((x) >> (32 - (by))))

/// GB/T 32905 §5.3. Clang builds, which are for its sanitizers, have no clones: what picks one runs
/// before the thread sanitizer can.
#if defined(__x86_64__) && !defined(__clang__)
__attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#endif
void compress(std::array<std::array<std::uint32_t, kLanes>, 8>& words,
              const std::array<std::array<std::uint32_t, kLanes>, kBlockWords>& block) {
  Lanes w[kExpandedWords];
  Lanes s[8];
  std::memcpy(w, block.data(), sizeof(block));
  std::memcpy(s, words.data(), sizeof(words));
#pragma GCC unroll 4
  for (std::size_t j = kBlockWords; j < kExpandedWords; ++j) {
    const Lanes x = w[j - 16] ^ w[j - 9] ^ HANGU_ROTATE(w[j - 3], 15);
    w[j] = x ^ HANGU_ROTATE(x, 15) ^ HANGU_ROTATE(x, 23) ^ HANGU_ROTATE(w[j - 13], 7) ^ w[j - 6];
  }
  Lanes a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
#pragma GCC unroll 8
  for (std::size_t j = 0; j < kRounds; ++j) {
    const bool first = j < kFirstRounds;
    const std::uint32_t constant = rotated(first ? 0x79cc4519 : 0x7a879d8a, j);
    const Lanes a12 = HANGU_ROTATE(a, 12);
    const Lanes sum = a12 + e + constant;
    const Lanes ss1 = HANGU_ROTATE(sum, 7);
    const Lanes ff = first ? a ^ b ^ c : (a & b) | ((a | b) & c);
    const Lanes gg = first ? e ^ f ^ g : (e & (f ^ g)) ^ g;
    const Lanes tt1 = ff + d + (ss1 ^ a12) + (w[j] ^ w[j + 4]);
    const Lanes tt2 = gg + h + ss1 + w[j];
    d = c;
    c = HANGU_ROTATE(b, 9);
    b = a;
    a = tt1;
    h = g;
    g = HANGU_ROTATE(f, 19);
    f = e;
    e = tt2 ^ HANGU_ROTATE(tt2, 9) ^ HANGU_ROTATE(tt2, 17);
  }
  const Lanes after[8] = {a ^ s[0], b ^ s[1], c ^ s[2], d ^ s[3],
                          e ^ s[4], f ^ s[5], g ^ s[6], h ^ s[7]};
  std::memcpy(words.data(), after, sizeof(words));
}

std::uint32_t load(const std::uint8_t* bytes) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  return __builtin_bswap32(word);
}

}  // namespace

void Sm3Lanes::begin(std::size_t lane) {
  for (std::size_t i = 0; i < kStart.size(); ++i) words[i][lane] = kStart[i];
}

void Sm3Lanes::add(const std::array<const std::uint8_t*, kLanes>& blocks) {
  alignas(64) std::array<std::array<std::uint32_t, kLanes>, kBlockWords> block;
  for (std::size_t lane = 0; lane < kLanes; ++lane)
    for (std::size_t i = 0; i < kBlockWords; ++i) block[i][lane] = load(blocks[lane] + 4 * i);
  compress(words, block);
}

std::array<std::uint8_t, 32> Sm3Lanes::digest(std::size_t lane) const {
  std::array<std::uint8_t, 32> out{};
  for (std::size_t i = 0; i < words.size(); ++i)
    for (std::size_t byte = 0; byte < 4; ++byte)
      out[4 * i + byte] = static_cast<std::uint8_t>(words[i][lane] >> (24 - 8 * byte));
  return out;
}

}  // namespace hangu_verify
