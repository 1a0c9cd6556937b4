#pragma once
// Standing: what is known of the directory at a moment: the replica, the server's word for its
// state, and when it was last proved to be the present. One thread writes, others look.

#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "directory/limits.hpp"
#include "directory/replica.hpp"

namespace hangu::directory {

struct Known {
  Replica replica;
  std::string cookie;
  /// Of the monotonic clock. Age counts from here, not from the last change: a server that is
  /// frozen changes nothing either.
  milliseconds proved{0};
};

/// Thread: any.
class Standing {
 public:
  /// A whole new replica takes the place of the one before, whatever that held.
  void replace(Known known);
  /// Changes the replica, at once for all who look; what fails may have changed a part of it, and
  /// must be followed by replace(). An empty cookie is none.
  [[nodiscard]] Done change(const std::function<Done(Replica&)>& act, const std::string& cookie);
  /// What is known was the present at `when`; an earlier proof changes nothing.
  void prove(milliseconds when);

  /// Calls `act` with what is known, or with nothing before the first load.
  template <class Act>
  auto look(Act act) const {
    const std::lock_guard lock(mutex_);
    return act(known_ ? &*known_ : nullptr);
  }

 private:
  mutable std::mutex mutex_;
  std::optional<Known> known_;
};

}  // namespace hangu::directory
