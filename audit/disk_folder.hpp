#pragma once
// The log's folder on a disk.

#include "audit/folder.hpp"
#include "os/descriptor.hpp"

namespace hangu::audit {

/// Errors: those of os/failure.hpp.
[[nodiscard]] Result<std::unique_ptr<Folder>> open_disk_folder(os::FdView folder);
[[nodiscard]] Result<std::unique_ptr<Folder>> open_disk_folder(const std::string& path);

}  // namespace hangu::audit
