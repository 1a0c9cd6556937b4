#pragma once
// Sources: where the plain bytes of an object come from.

#include <string>
#include <variant>

#include "base/bytes.hpp"
#include "flow/object_table.hpp"
#include "os/descriptor.hpp"
#include "package/runs.hpp"

namespace hangu::package {

/// A file that is opened by its path when its turn comes (packages may hold more objects than a
/// process may hold descriptors). The path's last part must not be a link.
struct SourcePath {
  std::string path;
};

/// A descriptor (read by position; borrowed), a path, or bytes in memory (borrowed).
using Source = std::variant<os::FdView, SourcePath, ByteView>;

/// Bytes of the source now. Errors: Forbidden "source-not-a-file"; those of opening.
[[nodiscard]] Result<std::uint64_t> source_bytes(const Source& source);

/// SourceReader reads a source by position. Thread: any, read() is const.
class SourceReader {
 public:
  [[nodiscard]] static Result<SourceReader> open(const Source& source);
  /// Exactly out.size() bytes. Errors: Corrupt "source-changed" when the source ends before.
  [[nodiscard]] Done read(std::uint64_t offset, MutableByteView out) const;
  /// Says of a borrowed descriptor that this part is not read again (os::drop_behind): a path may
  /// be somebody's file, who goes on to use it.
  void let_go(std::uint64_t offset, std::uint64_t bytes) const;
  /// Not valid for bytes in memory.
  [[nodiscard]] os::FdView file() const { return file_; }

 private:
  os::UniqueFd owned_;
  os::FdView file_;
  ByteView memory_;
};

/// An object to be packed, before its digest is known.
struct SourceObject {
  std::string name;
  std::string media_type;
  Source source;
};

/// The object table as far as it is known before the bytes are read: names, media types and sizes
/// of now, every root zero. For checks that must come before long work.
/// Errors: those of flow::ObjectTable::create and source_bytes; Malformed "objects-too-many".
[[nodiscard]] Result<flow::ObjectTable> outline_objects(std::span<const SourceObject> objects,
                                                        crypto::HashAlgorithm algorithm);

/// The chunk-tree digest of one source. As crypto::hash_file, in memory that does not grow.
[[nodiscard]] Result<crypto::ObjectDigest> digest_source(const Source& source,
                                                         crypto::HashAlgorithm algorithm,
                                                         unsigned threads = 0,
                                                         const Progress& progress = {});

}  // namespace hangu::package
