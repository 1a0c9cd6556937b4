#pragma once
// Request targets (RFC 9112 §3.2, RFC 3986): path segments and query, decoded and bounded.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace hangu::net {

inline constexpr std::size_t kTargetBytesMax = 4096;
inline constexpr std::size_t kPathSegmentsMax = 32;
inline constexpr std::size_t kQueryKeysMax = 64;

/// Target is a parsed origin-form or absolute-form target.
struct Target {
  std::string path;                   ///< decoded: "/" followed by the segments
  std::vector<std::string> segments;  ///< decoded; none for "/"; a last '/' gives an empty last one
  std::map<std::string, std::string, std::less<>> query;  ///< decoded; '+' is a space
};

/// Refuses what could be read two ways: '.' and '..' segments, empty segments inside, an encoded
/// '/' or control character, bad escapes, text that is not UTF-8, a fragment, a repeated query key.
/// Errors: Malformed "http-target".
[[nodiscard]] Result<Target> parse_target(std::string_view target);

/// Percent-encodes everything but unreserved characters (RFC 3986 §2.3).
[[nodiscard]] std::string percent_encode(std::string_view text);

}  // namespace hangu::net
