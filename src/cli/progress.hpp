#pragma once
// Progress: one line on a terminal with share, rate and time left, for what takes over a second.

#include <chrono>
#include <cstdint>
#include <string>

#include "cli/console.hpp"

namespace hangu::cli {

/// Draws only when stderr is a terminal and messages are wanted; gone again when destroyed.
class ProgressLine {
 public:
  ProgressLine(Console& console, const Bilingual& act);
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine();
  /// `total` 0 when not known.
  void show(std::uint64_t done, std::uint64_t total);

 private:
  Console& console_;
  std::string act_;
  std::chrono::milliseconds start_;
  std::chrono::milliseconds drawn_{0};
  std::uint64_t first_ = 0;  ///< done when first told: not counted as ours (a resumed transfer)
  bool told_ = false;
  bool visible_ = false;
};

/// "42 % 1.2 GiB/2.8 GiB 120.3 MiB/s 0:13", from what was done in `elapsed`.
[[nodiscard]] std::string progress_text(std::uint64_t done, std::uint64_t total,
                                        std::uint64_t done_in_elapsed,
                                        std::chrono::milliseconds elapsed);

}  // namespace hangu::cli
