#include "crypto/simd/leaf_lanes.hpp"

#include <algorithm>
#include <array>

#include "crypto/chunk_tree.hpp"
#include "crypto/simd/leaf_message.hpp"
#include "crypto/simd/sha256_lanes.hpp"
#include "crypto/simd/wide_lanes.hpp"

namespace hangu::crypto::simd {
namespace {

/// Hashes kLanes chunks, all of one length.
template <std::size_t kLanes>
using LanesFunction = void (*)(HashAlgorithm, std::span<const ByteView, kLanes>,
                               std::span<Hash, kLanes>);

/// Runs `lanes` over the chunks from `done` on while at least `worth` are left; with fewer than
/// kLanes, spare lanes repeat the last chunk. Returns how many are done.
template <std::size_t kLanes>
std::size_t in_lanes(LanesFunction<kLanes> lanes, std::size_t worth, HashAlgorithm algorithm,
                     std::span<const ByteView> chunks, std::span<Hash> leaves) {
  std::size_t done = 0;
  while (leaves.size() - done >= worth) {
    const std::size_t count = std::min(kLanes, leaves.size() - done);
    std::array<ByteView, kLanes> some{};
    for (std::size_t i = 0; i < kLanes; ++i) some[i] = chunks[done + std::min(i, count - 1)];
    std::array<Hash, kLanes> values{};
    lanes(algorithm, some, values);
    std::copy_n(values.begin(), count, leaves.subspan(done).begin());
    done += count;
  }
  return done;
}

// From so many chunks on, lanes are faster than one chunk after another (measured on Zen 4).
constexpr std::size_t kWorthSha256 = 2;      // of 4 lanes with SHA instructions
constexpr std::size_t kWorthWideSha256 = 6;  // of 16 without
constexpr std::size_t kWorthWideSm3 = 3;     // of 16

}  // namespace

std::size_t leaf_lanes(HashAlgorithm algorithm) {
  if (algorithm == HashAlgorithm::sha256 && sha256_lanes_available()) return kSha256Lanes;
  return wide_lanes_available() ? kWideLanes : 1;
}

void leaf_hashes(HashAlgorithm algorithm, std::span<const ByteView> chunks,
                 std::span<Hash> leaves) {
  HANGU_ASSERT(chunks.size() == leaves.size());
  std::size_t done = 0;
  if (!chunks.empty() && chunks.front().size() >= kFirstBytes) {
    if (algorithm == HashAlgorithm::sha256 && sha256_lanes_available())
      done = in_lanes<kSha256Lanes>(
          [](HashAlgorithm, auto some, auto values) { sha256_leaves(some, values); }, kWorthSha256,
          algorithm, chunks, leaves);
    else if (wide_lanes_available())
      done = in_lanes<kWideLanes>(
          &wide_leaves, algorithm == HashAlgorithm::sm3 ? kWorthWideSm3 : kWorthWideSha256,
          algorithm, chunks, leaves);
  }
  for (; done < leaves.size(); ++done) leaves[done] = leaf_hash(algorithm, chunks[done]);
}

}  // namespace hangu::crypto::simd
