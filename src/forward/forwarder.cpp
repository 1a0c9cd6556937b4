#include "forward/forwarder.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "forward/limits.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"
#include "os/process.hpp"

namespace hangu::forward {
namespace {

constexpr unsigned kStatusMode = 0644;

std::string place(const ReceiverAddress& to) {
  const bool v6 = to.address.contains(':');
  return (v6 ? "[" + to.address + "]" : to.address) + ":" + std::to_string(to.port);
}

}  // namespace

void Standing::taken(Mark mark, std::chrono::milliseconds now) {
  if (!marks_.empty() && marks_.back().mark.next == mark.next) return;
  marks_.push_back({std::move(mark), now});
}

std::optional<Standing::Mark> Standing::settled(std::chrono::milliseconds now) {
  std::optional<Mark> out;
  while (!marks_.empty() && now - marks_.front().at >= kSettleTime) {
    out = std::move(marks_.front().mark);
    marks_.pop_front();
  }
  return out;
}

std::chrono::milliseconds retry_pause(unsigned failures) {
  constexpr unsigned kDoublingsMax = 16;
  const unsigned doublings = std::min(failures > 0 ? failures - 1 : 0, kDoublingsMax);
  return std::min(kRetryMax, kRetryFirst * (1U << doublings));
}

Done Forwarder::run() {
  HANGU_TRY(cursor_, Cursor::load(plan_.cursor_path, plan_.origin));
  status_.receiver = place(plan_.receiver);
  status_.handed_over = cursor_.next;
  plan_.tell("FORWARD-0001",
             "to " + status_.receiver + ", from entry " + std::to_string(cursor_.next) + " on");
  while (!stopping_) {
    log_failed_ = false;
    const Done ended = serve();
    if (fatal_) {
      write_status(line::ForwardState::stuck, true);
      return std::unexpected(*fatal_);
    }
    if (stopping_) break;
    ++failures_;
    const milliseconds wait = retry_pause(failures_);
    if (!ended) note_failure(ended.error(), wait);
    stopping_ = pause(wait);
  }
  write_status(line::ForwardState::stopped, true);
  return {};
}

template <class T>
Result<T> Forwarder::from_feed(Result<T> result) {
  log_failed_ = !result;
  if (!result && result.error().reason() == "forward-cursor-other-log") fatal_ = result.error();
  return result;
}

/// The log must go on from what was forwarded of it, and the entry before the cursor, where it was
/// not pruned, must be as it was.
Done Forwarder::check_cursor() {
  HANGU_TRY(status_.published, from_feed(feed_.refresh()));
  const auto other = [&](std::string why) -> Done {
    fatal_ = Error(ErrorCode::forbidden, "forward-cursor-other-log", std::move(why));
    return std::unexpected(*fatal_);
  };
  if (status_.published < cursor_.next)
    return other("entry " + std::to_string(cursor_.next - 1) + " was forwarded; the log has " +
                 std::to_string(status_.published));
  if (cursor_.head.size > status_.published)
    return other("it had " + std::to_string(cursor_.head.size) + " entries, and has " +
                 std::to_string(status_.published));
  if (cursor_.head.size > 0) HANGU_CHECK(from_feed(feed_.check_extends(cursor_.head)));
  if (cursor_.next < feed_.first()) {  // nobody can hand these over any more
    plan_.tell("FORWARD-0008", "entries " + std::to_string(cursor_.next) + " to " +
                                   std::to_string(feed_.first() - 1) +
                                   " were pruned before they were handed over");
    cursor_.next = feed_.first();
    cursor_.leaf.clear();
  }
  if (cursor_.leaf.empty() || cursor_.next <= feed_.first()) return {};
  HANGU_TRY(const std::vector<FeedLine> last, from_feed(feed_.read(cursor_.next - 1, 1)));
  if (last.size() != 1 || last.front().leaf != cursor_.leaf)
    return other("entry " + std::to_string(cursor_.next - 1) + " is another than was forwarded");
  return {};
}

Done Forwarder::serve() {
  HANGU_CHECK(check_cursor());
  HANGU_TRY(ReceiverLink link, ReceiverLink::connect(plan_.receiver, plan_.tls));
  plan_.tell("FORWARD-0002", "connected, from entry " + std::to_string(cursor_.next) + " on");
  standing_ = {};
  sent_ = {cursor_.next, cursor_.leaf};
  unmarked_ = 0;
  moved_ = os::monotonic_now();
  while (true) {
    HANGU_TRY(const std::uint64_t published, from_feed(feed_.refresh()));
    if (published < status_.published) {  // what was shown to us is taken back
      fatal_ = Error(ErrorCode::forbidden, "forward-cursor-other-log", "the log became shorter");
      return std::unexpected(*fatal_);
    }
    status_.published = published;
    HANGU_CHECK(send_new(link));
    HANGU_CHECK(settle(link));
    if (os::monotonic_now() - moved_ > kStallTime)
      return fail(ErrorCode::unavailable, "network-timeout", "the receiver takes nothing");
    write_status(line::ForwardState::connected, false);
    if (stopping_ || pause(kTick)) {
      stopping_ = true;
      stop_politely(link);
      return {};
    }
  }
}

Done Forwarder::send_new(ReceiverLink& link) {
  while (sent_.next < status_.published && !stopping_) {
    HANGU_TRY(const std::vector<FeedLine> lines, from_feed(feed_.read(sent_.next, kLinesPerTurn)));
    if (lines.empty()) return fail(ErrorCode::corrupt, "forward-log-short", "no entry");
    HANGU_CHECK(send_lines(link, lines));
    if (!stopping_ && unmarked_ >= kLinesPerMark) HANGU_CHECK(drain(link));
  }
  return {};
}

/// In blocks, each bounded in time, with a look at what else there is between two.
Done Forwarder::send_lines(ReceiverLink& link, const std::vector<FeedLine>& lines) {
  std::string block;
  for (const FeedLine& one : lines) {
    block += octet_counted(one.text);
    ++unmarked_;
    if (block.size() < kBlockBytesMax && &one != &lines.back()) continue;
    HANGU_CHECK(link.send(bytes_of(block), kSendTime));
    block.clear();
    sent_ = {one.index + 1, one.leaf};
    moved_ = os::monotonic_now();
    stopping_ = pause(milliseconds{0});
    write_status(line::ForwardState::connected, false);
    if (stopping_) break;
  }
  return {};
}

/// A long backlog keeps bytes under way all the time: now and then all of them are awaited.
Done Forwarder::drain(ReceiverLink& link) {
  while (unmarked_ > 0 && !stopping_) {  // ends by the stall time
    HANGU_CHECK(settle(link));
    if (os::monotonic_now() - moved_ > kStallTime)
      return fail(ErrorCode::unavailable, "network-timeout", "the receiver takes nothing");
    if (unmarked_ > 0) stopping_ = pause(kDrainPause);
    write_status(line::ForwardState::connected, false);
  }
  return {};
}

/// What stands long enough is certain: the cursor moves.
Done Forwarder::settle(ReceiverLink& link) {
  HANGU_CHECK(link.look());
  const milliseconds now = os::monotonic_now();
  HANGU_TRY(const bool taken, link.all_taken());
  if (taken) {
    if (sent_.next > cursor_.next) standing_.taken(sent_, now);
    unmarked_ = 0;
    moved_ = now;
  }
  if (const auto mark = standing_.settled(now)) HANGU_CHECK(advance(*mark));
  return {};
}

Done Forwarder::advance(const Standing::Mark& mark) {
  if (mark.next <= cursor_.next) return {};
  cursor_.next = mark.next;
  cursor_.leaf = mark.leaf;
  cursor_.head = feed_.head();
  if (const Done saved = cursor_.save(plan_.cursor_path); !saved) {
    fatal_ = saved.error();
    return saved;
  }
  status_.handed_over = cursor_.next;
  status_.error.clear();
  const Result<WallTime> now = clock_.now();
  status_.success = now ? std::optional(*now) : std::nullopt;
  failures_ = 0;
  told_.clear();
  return {};
}

void Forwarder::stop_politely(ReceiverLink& link) {
  const Standing::Mark sent = sent_;
  if (link.close_politely() && sent.next > cursor_.next) (void)advance(sent).has_value();
}

bool Forwarder::pause(milliseconds time) {
  const milliseconds until = os::monotonic_now() + time;
  while (true) {  // ends by `until`
    const std::array watched{plan_.stop};
    const milliseconds left = std::max(until - os::monotonic_now(), milliseconds{0});
    const auto ready = os::wait_readable(watched, std::min(left, kTick));
    if (!ready || !ready->empty()) return true;
    if (os::monotonic_now() >= until) return false;
    if (time > kTick) {  // away for long: how far the log has gone on is still told
      if (const auto published = feed_.refresh()) status_.published = *published;
      write_status(status_.state, false);
    }
  }
}

void Forwarder::note_failure(const Error& error, milliseconds next_try) {
  status_.error = std::string(error.reason());
  const milliseconds now = os::monotonic_now();
  if (told_ != status_.error || now - told_at_ >= kToldAgain) {
    const bool refused = error.code() == ErrorCode::forbidden;
    plan_.tell(log_failed_ ? "FORWARD-0006"
               : refused   ? "FORWARD-0004"
                           : "FORWARD-0003",
               error.message() + "; " + std::to_string(status_.lag()) +
                   " entries wait; tried again in " + std::to_string(next_try.count() / 1000) +
                   " s");
    told_ = status_.error;
    told_at_ = now;
  }
  write_status(log_failed_ ? line::ForwardState::stuck : line::ForwardState::waiting, true);
}

void Forwarder::write_status(line::ForwardState state, bool at_once) {
  const milliseconds now = os::monotonic_now();
  if (!at_once && state == status_.state && now - status_at_ < kStatusEvery) return;
  status_.state = state;
  status_at_ = now;
  const Result<WallTime> time = clock_.now();
  status_.written = time ? std::optional(*time) : std::nullopt;
  // What watches it sees by its age that it could not be written.
  (void)os::write_file_durably(plan_.status_path, bytes_of(status_.to_json().to_text()),
                               kStatusMode)
      .has_value();
}

}  // namespace hangu::forward
