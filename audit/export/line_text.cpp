#include "audit/export/line_text.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace hangu::audit {
namespace {

/// `text` with a backslash before each of `special`.
std::string behind_backslash(std::string_view text, std::string_view special) {
  std::string out;
  out.reserve(text.size() + 8);
  for (const char c : text) {
    if (special.contains(c)) out += '\\';
    out += c;
  }
  return out;
}

/// What spreadsheets take for the start of a formula; the last four are the full-width = + - @.
constexpr std::array<std::string_view, 10> kFormulaStarts{
    "=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20"};

}  // namespace

std::string line_text(std::string_view text) { return printable(text, kExportTextBytesMax); }

std::string line_texts(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) {
    if (joined.size() > kExportTextBytesMax) break;
    if (!joined.empty()) joined += ' ';
    joined += text;
  }
  return line_text(joined);
}

std::string escape_structured(std::string_view text) { return behind_backslash(text, "\"\\]"); }

std::string syslog_token(std::string_view text, std::size_t bytes_max) {
  std::string out(text.substr(0, bytes_max));
  std::ranges::replace_if(out, [](char c) { return c < '!' || c > '~'; }, '_');
  return out.empty() ? "-" : out;
}

std::string escape_cef_header(std::string_view text) {
  std::string out = behind_backslash(text, "\\|");
  std::ranges::replace_if(out, [](char c) { return c == '\r' || c == '\n'; }, ' ');
  return out;
}

std::string escape_cef_value(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 8);
  for (const char c : behind_backslash(text, "\\=")) {
    if (c == '\r') {
      out += "\\r";
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

std::string escape_csv(std::string_view text) {
  const bool formula = std::ranges::any_of(
      kFormulaStarts, [&](std::string_view start) { return text.starts_with(start); });
  std::string out = (formula ? "'" : "") + std::string(text);
  if (out.find_first_of("\",\r\n") == std::string::npos) return out;
  std::string quoted = "\"";
  for (const char c : out) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace hangu::audit
