#pragma once
// ObjectStore: objects as files, named by their tree root; and frozen outputs: how a file that
// somebody else wrote becomes an object that nobody can write.

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "crypto/chunk_tree.hpp"
#include "crypto/file_tree.hpp"
#include "os/descriptor.hpp"

namespace hangu::ledger {

/// ArrivingFile is an output that this process alone writes, from its start to its end: it is
/// hashed and written to the disk while it comes. Thread: any (one lock).
class ArrivingFile {
 public:
  explicit ArrivingFile(os::UniqueFd reader) : reader_(std::move(reader)) {}
  /// The first `size` bytes have come and stay as they are. Errors: Internal "read-failed".
  [[nodiscard]] Done follow(std::uint64_t size);
  /// As ObjectStore::hash_frozen(), with what is hashed already.
  [[nodiscard]] Result<crypto::HashedObject> freeze();
  [[nodiscard]] os::FdView reader() const { return reader_.view(); }

 private:
  std::mutex mutex_;
  os::UniqueFd reader_;
  crypto::FileTree tree_{crypto::HashAlgorithm::sha256};
};

/// Folder: <folder>/objects/<aa>/<64 hex> and, for more than one chunk, <64 hex>.leaves (the leaf
/// hashes, 32 bytes each, in order). `aa` is the root's first byte. Files are mode 0400.
/// Thread: any; remove() and sweep() by one.
class ObjectStore {
 public:
  [[nodiscard]] static Result<std::unique_ptr<ObjectStore>> open(const std::string& folder);

  /// An output in the making: `writer` is given away and closed here; `reader` stays.
  struct NewOutput {
    os::UniqueFd writer;
    os::UniqueFd reader;
  };
  [[nodiscard]] Result<NewOutput> create() const;

  /// Proves that no write descriptor and no shared mapping of the output is left, then computes
  /// the tree on all cores while the file is on its way to the disk. Errors: Forbidden
  /// "output-still-writable".
  [[nodiscard]] static Result<crypto::HashedObject> hash_frozen(os::FdView reader,
                                                                crypto::HashAlgorithm algorithm);

  /// Makes a frozen output durable under its name; an object that is there already stands.
  /// The object is safe from remove() until settle().
  /// Errors: Exhausted "disk-full"; Internal "sync-failed".
  [[nodiscard]] Done keep(os::FdView reader, const crypto::HashedObject& object);
  void settle(const crypto::ObjectDigest& digest);

  struct OpenedFile {
    os::UniqueFd file;
    os::UniqueFd leaves;  ///< invalid for objects of at most one chunk
  };
  /// Read-only descriptors. Errors: Corrupt "object-lost".
  [[nodiscard]] Result<OpenedFile> open_object(const crypto::ObjectDigest& digest) const;

  /// A read-only unnamed file with these bytes.
  [[nodiscard]] Result<os::UniqueFd> file_of(ByteView bytes) const;

  /// Removes the file, unless the same object is being kept at this moment.
  [[nodiscard]] Done remove(const crypto::ObjectDigest& digest);
  /// At start: removes every file that `is_known` does not know. How many went.
  [[nodiscard]] Result<std::size_t> sweep(
      const std::function<Result<bool>(const crypto::Hash&)>& is_known);

  [[nodiscard]] Result<std::uint64_t> free_bytes() const;

 private:
  ObjectStore(std::string folder, os::UniqueFd root)
      : folder_(std::move(folder)), root_(std::move(root)) {}
  [[nodiscard]] std::string subfolder_of(const crypto::Hash& root) const;

  std::string folder_;  ///< …/objects
  os::UniqueFd root_;
  std::mutex mutex_;
  std::multiset<crypto::Hash> being_kept_;
};

}  // namespace hangu::ledger
