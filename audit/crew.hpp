#pragma once
// Crew: threads that stand ready beside the writer's own, one for each processor more, for what of
// a batch needs no order.

#include <functional>
#include <memory>
#include <vector>

namespace hangu::audit {

inline constexpr unsigned kCrewMax = 8;  ///< threads

/// Thread: one.
class Crew {
 public:
  Crew();
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  /// Calls `act` with 0..count-1, each once, on all threads and the caller's; returns when all are
  /// through. `act` must not throw. What a thread has not begun when all else is done, the caller
  /// does: on a busy machine nobody waits for a thread to wake.
  void for_each(std::size_t count, const std::function<void(std::size_t)>& act) noexcept;

 private:
  class Member;
  std::vector<std::unique_ptr<Member>> members_;
};

}  // namespace hangu::audit
