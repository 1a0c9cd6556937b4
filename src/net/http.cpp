#include "net/http.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace hangu::net {
namespace {

struct MethodName {
  Method method;
  std::string_view name;
};
constexpr std::array kMethods = {
    MethodName{Method::get, "GET"},         MethodName{Method::head, "HEAD"},
    MethodName{Method::post, "POST"},       MethodName{Method::put, "PUT"},
    MethodName{Method::patch, "PATCH"},     MethodName{Method::remove, "DELETE"},
    MethodName{Method::options, "OPTIONS"},
};

struct StatusPhrase {
  int status;
  std::string_view phrase;
};
constexpr std::array kPhrases = {
    StatusPhrase{100, "Continue"},
    StatusPhrase{200, "OK"},
    StatusPhrase{201, "Created"},
    StatusPhrase{202, "Accepted"},
    StatusPhrase{204, "No Content"},
    StatusPhrase{206, "Partial Content"},
    StatusPhrase{303, "See Other"},
    StatusPhrase{304, "Not Modified"},
    StatusPhrase{400, "Bad Request"},
    StatusPhrase{403, "Forbidden"},
    StatusPhrase{404, "Not Found"},
    StatusPhrase{405, "Method Not Allowed"},
    StatusPhrase{406, "Not Acceptable"},
    StatusPhrase{408, "Request Timeout"},
    StatusPhrase{409, "Conflict"},
    StatusPhrase{410, "Gone"},
    StatusPhrase{411, "Length Required"},
    StatusPhrase{412, "Precondition Failed"},
    StatusPhrase{413, "Content Too Large"},
    StatusPhrase{414, "URI Too Long"},
    StatusPhrase{415, "Unsupported Media Type"},
    StatusPhrase{416, "Range Not Satisfiable"},
    StatusPhrase{417, "Expectation Failed"},
    StatusPhrase{422, "Unprocessable Content"},
    StatusPhrase{429, "Too Many Requests"},
    StatusPhrase{431, "Request Header Fields Too Large"},
    StatusPhrase{460, "Checksum Mismatch"},
    StatusPhrase{500, "Internal Server Error"},
    StatusPhrase{503, "Service Unavailable"},
    StatusPhrase{505, "HTTP Version Not Supported"},
    StatusPhrase{507, "Insufficient Storage"},
};

bool has_field(const Response& response, std::string_view lower_name) {
  return std::ranges::any_of(response.headers, [&](const auto& field) {
    return std::ranges::equal(field.first, lower_name, [](char a, char b) {
      return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
  });
}

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::malformed: return 400;
    case ErrorCode::forbidden: return 403;
    case ErrorCode::unavailable: return 503;
    case ErrorCode::exhausted: return 507;
    case ErrorCode::corrupt:
    case ErrorCode::internal: break;
  }
  return 500;
}

void add_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string_view to_text(Method method) {
  for (const auto& row : kMethods) {
    if (row.method == method) return row.name;
  }
  return "?";
}

Method parse_method(std::string_view name) {
  for (const auto& row : kMethods) {
    if (row.name == name) return row.method;
  }
  return Method::other;
}

const std::string* find_header(const Headers& headers, std::string_view name) {
  const auto found = headers.find(name);
  return found == headers.end() ? nullptr : &found->second;
}

bool is_header_name(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool is_header_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c == '\t' || (c >= 0x20 && c <= 0x7e); });
}

Response& Response::with(std::string_view name, std::string_view value) {
  if (!is_header_name(name) || !is_header_value(value)) {
    *this = problem(500, "http-header-invalid", "the answer could not be written");
    return *this;
  }
  headers.emplace_back(name, value);
  return *this;
}

std::uint64_t Response::body_size() const {
  if (const auto* range = std::get_if<FileRange>(&body)) return range->length;
  return std::get<Bytes>(body).size();
}

const std::string* Response::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return &value;
  }
  return nullptr;
}

Response empty_response(int status) {
  Response response;
  response.status = status;
  return response;
}

Response text_response(int status, std::string_view media_type, std::string_view text) {
  Response response;
  response.status = status;
  response.body = to_bytes(text);
  response.with("Content-Type", media_type);
  return response;
}

Response json_response(int status, const wire::Json& json) {
  return text_response(status, "application/json", json.to_text());
}

Response problem(int status, std::string_view reason, std::string_view message) {
  wire::JsonObject body;
  body.emplace_back("error", reason);
  body.emplace_back("message", message);
  return json_response(status, wire::Json(std::move(body)));
}

Response error_response(const Error& error) {
  return error_response(error, status_of(error.code()));
}

Response error_response(const Error& error, int status) {
  const bool of_machine = error.os_error() != 0;
  std::string_view message = error.context();
  switch (error.code()) {
    case ErrorCode::malformed:
    case ErrorCode::forbidden:
      if (!of_machine) return problem(status, error.reason(), message);
      message = "the gateway could not do this; its operator has the details";
      break;
    case ErrorCode::exhausted:
      if (!of_machine) return problem(status, error.reason(), message);
      message = "the gateway has no room or means for this now; try again later";
      break;
    case ErrorCode::unavailable: message = "try again later"; break;
    case ErrorCode::corrupt:
    case ErrorCode::internal: message = "the gateway failed; its operator has the details";
  }
  Response response = problem(status, error.reason(), message);
  response.withheld = error.message();
  return response;
}

Response BodySink::refusal(const Error& error) const {
  return error.reason() == "http-too-slow" ? error_response(error, 408) : error_response(error);
}

std::string_view reason_phrase(int status) {
  for (const auto& row : kPhrases) {
    if (row.status == status) return row.phrase;
  }
  return "Status";
}

std::string http_date(WallTime time) {
  namespace chr = std::chrono;
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const chr::sys_time<chr::milliseconds> instant(time.since_epoch());
  const auto day = chr::floor<chr::days>(instant);
  const chr::year_month_day date(day);
  const chr::hh_mm_ss clock(chr::floor<chr::seconds>(instant - day));
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                kDays.at(chr::weekday(day).c_encoding()), static_cast<unsigned>(date.day()),
                kMonths.at(static_cast<unsigned>(date.month()) - 1), static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

std::string response_head(const Response& response, const Clock* clock, bool keep_alive) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head.append(reason_phrase(response.status)).append("\r\n");
  for (const auto& [name, value] : response.headers) add_field(head, name, value);
  if (response.status != 204 && response.status != 304) {
    add_field(head, "Content-Length", std::to_string(response.body_size()));
  }
  if (clock != nullptr) {
    if (const auto now = clock->now()) add_field(head, "Date", http_date(*now));
  }
  if (!has_field(response, "cache-control")) add_field(head, "Cache-Control", "no-store");
  if (!has_field(response, "x-content-type-options")) {
    add_field(head, "X-Content-Type-Options", "nosniff");
  }
  add_field(head, "Connection", keep_alive ? "keep-alive" : "close");
  head.append("\r\n");
  return head;
}

}  // namespace hangu::net
