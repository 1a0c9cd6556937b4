#pragma once
// SpareSegment: the journal's next segment, laid out as zeros before it is needed. A sync of what
// is written over them has no change of the file to wait for.

#include <cstdint>
#include <functional>
#include <memory>

#include "audit/folder.hpp"

namespace hangu::audit {

inline constexpr const char* kSpareName = "spare.new";
inline constexpr const char* kHalfSpareName = "half-spare.new";

/// Thread: any, one at a time, while another appends.
class SpareSegment {
 public:
  explicit SpareSegment(std::uint64_t bytes) : bytes_(bytes) {}

  /// Lays out `more` bytes of it, little by little, since who appends has the same disk, and with a
  /// pause after each step where that is not too slow, for as long as `go_on` says so. Once all are
  /// durable it has its name. Nothing is to be done while there is one. Errors: of files; what is
  /// not whole is dropped then.
  [[nodiscard]] Done lay_out(
      const Folder& journal, std::uint64_t more,
      const std::function<bool()>& go_on = [] { return true; });
  /// Gives the room back of one that is not whole. Errors: of files.
  [[nodiscard]] Done drop(const Folder& journal);

 private:
  [[nodiscard]] Done write_zeros(std::uint64_t more, const std::function<bool()>& go_on);
  std::uint64_t bytes_;
  std::unique_ptr<File> file_;  ///< not whole yet
  std::uint64_t laid_out_ = 0;  ///< bytes of file_
};

}  // namespace hangu::audit
