#include "package/extraction.hpp"

#include <algorithm>
#include <map>
#include <mutex>

#include "base/text.hpp"
#include "os/file.hpp"
#include "package/growing_tree.hpp"

namespace hangu::package {
namespace {

/// Pages that lie across the start of a run are let go with what is before them.
constexpr std::uint64_t kLetGoBackBytes = std::uint64_t{4} << 20;

class Extracting {
 public:
  explicit Extracting(const Extraction& plan) : plan_(plan) {
    for (std::size_t i = 0; i < plan.count; ++i)
      sizes_.push_back(plan.layout.plain_bytes(stream_of(plan.first + i)));
  }

  Done go() {
    std::uint64_t total = 0;
    for (const std::uint64_t size : sizes_) total += size;
    unsigned threads = thread_count(plan_.threads);
    const std::size_t chunks = run_chunks(plan_.table.rows().front().digest.algorithm, threads);
    threads = static_cast<unsigned>(
        std::min<std::uint64_t>(threads, 1 + (total / kChunkBytes + sizes_.size()) / chunks));
    // Two runs a thread may be ahead, each with so many outputs open.
    while (threads > 1 && 2 * threads * kRunPiecesMax > kOutputsAheadMax) --threads;
    RunCursor cursor(sizes_, stream_of(plan_.first), chunks);
    OrderedRuns runs{
        .next = [&]() -> Result<std::optional<Run>> { return next(cursor); },
        .work = [this](const Run& run, MutableByteView buffer) { return work(run, buffer); },
        .commit = [this](const Run& run, const Leaves& leaves) { return commit(run, leaves); },
        .buffer_bytes = static_cast<std::size_t>(std::min<std::uint64_t>(
            chunks * kSealedChunkBytes, total + sizes_.size() * kSealedChunkBytes)),
        .threads = threads,
        .bytes_total = total,
        .progress = plan_.progress};
    return runs.go();
  }

 private:
  static std::size_t stream_of(std::size_t object) { return object + 1; }
  static std::size_t object_of(const RunPiece& piece) { return piece.stream - 1; }
  [[nodiscard]] std::uint64_t size_of(const RunPiece& piece) const {
    return plan_.layout.plain_bytes(piece.stream);
  }

  /// The next run; asks for the outputs of the objects that begin in it.
  Result<std::optional<Run>> next(RunCursor& cursor) {
    std::optional<Run> run = cursor.next();
    if (!run) return run;
    const std::lock_guard lock(outputs_mutex_);
    for (const RunPiece& piece : run->pieces) {
      if (piece.first_chunk != 0) continue;
      HANGU_TRY(const os::FdView out, plan_.sink.output(object_of(piece)));
      outputs_.emplace(piece.stream, out);
    }
    return run;
  }

  os::FdView output_of(const RunPiece& piece) {
    const std::lock_guard lock(outputs_mutex_);
    return outputs_.at(piece.stream);
  }

  Result<Leaves> work(const Run& run, MutableByteView buffer) {
    Leaves leaves;
    for (const RunPiece& piece : run.pieces) {
      auto opened = open_piece(piece, buffer, leaves);
      if (!opened)
        return std::unexpected(
            opened.error().within(printable(plan_.table.rows()[object_of(piece)].name, 100)));
    }
    return leaves;
  }

  Done open_piece(const RunPiece& piece, MutableByteView buffer, Leaves& leaves) {
    const std::uint64_t size = size_of(piece);
    const std::uint64_t last = piece.first_chunk + piece.chunks - 1;
    const std::uint64_t from = plan_.layout.chunk_at(piece.stream, piece.first_chunk);
    const std::uint64_t to =
        plan_.layout.chunk_at(piece.stream, last) + chunk_bytes(size, last) + crypto::kTagBytes;
    const MutableByteView sealed = buffer.first(static_cast<std::size_t>(to - from));
    HANGU_CHECK(read_package(plan_.package, from, sealed));
    HANGU_TRY(const crypto::ChunkOpener opener,
              crypto::ChunkOpener::create(plan_.key, static_cast<std::uint32_t>(piece.stream),
                                          plan_.context));
    std::array<ByteView, kRunChunksMax> plain;
    for (std::uint64_t i = piece.first_chunk; i <= last; ++i) {
      const auto n = static_cast<std::size_t>(i - piece.first_chunk);
      const std::size_t bytes = chunk_bytes(size, i);
      const MutableByteView chunk =
          sealed.subspan(n * kSealedChunkBytes, bytes + crypto::kTagBytes);
      HANGU_CHECK(opener.open(i, i + 1 == sealed_chunk_count(size), chunk, chunk.first(bytes)));
      plain[n] = chunk.first(bytes);
    }
    const auto opened =
        std::span<const ByteView>(plain).first(static_cast<std::size_t>(piece.chunks));
    if (size != 0)  // the empty object has no leaf
      crypto::leaf_hashes(plan_.table.rows()[object_of(piece)].digest.algorithm, opened, leaves);
    const os::FdView out = output_of(piece);
    if (plan_.let_go) {  // before the output is written: it gets that very memory
      const std::uint64_t before = std::min(from, kLetGoBackBytes);
      os::drop_behind(plan_.package, from - before, before + sealed.size());
    }
    for (std::size_t n = 0; n < opened.size(); ++n)
      HANGU_CHECK(os::write_all_at(out, (piece.first_chunk + n) * kChunkBytes, opened[n]));
    return {};
  }

  Result<std::uint64_t> commit(const Run& run, const Leaves& leaves) {
    auto leaf = leaves.begin();
    for (const RunPiece& piece : run.pieces) {
      const flow::ObjectRow& row = plan_.table.rows()[object_of(piece)];
      const std::uint64_t size = row.digest.size;
      if (piece.first_chunk == 0) tree_ = GrowingTree(row.digest.algorithm);
      const std::uint64_t end =
          std::min(piece.first_chunk + piece.chunks, crypto::chunk_count(size));
      for (std::uint64_t i = piece.first_chunk; i < end; ++i) tree_.add(*leaf++);
      done_ += std::min(piece.chunks * kChunkBytes, size - piece.first_chunk * kChunkBytes);
      if (piece.first_chunk + piece.chunks != sealed_chunk_count(size)) continue;
      if (tree_.root() != row.digest.root)
        return fail(ErrorCode::malformed, "object-digest-mismatch", printable(row.name, 100));
      HANGU_CHECK(plan_.sink.accept(object_of(piece)));
      const std::lock_guard lock(outputs_mutex_);
      outputs_.erase(piece.stream);
    }
    return done_;
  }

  const Extraction& plan_;
  std::vector<std::uint64_t> sizes_;
  std::mutex outputs_mutex_;
  std::map<std::size_t, os::FdView> outputs_;  // by stream; at most kOutputsAheadMax
  GrowingTree tree_{crypto::HashAlgorithm::sha256};
  std::uint64_t done_ = 0;
};

}  // namespace

Done run_extraction(const Extraction& extraction) { return Extracting(extraction).go(); }

Done read_package(os::FdView package, std::uint64_t offset, MutableByteView out) {
  auto read = os::read_exactly_at(package, offset, out);
  if (!read && read.error().reason() == "file-short")
    return fail(ErrorCode::malformed, "package-truncated", "the file became shorter");
  return read;
}

}  // namespace hangu::package
