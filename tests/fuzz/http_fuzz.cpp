// The HTTP edge without its sockets and clocks. The first byte of an input says what the rest is:
//   0  what a client sends over one connection: heads and bodies, one behind the other
//   1  the head of an answer, as the client reads it
//   2  a request target
//   3  a size (u16), then a Range field, a newline, and a list of entity tags
//   4  an Upload-Metadata field
//   5  a Content-Range field
// An accepted head keeps the documented limits and, spelled anew in one way, reads as the same.

#include <fcntl.h>

#include <algorithm>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "net/head.hpp"
#include "net/range.hpp"
#include "net/server.hpp"
#include "net/target.hpp"
#include "tests/fuzz/http_desk.hpp"
#include "tests/fuzz/target.hpp"

namespace {

using namespace hangu;

constexpr std::size_t kRequestsMax = 64;  // of one connection
constexpr std::size_t kPieceMax = 7;      // small, so that short bodies come in several

bool is_trimmed(std::string_view text) { return net::trimmed(text) == text; }

void check_headers(const net::Headers& headers) {
  fuzz::must_hold(headers.size() <= net::kHeaderFieldsMax);
  for (const auto& [name, value] : headers) {
    fuzz::must_hold(net::is_header_name(name) && net::to_lower(name) == name);
    fuzz::must_hold(net::is_header_value(value) && is_trimmed(value));
  }
  fuzz::must_hold(!headers.contains("transfer-encoding"));
}

/// The length of the body is Content-Length and nothing else.
void check_length(const net::Headers& headers, std::optional<std::uint64_t> bytes) {
  const std::string* field = net::find_header(headers, "content-length");
  fuzz::must_hold(bytes.has_value() == (field != nullptr));
  if (field != nullptr) fuzz::must_hold(net::parse_decimal(*field) == bytes);
}

std::string spell(std::string first_line, const net::Headers& headers) {
  std::string out = std::move(first_line) + "\r\n";
  for (const auto& [name, value] : headers) out.append(name).append(":").append(value) += "\r\n";
  return out + "\r\n";
}

void check_head(const net::RequestHead& head) {
  check_headers(head.headers);
  check_length(head.headers, head.body_bytes);
  fuzz::must_hold(net::is_header_name(head.method) && head.headers.contains("host"));
  fuzz::must_hold(!head.target.empty() &&
                  std::ranges::all_of(head.target, [](char c) { return c > ' ' && c < 0x7f; }));
  const auto again =
      net::parse_request_head(spell(head.method + " " + head.target + " HTTP/1.1", head.headers));
  fuzz::must_hold(again && again->method == head.method && again->target == head.target &&
                  again->headers == head.headers && again->body_bytes == head.body_bytes &&
                  again->keep_alive == head.keep_alive &&
                  again->expects_continue == head.expects_continue);
}

/// What the server would send is what its own client reads.
void check_answer(const net::Response& response, bool keep_alive) {
  const auto head = net::parse_response_head(net::response_head(response, nullptr, keep_alive));
  fuzz::must_hold(head && head->status == response.status && head->keep_alive == keep_alive);
  const bool bodiless = response.status == 204 || response.status == 304;
  fuzz::must_hold(bodiless ? !head->body_bytes : head->body_bytes == response.body_size());
  const auto* type = response.header("Content-Type");
  if (type == nullptr || *type != "application/json") return;
  const auto json = wire::Json::parse(text_of(std::get<Bytes>(response.body)), kStatementBytesMax);
  fuzz::must_hold(json && json->find("error") != nullptr && json->find("message") != nullptr);
}

/// Gives a sink its body, or as much of it as came.
std::optional<net::Response> fill(net::BodySink& sink, std::string_view body,
                                  std::uint64_t length) {
  std::uint64_t given = 0;
  while (!body.empty()) {
    const std::string_view piece = body.substr(0, kPieceMax);
    if (const Done written = sink.write(bytes_of(piece)); !written) {
      sink.abort();
      return net::error_response(written.error());
    }
    given += piece.size();
    body.remove_prefix(piece.size());
  }
  if (given == length) return sink.finish();
  sink.abort();
  return std::nullopt;
}

/// One exchange. False when the connection is over.
bool exchange(const net::Router& router, std::string_view& input) {
  const std::size_t header_bytes_max = net::Limits{}.header_bytes_max;
  const auto length = net::head_length(input);
  if (!length || *length > header_bytes_max) return false;
  const auto head = net::parse_request_head(input.substr(0, *length));
  input.remove_prefix(*length);
  if (!head) {
    const int status = net::status_of_head_error(head.error());
    check_answer(net::problem(status, head.error().reason(), head.error().context()), false);
    return false;
  }
  check_head(*head);
  net::Request request;
  request.identity = "node";
  auto route = net::route_request(router, *head, request);
  request.headers = head->headers;
  const std::uint64_t wanted = head->body_bytes.value_or(0);
  const std::string_view body =
      input.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(wanted, input.size())));
  input.remove_prefix(body.size());

  net::Reply reply = net::Response{};
  if (auto* refusal = std::get_if<net::Response>(&route)) {
    reply = std::move(*refusal);
  } else {
    const auto& match = std::get<net::Router::Match>(route);
    fuzz::must_hold(request.body_bytes <= match.body_bytes_max);
    reply = (*match.action)(request);
  }
  std::optional<net::Response> response;
  if (auto* sink = std::get_if<std::unique_ptr<net::BodySink>>(&reply)) {
    response = fill(**sink, body, wanted);
  } else {
    response = std::move(std::get<net::Response>(reply));
  }
  if (!response) return false;
  check_answer(*response, head->keep_alive && !response->close);
  return head->keep_alive && !response->close && body.size() == wanted;
}

void try_connection(std::string_view input) {
  fuzz::HttpDesk desk;
  for (std::size_t n = 0; n < kRequestsMax && exchange(desk.router(), input); ++n) {
  }
}

void try_response_head(std::string_view input) {
  const auto head = net::parse_response_head(input);
  if (!head) {
    fuzz::must_hold(!head.error().reason().empty());
    return;
  }
  fuzz::must_hold(head->status >= 0 && head->status <= 999);
  check_headers(head->headers);
  check_length(head->headers, head->body_bytes);
}

void try_target(std::string_view input) {
  const auto target = net::parse_target(input);
  if (!target) return;
  fuzz::must_hold(input.size() <= net::kTargetBytesMax &&
                  target->segments.size() <= net::kPathSegmentsMax &&
                  target->query.size() <= net::kQueryKeysMax);
  std::string path;
  std::string spelled;
  for (const std::string& segment : target->segments) {
    fuzz::must_hold(segment != "." && segment != ".." && is_utf8(segment));
    fuzz::must_hold(std::ranges::none_of(segment, [](char c) {
      return c == '/' || c == 0x7f || static_cast<unsigned char>(c) < 0x20;
    }));
    path.append("/").append(segment);
    spelled.append("/").append(net::percent_encode(segment));
  }
  fuzz::must_hold(target->path == (path.empty() ? "/" : path));
  if (spelled.empty()) spelled = "/";
  char between = '?';
  for (const auto& [key, value] : target->query) {
    fuzz::must_hold(is_utf8(key) && is_utf8(value));
    spelled += std::exchange(between, '&');
    spelled.append(net::percent_encode(key)).append("=").append(net::percent_encode(value));
  }
  if (spelled.size() > net::kTargetBytesMax) return;  // escaping made it longer than it may be
  const auto again = net::parse_target(spelled);
  fuzz::must_hold(again && again->path == target->path && again->segments == target->segments &&
                  again->query == target->query);
}

void try_range(ByteView input) {
  if (input.size() < 2) return;
  const std::uint64_t size =
      std::to_integer<std::uint64_t>(input[0]) << 8 | std::to_integer<std::uint64_t>(input[1]);
  const std::string_view text = text_of(input.subspan(2));
  const std::size_t newline = text.find('\n');
  const std::string_view range = text.substr(0, newline);
  const auto [choice, part] = net::choose_range(range, size);
  if (choice == net::RangeChoice::part) {
    fuzz::must_hold(part.length > 0 && part.first < size && part.length <= size - part.first);
    const auto again = net::choose_range(
        "bytes=" + std::to_string(part.first) + "-" + std::to_string(part.first + part.length - 1),
        size);
    fuzz::must_hold(again.choice == choice && again.part == part);
  }
  if (newline == std::string_view::npos) return;
  const std::string_view tags = text.substr(newline + 1);
  const bool strong = net::names_etag(tags, "\"abc\"", false);
  fuzz::must_hold(!strong || net::names_etag(tags, "\"abc\"", true));
}

void try_metadata(std::string_view input) {
  const auto metadata = net::parse_upload_metadata(input);
  if (!metadata) {
    fuzz::must_hold(metadata.error().reason().starts_with("tus-metadata"));
    return;
  }
  fuzz::must_hold(metadata->size() <= net::kUploadMetadataKeysMax);
  const std::string spelled = net::format_upload_metadata(*metadata);
  fuzz::must_hold(spelled.size() <= input.size() && net::is_header_value(spelled));
  const auto again = net::parse_upload_metadata(spelled);
  fuzz::must_hold(again && *again == *metadata);
}

void try_content_range(std::string_view input) {
  const auto range = net::parse_content_range(input);
  if (!range) return;
  const auto& [part, size] = *range;
  fuzz::must_hold(part.length > 0 && part.first < size && part.length <= size - part.first);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView input = fuzz::view(data + 1, size - 1);
  switch (data[0] % 6) {
    case 0: try_connection(text_of(input)); break;
    case 1: try_response_head(text_of(input)); break;
    case 2: try_target(text_of(input)); break;
    case 3: try_range(input); break;
    case 4: try_metadata(text_of(input)); break;
    default: try_content_range(text_of(input));
  }
  return 0;
}
