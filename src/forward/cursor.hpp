#pragma once
// Cursor: how far the receiver certainly has the log. The log itself is the spool; this is all that
// the forwarder keeps. docs/operations/auditor-reports.md §4.

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "forward/feed.hpp"

namespace hangu::forward {

struct Cursor {
  std::string origin;      ///< of the log
  std::uint64_t next = 0;  ///< first entry that is not certainly handed over
  std::string leaf;        ///< of entry next - 1; empty when next is 0
  FeedHead head{};         ///< under which it was handed over; of size 0 in version 1

  [[nodiscard]] std::string to_text() const;
  /// Errors: Malformed "field-…", "json-…", "forward-cursor-invalid".
  [[nodiscard]] static Result<Cursor> parse(std::string_view text);
  /// From `path`; the start of the log where there is none. Errors: those of parse and os/file.hpp;
  /// Forbidden "forward-cursor-other-log" (of another origin).
  [[nodiscard]] static Result<Cursor> load(const std::string& path, const std::string& origin);
  /// Replaces the file, durably.
  [[nodiscard]] Done save(const std::string& path) const;
  bool operator==(const Cursor&) const = default;
};

}  // namespace hangu::forward
