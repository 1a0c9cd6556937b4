#pragma once
// Text from outside: UTF-8 checks, Unicode normal form, and a form that is safe to print.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace hangu {

/// True when `text` is well-formed UTF-8 (RFC 3629: shortest form, no surrogates).
[[nodiscard]] bool is_utf8(std::string_view text);

/// Unicode NFC of a well-formed text; Malformed "text-not-utf8" otherwise.
[[nodiscard]] Result<std::string> to_nfc(std::string_view text);

/// NFKC with case folding: two names that look or sort alike to a file system compare equal.
[[nodiscard]] Result<std::string> to_collision_key(std::string_view text);

/// `text` with control, bidi and malformed bytes escaped, cut to `bytes_max` with an ellipsis:
/// what may go into a log line, an error or a terminal.
[[nodiscard]] std::string printable(std::string_view text, std::size_t bytes_max = 200);

/// True for what printable() may have made: at most `bytes_max` bytes, none that it would escape
/// but the backslashes of its own escapes.
[[nodiscard]] bool is_printable(std::string_view text, std::size_t bytes_max);

/// `text` cut at every `separator`; empty pieces kept. Views into the argument.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace hangu
