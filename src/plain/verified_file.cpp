#include "plain/verified_file.hpp"

#include <algorithm>
#include <cstring>
#include <ranges>
#include <utility>

#include "base/limits.hpp"
#include "os/file.hpp"

namespace hangu::plain {
namespace {

constexpr std::size_t kRunChunks = 4;  ///< lanes of SHA-256

}  // namespace

/// The run behind the one that was read last, and the errand that fetches it.
struct VerifiedFile::Ahead {
  Ahead(os::Companion& with, os::FdView from, crypto::ChunkVerifier by)
      : companion(with), file(from), verifier(std::move(by)), fetch([this] { return fill(); }) {}

  [[nodiscard]] bool empty() const { return first == end; }
  [[nodiscard]] bool has(std::uint64_t index) const { return index >= first && index < end; }
  void begin(std::vector<Chunk> vacant) {
    if (vacant.empty()) return;
    first = vacant.front().index;
    end = first + vacant.size();
    run = std::move(vacant);
    fetch.begin(&companion);
  }
  /// What was fetched; there is nothing then.
  Result<std::vector<Chunk>> take() {
    end = first;
    HANGU_CHECK(fetch.finish());
    return std::move(run);
  }
  /// No chunk is left in `run` unless all are good.
  Done fill() {
    std::vector<Chunk> fresh = std::exchange(run, {});
    HANGU_CHECK(read_run(file, verifier, fresh));
    run = std::move(fresh);
    return {};
  }

  /// Reads and checks chunks that follow one another: four are hashed in the time of two.
  static Done read_run(os::FdView file, const crypto::ChunkVerifier& verifier,
                       std::vector<Chunk>& run) {
    std::vector<ByteView> views;
    views.reserve(run.size());
    for (Chunk& chunk : run) {
      const std::uint64_t start = chunk.index * kChunkBytes;
      chunk.bytes = static_cast<std::size_t>(
          std::min<std::uint64_t>(kChunkBytes, verifier.digest().size - start));
      chunk.memory.grow(chunk.bytes);
      HANGU_CHECK(os::read_exactly_at(file, start, chunk.memory.view().first(chunk.bytes)));
      views.push_back(chunk.view());
    }
    return verifier.check_run(run.front().index, views);
  }

  os::Companion& companion;
  os::FdView file;
  crypto::ChunkVerifier verifier;
  std::uint64_t first = 0;
  std::uint64_t end = 0;
  std::vector<Chunk> run;  ///< the errand's, while it is out
  os::Errand fetch;
};

VerifiedFile::VerifiedFile(os::FdView file, crypto::ChunkVerifier verifier)
    : file_(file), verifier_(std::move(verifier)) {}
VerifiedFile::VerifiedFile(VerifiedFile&&) noexcept = default;
VerifiedFile& VerifiedFile::operator=(VerifiedFile&&) noexcept = default;
VerifiedFile::~VerifiedFile() = default;

VerifiedFile VerifiedFile::twin() const { return {file_, verifier_}; }

void VerifiedFile::read_ahead(os::Companion& companion) {
  ahead_ = std::make_unique<Ahead>(companion, file_, verifier_);
}

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

bool VerifiedFile::have(std::uint64_t index) const {
  return is_kept(index) || (ahead_ != nullptr && ahead_->has(index));
}

PageBuffer VerifiedFile::vacate() {
  if (kept_.size() < kVerifiedChunksKept) return {};
  PageBuffer memory = std::move(kept_.back().memory);
  kept_.pop_back();
  return memory;
}

std::vector<VerifiedFile::Chunk> VerifiedFile::vacant(std::uint64_t index, std::size_t most) {
  const std::uint64_t end = crypto::chunk_count(size());
  std::vector<Chunk> run;
  for (std::uint64_t i = index; i < end && run.size() < most && !have(i); ++i) {
    run.push_back({i, vacate()});
  }
  return run;
}

void VerifiedFile::keep(std::vector<Chunk> run) {
  for (Chunk& fresh : run | std::views::reverse) kept_.push_front(std::move(fresh));
}

/// Brings a chunk; where the file is read forwards, those behind it too, and backwards (as SQLite
/// does when it checks integrity) those before it.
Done VerifiedFile::fetch(std::uint64_t index) {
  const bool forwards = index > 0 && is_kept(index - 1);
  if (ahead_ != nullptr && (ahead_->has(index) || (forwards && !ahead_->empty()))) {
    HANGU_TRY(std::vector<Chunk> run, ahead_->take());
    keep(std::move(run));
  }
  if (!is_kept(index)) {
    const bool backwards = is_kept(index + 1);
    std::uint64_t first = index;
    while (backwards && first > 0 && index - first + 1 < kRunChunks && !have(first - 1)) --first;
    std::vector<Chunk> run = vacant(first, forwards || backwards ? kRunChunks : 1);
    HANGU_CHECK(Ahead::read_run(file_, verifier_, run));
    keep(std::move(run));
  }
  if (ahead_ == nullptr || !forwards) return {};
  std::uint64_t next = index;
  while (is_kept(next)) ++next;
  ahead_->begin(vacant(next, kRunChunks));
  return {};
}

Result<ByteView> VerifiedFile::chunk(std::uint64_t index) {
  if (!is_kept(index)) HANGU_CHECK(fetch(index));
  kept_.splice(kept_.begin(), kept_, std::ranges::find(kept_, index, &Chunk::index));
  return kept_.front().view();
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
