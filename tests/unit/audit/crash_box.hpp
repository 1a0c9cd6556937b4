#pragma once
// What a log says when it is opened again.

#include "tests/unit/audit/support.hpp"

namespace hangu::audit::test {

inline constexpr const char* kSegment = "journal/00000000000000000000.wal";

/// How many bytes there are up to the last that is not zero.
inline std::size_t content_bytes(ByteView bytes) {
  while (!bytes.empty() && bytes.back() == std::byte{0}) bytes = bytes.first(bytes.size() - 1);
  return bytes.size();
}

/// Size after opening, or the reason why not.
inline std::string outcome(const std::filesystem::path& folder) {
  const auto opened = open_log(folder);
  if (!opened) return std::string(opened.error().reason());
  return std::to_string(opened->log.head().size);
}

}  // namespace hangu::audit::test
