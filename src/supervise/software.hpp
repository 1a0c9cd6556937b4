#pragma once
// What runs in a gateway, and by what configuration and keys, for the log's boot entry.

#include <string>

#include "config/gateway.hpp"
#include "config/layout.hpp"

namespace hangu::supervise {

/// Writes anchors/software.json: the version, and name and SHA-256 of each program in `binaries`,
/// of the configuration and of the lists of keys. Errors: those of os/file.hpp.
[[nodiscard]] Done write_software(const config::Layout& layout, const config::Gateway& gateway,
                                  const std::string& binaries);

}  // namespace hangu::supervise
