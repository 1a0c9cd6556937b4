#pragma once
// DraftFile: a file in the making that takes its name whole or not at all. It has none before,
// where the file system knows such files: what is interrupted leaves nothing.

#include <string>

#include "os/descriptor.hpp"

namespace hangu::cli {

/// Removed again unless finish() was called. Thread: one.
class DraftFile {
 public:
  /// Errors: Forbidden "file-exists" (`path` is there); those of os/file.hpp.
  [[nodiscard]] static Result<DraftFile> create(const std::string& path);
  DraftFile(DraftFile&& other) noexcept;
  DraftFile& operator=(DraftFile&&) = delete;
  ~DraftFile();
  [[nodiscard]] os::FdView file() const { return file_.view(); }
  /// Syncs, and gives the final name without overwriting ("file-exists").
  [[nodiscard]] Done finish();

 private:
  DraftFile(std::string path, std::string draft, os::UniqueFd file)
      : path_(std::move(path)), draft_(std::move(draft)), file_(std::move(file)) {}
  std::string path_;
  std::string draft_;
  os::UniqueFd file_;
};

/// The folder that `path` stands in.
[[nodiscard]] std::string parent_folder(const std::string& path);
/// Renames without overwriting and syncs the folder. Errors: Forbidden "file-exists"; Internal
/// "rename-failed".
[[nodiscard]] Done rename_anew(const std::string& from, const std::string& to);

}  // namespace hangu::cli
