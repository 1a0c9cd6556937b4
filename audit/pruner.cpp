#include "audit/pruner.hpp"

namespace hangu::audit {
namespace {

/// The same day `months` earlier; where that month has no such day, its last.
WallTime months_before(WallTime time, unsigned months) {
  using namespace std::chrono;
  const sys_time<milliseconds> at(time.since_epoch());
  const auto day = floor<days>(at);
  const year_month_day today(day);
  const year_month month = today.year() / today.month() - std::chrono::months(months);
  year_month_day then = month / today.day();
  if (!then.ok()) then = month / last;
  return WallTime(duration_cast<milliseconds>((sys_days(then) + (at - day)).time_since_epoch()));
}

}  // namespace

Done Pruner::take(const GivenOrder& order, const Writer& writer, WallTime now) {
  const std::uint64_t before = std::get<PruneOrder>(order.signed_order.order.act).before;
  if (before <= writer.log().pruned_before()) return {};
  if (busy()) return fail(ErrorCode::unavailable, "prune-busy");
  if (before > writer.log().published_size() || before > writer.epoch_first())
    return fail(ErrorCode::forbidden, "prune-too-far",
                "only published entries of epochs that have ended");
  HANGU_TRY(const Bytes last, writer.log().entry(before - 1));
  const auto head = EntryHead::parse(text_of(last));
  if (!head) return invalid_entry(before - 1);
  if (head->time > months_before(now, months_))
    return fail(ErrorCode::forbidden, "prune-too-young",
                "entry " + std::to_string(before - 1) + " is of " + head->time.to_text() +
                    ", kept for " + std::to_string(months_) + " months");
  reading_.emplace(order, writer.pruned());
  return {};
}

bool Pruner::ready(const Writer& writer) const {
  return reading_ || (removing_ && writer.log().published_size() >= removing_->told);
}

Done Pruner::step(Writer& writer) {
  if (!busy() && writer.removal_due() > 0) {  // left by a crash
    removing_ = Removing{.before = writer.removal_due(),
                         .at = writer.removal_due(),
                         .told = writer.log().head().size};
  }
  if (!ready(writer)) return {};
  if (reading_) {
    HANGU_TRY(const bool all, reading_->step(writer.log()));
    if (!all) return {};
    HANGU_TRY(Pruned pruned, reading_->keep(*log_));
    reading_.reset();
    const std::uint64_t before = pruned.state.before;
    HANGU_CHECK(writer.prune(std::move(pruned)));
    removing_ = Removing{.before = before, .at = before, .told = writer.log().head().size};
    return {};
  }
  HANGU_TRY(const bool gone, remove_bundles(*log_, removing_->before, removing_->at));
  if (gone) {
    removing_.reset();
    writer.removed();
  }
  return {};
}

}  // namespace hangu::audit
