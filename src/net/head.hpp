#pragma once
// Message heads: the bytes up to the empty line, read strictly. Pure functions, no I/O.
//
// A head is first checked line by line by our own code, then parsed by Beast, and the framing is
// decided here alone: a body is exactly Content-Length bytes, Transfer-Encoding is not spoken in
// either direction. What two parsers could read differently is refused.

#include <cstddef>
#include <optional>

#include "net/http.hpp"

namespace hangu::net {

inline constexpr std::size_t kHeaderFieldsMax = 100;

/// RequestHead is one request's first line and fields.
struct RequestHead {
  std::string method;
  std::string target;  ///< as sent
  Headers headers;
  std::optional<std::uint64_t> body_bytes;  ///< Content-Length, when there is one
  bool keep_alive = true;
  bool expects_continue = false;
};

/// ResponseHead is one response's status line and fields.
struct ResponseHead {
  int status = 0;
  Headers headers;
  std::optional<std::uint64_t> body_bytes;
  bool keep_alive = true;
};

/// Bytes of the head at the start of `input`, the empty line included; nothing when it has not
/// arrived whole.
[[nodiscard]] std::optional<std::size_t> head_length(std::string_view input);

/// Parses one whole head. Errors, all Malformed:
/// "http-malformed" (400: syntax, bare CR or LF, control or non-ASCII bytes, folded lines, no or
/// several Hosts, conflicting or repeated Content-Length, a repeated field that is not a list, too
/// many fields), "http-version" (505: not HTTP/1.1), "http-length-required" (411: any
/// Transfer-Encoding), "http-expectation" (417: other than 100-continue).
[[nodiscard]] Result<RequestHead> parse_request_head(std::string_view head);
[[nodiscard]] Result<ResponseHead> parse_response_head(std::string_view head);

/// The status that answers an error of parse_request_head.
[[nodiscard]] int status_of_head_error(const Error& error);

/// A decimal number without sign, space or superfluous text, at most 18 digits.
[[nodiscard]] std::optional<std::uint64_t> parse_decimal(std::string_view text);
/// ASCII lower case.
[[nodiscard]] std::string to_lower(std::string_view text);
/// `text` without spaces and tabs at its ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

}  // namespace hangu::net
