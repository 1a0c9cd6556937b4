#pragma once
// DiskRoom: what the open uploads of a zone may still take of the disk, and whether one more fits.

#include <map>
#include <mutex>
#include <string>

#include "base/time.hpp"
#include "zone/receive/intake.hpp"

namespace hangu::zone {

/// How long an upload that gets no bytes keeps its room.
inline constexpr std::chrono::milliseconds kRoomIdleMax = std::chrono::minutes(10);

/// Whether a disk with `free` bytes takes `coming` more and keeps ledger::kDiskHeadroomBytes.
[[nodiscard]] bool has_room(std::uint64_t free, std::uint64_t coming);

/// DiskRoom keeps a claim for each upload that is open. A claim is given when the spool's file
/// system takes all that has yet to come, and the custodian could reserve what all of them need.
/// Thread: any (one lock, also while the custodian is asked).
class DiskRoom {
 public:
  /// `spool` is borrowed.
  DiskRoom(os::FdView spool, Intake& intake) : spool_(spool), intake_(intake) {}

  /// Claims room for an upload of `length` bytes of which `held` are in the spool.
  /// Errors: Exhausted "disk-full", with a text for the sender; those of Intake::room().
  [[nodiscard]] Done claim(const std::string& id, std::uint64_t length, std::uint64_t held,
                           WallTime now);
  /// Whether the claim stands: it was given, and bytes came within kRoomIdleMax.
  [[nodiscard]] bool holds(std::string_view id, WallTime now);
  /// The upload holds so many bytes now. Says so to the custodian now and then.
  void came(std::string_view id, std::uint64_t held, WallTime now);
  /// The upload has ended, or waits for room anew.
  void let_go(std::string_view id, WallTime now);

  /// To be asked before each write: what others took meanwhile counts as well.
  /// Errors: Exhausted "disk-full".
  [[nodiscard]] Done check_write(std::uint64_t bytes) const;

 private:
  struct Claim {
    std::uint64_t length = 0;
    std::uint64_t held = 0;
    WallTime touched;
  };
  struct Sum {
    std::uint64_t bytes = 0;
    std::uint64_t coming = 0;
  };
  [[nodiscard]] Sum sum() const;
  void forget_idle(WallTime now);
  void say(WallTime now);

  os::FdView spool_;
  Intake& intake_;
  std::mutex mutex_;
  std::map<std::string, Claim, std::less<>> claims_;
  WallTime said_;  ///< to the custodian
};

}  // namespace hangu::zone
