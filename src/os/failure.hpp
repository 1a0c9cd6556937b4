#pragma once
// errno to Error: one table, so that a full disk has the same name everywhere.

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace hangu::os {

/// os_failure turns `os_error` into an Error: Unavailable "file-missing" (ENOENT, ENOTDIR),
/// Forbidden "file-forbidden" (EACCES, EPERM, EROFS, ELOOP), Forbidden "file-exists" (EEXIST),
/// Exhausted "disk-full" (ENOSPC, EDQUOT, EFBIG), Exhausted "descriptors-exhausted" (EMFILE,
/// ENFILE), else Internal `otherwise` (a literal).
[[nodiscard]] std::unexpected<Error> os_failure(
    int os_error, std::string_view otherwise, std::string context,
    std::source_location where = std::source_location::current());

}  // namespace hangu::os
