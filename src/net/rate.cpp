#include "net/rate.hpp"

#include <algorithm>
#include <cmath>

namespace hangu::net {

TokenBucket::TokenBucket(double per_second, double burst, Milliseconds now)
    : per_second_(std::max(per_second, 0.001)),
      burst_(std::max(burst, 1.0)),
      tokens_(burst_),
      last_(now) {}

void TokenBucket::refill(Milliseconds now) {
  if (now <= last_) return;
  const double seconds = std::chrono::duration<double>(now - last_).count();
  tokens_ = std::min(burst_, tokens_ + seconds * per_second_);
  last_ = now;
}

bool TokenBucket::take(double cost, Milliseconds now) {
  refill(now);
  if (tokens_ < cost) return false;
  tokens_ -= cost;
  return true;
}

Milliseconds TokenBucket::wait(double cost, Milliseconds now) {
  refill(now);
  if (tokens_ >= cost) return Milliseconds(0);
  return Milliseconds(std::llround(std::ceil((cost - tokens_) / per_second_ * 1000.0)));
}

bool TokenBucket::full(Milliseconds now) const {
  TokenBucket later = *this;
  later.refill(now);
  return later.tokens_ >= burst_;
}

bool RateTable::take(std::string_view identity, Milliseconds now) {
  if (per_second_ <= 0) return true;
  auto found = buckets_.find(identity);
  if (found == buckets_.end()) {
    if (buckets_.size() >= kRateIdentitiesMax) {
      std::erase_if(buckets_, [&](const auto& row) { return row.second.full(now); });
    }
    if (buckets_.size() >= kRateIdentitiesMax) return false;
    found = buckets_.emplace(identity, TokenBucket(per_second_, burst_, now)).first;
  }
  return found->second.take(1.0, now);
}

Milliseconds RateTable::wait(std::string_view identity, Milliseconds now) {
  const auto found = buckets_.find(identity);
  if (found == buckets_.end()) return std::chrono::seconds(1);
  return found->second.wait(1.0, now);
}

PaceGuard::PaceGuard(std::uint64_t bytes_per_second, Milliseconds window, Milliseconds now)
    : needed_(bytes_per_second * static_cast<std::uint64_t>(window.count()) / 1000),
      window_(window),
      start_(now) {}

bool PaceGuard::keeps_up(Milliseconds now) {
  if (now < deadline()) return true;
  if (bytes_ < needed_) return false;
  start_ = now;
  bytes_ = 0;
  return true;
}

}  // namespace hangu::net
