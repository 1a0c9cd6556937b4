#pragma once
// DiskWatch: says that the log's disk fills up, well before nothing can be appended any more.

#include <cstdint>
#include <functional>
#include <string>

namespace hangu::audit {

enum class DiskLevel : std::uint8_t { good, warning, alarm, stopped };

/// `free` against the reserve below which nothing is accepted: a warning below kDiskWarningTimes of
/// it, an alarm below kDiskAlarmTimes.
[[nodiscard]] DiskLevel disk_level(std::uint64_t free_bytes, std::uint64_t reserve_bytes);

/// Tells each change of level once. Thread: one.
class DiskWatch {
 public:
  explicit DiskWatch(std::uint64_t reserve_bytes) : reserve_(reserve_bytes) {}
  /// The line for the operations log; empty when nothing changed.
  [[nodiscard]] std::string see(std::uint64_t free_bytes);
  [[nodiscard]] DiskLevel level() const { return level_; }

 private:
  std::uint64_t reserve_;
  DiskLevel level_ = DiskLevel::good;
};

}  // namespace hangu::audit
