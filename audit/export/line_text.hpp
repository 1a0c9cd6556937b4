#pragma once
// Line text: how a text of an entry is written into a line for another system, in each format's own
// escapes. docs/protocols/audit-export.md §2.

#include <string>
#include <string_view>
#include <vector>

namespace hangu::audit {

/// One text of a line, before it is escaped; longer ones end in "…".
inline constexpr std::size_t kExportTextBytesMax = 512;

/// A text as all formats show it: on one line, valid UTF-8, control, format (bidi, zero width) and
/// separator characters and the backslash as "\u{…}", malformed bytes as "\x..".
[[nodiscard]] std::string line_text(std::string_view text);
/// Several in one, a space between them.
[[nodiscard]] std::string line_texts(const std::vector<std::string>& texts);

/// RFC 5424 §6.3.3: '"', '\' and ']' behind a backslash.
[[nodiscard]] std::string escape_structured(std::string_view text);
/// RFC 5424 §6.2: what a header field may hold, PRINTUSASCII, at most `bytes_max`; others become
/// '_', and an empty text "-".
[[nodiscard]] std::string syslog_token(std::string_view text, std::size_t bytes_max);
/// CEF: '\' and '|' behind a backslash; a line break becomes a space, for a header has none.
[[nodiscard]] std::string escape_cef_header(std::string_view text);
/// CEF: '\' and '=' behind a backslash, line breaks as "\r" and "\n".
[[nodiscard]] std::string escape_cef_value(std::string_view text);
/// RFC 4180: quoted where needed. What a spreadsheet would take for a formula (=, +, -, @, tab or
/// carriage return first, the full-width forms too) gets an apostrophe before it.
[[nodiscard]] std::string escape_csv(std::string_view text);

}  // namespace hangu::audit
