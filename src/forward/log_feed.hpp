#pragma once
// Log feed: lines from a log's published files, every bundle proved to the signed checkpoint first.

#include <memory>
#include <optional>
#include <string>

#include "audit/export/line_format.hpp"
#include "audit/reading/log_reader.hpp"
#include "forward/feed.hpp"

namespace hangu::forward {

class LogFeed final : public Feed {
 public:
  /// `source`'s size and root are those of the checkpoint of each time.
  LogFeed(std::string folder, audit::NoteKey key, audit::LineSource source)
      : folder_(std::move(folder)), key_(std::move(key)), source_(std::move(source)) {}
  [[nodiscard]] Result<std::uint64_t> refresh() override;
  [[nodiscard]] FeedHead head() const override { return {source_.size, source_.root}; }
  [[nodiscard]] Done check_extends(const FeedHead& earlier) override;
  [[nodiscard]] Result<std::vector<FeedLine>> read(std::uint64_t first,
                                                   std::size_t lines_max) override;
  /// The first entry that is still there; 0 unless the log was pruned.
  [[nodiscard]] std::uint64_t first() const override { return reader_ ? reader_->first() : 0; }

 private:
  std::string folder_;
  audit::NoteKey key_;
  audit::LineSource source_;
  std::optional<audit::LogReader> reader_;
};

}  // namespace hangu::forward
