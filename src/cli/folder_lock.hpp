#pragma once
// FolderLock: one process at a time works on a folder (an advisory lock on its file ".lock").

#include <string>

#include "os/descriptor.hpp"

namespace hangu::cli {

/// Held until destroyed; the kernel releases it when the process dies. Thread: any.
class FolderLock {
 public:
  /// Waits for its turn. Errors: those of os/file.hpp; Internal "lock-failed".
  [[nodiscard]] static Result<FolderLock> take(const std::string& folder);

 private:
  explicit FolderLock(os::UniqueFd file) : file_(std::move(file)) {}
  os::UniqueFd file_;
};

}  // namespace hangu::cli
