#include "base/text.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <utf8proc.h>

namespace hangu {
namespace {

struct FreeMapped {
  void operator()(utf8proc_uint8_t* p) const { std::free(p); }
};

const utf8proc_uint8_t* as_units(std::string_view text) {
  const void* start = text.data();
  return static_cast<const utf8proc_uint8_t*>(start);
}

/// Bytes below 0x80 at the start, eight at a time: most text is that.
std::size_t ascii_prefix(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080'8080'8080'8080;
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    if ((word & kHighBits) != 0) break;
  }
  while (at < text.size() && (text[at] & 0x80) == 0) ++at;
  return at;
}

/// Decodes one code point; its length in bytes, or 0 when malformed.
std::size_t next_code_point(std::string_view text, utf8proc_int32_t& code_point) {
  const auto n =
      utf8proc_iterate(as_units(text), static_cast<utf8proc_ssize_t>(text.size()), &code_point);
  return n > 0 && code_point >= 0 ? static_cast<std::size_t>(n) : 0;
}

Result<std::string> map(std::string_view text, int options) {
  if (!is_utf8(text)) return fail(ErrorCode::malformed, "text-not-utf8");
  utf8proc_uint8_t* raw = nullptr;
  const auto n = utf8proc_map(as_units(text), static_cast<utf8proc_ssize_t>(text.size()), &raw,
                              static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, FreeMapped> mapped(raw);
  if (n < 0) return fail(ErrorCode::malformed, "text-not-utf8", utf8proc_errmsg(n));
  const void* start = mapped.get();
  return std::string(static_cast<const char*>(start), static_cast<std::size_t>(n));
}

/// Control, format (bidi, zero width), unassigned, private and separator characters are not.
bool is_harmless(utf8proc_int32_t code_point) {
  const utf8proc_category_t category = utf8proc_category(code_point);
  return category > UTF8PROC_CATEGORY_CN && category < UTF8PROC_CATEGORY_ZL;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    text.remove_prefix(ascii_prefix(text));
    if (text.empty()) break;
    utf8proc_int32_t code_point = 0;
    const std::size_t n = next_code_point(text, code_point);
    if (n == 0) return false;
    text.remove_prefix(n);
  }
  return true;
}

Result<std::string> to_nfc(std::string_view text) {
  return map(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

Result<std::string> to_collision_key(std::string_view text) {
  return map(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                       UTF8PROC_IGNORE);
}

std::string printable(std::string_view text, std::size_t bytes_max) {
  std::string out;
  while (!text.empty()) {
    if (out.size() >= bytes_max) return out + "…";
    utf8proc_int32_t code_point = 0;
    std::size_t n = next_code_point(text, code_point);
    if (n > 0 && is_harmless(code_point) && code_point != '\\') {
      out += text.substr(0, n);
    } else {
      std::array<char, 16> escape{};
      const unsigned value =
          n > 0 ? static_cast<unsigned>(code_point) : static_cast<unsigned char>(text.front());
      std::snprintf(escape.data(), escape.size(), n > 0 ? "\\u{%x}" : "\\x%02x", value);
      out += escape.data();
      if (n == 0) n = 1;
    }
    text.remove_prefix(n);
  }
  return out;
}

bool is_printable(std::string_view text, std::size_t bytes_max) {
  if (text.size() > bytes_max) return false;
  while (!text.empty()) {
    utf8proc_int32_t code_point = 0;
    const std::size_t n = next_code_point(text, code_point);
    if (n == 0 || !is_harmless(code_point)) return false;
    text.remove_prefix(n);
  }
  return true;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  while (true) {
    const std::size_t at = text.find(separator);
    pieces.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return pieces;
    text.remove_prefix(at + 1);
  }
}

}  // namespace hangu
