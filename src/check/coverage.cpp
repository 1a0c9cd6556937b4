#include "check/coverage.hpp"

#include <algorithm>

#include "check/limits.hpp"

namespace hangu::check {
namespace {

std::unexpected<Error> wrong(std::string_view reason, std::uint64_t offset, std::uint64_t length) {
  return fail(ErrorCode::malformed, reason,
              std::to_string(length) + " bytes at " + std::to_string(offset));
}

}  // namespace

Done Coverage::add(std::uint64_t offset, std::uint64_t length) {
  if (length == 0) return {};
  if (length > UINT64_MAX - offset) return wrong("bytes-beyond-end", offset, length);
  // Tiles that follow each other make one part.
  if (!parts_.empty() && parts_.back().end == offset) {
    parts_.back().end += length;
    return {};
  }
  if (parts_.size() == kByteRangesMax) return fail(ErrorCode::exhausted, "bytes-too-many-parts");
  parts_.push_back({offset, offset + length});
  return {};
}

Result<std::uint64_t> Coverage::finish(const ByteSource& source) {
  std::ranges::sort(parts_, {}, &Part::begin);
  std::uint64_t reached = 0;
  std::uint64_t padding = 0;
  for (const Part& part : parts_) {
    if (part.begin < reached) return wrong("bytes-overlap", part.begin, reached - part.begin);
    if (part.end > source.size()) {
      return wrong("bytes-beyond-end", part.begin, part.end - part.begin);
    }
    if (const std::uint64_t gap = part.begin - reached; gap > 0) {
      HANGU_TRY(const bool zero, source.is_zero(reached, std::min<std::uint64_t>(gap, 1)));
      if (gap > kPaddingBytesMax || part.begin % 2 != 0 || !zero) {
        return wrong("bytes-gap", reached, gap);
      }
      padding += gap;
    }
    reached = part.end;
  }
  if (reached < source.size()) return wrong("bytes-trailing", reached, source.size() - reached);
  return padding;
}

}  // namespace hangu::check
