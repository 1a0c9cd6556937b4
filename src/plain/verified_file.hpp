#pragma once
// VerifiedFile: a stored object whose every chunk is checked against the object's digest when it is
// read, so that nobody can change bytes between one look and the next.

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "base/page_buffer.hpp"
#include "crypto/chunk_tree.hpp"
#include "os/companion.hpp"
#include "os/descriptor.hpp"

namespace hangu::plain {

/// Memory: kVerifiedChunksKept chunks of 1 MiB, four more with a companion, and the leaves. Thread:
/// one; twin() for another.
class VerifiedFile {
 public:
  VerifiedFile(VerifiedFile&&) noexcept;
  VerifiedFile& operator=(VerifiedFile&&) noexcept;
  ~VerifiedFile();
  /// Borrows `file`. Errors: Corrupt "object-mismatch" (size); those of the file.
  [[nodiscard]] static Result<VerifiedFile> open(os::FdView file, crypto::ChunkVerifier verifier);
  /// `leaves` holds the leaf hashes of an object of more than one chunk.
  /// Errors: also Corrupt "leaves-mismatch".
  [[nodiscard]] static Result<VerifiedFile> open(os::FdView file,
                                                 const crypto::ObjectDigest& digest,
                                                 std::optional<os::FdView> leaves);
  [[nodiscard]] std::uint64_t size() const { return verifier_.digest().size; }
  /// Lets `companion`, which outlives this, read and check what lies before a reader who goes
  /// forwards. Not for reading on the companion itself.
  void read_ahead(os::Companion& companion);
  /// Exactly out.size() bytes. Errors: Malformed "file-short"; Corrupt "chunk-mismatch"; those of
  /// the file. The first one is remembered: parsers in between say something else about it.
  [[nodiscard]] Done read_at(std::uint64_t offset, MutableByteView out);
  /// The first failure of reading.
  [[nodiscard]] Done good() const;
  /// The same file, with no chunk read yet.
  [[nodiscard]] VerifiedFile twin() const;

 private:
  struct Chunk {
    std::uint64_t index;
    PageBuffer memory;
    std::size_t bytes = 0;
    [[nodiscard]] ByteView view() const { return memory.view().first(bytes); }
  };
  struct Ahead;
  VerifiedFile(os::FdView file, crypto::ChunkVerifier verifier);
  [[nodiscard]] bool is_kept(std::uint64_t index) const;
  /// Kept, or being fetched.
  [[nodiscard]] bool have(std::uint64_t index) const;
  /// The memory of a new chunk: that of the one that was longest not used.
  [[nodiscard]] PageBuffer vacate();
  /// Chunks from `index` on that are not kept, with memory and no content yet.
  [[nodiscard]] std::vector<Chunk> vacant(std::uint64_t index, std::size_t most);
  void keep(std::vector<Chunk> run);
  [[nodiscard]] Done fetch(std::uint64_t index);
  [[nodiscard]] Result<ByteView> chunk(std::uint64_t index);

  os::FdView file_;
  crypto::ChunkVerifier verifier_;
  std::list<Chunk> kept_;  ///< the last used first
  std::optional<Error> problem_;
  std::unique_ptr<Ahead> ahead_;
};

inline constexpr std::size_t kVerifiedChunksKept = 16;

}  // namespace hangu::plain
