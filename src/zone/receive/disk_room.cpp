#include "zone/receive/disk_room.hpp"

#include <algorithm>

#include "audit/limits.hpp"
#include "os/file.hpp"

namespace hangu::zone {
namespace {

static_assert(ledger::kDiskHeadroomBytes >= 2 * audit::kDiskReserveBytes,
              "uploads leave audit its reserve, and room above it");

constexpr std::chrono::milliseconds kSayAgain = std::chrono::minutes(2);

std::unexpected<Error> full(std::uint64_t bytes) {
  return fail(ErrorCode::exhausted, "disk-full",
              "no room for " + std::to_string(bytes) +
                  " bytes, of which the gateway needs several times as much; try again when"
                  " earlier transfers have ended, or ask its operator");
}

}  // namespace

bool has_room(std::uint64_t free, std::uint64_t coming) {
  return free >= ledger::kDiskHeadroomBytes && free - ledger::kDiskHeadroomBytes >= coming;
}

DiskRoom::Sum DiskRoom::sum() const {
  Sum all;
  for (const auto& [id, claim] : claims_) {
    all.bytes += claim.length;
    all.coming += claim.length - claim.held;
  }
  return all;
}

void DiskRoom::forget_idle(WallTime now) {
  std::erase_if(claims_, [&](const auto& one) { return now - one.second.touched >= kRoomIdleMax; });
}

Done DiskRoom::claim(const std::string& id, std::uint64_t length, std::uint64_t held,
                     WallTime now) {
  const std::scoped_lock lock(mutex_);
  forget_idle(now);
  claims_.erase(id);
  if (length > kObjectBytesMax) return full(length);  // so that no sum can overflow
  Sum all = sum();
  all.bytes += length;
  all.coming += length - held;
  HANGU_TRY(const std::uint64_t free, os::free_bytes(spool_));
  if (!has_room(free, all.coming)) return full(length);
  if (Done fits = intake_.room(all.bytes, all.coming); !fits) {
    if (fits.error().reason() == "disk-full") return full(length);
    return fits;
  }
  claims_.emplace(id, Claim{length, held, now});
  said_ = now;
  return {};
}

bool DiskRoom::holds(std::string_view id, WallTime now) {
  const std::scoped_lock lock(mutex_);
  const auto found = claims_.find(id);
  return found != claims_.end() && now - found->second.touched < kRoomIdleMax;
}

void DiskRoom::came(std::string_view id, std::uint64_t held, WallTime now) {
  const std::scoped_lock lock(mutex_);
  const auto found = claims_.find(id);
  if (found == claims_.end()) return;
  found->second.held = std::min(held, found->second.length);
  found->second.touched = now;
  if (now - said_ >= kSayAgain) say(now);
}

void DiskRoom::let_go(std::string_view id, WallTime now) {
  const std::scoped_lock lock(mutex_);
  const auto found = claims_.find(id);
  if (found == claims_.end()) return;
  claims_.erase(found);
  say(now);
}

void DiskRoom::say(WallTime now) {
  forget_idle(now);
  const Sum all = sum();
  // Not heard: what was said before lapses at the custodian by itself.
  (void)intake_.room(all.bytes, all.coming).has_value();
  said_ = now;
}

Done DiskRoom::check_write(std::uint64_t bytes) const {
  HANGU_TRY(const std::uint64_t free, os::free_bytes(spool_));
  if (!has_room(free, bytes))
    return fail(ErrorCode::exhausted, "disk-full",
                "the gateway's disk became full; what it holds stays for a while: go on when"
                " earlier transfers have ended, or ask its operator");
  return {};
}

}  // namespace hangu::zone
