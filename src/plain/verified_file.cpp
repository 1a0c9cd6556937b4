#include "plain/verified_file.hpp"

#include <algorithm>
#include <cstring>
#include <ranges>

#include "base/limits.hpp"
#include "os/file.hpp"

namespace hangu::plain {
namespace {

constexpr std::size_t kRunChunks = 4;  ///< lanes of SHA-256

}  // namespace

Result<VerifiedFile> VerifiedFile::open(os::FdView file, crypto::ChunkVerifier verifier) {
  HANGU_TRY(const std::uint64_t size, os::file_size(file));
  if (size != verifier.digest().size) return fail(ErrorCode::corrupt, "object-mismatch", "size");
  return VerifiedFile(file, std::move(verifier));
}

Result<VerifiedFile> VerifiedFile::open(os::FdView file, const crypto::ObjectDigest& digest,
                                        std::optional<os::FdView> leaves) {
  Bytes bytes;
  if (const std::uint64_t chunks = crypto::chunk_count(digest.size); chunks > 1) {
    if (!leaves) return fail(ErrorCode::corrupt, "leaves-mismatch", "none given");
    HANGU_TRY(bytes,
              os::read_file(*leaves, static_cast<std::size_t>(chunks) * sizeof(crypto::Hash)));
  }
  HANGU_TRY(crypto::ChunkVerifier verifier, crypto::ChunkVerifier::parse(digest, bytes));
  return open(file, std::move(verifier));
}

bool VerifiedFile::is_kept(std::uint64_t index) const {
  return std::ranges::find(kept_, index, &Chunk::index) != kept_.end();
}

Bytes VerifiedFile::vacate() {
  if (kept_.size() < kVerifiedChunksKept) return {};
  Bytes memory = std::move(kept_.back().bytes);
  kept_.pop_back();
  return memory;
}

/// Reads and checks a chunk; where the file is read forwards, those behind it too: four are hashed
/// in the time of two.
Done VerifiedFile::fetch(std::uint64_t index) {
  const std::size_t run_max = index > 0 && is_kept(index - 1) ? kRunChunks : 1;
  const std::uint64_t end = crypto::chunk_count(size());
  std::vector<Chunk> run;
  std::vector<ByteView> views;
  for (std::uint64_t i = index; i < end && run.size() < run_max && !is_kept(i); ++i) {
    const std::uint64_t start = i * kChunkBytes;
    Chunk& fresh = run.emplace_back(Chunk{i, vacate()});
    fresh.bytes.resize(
        static_cast<std::size_t>(std::min<std::uint64_t>(kChunkBytes, size() - start)));
    HANGU_CHECK(os::read_exactly_at(file_, start, fresh.bytes));
  }
  views.reserve(run.size());
  for (const Chunk& fresh : run) views.emplace_back(fresh.bytes);
  HANGU_CHECK(verifier_.check_run(index, views));
  for (Chunk& fresh : run | std::views::reverse) kept_.push_front(std::move(fresh));
  return {};
}

Result<ByteView> VerifiedFile::chunk(std::uint64_t index) {
  if (!is_kept(index)) HANGU_CHECK(fetch(index));
  kept_.splice(kept_.begin(), kept_, std::ranges::find(kept_, index, &Chunk::index));
  return ByteView(kept_.front().bytes);
}

Done VerifiedFile::read_at(std::uint64_t offset, MutableByteView out) {
  if (offset > size() || out.size() > size() - offset)
    return fail(ErrorCode::malformed, "file-short");
  while (!out.empty()) {
    const Result<ByteView> bytes = chunk(offset / kChunkBytes);
    if (!bytes) {
      if (!problem_) problem_ = bytes.error();
      return std::unexpected(bytes.error());
    }
    const ByteView from = bytes->subspan(static_cast<std::size_t>(offset % kChunkBytes));
    const std::size_t n = std::min(from.size(), out.size());
    std::memcpy(out.data(), from.data(), n);  // g++ 12 makes a byte loop of ranges::copy
    out = out.subspan(n);
    offset += n;
  }
  return {};
}

Done VerifiedFile::good() const { return problem_ ? Done(std::unexpected(*problem_)) : Done(); }

}  // namespace hangu::plain
