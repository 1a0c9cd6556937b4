#pragma once
// Feed: the published log as lines for the receiver.

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "crypto/hash.hpp"

namespace hangu::forward {

struct FeedLine {
  std::uint64_t index = 0;
  std::string leaf;  ///< 64 hex digits
  std::string text;  ///< RFC 5424, without a line break
};

/// Thread: one.
class Feed {
 public:
  Feed() = default;
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;
  virtual ~Feed() = default;
  /// Looks at the published checkpoint anew; its size. Errors: those of the reader.
  [[nodiscard]] virtual Result<std::uint64_t> refresh() = 0;
  /// The first entry that is there; above 0 once the log was pruned.
  [[nodiscard]] virtual std::uint64_t first() const = 0;
  /// At most `lines_max` lines from entry `first` on, under the checkpoint of the last refresh().
  [[nodiscard]] virtual Result<std::vector<FeedLine>> read(std::uint64_t first,
                                                           std::size_t lines_max) = 0;
};

}  // namespace hangu::forward
