#include "check/verified_source.hpp"

#include <algorithm>
#include <cstring>
#include <ranges>

#include "base/limits.hpp"

namespace hangu::check {
namespace {

constexpr std::size_t kChunksKept = 16;
constexpr std::size_t kRunChunks = 4;  ///< SHA-256 lanes

}  // namespace

Result<VerifiedSource> VerifiedSource::open(os::FdView file, crypto::ChunkVerifier verifier) {
  HANGU_TRY(FileSource source, FileSource::open(file));
  if (source.size() != verifier.digest().size) {
    return fail(ErrorCode::corrupt, "object-mismatch", "size");
  }
  return VerifiedSource(std::move(source), std::move(verifier));
}

std::unique_ptr<ByteSource> VerifiedSource::twin() const {
  return std::unique_ptr<ByteSource>(new VerifiedSource(file_, verifier_));
}

bool VerifiedSource::is_kept(std::uint64_t index) const {
  return std::ranges::find(kept_, index, &Chunk::index) != kept_.end();
}

Bytes VerifiedSource::vacate() const {
  if (kept_.size() < kChunksKept) return {};
  Bytes memory = std::move(kept_.back().bytes);
  kept_.pop_back();
  return memory;
}

/// Reads and checks a chunk; where the file is read forwards, those behind it too: four are hashed
/// in the time of two.
Done VerifiedSource::fetch(std::uint64_t index) const {
  const bool forwards = index > 0 && is_kept(index - 1);
  const std::uint64_t end = crypto::chunk_count(size());
  std::vector<Chunk> run;
  std::vector<ByteView> views;
  for (std::uint64_t i = index; i < end && !is_kept(i); ++i) {
    const std::uint64_t start = i * kChunkBytes;
    Chunk& fresh = run.emplace_back(Chunk{i, vacate()});
    fresh.bytes.resize(
        static_cast<std::size_t>(std::min<std::uint64_t>(kChunkBytes, size() - start)));
    HANGU_CHECK(file_.read_at(start, fresh.bytes));
    if (run.size() == (forwards ? kRunChunks : 1)) break;
  }
  views.reserve(run.size());
  for (const Chunk& fresh : run) views.emplace_back(fresh.bytes);
  HANGU_CHECK(verifier_.check_run(index, views));
  for (Chunk& fresh : run | std::views::reverse) kept_.push_front(std::move(fresh));
  return {};
}

Result<ByteView> VerifiedSource::chunk(std::uint64_t index) const {
  if (!is_kept(index)) HANGU_CHECK(fetch(index));
  kept_.splice(kept_.begin(), kept_, std::ranges::find(kept_, index, &Chunk::index));
  return ByteView(kept_.front().bytes);
}

Done VerifiedSource::read_at(std::uint64_t offset, MutableByteView out) const {
  HANGU_CHECK(check_range(offset, out.size()));
  while (!out.empty()) {
    HANGU_TRY(const ByteView bytes, chunk(offset / kChunkBytes));
    const ByteView from = bytes.subspan(static_cast<std::size_t>(offset % kChunkBytes));
    const std::size_t n = std::min(from.size(), out.size());
    std::memcpy(out.data(), from.data(), n);  // g++ 12 makes a byte loop of ranges::copy
    out = out.subspan(n);
    offset += n;
  }
  return {};
}

}  // namespace hangu::check
