#include "package/source.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "os/file.hpp"
#include "package/growing_tree.hpp"
#include "package/layout.hpp"

namespace hangu::package {
namespace {

Done check_regular(os::FdView file) {
  struct stat status{};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
    return fail(ErrorCode::forbidden, "source-not-a-file", "only regular files can be packed");
  return {};
}

/// Hashes a row of sources whose sizes were taken at the start.
class Description {
 public:
  Description(std::span<const Source> sources, crypto::HashAlgorithm algorithm)
      : sources_(sources), algorithm_(algorithm), tree_(algorithm) {}

  Result<std::vector<crypto::ObjectDigest>> hash(unsigned threads, const Progress& progress) {
    std::uint64_t total = 0;
    for (const Source& source : sources_) {
      HANGU_TRY(const std::uint64_t size, source_bytes(source));
      sizes_.push_back(size);
      total += size;
    }
    threads = thread_count(threads);
    const std::size_t chunks = run_chunks(algorithm_, threads);
    RunCursor cursor(sizes_, 0, chunks);
    OrderedRuns runs{
        .next = [&]() -> Result<std::optional<Run>> { return cursor.next(); },
        .work = [this](const Run& run, MutableByteView buffer) { return work(run, buffer); },
        .commit = [this](const Run& run, const Leaves& leaves) { return commit(run, leaves); },
        .buffer_bytes =
            static_cast<std::size_t>(std::min<std::uint64_t>(chunks * kChunkBytes, total)),
        .threads = static_cast<unsigned>(
            std::min<std::uint64_t>(threads, 1 + (total / kChunkBytes + sources_.size()) / chunks)),
        .bytes_total = total,
        .progress = progress};
    HANGU_CHECK(runs.go());
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      HANGU_TRY(const std::uint64_t size, source_bytes(sources_[i]));
      if (size != sizes_[i])
        return fail(ErrorCode::corrupt, "source-changed", "its size changed while it was read");
    }
    return std::move(digests_);
  }

 private:
  Result<Leaves> work(const Run& run, MutableByteView buffer) const {
    Leaves leaves;
    for (const RunPiece& piece : run.pieces) {
      const std::uint64_t at = piece.first_chunk * kChunkBytes;
      const auto bytes =
          static_cast<std::size_t>(std::min(piece.chunks * kChunkBytes, sizes_[piece.stream] - at));
      const MutableByteView plain = buffer.first(bytes);
      HANGU_TRY(const SourceReader reader, SourceReader::open(sources_[piece.stream]));
      HANGU_CHECK(reader.read(at, plain));
      crypto::leaf_hashes(algorithm_, plain, leaves);
    }
    return leaves;
  }

  Result<std::uint64_t> commit(const Run& run, const Leaves& leaves) {
    auto leaf = leaves.begin();
    for (const RunPiece& piece : run.pieces) {
      const std::uint64_t size = sizes_[piece.stream];
      const std::uint64_t end =
          std::min(piece.first_chunk + piece.chunks, crypto::chunk_count(size));
      for (std::uint64_t i = piece.first_chunk; i < end; ++i) tree_.add(*leaf++);
      done_ += std::min(piece.chunks * kChunkBytes, size - piece.first_chunk * kChunkBytes);
      if (piece.first_chunk + piece.chunks == sealed_chunk_count(size)) {
        digests_.push_back({.algorithm = algorithm_, .size = size, .root = tree_.root()});
        tree_ = GrowingTree(algorithm_);
      }
    }
    return done_;
  }

  std::span<const Source> sources_;
  crypto::HashAlgorithm algorithm_;
  std::vector<std::uint64_t> sizes_;
  GrowingTree tree_;
  std::uint64_t done_ = 0;
  std::vector<crypto::ObjectDigest> digests_;
};

}  // namespace

Result<std::uint64_t> source_bytes(const Source& source) {
  if (const auto* bytes = std::get_if<ByteView>(&source)) return bytes->size();
  if (const auto* named = std::get_if<SourcePath>(&source)) {
    HANGU_TRY(const os::UniqueFd file, os::open_read(named->path));
    HANGU_CHECK(check_regular(file.view()));
    return os::file_size(file.view());
  }
  const os::FdView file = std::get<os::FdView>(source);
  HANGU_CHECK(check_regular(file));
  return os::file_size(file);
}

Result<SourceReader> SourceReader::open(const Source& source) {
  SourceReader out;
  if (const auto* named = std::get_if<SourcePath>(&source)) {
    HANGU_TRY(out.owned_, os::open_read(named->path));
    out.file_ = out.owned_.view();
  } else if (const auto* file = std::get_if<os::FdView>(&source)) {
    out.file_ = *file;
  } else {
    out.memory_ = std::get<ByteView>(source);
  }
  return out;
}

Done SourceReader::read(std::uint64_t offset, MutableByteView out) const {
  if (!file_.valid()) {
    if (offset > memory_.size() || out.size() > memory_.size() - offset)
      return fail(ErrorCode::corrupt, "source-changed", "it ends before its stated size");
    // g++ 12 makes a byte loop of ranges::copy over spans.
    if (!out.empty())
      std::memcpy(out.data(), memory_.subspan(static_cast<std::size_t>(offset)).data(), out.size());
    return {};
  }
  auto read = os::read_exactly_at(file_, offset, out);
  if (!read && read.error().reason() == "file-short")
    return fail(ErrorCode::corrupt, "source-changed", "it ends before its stated size");
  return read;
}

Result<flow::ObjectTable> describe_objects(std::span<const SourceObject> objects,
                                           crypto::HashAlgorithm algorithm, unsigned threads,
                                           const Progress& progress) {
  if (objects.size() > kObjectsMax)
    return fail(ErrorCode::malformed, "objects-too-many", std::to_string(objects.size()));
  std::vector<Source> sources;
  for (const SourceObject& object : objects) {
    HANGU_CHECK(flow::check_object_name(object.name));
    sources.push_back(object.source);
  }
  HANGU_TRY(const auto digests, Description(sources, algorithm).hash(threads, progress));
  std::vector<flow::ObjectRow> rows;
  for (std::size_t i = 0; i < objects.size(); ++i)
    rows.push_back({objects[i].name, objects[i].media_type, digests[i]});
  return flow::ObjectTable::create(std::move(rows));
}

Result<crypto::ObjectDigest> digest_source(const Source& source, crypto::HashAlgorithm algorithm,
                                           unsigned threads, const Progress& progress) {
  HANGU_TRY(const auto digests, Description({&source, 1}, algorithm).hash(threads, progress));
  return digests.front();
}

}  // namespace hangu::package
