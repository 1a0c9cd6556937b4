#pragma once
// What runs in a gateway, and by what configuration and keys, for the log's boot entry.

#include <string>

#include "config/gateway.hpp"
#include "config/layout.hpp"

namespace hangu::supervise {

inline constexpr std::size_t kSoftwareBytesMax = 16 * 1024;

/// What is installed now, as JSON: the version, and name and SHA-256 of each program in `binaries`,
/// of the configuration and of the lists of keys. Errors: those of os/file.hpp.
[[nodiscard]] Result<std::string> software(const config::Layout& layout,
                                           const config::Gateway& gateway,
                                           const std::string& binaries);
/// Writes that to anchors/software.json.
[[nodiscard]] Done write_software(const config::Layout& layout, const config::Gateway& gateway,
                                  const std::string& binaries);

}  // namespace hangu::supervise
