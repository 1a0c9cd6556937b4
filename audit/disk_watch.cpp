#include "audit/disk_watch.hpp"

#include "audit/limits.hpp"

namespace hangu::audit {
namespace {

std::string_view words(DiskLevel level) {
  switch (level) {
    case DiskLevel::good: return "enough";
    case DiskLevel::warning: return "warning";
    case DiskLevel::alarm: return "alarm";
    case DiskLevel::stopped: return "nothing more is accepted, transfers stop";
  }
  return {};
}

}  // namespace

DiskLevel disk_level(std::uint64_t free_bytes, std::uint64_t reserve_bytes) {
  if (free_bytes < reserve_bytes) return DiskLevel::stopped;
  if (free_bytes < kDiskAlarmTimes * reserve_bytes) return DiskLevel::alarm;
  if (free_bytes < kDiskWarningTimes * reserve_bytes) return DiskLevel::warning;
  return DiskLevel::good;
}

std::string DiskWatch::see(std::uint64_t free_bytes) {
  const DiskLevel now = disk_level(free_bytes, reserve_);
  if (now == level_) return {};
  level_ = now;
  return "HANGU-AUDIT-0009 room on the log's disk: " + std::string(words(now)) + " (" +
         std::to_string(free_bytes) + " bytes free, reserve " + std::to_string(reserve_) + ")";
}

}  // namespace hangu::audit
