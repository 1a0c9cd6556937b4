#pragma once
// Coverage: the account of a file's bytes. What a walker has read and understood it adds; at the
// end every byte must belong to exactly one part.

#include <vector>

#include "check/byte_source.hpp"

namespace hangu::check {

class Coverage {
 public:
  /// Errors: Exhausted "bytes-too-many-parts".
  [[nodiscard]] Done add(std::uint64_t offset, std::uint64_t length);
  /// Checks that the parts are the whole of `source`: no byte twice, none left over but single
  /// zero bytes that bring the next part to an even offset. Returns the number of those.
  /// Errors: Malformed "bytes-overlap", "bytes-beyond-end", "bytes-gap", "bytes-trailing".
  [[nodiscard]] Result<std::uint64_t> finish(const ByteSource& source);

 private:
  struct Part {
    std::uint64_t begin;
    std::uint64_t end;
  };
  std::vector<Part> parts_;
};

}  // namespace hangu::check
