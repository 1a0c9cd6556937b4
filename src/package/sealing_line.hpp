#pragma once
// The sealing line: reads, seals, hashes and writes a package on several threads at once, each byte
// of the sources once. Internal to src/package.

#include "package/header.hpp"
#include "package/layout.hpp"
#include "package/source.hpp"

namespace hangu::package {

/// The envelope's text (1..kStatementBytesMax bytes) that states the table of what was sealed.
using StatementOf = std::function<Result<std::string>(const flow::ObjectTable&)>;

struct SealingWork {
  const Header& header;
  const crypto::ContentKey& key;
  std::span<const Source> sources;
  const flow::ObjectTable& outline;  ///< one row for each source; the roots do not count
  /// Called once, from any of the threads, when every object is sealed.
  const StatementOf& statement_of;
  os::FdView out;
  unsigned threads = 0;
  const Progress& progress;
};

/// Writes the package; the SHA-256 chunk-tree digest of what was written.
[[nodiscard]] Result<crypto::ObjectDigest> run_sealing_line(const SealingWork& work);

}  // namespace hangu::package
