#include "audit/pruner.hpp"

#include "audit/pruned_files.hpp"

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

Done Pruner::take(const GivenOrder& order, const Writer& writer, WallTime now,
                  const Witnessed& witnessed) {
  const std::uint64_t before = std::get<PruneOrder>(order.signed_order.order.act).before;
  if (before <= writer.log().pruned_before())
    return fail(ErrorCode::forbidden, "prune-needless",
                "entries before " + std::to_string(writer.log().pruned_before()) + " are gone");
  if (busy() || writer.removal_due() > 0) return fail(ErrorCode::unavailable, "prune-busy");
  if (before > writer.log().published_size() || before > writer.epoch_first())
    return fail(ErrorCode::forbidden, "prune-too-far",
                "only published entries of epochs that have ended");
  if (witnessed.demanded && before > witnessed.size)
    return fail(ErrorCode::forbidden, "prune-unwitnessed",
                "a quorum saw " + std::to_string(witnessed.size) + " entries");
  HANGU_TRY(const Bytes last, writer.log().proved_entry(before - 1));
  const auto head = EntryHead::parse(text_of(last));
  if (!head) return invalid_entry(before - 1);
  if (head->time > months_before(now, months_))
    return fail(ErrorCode::forbidden, "prune-too-young",
                "entry " + std::to_string(before - 1) + " is of " + head->time.to_text() +
                    ", kept for " + std::to_string(months_) + " months");
  reading_.emplace(order, writer.pruned(), keys_max_);
  order_ = order.envelope;
  return {};
}

OrderStanding Pruner::standing_of(std::string_view envelope, const Writer& writer) const {
  if (writer.tells_of(envelope)) return OrderStanding::recorded;
  const bool mine = (reading_ || keeping_.valid()) && order_ == envelope;
  return mine ? OrderStanding::under_way : OrderStanding::open;
}

bool Pruner::ready(const Writer& writer) const {
  if (keeping_.valid())
    return keeping_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  if (removing_) return writer.log().published_size() >= removing_->told;
  return reading_ || writer.removal_due() > 0;
}

Done Pruner::step(Writer& writer) {
  if (!busy() && writer.removal_due() > 0) {  // left by a crash
    removing_ = Removing{.before = writer.removal_due(),
                         .at = writer.removal_due(),
                         .told = writer.log().head().size};
  }
  if (!ready(writer)) return {};
  if (reading_) return read_on(writer);
  return keeping_.valid() ? begin_removing(writer) : remove_on(writer);
}

Done Pruner::read_on(const Writer& writer) {
  HANGU_TRY(const bool all, reading_->step(writer.log()));
  if (!all) return {};
  HANGU_TRY(const std::uint64_t free, writer.log().free_bytes());
  const std::uint64_t needed = reading_->bytes() + writer.log().disk_reserve();
  if (free < needed)
    return fail(ErrorCode::exhausted, "prune-no-room",
                std::to_string(free) + " bytes free of " + std::to_string(needed));
  HANGU_TRY(std::unique_ptr<Folder> folder, log_->again());
  keeping_ = std::async(std::launch::async,
                        [reading = *std::move(reading_), folder = std::move(folder)]() mutable {
                          return reading.keep(*folder);
                        });
  reading_.reset();
  return {};
}

Done Pruner::begin_removing(Writer& writer) {
  HANGU_TRY(Pruned pruned, keeping_.get());
  const std::uint64_t before = pruned.state.before;
  HANGU_CHECK(writer.prune(std::move(pruned)));
  removing_ = Removing{.before = before, .at = before, .told = writer.log().head().size};
  return {};
}

Done Pruner::remove_on(Writer& writer) {
  HANGU_TRY(const bool gone, remove_bundles(*log_, removing_->before, removing_->at));
  if (!gone) return {};
  // Only now: until the first bundle was gone for good, a start would have gone by the older ones.
  HANGU_CHECK(remove_superseded(*log_, removing_->before));
  removing_.reset();
  writer.removed();
  return {};
}

}  // namespace hangu::audit
