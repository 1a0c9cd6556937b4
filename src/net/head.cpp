// The only unit that includes Beast.
#include "net/head.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "base/text.hpp"

namespace hangu::net {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t kDecimalDigitsMax = 18;
constexpr std::uint32_t kBeastHeadBytesMax = 1U << 20;  // callers bound the head before

// List fields (RFC 9110 §5.3): the only ones that may come more than once.
constexpr std::array<std::string_view, 13> kListFields = {
    "accept",         "accept-encoding", "accept-language", "cache-control", "connection", "cookie",
    "forwarded",      "if-match",        "if-none-match",   "pragma",        "vary",       "via",
    "x-forwarded-for"};

bool is_list_field(std::string_view lower_name) {
  return std::ranges::find(kListFields, lower_name) != kListFields.end();
}

std::unexpected<Error> malformed(std::string context) {
  return fail(ErrorCode::malformed, "http-malformed", std::move(context));
}

// Every line ends in CRLF, holds printable ASCII and tabs only, and every field is name ":" value
// with nothing before the colon; no folding.
Done check_lines(std::string_view head) {
  std::size_t lines = 0;
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    if (end == std::string_view::npos) return malformed("a line does not end in CRLF");
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + 2);
    if (line.empty()) {
      if (!head.empty()) return malformed("bytes behind the empty line");
      if (lines == 0) return malformed("no first line");
      return {};
    }
    if (!is_header_value(line)) return malformed("a control or non-ASCII byte");
    if (lines > 0) {
      const std::size_t colon = line.find(':');
      if (colon == std::string_view::npos || colon == 0) return malformed("a line is no field");
      if (!is_header_name(line.substr(0, colon))) {
        return malformed("a field name is not a token");
      }
    }
    if (++lines > kHeaderFieldsMax + 1) return malformed("too many header fields");
  }
  return malformed("the empty line is missing");
}

template <bool kIsRequest>
Done run_beast(http::parser<kIsRequest, http::empty_body>& parser, std::string_view head) {
  boost::system::error_code ec;
  parser.eager(false);
  parser.header_limit(kBeastHeadBytesMax);
  // No limit here: 1.74 reads `none` as zero.
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  const std::size_t used = parser.put(boost::asio::const_buffer(head.data(), head.size()), ec);
  if (ec || !parser.is_header_done() || used != head.size()) {
    return malformed(ec ? ec.message() : std::string("the head has no end"));
  }
  return {};
}

template <class Fields>
Result<Headers> collect(const Fields& fields) {
  Headers headers;
  for (const auto& field : fields) {
    std::string name = to_lower({field.name_string().data(), field.name_string().size()});
    const std::string_view value = trimmed({field.value().data(), field.value().size()});
    const auto [at, inserted] = headers.try_emplace(name, value);
    if (inserted) continue;
    if (!is_list_field(name)) return malformed("field '" + printable(name) + "' is repeated");
    at->second.append(", ").append(value);
  }
  return headers;
}

Result<std::optional<std::uint64_t>> body_length(const Headers& headers) {
  if (headers.contains("transfer-encoding")) {
    return fail(ErrorCode::malformed, "http-length-required",
                "Transfer-Encoding is not spoken here; send Content-Length");
  }
  const std::string* text = find_header(headers, "content-length");
  if (text == nullptr) return std::optional<std::uint64_t>();
  const auto length = parse_decimal(*text);
  if (!length) return malformed("Content-Length is no number");
  return length;
}

bool keeps_alive(const Headers& headers) {
  const std::string* connection = find_header(headers, "connection");
  if (connection == nullptr) return true;
  return std::ranges::none_of(split(*connection, ','), [](std::string_view token) {
    return to_lower(trimmed(token)) == "close";
  });
}

}  // namespace

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  if (text.empty() || text.size() > kDecimalDigitsMax) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

std::optional<std::size_t> head_length(std::string_view input) {
  const std::size_t end = input.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  return end + 4;
}

Result<RequestHead> parse_request_head(std::string_view head) {
  HANGU_CHECK(check_lines(head));
  const std::string_view first = head.substr(0, head.find("\r\n"));
  if (!first.ends_with(" HTTP/1.1")) {
    const std::size_t version = first.rfind(" HTTP/");
    if (version == std::string_view::npos) return malformed("no HTTP version");
    return fail(ErrorCode::malformed, "http-version", "only HTTP/1.1 is spoken here");
  }
  http::request_parser<http::empty_body> parser;
  HANGU_CHECK(run_beast<true>(parser, head));
  const auto& message = parser.get();
  HANGU_TRY(auto headers, collect(message.base()));
  if (!headers.contains("host")) return malformed("no Host field");
  HANGU_TRY(const auto length, body_length(headers));

  RequestHead request;
  request.method.assign(message.method_string().data(), message.method_string().size());
  request.target.assign(message.target().data(), message.target().size());
  request.body_bytes = length;
  request.keep_alive = keeps_alive(headers);
  if (const std::string* expect = find_header(headers, "expect")) {
    if (to_lower(*expect) != "100-continue") {
      return fail(ErrorCode::malformed, "http-expectation", "only 100-continue is understood");
    }
    request.expects_continue = true;
  }
  request.headers = std::move(headers);
  return request;
}

Result<ResponseHead> parse_response_head(std::string_view head) {
  HANGU_CHECK(check_lines(head));
  if (!head.starts_with("HTTP/1.1 ")) {
    return fail(ErrorCode::malformed, "http-version", "the peer does not speak HTTP/1.1");
  }
  http::response_parser<http::empty_body> parser;
  parser.skip(true);
  HANGU_CHECK(run_beast<false>(parser, head));
  const auto& message = parser.get();
  HANGU_TRY(auto headers, collect(message.base()));
  HANGU_TRY(const auto length, body_length(headers));

  ResponseHead response;
  response.status = static_cast<int>(message.result_int());
  response.body_bytes = length;
  response.keep_alive = keeps_alive(headers);
  response.headers = std::move(headers);
  return response;
}

int status_of_head_error(const Error& error) {
  if (error.reason() == "http-version") return 505;
  if (error.reason() == "http-length-required") return 411;
  if (error.reason() == "http-expectation") return 417;
  return 400;
}

}  // namespace hangu::net
