#pragma once
// Folder: files below one open folder, by relative name. The log is opened once and never looked
// up by path again, so that nobody can move another folder under it.

#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "os/descriptor.hpp"

namespace hangu::audit {

/// Thread: any (each call stands alone). Errors: os/failure.hpp's ("file-missing", "disk-full",
/// …), "sync-failed", and Internal "audit-folder-failed".
class Folder {
 public:
  explicit Folder(os::UniqueFd folder) : folder_(std::move(folder)) {}
  /// A descriptor of its own for the folder that `folder` names.
  [[nodiscard]] static Result<Folder> open(os::FdView folder);
  [[nodiscard]] static Result<Folder> open(const std::string& path);

  /// The folder `path` below this one.
  [[nodiscard]] Result<Folder> subfolder(const std::string& path) const;
  /// Makes the folder `name`; true when it is new.
  [[nodiscard]] Result<bool> make_subfolder(const std::string& name) const;
  /// Names of what is inside, sorted, at most `names_max` (Exhausted "audit-folder-too-full").
  [[nodiscard]] Result<std::vector<std::string>> names(std::size_t names_max) const;
  [[nodiscard]] Result<bool> has(const std::string& path) const;

  [[nodiscard]] Result<os::UniqueFd> open_read(const std::string& path) const;
  [[nodiscard]] Result<os::UniqueFd> open_write(const std::string& path) const;
  [[nodiscard]] Result<Bytes> read(const std::string& path, std::size_t bytes_max) const;
  /// Creates `name` anew, replacing what stands there: for temporary names.
  [[nodiscard]] Result<os::UniqueFd> create(const std::string& name) const;
  /// A durable file with all of `bytes` under a temporary name: mode 0444.
  [[nodiscard]] Done write_temporary(const std::string& name, ByteView bytes) const;
  /// A second name without overwriting. Errors: Forbidden "file-exists".
  [[nodiscard]] Done link(const std::string& from, const std::string& to) const;
  [[nodiscard]] Done rename(const std::string& from, const std::string& to) const;
  /// Missing is fine.
  [[nodiscard]] Done remove(const std::string& name) const;
  [[nodiscard]] Done remove_subfolder(const std::string& name) const;

  /// Makes names durable.
  [[nodiscard]] Done sync() const;
  /// One owner at a time (flock). Errors: Unavailable "audit-in-use".
  [[nodiscard]] Done lock() const;
  [[nodiscard]] os::FdView view() const { return folder_.view(); }

 private:
  os::UniqueFd folder_;
};

}  // namespace hangu::audit
