#pragma once
// Ownership: whose the parts of a gateway's folder are, and who may read them. What sets it up
// runs as root where programs have uids of their own.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/gateway.hpp"
#include "config/layout.hpp"

namespace hangu::supervise {

inline constexpr unsigned kOpenMode = 0755;  ///< traversed by every program; holds no secret
inline constexpr unsigned kOwnMode = 0700;
inline constexpr unsigned kPublicFileMode = 0644;
inline constexpr unsigned kKeyFileMode = 0400;

[[nodiscard]] bool exists(const std::string& path);

/// Whether `path` belongs to this user or root, nobody else may write it, and it is no symbolic
/// link; it may be missing. Errors: Forbidden "folder-foreign"; Internal "setup-failed".
[[nodiscard]] Done check_ours(const std::string& path);
/// A folder of kOpenMode, which must be ours when it is there.
[[nodiscard]] Done make_our_folder(const std::string& path);

using Id = std::optional<std::uint32_t>;
/// Sets owner, group and mode of the file or folder that stands at `path` itself.
/// Errors: as check_ours().
[[nodiscard]] Done settle(const std::string& path, Id uid, Id gid, unsigned mode);
/// Gives a path to a member's uid (and group), where programs have uids of their own.
[[nodiscard]] Done own(const std::string& path, const config::Gateway& gateway,
                       const std::string& member, unsigned mode);
/// Lets a member read a path and no more: where programs have uids of their own, the setup stays
/// its owner, so that the member cannot change it, remove it, or open it to others.
[[nodiscard]] Done let_read(const std::string& path, const config::Gateway& gateway,
                            const std::string& member, unsigned mode);

/// Writes a file that a member reads: it takes its name when it is whole and the member's to read.
[[nodiscard]] Done write_for(const std::string& path, std::string_view text,
                             const config::Gateway& gateway, const std::string& member,
                             unsigned mode);

/// Whether every user may pass through the folders above `path` (absolute), as programs with uids
/// of their own must. Errors: Forbidden "folder-closed", naming the first that is closed.
[[nodiscard]] Done check_way_is_open(const std::string& path);

/// Whether nobody but this user and root can put anything else in the place of the gateway's
/// folder's parts: owner and mode of the folder, of the folders in it that setup fills, and of the
/// texts that officers have signed. What does not exist yet is fine. Errors: Forbidden
/// "folder-foreign", naming the first that is another's, that group or others may write, or that is
/// a symbolic link; those of the system.
[[nodiscard]] Done check_folder_is_ours(const config::Layout& layout);

}  // namespace hangu::supervise
