#pragma once
// Rates: how often a client may ask, and how slowly it may send. Pure; time is passed in.

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace hangu::net {

using Milliseconds = std::chrono::milliseconds;  ///< also a point of monotonic time

/// TokenBucket holds up to `burst` tokens and gains `per_second`. Starts full.
/// Bounds: per_second and burst at least 1. Time never runs backwards (an earlier `now` counts as
/// the last one).
class TokenBucket {
 public:
  TokenBucket(double per_second, double burst, Milliseconds now);
  /// Takes `cost` tokens, or none when there are fewer.
  [[nodiscard]] bool take(double cost, Milliseconds now);
  /// How long until `cost` tokens are there; zero when they are.
  [[nodiscard]] Milliseconds wait(double cost, Milliseconds now);
  [[nodiscard]] bool full(Milliseconds now) const;

 private:
  void refill(Milliseconds now);
  double per_second_;
  double burst_;
  double tokens_;
  Milliseconds last_;
};

/// RateTable is one bucket for each identity, at most kRateIdentitiesMax of them: full buckets
/// (clients at rest) make room; when none is full, a new identity is refused.
class RateTable {
 public:
  static constexpr std::size_t kRateIdentitiesMax = 10'000;
  /// `per_second` 0 means no limit.
  RateTable(double per_second, double burst) : per_second_(per_second), burst_(burst) {}
  [[nodiscard]] bool take(std::string_view identity, Milliseconds now);
  [[nodiscard]] Milliseconds wait(std::string_view identity, Milliseconds now);

 private:
  double per_second_;
  double burst_;
  std::map<std::string, TokenBucket, std::less<>> buckets_;
};

/// PaceGuard ends a peer that moves fewer than `bytes_per_second` over a whole `window`.
class PaceGuard {
 public:
  PaceGuard(std::uint64_t bytes_per_second, Milliseconds window, Milliseconds now);
  void moved(std::uint64_t bytes) { bytes_ += bytes; }
  /// Time that we took ourselves (a disk), which is not the peer's fault.
  void excuse(Milliseconds ours) { start_ += ours; }
  /// When the running window ends: wait no longer than this, then ask keeps_up().
  [[nodiscard]] Milliseconds deadline() const { return start_ + window_; }
  /// False when a window is over and was too slow; starts the next one when it was not.
  [[nodiscard]] bool keeps_up(Milliseconds now);

 private:
  std::uint64_t needed_;  // bytes a window
  Milliseconds window_;
  Milliseconds start_;
  std::uint64_t bytes_ = 0;
};

}  // namespace hangu::net
