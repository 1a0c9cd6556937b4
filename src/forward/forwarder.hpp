#pragma once
// Forwarder: follows the published log and hands its lines to one receiver, at least once each.
// docs/operations/auditor-reports.md §4.

#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "forward/cursor.hpp"
#include "forward/feed.hpp"
#include "forward/receiver_link.hpp"
#include "line/forward_status.hpp"

namespace hangu::forward {

struct ForwarderPlan {
  ReceiverAddress receiver;
  net::TlsContext tls;
  std::string origin;  ///< of the log
  std::string cursor_path;
  std::string status_path;
  os::FdView stop;  ///< readable when the program is to end
  /// One line of the operations log: id ("FORWARD-0002") and text.
  std::function<void(std::string_view, const std::string&)> tell;
};

/// Standing tells what of the sent lines is certainly with the receiver: what its kernel had taken
/// wholly kSettleTime ago, on a connection that stands since. Pure.
class Standing {
 public:
  struct Mark {
    std::uint64_t next = 0;
    std::string leaf;
  };
  /// Everything before `mark` had been taken at `now`.
  void taken(Mark mark, std::chrono::milliseconds now);
  /// The farthest mark that has stood long enough, once.
  [[nodiscard]] std::optional<Mark> settled(std::chrono::milliseconds now);

 private:
  struct Timed {
    Mark mark;
    std::chrono::milliseconds at;
  };
  std::deque<Timed> marks_;
};

/// The pause after the n-th failure in a row (n from 1).
[[nodiscard]] std::chrono::milliseconds retry_pause(unsigned failures);

/// Thread: one. `feed` and `clock` are borrowed.
class Forwarder {
 public:
  Forwarder(ForwarderPlan plan, Feed& feed, const Clock& clock)
      : plan_(std::move(plan)), feed_(feed), clock_(clock) {}
  /// Works until `stop`. Errors: Forbidden "forward-cursor-other-log" (the log is not the one, or
  /// is shorter than what was forwarded); those of Cursor::load and save. A receiver that is away
  /// and a log that cannot be read now are none: they are told, and tried again.
  [[nodiscard]] Done run();

 private:
  using milliseconds = std::chrono::milliseconds;
  [[nodiscard]] Done check_cursor();
  /// One connection, until it ends: the error that ended it, or nothing when told to stop.
  [[nodiscard]] Done serve();
  [[nodiscard]] Done send_new(ReceiverLink& link);
  [[nodiscard]] Done send_lines(ReceiverLink& link, const std::vector<FeedLine>& lines);
  [[nodiscard]] Done drain(ReceiverLink& link);
  [[nodiscard]] Done settle(ReceiverLink& link);
  [[nodiscard]] Done advance(const Standing::Mark& mark);
  template <class T>
  [[nodiscard]] Result<T> from_feed(Result<T> result);
  void stop_politely(ReceiverLink& link);
  /// Waits; true when told to stop.
  [[nodiscard]] bool pause(milliseconds time);
  void note_failure(const Error& error, milliseconds next_try);
  void write_status(line::ForwardState state, bool at_once);

  ForwarderPlan plan_;
  Feed& feed_;
  const Clock& clock_;
  Cursor cursor_;
  Standing standing_;
  Standing::Mark sent_;
  std::size_t unmarked_ = 0;  ///< lines sent since all was taken last
  milliseconds moved_{0};     ///< when something was sent, or all was taken
  bool log_failed_ = false;   ///< the last error is the log's, not the receiver's
  line::ForwardStatus status_;
  unsigned failures_ = 0;
  std::optional<Error> fatal_;
  std::string told_;
  milliseconds told_at_{0};
  milliseconds status_at_{0};
  bool stopping_ = false;
};

}  // namespace hangu::forward
