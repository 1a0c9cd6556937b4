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

/// A checkpoint's size and root, in 64 hex digits.
struct FeedHead {
  std::uint64_t size = 0;
  std::string root;
  bool operator==(const FeedHead&) const = default;
};

/// Thread: one.
class Feed {
 public:
  Feed() = default;
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;
  virtual ~Feed() = default;
  /// Looks at the published checkpoint anew; its size. It must go on from the one before, which is
  /// kept otherwise. Errors: those of the reader; Forbidden "forward-cursor-other-log".
  [[nodiscard]] virtual Result<std::uint64_t> refresh() = 0;
  /// The checkpoint of the last refresh().
  [[nodiscard]] virtual FeedHead head() const = 0;
  /// That the log goes on from `earlier`, pruned or not. Errors: the same.
  [[nodiscard]] virtual Done check_extends(const FeedHead& earlier) = 0;
  /// The first entry that is there; above 0 once the log was pruned.
  [[nodiscard]] virtual std::uint64_t first() const = 0;
  /// At most `lines_max` lines from entry `first` on, under the checkpoint of the last refresh().
  [[nodiscard]] virtual Result<std::vector<FeedLine>> read(std::uint64_t first,
                                                           std::size_t lines_max) = 0;
};

}  // namespace hangu::forward
