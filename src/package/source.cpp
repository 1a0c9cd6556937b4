#include "package/source.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "os/file.hpp"
#include "os/regular_file.hpp"
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

Result<Leaves> leaves_of(const Source& source, std::uint64_t size, const RunPiece& piece,
                         crypto::HashAlgorithm algorithm, MutableByteView buffer) {
  const std::uint64_t at = piece.first_chunk * kChunkBytes;
  const auto bytes = static_cast<std::size_t>(std::min(piece.chunks * kChunkBytes, size - at));
  HANGU_TRY(const SourceReader reader, SourceReader::open(source));
  HANGU_CHECK(reader.read(at, buffer.first(bytes)));
  Leaves leaves;
  crypto::leaf_hashes(algorithm, buffer.first(bytes), leaves);
  return leaves;
}

}  // namespace

Result<std::uint64_t> source_bytes(const Source& source) {
  if (const auto* bytes = std::get_if<ByteView>(&source)) return bytes->size();
  HANGU_TRY(const SourceReader reader, SourceReader::open(source));
  HANGU_CHECK(check_regular(reader.file()));
  return os::file_size(reader.file());
}

Result<SourceReader> SourceReader::open(const Source& source) {
  SourceReader out;
  if (const auto* named = std::get_if<SourcePath>(&source)) {
    HANGU_TRY(out.owned_, os::open_regular(named->path, os::LastLink::refuse));
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

void SourceReader::let_go(std::uint64_t offset, std::uint64_t bytes) const {
  if (file_.valid() && !owned_.valid()) os::drop_behind(file_, offset, bytes);
}

Result<flow::ObjectTable> outline_objects(std::span<const SourceObject> objects,
                                          crypto::HashAlgorithm algorithm) {
  if (objects.size() > kObjectsMax)
    return fail(ErrorCode::malformed, "objects-too-many", std::to_string(objects.size()));
  std::vector<flow::ObjectRow> rows;
  for (const SourceObject& object : objects) {
    HANGU_CHECK(flow::check_object_name(object.name));
    const Result<std::uint64_t> size = source_bytes(object.source);
    if (!size) return std::unexpected(size.error().within(printable(object.name, 100)));
    rows.push_back(
        {object.name, object.media_type, {.algorithm = algorithm, .size = *size, .root = {}}});
  }
  return flow::ObjectTable::create(std::move(rows));
}

Result<crypto::ObjectDigest> digest_source(const Source& source, crypto::HashAlgorithm algorithm,
                                           unsigned threads, const Progress& progress) {
  HANGU_TRY(const std::uint64_t size, source_bytes(source));
  threads = thread_count(threads);
  const std::size_t chunks = run_chunks(algorithm, threads);
  const std::array sizes{size};
  RunCursor cursor(sizes, 0, chunks);
  GrowingTree tree(algorithm);
  OrderedRuns runs{
      .next = [&]() -> Result<std::optional<Run>> { return cursor.next(); },
      .work =
          [&](const Run& run, MutableByteView buffer) {
            return leaves_of(source, size, run.pieces.front(), algorithm, buffer);
          },
      .commit = [&](const Run&, const Leaves& leaves) -> Result<std::uint64_t> {
        for (const crypto::Hash& leaf : leaves) tree.add(leaf);
        return std::min(tree.leaves() * kChunkBytes, size);
      },
      .buffer_bytes = static_cast<std::size_t>(std::min<std::uint64_t>(chunks * kChunkBytes, size)),
      .threads =
          static_cast<unsigned>(std::min<std::uint64_t>(threads, 1 + size / kChunkBytes / chunks)),
      .bytes_total = size,
      .progress = progress};
  HANGU_CHECK(runs.go());
  HANGU_TRY(const std::uint64_t size_now, source_bytes(source));
  if (size_now != size)
    return fail(ErrorCode::corrupt, "source-changed", "its size changed while it was read");
  return crypto::ObjectDigest{.algorithm = algorithm, .size = size, .root = tree.root()};
}

}  // namespace hangu::package
