#pragma once
// Extraction: opens runs of sealed chunks on several threads. Internal to src/package.

#include "package/layout.hpp"
#include "package/reader.hpp"

namespace hangu::package {

struct Extraction {
  os::FdView package;
  const Layout& layout;
  const flow::ObjectTable& table;
  const crypto::ContentKey& key;
  const crypto::Hash& context;
  std::size_t first = 0;  ///< object
  std::size_t count = 0;
  ObjectSink& sink;
  unsigned threads = 0;
  const Progress& progress;
  bool let_go = false;  ///< the package is not read again: the kernel may forget what was opened
};

[[nodiscard]] Done run_extraction(const Extraction& extraction);

/// Reads exactly out.size() bytes of a package. Errors: Malformed "package-truncated".
[[nodiscard]] Done read_package(os::FdView package, std::uint64_t offset, MutableByteView out);

}  // namespace hangu::package
