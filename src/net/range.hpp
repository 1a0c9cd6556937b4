#pragma once
// Conditional and range requests (RFC 9110 §13, §14) over one representation of known size.

#include <optional>

#include "net/http.hpp"

namespace hangu::net {

/// Representation is what can be served: an open file, its size and its strong entity tag.
struct Representation {
  os::UniqueFd file;
  std::uint64_t size = 0;
  std::string etag;  ///< quoted and strong: "\"abc\""
  std::string media_type;
  bool once = false;  ///< as FileRange::once
};

/// ByteRange is a satisfiable part: `length` bytes from `first`, at least one.
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t length = 0;
  bool operator==(const ByteRange&) const = default;
};

enum class RangeChoice : std::uint8_t { whole, part, unsatisfiable };

struct RangeAnswer {
  RangeChoice choice = RangeChoice::whole;
  ByteRange part;
};

/// What a Range field asks of `size` bytes. One range "bytes=a-b", "a-" or "-n" is honoured; what
/// is malformed, of another unit, or asks for several ranges is ignored (the whole is sent), as
/// RFC 9110 §14.2 allows.
[[nodiscard]] RangeAnswer choose_range(std::string_view range, std::uint64_t size);

/// True when a field that lists entity tags (or "*") names `etag`; `weak` compares opaque tags only
/// (If-None-Match), else both must be strong (If-Match, If-Range).
[[nodiscard]] bool names_etag(std::string_view list, std::string_view etag, bool weak);

/// Answers GET or HEAD: 200, 206 with Content-Range, 304 (If-None-Match), 412 (If-Match) or 416;
/// always with ETag and Accept-Ranges. Range is honoured for GET only, and when If-Range, if
/// present, names the same strong tag (a date there never matches).
[[nodiscard]] Response serve_representation(const Request& request, Representation what);

/// ContentRange is a parsed "bytes first-last/size" of a 206.
struct ContentRange {
  ByteRange part;
  std::uint64_t size = 0;
};
/// Errors: Malformed "http-content-range".
[[nodiscard]] Result<ContentRange> parse_content_range(std::string_view text);

}  // namespace hangu::net
