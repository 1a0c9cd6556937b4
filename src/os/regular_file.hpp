#pragma once
// Regular files that a person names: what is a pipe, a device, a socket, a folder or (if unwanted)
// a link is refused instead of being waited for.

#include <string>

#include "os/descriptor.hpp"

namespace hangu::os {

/// What a last part of the path that is a symbolic link means.
enum class LastLink : std::uint8_t { follow, refuse };

/// Opens a regular file for reading, never waiting for somebody at the other end of a pipe.
/// Errors: Forbidden "source-not-a-file" with the path; else those of os::open_read.
[[nodiscard]] Result<UniqueFd> open_regular(const std::string& path, LastLink last);

}  // namespace hangu::os
