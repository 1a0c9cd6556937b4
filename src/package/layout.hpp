#pragma once
// Layout: where each sealed stream of a package stands: behind the header the objects, then the
// statement's length and the statement. Everything follows from the header and the sizes that the
// statement names, so any chunk can be found, and sealed or opened, by itself.

#include <cstdint>
#include <vector>

#include "crypto/sealing.hpp"
#include "flow/object_table.hpp"
#include "package/header.hpp"

namespace hangu::package {

/// A chunk and its tag as they stand in a package.
inline constexpr std::size_t kSealedChunkBytes = kChunkBytes + crypto::kTagBytes;
/// The statement's length, a u32 before its first chunk.
inline constexpr std::size_t kStatementLengthBytes = 4;

/// Chunks of a sealed stream; the empty stream has one (empty, final), so that its end is proved.
[[nodiscard]] std::uint64_t sealed_chunk_count(std::uint64_t plain_bytes);
/// Bytes of a sealed stream.
[[nodiscard]] std::uint64_t sealed_bytes(std::uint64_t plain_bytes);
/// Plain bytes of chunk `index` of a stream.
[[nodiscard]] std::size_t chunk_bytes(std::uint64_t plain_bytes, std::uint64_t index);
/// Header::objects_bytes of a table. Errors: Malformed "package-too-large" (over
/// kPackageBytesMax).
[[nodiscard]] Result<std::uint64_t> sealed_objects_bytes(const flow::ObjectTable& table);

/// Stream 0 is the statement, stream i + 1 is object i.
class Layout {
 public:
  /// Errors: those of sealed_objects_bytes; Malformed "package-objects-length" (the header says
  /// another length than the table's sizes make).
  [[nodiscard]] static Result<Layout> create(const Header& header, const flow::ObjectTable& table,
                                             std::size_t statement_bytes);

  [[nodiscard]] std::size_t streams() const { return plain_bytes_.size(); }
  [[nodiscard]] std::uint64_t plain_bytes(std::size_t stream) const { return plain_bytes_[stream]; }
  /// Offset of chunk `index` of `stream` in the package.
  [[nodiscard]] std::uint64_t chunk_at(std::size_t stream, std::uint64_t index) const {
    return starts_[stream] + index * kSealedChunkBytes;
  }
  [[nodiscard]] std::uint64_t total_bytes() const {
    return starts_[0] + sealed_bytes(plain_bytes_[0]);
  }

 private:
  Layout() = default;
  std::vector<std::uint64_t> plain_bytes_;
  std::vector<std::uint64_t> starts_;
};

/// Offset of the statement's length in a package with this header.
[[nodiscard]] std::uint64_t statement_length_at(const Header& header);

}  // namespace hangu::package
