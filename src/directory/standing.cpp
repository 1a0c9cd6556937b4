#include "directory/standing.hpp"

#include <algorithm>

namespace hangu::directory {

void Standing::replace(Known known) {
  std::optional<Known> made(std::move(known));
  const std::lock_guard lock(mutex_);
  known_.swap(made);  // the old one is freed when the lock is given back
}

Done Standing::change(const std::function<Done(Replica&)>& act, const std::string& cookie) {
  const std::lock_guard lock(mutex_);
  HANGU_ASSERT(known_.has_value());
  HANGU_CHECK(act(known_->replica));
  if (!cookie.empty()) known_->cookie = cookie;
  return {};
}

void Standing::prove(milliseconds when) {
  const std::lock_guard lock(mutex_);
  if (known_) known_->proved = std::max(known_->proved, when);
}

}  // namespace hangu::directory
