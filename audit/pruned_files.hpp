#pragma once
// The files that are kept of deleted entries, by name. Who only reads a log learns by them which
// bundles are gone, or on their way out, by two auditors' word. docs/protocols/audit-log.md §11.

#include <string>

#include "audit/folder.hpp"
#include "audit/tile.hpp"

namespace hangu::audit {

inline constexpr const char* kPrunedFolder = "pruned";

/// "512.json", "512.keys": of the entries before `before`, a multiple of kTileWidth.
[[nodiscard]] std::string pruned_state_name(std::uint64_t before);
[[nodiscard]] std::string pruned_keys_name(std::uint64_t before);
/// The bundle that is deleted first: that it is gone says that the pruning was begun.
[[nodiscard]] Tile last_bundle_below(std::uint64_t before);

/// The last pruning that was begun, by its number; 0: none. What its files say is not looked at.
/// Errors: of files.
[[nodiscard]] Result<std::uint64_t> pruned_before(const Folder& log);

/// Removes the files of every pruning but that of the entries before `before`: they are superseded
/// by it, or were never begun. Errors: of files.
[[nodiscard]] Done remove_superseded(const Folder& log, std::uint64_t before);

}  // namespace hangu::audit
