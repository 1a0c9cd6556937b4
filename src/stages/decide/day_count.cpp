#include "stages/decide/day_count.hpp"

#include "wire/json.hpp"

namespace hangu::stages {
namespace {

constexpr std::size_t kDayTextBytes = 10;  ///< YYYY-MM-DD

/// One receiver and family of a transfer, on one day.
struct Count {
  const OverTime& asked;
  std::string receiver;
  std::string family;
  std::string day;

  [[nodiscard]] std::string whose() const { return receiver + ":" + family; }
  [[nodiscard]] std::string place_key(std::uint64_t place) const {
    return "day:" + day + ":" + whose() + ":" + std::to_string(place);
  }
  [[nodiscard]] std::string own_key() const {
    return "counted:" + asked.transfer.text() + ":" + whose();
  }
};

/// The first place that no entry holds, by halves: places are taken in their order.
Result<std::uint64_t> first_free(const Count& count, line::AuditClient& audit) {
  std::uint64_t taken = 0;  // this one is, or is none
  std::uint64_t free = *count.asked.limits.per_day + 1;
  while (taken + 1 < free) {
    const std::uint64_t middle = taken + (free - taken) / 2;
    HANGU_TRY(const auto holder, audit.holder(count.place_key(middle)));
    (holder ? taken : free) = middle;
  }
  return free;
}

audit::AppendRequest entry_of(const Count& count, std::uint64_t place, line::AuditClient& audit) {
  audit::AppendRequest request;
  request.id = audit.new_request_id();
  request.type = "transfer.counted";
  request.transfer = count.asked.transfer;
  request.keys = {count.place_key(place), count.own_key()};
  request.kind = audit::BodyKind::event;
  request.body = wire::Json(wire::JsonObject{{"node", count.receiver},
                                             {"family", count.family},
                                             {"day", count.day},
                                             {"place", place},
                                             {"limit", *count.asked.limits.per_day}})
                     .to_text();
  return request;
}

/// A place that the transfer has already is its own, whatever the limit is by now.
Result<bool> take_place(const Count& count, line::AuditClient& audit) {
  HANGU_TRY(const auto own, audit.holder(count.own_key()));
  if (own) return true;
  HANGU_TRY(std::uint64_t place, first_free(count, audit));
  for (; place <= *count.asked.limits.per_day; ++place) {
    HANGU_TRY(const audit::AppendReply reply, audit.append(entry_of(count, place, audit)));
    if (reply.outcome == audit::AppendOutcome::appended) return true;
    HANGU_TRY(const auto meanwhile, audit.holder(count.own_key()));
    if (meanwhile) return true;
  }
  return false;
}

}  // namespace

std::string day_of(WallTime time) { return (time + kDayOffset).to_text().substr(0, kDayTextBytes); }

Result<bool> count_in_day(const OverTime& asked, line::AuditClient& audit) {
  for (const NodeId& receiver : asked.receivers) {
    for (const std::string& family : asked.families) {
      HANGU_TRY(const bool taken,
                take_place({asked, receiver.text(), family, day_of(asked.now)}, audit));
      if (!taken) return false;
    }
  }
  return true;
}

}  // namespace hangu::stages
