#include "plain/input.hpp"

#include <algorithm>
#include <cstring>

#include "base/limits.hpp"
#include "os/file.hpp"

namespace hangu::plain {
namespace {

Result<std::vector<crypto::Hash>> read_leaves(const crypto::ObjectDigest& digest,
                                              std::optional<os::FdView> leaves) {
  const std::uint64_t chunks = crypto::chunk_count(digest.size);
  if (chunks == 0) return std::vector<crypto::Hash>();
  if (chunks == 1) return std::vector{digest.root};  // one leaf is the root
  if (!leaves) return fail(ErrorCode::corrupt, "leaves-mismatch", "none given");
  HANGU_TRY(const Bytes bytes,
            os::read_file(*leaves, static_cast<std::size_t>(chunks) * sizeof(crypto::Hash)));
  std::vector<crypto::Hash> out(bytes.size() / sizeof(crypto::Hash));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const ByteView leaf = ByteView(bytes).subspan(i * sizeof(crypto::Hash), sizeof(crypto::Hash));
    std::ranges::copy(leaf, out[i].begin());
  }
  return out;
}

}  // namespace

Result<VerifiedFile> VerifiedFile::open(os::FdView file, const crypto::ObjectDigest& digest,
                                        std::optional<os::FdView> leaves) {
  HANGU_TRY(std::vector<crypto::Hash> hashes, read_leaves(digest, leaves));
  HANGU_TRY(crypto::ChunkVerifier verifier,
            crypto::ChunkVerifier::create(digest, std::move(hashes)));
  HANGU_TRY(const std::uint64_t size, os::file_size(file));
  if (size != digest.size) return fail(ErrorCode::corrupt, "object-mismatch", "size");
  return VerifiedFile(file, std::move(verifier));
}

Result<ByteView> VerifiedFile::chunk(std::uint64_t index) {
  const auto found = std::ranges::find(kept_, index, &Chunk::index);
  if (found != kept_.end()) {
    kept_.splice(kept_.begin(), kept_, found);
    return ByteView(kept_.front().bytes);
  }
  Chunk fresh{index, {}};
  if (kept_.size() == kInputChunksKept) {
    fresh.bytes = std::move(kept_.back().bytes);  // its memory is used again
    kept_.pop_back();
  }
  const std::uint64_t start = index * kChunkBytes;
  fresh.bytes.resize(
      static_cast<std::size_t>(std::min<std::uint64_t>(kChunkBytes, size() - start)));
  HANGU_CHECK(os::read_exactly_at(file_, start, fresh.bytes));
  HANGU_CHECK(verifier_.check(index, fresh.bytes));
  kept_.push_front(std::move(fresh));
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
    // g++ 12 makes a byte loop of ranges::copy over spans.
    std::memcpy(out.data(), from.data(), n);
    out = out.subspan(n);
    offset += n;
  }
  return {};
}

Done VerifiedFile::good() const { return problem_ ? Done(std::unexpected(*problem_)) : Done(); }

Result<std::uint64_t> Input::size() const {
  if (verified_ != nullptr) return verified_->size();
  return os::file_size(file_);
}

Done Input::read_at(std::uint64_t offset, MutableByteView out) const {
  return verified_ != nullptr ? verified_->read_at(offset, out)
                              : os::read_exactly_at(file_, offset, out);
}

}  // namespace hangu::plain
