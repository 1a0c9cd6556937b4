#include "net/target.hpp"

#include <optional>

#include "base/bytes.hpp"
#include "base/text.hpp"

namespace hangu::net {
namespace {

std::unexpected<Error> refuse(std::string context) {
  return fail(ErrorCode::malformed, "http-target", std::move(context));
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

Result<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && plus_is_space) {
      c = ' ';
    } else if (c == '%') {
      if (i + 2 >= text.size()) return refuse("a short percent escape");
      const auto high = hex_digit(text[i + 1]);
      const auto low = hex_digit(text[i + 2]);
      if (!high || !low) return refuse("a bad percent escape");
      c = static_cast<char>(*high * 16 + *low);
      i += 2;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return refuse("a control character");
    out.push_back(c);
  }
  if (!is_utf8(out)) return refuse("not UTF-8");
  return out;
}

bool is_dot_segment(std::string_view segment) {
  return (segment.size() == 1 || segment.size() == 2) &&
         segment.find_first_not_of('.') == std::string_view::npos;
}

Done read_path(std::string_view path, Target& target) {
  if (path.empty() || path.front() != '/') return refuse("the path does not start with '/'");
  path.remove_prefix(1);
  target.path = "/";
  if (path.empty()) return {};
  const auto pieces = split(path, '/');
  if (pieces.size() > kPathSegmentsMax) return refuse("too many path segments");
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    HANGU_TRY(auto segment, decode(pieces[i], false));
    if (segment.empty() && i + 1 != pieces.size()) return refuse("an empty path segment");
    if (is_dot_segment(segment)) return refuse("a dot segment");
    if (segment.find('/') != std::string::npos) return refuse("an encoded '/'");
    if (i != 0) target.path.push_back('/');
    target.path.append(segment);
    target.segments.push_back(std::move(segment));
  }
  return {};
}

Done read_query(std::string_view query, Target& target) {
  if (query.empty()) return {};
  const auto pairs = split(query, '&');
  if (pairs.size() > kQueryKeysMax) return refuse("too many query keys");
  for (const std::string_view pair : pairs) {
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    HANGU_TRY(auto key, decode(pair.substr(0, equals), true));
    HANGU_TRY(auto value,
              decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1), true));
    if (!target.query.try_emplace(std::move(key), std::move(value)).second) {
      return refuse("a query key is repeated");
    }
  }
  return {};
}

}  // namespace

Result<Target> parse_target(std::string_view text) {
  if (text.size() > kTargetBytesMax) return refuse("longer than 4096 bytes");
  for (const char c : text) {
    if (c <= 0x20 || c > 0x7e || c == '#' || c == '\\') return refuse("a character out of place");
  }
  if (text.starts_with("https://")) {
    text.remove_prefix(8);
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return refuse("an absolute form without a path");
    text.remove_prefix(slash);
  }
  Target target;
  const std::size_t mark = text.find('?');
  HANGU_CHECK(read_path(text.substr(0, mark), target));
  if (mark != std::string_view::npos) HANGU_CHECK(read_query(text.substr(mark + 1), target));
  return target;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kUnreservedMarks = "-._~";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
        kUnreservedMarks.find(c) != std::string_view::npos) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(kDigits[byte >> 4]);
      out.push_back(kDigits[byte & 15]);
    }
  }
  return out;
}

}  // namespace hangu::net
