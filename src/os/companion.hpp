#pragma once
// Companion: one more thread of a process, for the part of its work that can be done beside the
// rest. Errand: a piece of such work, done again and again.

#include <exception>
#include <functional>
#include <memory>

#include "base/result.hpp"

namespace hangu::os {

class Errand;

/// Companion does what it is handed, one after the other in that order. It never waits for whoever
/// handed it over, so nobody can wait in a circle. It outlives every errand that it was handed.
class Companion {
 public:
  /// Errors: Internal "thread-failed".
  [[nodiscard]] static Result<Companion> start();
  Companion(Companion&&) noexcept;
  Companion& operator=(Companion&&) noexcept;
  /// Does what is left, and ends the thread.
  ~Companion();

 private:
  friend class Errand;
  struct State;
  explicit Companion(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

inline constexpr std::size_t kErrandsMax =
    64;  ///< that a companion has at a time; more is a defect
inline constexpr std::size_t kCompanionStackBytes = std::size_t{1} << 20;

/// Errand is one act that can be begun and then finished, any number of times. What it needs must
/// outlive it, and it stays where it was made. Thread: the one that made the companion.
class Errand {
 public:
  explicit Errand(std::function<Done()> act) : act_(std::move(act)) {}
  Errand(const Errand&) = delete;
  Errand& operator=(const Errand&) = delete;
  /// Waits until the act is over.
  ~Errand();

  /// Hands the act to `companion`; without one it is done here and now. What came of a run before
  /// must have been asked for.
  void begin(Companion* companion);
  /// Waits until the act is over. What came of it: an error is told once, an exception is thrown
  /// here. An errand that was not begun is well.
  [[nodiscard]] Done finish();

 private:
  friend class Companion;
  void run() noexcept;
  void wait();

  std::function<Done()> act_;
  Companion::State* with_ = nullptr;  ///< who has it; null when nobody has
  bool over_ = false;                 ///< under the companion's lock
  bool begun_ = false;
  Done outcome_;
  std::exception_ptr thrown_;
};

}  // namespace hangu::os
