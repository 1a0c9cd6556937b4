#pragma once
// Input: what a worker's job reads. In the line it is a stored object whose bytes are checked
// against the digest that the stage was given, chunk by chunk as they are read, so that nobody
// (the store's owner least of all) can show the worker other bytes than those.

#include <cstdint>
#include <list>
#include <optional>

#include "crypto/chunk_tree.hpp"
#include "os/descriptor.hpp"

namespace hangu::plain {

/// VerifiedFile checks every chunk it gives. Memory: kInputChunksKept chunks of 1 MiB and the
/// leaves. Thread: one.
class VerifiedFile {
 public:
  /// Borrows `file`. `leaves` holds the leaf hashes of an object of more than one chunk.
  /// Errors: Corrupt "leaves-mismatch", "object-mismatch" (size); those of the files.
  [[nodiscard]] static Result<VerifiedFile> open(os::FdView file,
                                                 const crypto::ObjectDigest& digest,
                                                 std::optional<os::FdView> leaves);
  [[nodiscard]] std::uint64_t size() const { return verifier_.digest().size; }
  /// Exactly out.size() bytes. Errors: Malformed "file-short"; Corrupt "chunk-mismatch"; those of
  /// the file. The first one is remembered: parsers in between say something else about it.
  [[nodiscard]] Done read_at(std::uint64_t offset, MutableByteView out);
  /// The first failure of reading.
  [[nodiscard]] Done good() const;

 private:
  struct Chunk {
    std::uint64_t index;
    Bytes bytes;
  };
  VerifiedFile(os::FdView file, crypto::ChunkVerifier verifier)
      : file_(file), verifier_(std::move(verifier)) {}
  [[nodiscard]] Result<ByteView> chunk(std::uint64_t index);

  os::FdView file_;
  crypto::ChunkVerifier verifier_;
  std::list<Chunk> kept_;  ///< the last used first
  std::optional<Error> problem_;
};

inline constexpr std::size_t kInputChunksKept = 16;

/// Input borrows what it reads and is cheap to copy.
class Input {
 public:
  /// A file as it is: for tests, and for files that nobody else can write. Implicit, since any
  /// descriptor can be read.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Input(os::FdView file) : file_(file) {}
  explicit Input(VerifiedFile& verified) : verified_(&verified) {}

  [[nodiscard]] Result<std::uint64_t> size() const;
  /// Exactly out.size() bytes at `offset`. Errors: Malformed "file-short"; those of VerifiedFile.
  [[nodiscard]] Done read_at(std::uint64_t offset, MutableByteView out) const;

 private:
  os::FdView file_;
  VerifiedFile* verified_ = nullptr;
};

}  // namespace hangu::plain
