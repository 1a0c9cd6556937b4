#include "forward/log_feed.hpp"

#include <algorithm>

#include "audit/disk_folder.hpp"
#include "audit/reading/facts.hpp"

namespace hangu::forward {
namespace {

/// That the log that `reader` reads had `root` when it had `size` entries.
Done check_past(const audit::LogReader& reader, const FeedHead& earlier) {
  HANGU_TRY(const audit::Hash root, audit::hash_from_hex(earlier.root));
  const Done same = reader.check_root(earlier.size, root);
  if (!same && same.error().reason() == "log-root-differs")
    return fail(ErrorCode::forbidden, "forward-cursor-other-log",
                "does not go on from the " + std::to_string(earlier.size) +
                    " entries that were forwarded: " + same.error().message());
  return same;
}

}  // namespace

Result<std::uint64_t> LogFeed::refresh() {
  HANGU_TRY(auto folder, audit::open_disk_folder(folder_));
  HANGU_TRY(audit::LogReader reader, audit::LogReader::open(std::move(folder), key_));
  if (reader_) HANGU_CHECK(check_past(reader, head()));
  reader_.emplace(std::move(reader));
  source_.size = reader_->size();
  source_.root = to_hex(reader_->checkpoint().head.root);
  return reader_->size();
}

Done LogFeed::check_extends(const FeedHead& earlier) {
  HANGU_ASSERT(reader_.has_value());
  return check_past(*reader_, earlier);
}

Result<std::vector<FeedLine>> LogFeed::read(std::uint64_t first, std::size_t lines_max) {
  HANGU_ASSERT(reader_.has_value());
  const std::uint64_t end = std::min(reader_->size(), first + lines_max);
  std::vector<FeedLine> out;
  if (first >= end) return out;
  HANGU_CHECK(reader_->authenticate(first, end, [&](const audit::StoredEntry& entry) -> Done {
    out.push_back({.index = entry.index,
                   .leaf = to_hex(entry.leaf),
                   .text = audit::rfc5424_line(audit::facts_of(entry), source_)});
    return {};
  }));
  return out;
}

}  // namespace hangu::forward
