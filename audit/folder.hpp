#pragma once
// Folder and File: what the log needs of a file system, and nothing else. The disk's are in
// disk_folder.hpp; the tests have a disk that fails, loses power and tears writes.

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace hangu::audit {

/// An open file. Thread: one. Errors of all: os/failure.hpp's ("disk-full", …), "read-failed",
/// "write-failed", "sync-failed".
class File {
 public:
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  virtual ~File() = default;

  [[nodiscard]] virtual Result<std::uint64_t> size() const = 0;
  /// Fills `into`. Errors: also Malformed "file-short" when the file ends before.
  [[nodiscard]] virtual Done read_at(std::uint64_t offset, MutableByteView into) const = 0;
  [[nodiscard]] virtual Done write_at(std::uint64_t offset, ByteView bytes) = 0;
  /// Cuts the file off behind `size` bytes.
  [[nodiscard]] virtual Done cut(std::uint64_t size) = 0;
  /// Nobody may write to it any more, once it is closed (mode 0444).
  [[nodiscard]] virtual Done protect() = 0;
  /// Begins to bring to the disk what was written, so that a sync later waits less. It promises
  /// nothing, and what goes wrong is the sync's to tell.
  virtual void begin_sync() {}
  /// Durable when it returns: the content and the size.
  [[nodiscard]] virtual Done sync_data() = 0;
  /// The same, and what else is known about the file.
  [[nodiscard]] virtual Done sync_all() = 0;
};

/// Where a file is written until it has its name; what ends so is no file yet.
inline constexpr const char* kTemporaryName = ".new";

/// An open folder, and files below it by relative name. The log's is opened once and never looked
/// up by path again, so that nobody can move another folder under it.
///
/// Thread: any (each call stands alone). Errors: os/failure.hpp's ("file-missing", "disk-full",
/// …), "sync-failed", and Internal "audit-folder-failed".
class Folder {
 public:
  Folder() = default;
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  virtual ~Folder() = default;

  /// Another handle of the same folder.
  [[nodiscard]] virtual Result<std::unique_ptr<Folder>> again() const = 0;
  /// The folder `path` below this one.
  [[nodiscard]] virtual Result<std::unique_ptr<Folder>> subfolder(
      const std::string& path) const = 0;
  /// Makes the folder `name`; true when it is new.
  [[nodiscard]] virtual Result<bool> make_subfolder(const std::string& name) const = 0;
  /// Names of what is inside, sorted, at most `names_max` (Exhausted "audit-folder-too-full").
  [[nodiscard]] virtual Result<std::vector<std::string>> names(std::size_t names_max) const = 0;
  [[nodiscard]] virtual Result<bool> has(const std::string& path) const = 0;

  [[nodiscard]] virtual Result<std::unique_ptr<File>> open_read(const std::string& path) const = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<File>> open_write(const std::string& path) const = 0;
  /// Creates `name` anew (mode 0600), replacing what stands there: for temporary names.
  [[nodiscard]] virtual Result<std::unique_ptr<File>> create(const std::string& name) const = 0;
  /// A second name without overwriting. Errors: Forbidden "file-exists".
  [[nodiscard]] virtual Done link(const std::string& from, const std::string& to) const = 0;
  [[nodiscard]] virtual Done rename(const std::string& from, const std::string& to) const = 0;
  /// Missing is fine.
  [[nodiscard]] virtual Done remove(const std::string& name) const = 0;
  [[nodiscard]] virtual Done remove_subfolder(const std::string& name) const = 0;

  /// Makes names durable.
  [[nodiscard]] virtual Done sync() const = 0;
  /// One owner at a time, while this handle lives. Errors: Unavailable "audit-in-use".
  [[nodiscard]] virtual Done lock() const = 0;
  /// What the file system has left.
  [[nodiscard]] virtual Result<std::uint64_t> free_bytes() const = 0;

  /// The whole file. Errors: also Exhausted "file-too-long".
  [[nodiscard]] Result<Bytes> read(const std::string& path, std::size_t bytes_max) const;
  /// The file `name` anew, in the place of what stood there; durable with its name.
  [[nodiscard]] Done replace(const std::string& name, ByteView bytes) const;
  /// A durable file with all of `bytes` under a temporary name, protected.
  [[nodiscard]] Done write_temporary(const std::string& name, ByteView bytes) const;
  /// Overwrites a file's bytes, durably, and removes it: on a disk that writes in place nothing of
  /// them is left. sync() makes the removal durable.
  [[nodiscard]] Done erase(const std::string& name) const;
};

}  // namespace hangu::audit
