#pragma once
// Archive manifest: what `hangu audit archive` wrote beside its copy of a log, read back when an
// order is to name it.

#include <string>
#include <string_view>
#include <vector>

#include "audit/reading/log_reader.hpp"
#include "cli/command.hpp"

namespace hangu::cli {

inline constexpr std::size_t kManifestBytesMax = std::size_t{256} << 20;
inline constexpr std::size_t kArchiveFilesMax = 4'000'000;

struct ArchivedFile {
  std::string path;  ///< below the archive's folder
  std::uint64_t bytes = 0;
  std::string sha256;  ///< in hex
};

struct ArchiveManifest {
  std::string origin;
  audit::TreeHead head;
  std::uint64_t first = 0;  ///< the first entry that it holds
  std::vector<ArchivedFile> files;

  /// Errors: Malformed "json-…", "field-…", "hash-invalid"; Exhausted "json-too-long".
  [[nodiscard]] static Result<ArchiveManifest> parse(std::string_view text);
};

/// That the archive in `folder` holds the entries of `reader`'s log from its first one up to
/// `before`: it is of this log, every file of the manifest is there as it says, and among them is
/// every bundle that is to go. Reads all of the archive. Returns the SHA-256 of its manifest in
/// hex.
///
/// Errors: Forbidden "archive-other" (of another log, or of other entries); Corrupt
/// "archive-damaged" (a file is missing or another: which); "log-root-differs"; of files.
[[nodiscard]] Result<std::string> check_archive(Session& session, const audit::LogReader& reader,
                                                const std::string& folder, std::uint64_t before);

}  // namespace hangu::cli
