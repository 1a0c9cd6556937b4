#pragma once
// VerifiedSource: a stored object whose every chunk is checked against the object's digest when it
// is read, so that nobody can change bytes between one look and the next.

#include <list>

#include "check/byte_source.hpp"
#include "crypto/chunk_tree.hpp"

namespace hangu::check {

/// Memory: kChunksKept chunks of 1 MiB. Thread: one.
class VerifiedSource final : public ByteSource {
 public:
  /// Borrows the descriptor. Errors: Corrupt "object-mismatch" (size); those of the file.
  [[nodiscard]] static Result<VerifiedSource> open(os::FdView file, crypto::ChunkVerifier verifier);
  [[nodiscard]] std::uint64_t size() const override { return file_.size(); }
  /// Errors also: Corrupt "chunk-mismatch".
  [[nodiscard]] Done read_at(std::uint64_t offset, MutableByteView out) const override;
  [[nodiscard]] std::unique_ptr<ByteSource> twin() const override;

 private:
  struct Chunk {
    std::uint64_t index;
    Bytes bytes;
  };

  VerifiedSource(FileSource file, crypto::ChunkVerifier verifier)
      : file_(std::move(file)), verifier_(std::move(verifier)) {}
  [[nodiscard]] bool is_kept(std::uint64_t index) const;
  /// The memory of a new chunk: that of the one that was longest not used.
  [[nodiscard]] Bytes vacate() const;
  [[nodiscard]] Done fetch(std::uint64_t index) const;
  [[nodiscard]] Result<ByteView> chunk(std::uint64_t index) const;

  FileSource file_;
  crypto::ChunkVerifier verifier_;
  mutable std::list<Chunk> kept_;  ///< the last used first
};

}  // namespace hangu::check
