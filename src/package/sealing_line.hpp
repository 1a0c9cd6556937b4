#pragma once
// The sealing line: reads, checks, seals, hashes and writes a package on several threads at once.
// Internal to src/package.

#include "package/header.hpp"
#include "package/layout.hpp"
#include "package/source.hpp"

namespace hangu::package {

struct SealingWork {
  const Header& header;
  const Layout& layout;
  const flow::ObjectTable& table;
  const crypto::ContentKey& key;
  std::span<const Source> streams;  ///< as numbered in the layout: 0 is the statement
  os::FdView out;
  unsigned threads = 0;
  const Progress& progress;
};

/// Writes the package; the SHA-256 chunk-tree digest of what was written.
[[nodiscard]] Result<crypto::ObjectDigest> run_sealing_line(const SealingWork& work);

}  // namespace hangu::package
