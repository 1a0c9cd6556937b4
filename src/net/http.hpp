#pragma once
// HTTP messages as Hangu's own types: what a route receives and what it answers. No library type
// shows here; the server (server.hpp) and the client (client.hpp) move them over TLS.
// Semantics: RFC 9110; wire form: RFC 9112; docs/protocols/http.md says what is refused.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "os/descriptor.hpp"
#include "wire/json.hpp"

namespace hangu::net {

inline constexpr std::size_t kBodyPieceBytes = 256 * 1024;  ///< of a body, given on at once

enum class Method : std::uint8_t { get, head, post, put, patch, remove, options, other };

/// "GET", …, "DELETE"; "?" for other. Method names are case-sensitive.
[[nodiscard]] std::string_view to_text(Method method);
[[nodiscard]] Method parse_method(std::string_view name);

/// Header fields by lower-case name; a repeated list field is joined with ", ".
using Headers = std::map<std::string, std::string, std::less<>>;
/// Fields in the order in which they are sent, names as written.
using OutHeaders = std::vector<std::pair<std::string, std::string>>;

/// The value of `name` (lower case), or nullptr.
[[nodiscard]] const std::string* find_header(const Headers& headers, std::string_view name);

/// A token (RFC 9110 §5.6.2); printable ASCII, spaces and tabs.
[[nodiscard]] bool is_header_name(std::string_view text);
[[nodiscard]] bool is_header_value(std::string_view text);

/// Request is a complete header; the body follows through a BodySink.
struct Request {
  Method method = Method::other;
  std::string path;  ///< percent-decoded, starts with '/', no '.' or '..'
  std::map<std::string, std::string, std::less<>> query;  ///< decoded, each key once
  std::map<std::string, std::string, std::less<>> parts;  ///< values of the route's {name}s
  Headers headers;
  std::uint64_t body_bytes = 0;  ///< exact length of the body that follows
  std::string peer_pem;          ///< the client's certificate, verified to an anchor
  std::string identity;          ///< what ServerPlan::identify made of it
  std::string peer_address;      ///< "192.0.2.7", without port

  [[nodiscard]] const std::string* header(std::string_view name) const {
    return find_header(headers, name);
  }
};

/// FileRange is a part of an open file that becomes a body.
struct FileRange {
  os::UniqueFd file;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  bool once = false;  ///< seldom asked for twice: its cached pages are let go behind
};

/// Response is a whole answer. The server adds Content-Length, Date, Connection and, unless set,
/// Cache-Control: no-store and X-Content-Type-Options: nosniff.
struct Response {
  int status = 200;
  OutHeaders headers;
  std::variant<Bytes, FileRange> body;
  bool close = false;  ///< end the connection after it
  /// What the operator is told in its place (AccessRecord::failure); never sent.
  std::string withheld = {};

  /// Adds a field; a name or value that HTTP cannot carry turns the answer into a 500.
  Response& with(std::string_view name, std::string_view value);
  [[nodiscard]] std::uint64_t body_size() const;
  [[nodiscard]] const std::string* header(std::string_view name) const;  ///< exact spelling
};

[[nodiscard]] Response empty_response(int status);
[[nodiscard]] Response text_response(int status, std::string_view media_type,
                                     std::string_view text);
[[nodiscard]] Response json_response(int status, const wire::Json& json);
/// {"error": reason, "message": message}: `reason` is stable, `message` is for people.
[[nodiscard]] Response problem(int status, std::string_view reason, std::string_view message);
/// malformed 400, forbidden 403, unavailable 503, exhausted 507, corrupt and internal 500. The
/// message of 500 and 503 is withheld, and of any error that the operating system caused: its
/// context may name paths.
[[nodiscard]] Response error_response(const Error& error);
/// The same with another status, for a reason that has one of its own.
[[nodiscard]] Response error_response(const Error& error, int status);

/// The reason phrase of a status, "Status" for one that is not in the table.
[[nodiscard]] std::string_view reason_phrase(int status);
/// IMF-fixdate (RFC 9110 §5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT".
[[nodiscard]] std::string http_date(WallTime time);
/// The header block of a response, ready to send, up to and with the empty line.
/// 204 and 304 carry no Content-Length.
[[nodiscard]] std::string response_head(const Response& response, const Clock* clock,
                                        bool keep_alive);

/// BodySink takes the body of one request. The server calls write() any number of times, in
/// order, then exactly one of finish() and abort(), then destroys it. Never concurrently.
class BodySink {
 public:
  virtual ~BodySink() = default;
  /// The next bytes (never empty, at most kBodyPieceBytes). An error ends the exchange: the server
  /// calls abort() and answers refusal(error).
  [[nodiscard]] virtual Done write(ByteView bytes) = 0;
  /// All announced bytes were written.
  [[nodiscard]] virtual Response finish() = 0;
  /// The connection was cut, was too slow, or a write failed.
  virtual void abort() = 0;
  /// The answer when a write failed, or the body came too slowly ("http-too-slow", 408).
  [[nodiscard]] virtual Response refusal(const Error& error) const;
};

/// What a route says to a header: an answer at once, or where the body shall go.
using Reply = std::variant<Response, std::unique_ptr<BodySink>>;

}  // namespace hangu::net
