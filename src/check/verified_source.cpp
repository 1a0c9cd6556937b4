#include "check/verified_source.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace hangu::check {
namespace {

constexpr std::size_t kChunksKept = 24;

}  // namespace

Result<VerifiedSource> VerifiedSource::open(os::FdView file, crypto::ChunkVerifier verifier) {
  HANGU_TRY(FileSource source, FileSource::open(file));
  if (source.size() != verifier.digest().size) {
    return fail(ErrorCode::corrupt, "object-mismatch", "size");
  }
  return VerifiedSource(std::move(source), std::move(verifier));
}

Result<ByteView> VerifiedSource::chunk(std::uint64_t index) const {
  const auto found = std::ranges::find(kept_, index, &Chunk::index);
  if (found != kept_.end()) {
    kept_.splice(kept_.begin(), kept_, found);
    return ByteView(kept_.front().bytes);
  }
  Chunk fresh{index, {}};
  if (kept_.size() == kChunksKept) {
    fresh.bytes = std::move(kept_.back().bytes);  // its memory is used again
    kept_.pop_back();
  }
  const std::uint64_t start = index * kChunkBytes;
  fresh.bytes.resize(
      static_cast<std::size_t>(std::min<std::uint64_t>(kChunkBytes, size() - start)));
  HANGU_CHECK(file_.read_at(start, fresh.bytes));
  HANGU_CHECK(verifier_.check(index, fresh.bytes));
  kept_.push_front(std::move(fresh));
  return ByteView(kept_.front().bytes);
}

Done VerifiedSource::read_at(std::uint64_t offset, MutableByteView out) const {
  HANGU_CHECK(check_range(offset, out.size()));
  while (!out.empty()) {
    HANGU_TRY(const ByteView bytes, chunk(offset / kChunkBytes));
    const ByteView from = bytes.subspan(static_cast<std::size_t>(offset % kChunkBytes));
    const std::size_t n = std::min(from.size(), out.size());
    std::ranges::copy(from.first(n), out.begin());
    out = out.subspan(n);
    offset += n;
  }
  return {};
}

}  // namespace hangu::check
