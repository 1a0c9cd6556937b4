#include "net/range.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "net/head.hpp"

namespace hangu::net {
namespace {

std::string_view opaque(std::string_view tag) {
  return tag.starts_with("W/") ? tag.substr(2) : tag;
}

}  // namespace

RangeAnswer choose_range(std::string_view range, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (to_lower(range.substr(0, kUnit.size())) != kUnit) return {};
  range = trimmed(range.substr(kUnit.size()));
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos || range.find(',') != std::string_view::npos) return {};
  const auto first = parse_decimal(range.substr(0, dash));
  const auto last = parse_decimal(range.substr(dash + 1));

  if (dash == 0) {  // the last n bytes
    if (!last) return {};
    if (*last == 0 || size == 0) return {RangeChoice::unsatisfiable, {}};
    const std::uint64_t length = std::min(*last, size);
    return {RangeChoice::part, {size - length, length}};
  }
  if (!first || (!last && dash + 1 != range.size()) || (last && *last < *first)) return {};
  if (*first >= size) return {RangeChoice::unsatisfiable, {}};
  const std::uint64_t end = last ? std::min(*last, size - 1) : size - 1;
  return {RangeChoice::part, {*first, end - *first + 1}};
}

bool names_etag(std::string_view list, std::string_view etag, bool weak) {
  if (trimmed(list) == "*") return true;
  return std::ranges::any_of(split(list, ','), [&](std::string_view item) {
    const std::string_view tag = trimmed(item);
    return weak ? opaque(tag) == opaque(etag) : tag == etag && !tag.starts_with("W/");
  });
}

Response serve_representation(const Request& request, Representation what) {
  Response response;
  response.with("ETag", what.etag).with("Accept-Ranges", "bytes");
  if (const std::string* match = request.header("if-match");
      match != nullptr && !names_etag(*match, what.etag, false)) {
    response.status = 412;
    return response;
  }
  if (const std::string* none = request.header("if-none-match");
      none != nullptr && names_etag(*none, what.etag, true)) {
    response.status = 304;
    return response;
  }
  RangeAnswer answer;
  const std::string* range = request.header("range");
  const std::string* if_range = request.header("if-range");
  const bool same = if_range == nullptr || trimmed(*if_range) == what.etag;
  if (request.method == Method::get && range != nullptr && same) {
    answer = choose_range(*range, what.size);
  }
  switch (answer.choice) {
    case RangeChoice::unsatisfiable:
      response.status = 416;
      response.with("Content-Range", "bytes */" + std::to_string(what.size));
      return response;
    case RangeChoice::part: {
      const std::uint64_t last = answer.part.first + answer.part.length - 1;
      response.status = 206;
      response.with("Content-Range", "bytes " + std::to_string(answer.part.first) + "-" +
                                         std::to_string(last) + "/" + std::to_string(what.size));
      break;
    }
    case RangeChoice::whole: answer.part = {0, what.size}; break;
  }
  response.with("Content-Type", what.media_type);
  response.body = FileRange{std::move(what.file), answer.part.first, answer.part.length, what.once};
  return response;
}

Result<ContentRange> parse_content_range(std::string_view text) {
  constexpr std::string_view kUnit = "bytes ";
  const std::size_t dash = text.find('-');
  const std::size_t slash = text.find('/');
  if (text.starts_with(kUnit) && dash != std::string_view::npos &&
      slash != std::string_view::npos && dash < slash) {
    const auto first = parse_decimal(text.substr(kUnit.size(), dash - kUnit.size()));
    const auto last = parse_decimal(text.substr(dash + 1, slash - dash - 1));
    const auto size = parse_decimal(text.substr(slash + 1));
    if (first && last && size && *first <= *last && *last < *size) {
      return ContentRange{{*first, *last - *first + 1}, *size};
    }
  }
  return fail(ErrorCode::malformed, "http-content-range", printable(text));
}

}  // namespace hangu::net
