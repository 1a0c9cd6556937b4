#include "cli/console.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "cli/reasons.hpp"

namespace hangu::cli {
namespace {

constexpr std::size_t kMessageBytesMax = 2000;

/// Reads one code point of well-formed or broken UTF-8 and moves `at` on.
char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto first = static_cast<unsigned char>(text[at++]);
  if (first < 0x80) return first;
  const int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
  char32_t value = first & (0x3fU >> static_cast<unsigned>(more));
  for (int i = 0; i < more && at < text.size(); ++i)
    value = value << 6U | (static_cast<unsigned char>(text[at++]) & 0x3fU);
  return value;
}

/// The blocks that terminals draw two places wide (UAX #11, W and F, without the rare ones).
bool is_wide(char32_t c) {
  return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
         (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
         (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
         (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x20000 && c <= 0x3fffd);
}

constexpr std::array<std::string_view, 4> kColourCodes{"\x1b[32m", "\x1b[31m", "\x1b[2m",
                                                       "\x1b[0m"};

/// Foreign text made harmless. Callers may have done so already: a backslash, which printable()
/// would escape again, is no danger and stays; so do line breaks and tabs where they are `kept`.
std::string harmless(std::string_view text, std::string_view kept, std::size_t bytes_max) {
  std::string out;
  while (!text.empty()) {
    if (out.size() >= bytes_max) return out + "…";
    const std::size_t end = std::min(text.find_first_of(kept), text.size());
    if (end > 0) out += printable(text.substr(0, end), bytes_max);
    if (end == text.size()) break;
    out += text[end];
    text.remove_prefix(end + 1);
  }
  return out;
}

/// The same for a whole result, whose colours stay where there are any.
std::string harmless_lines(std::string_view text, bool colours) {
  constexpr std::string_view kKept = "\\\n\t";
  std::string out;
  while (!text.empty()) {
    std::size_t end = colours ? text.find('\x1b') : std::string_view::npos;
    end = std::min(end, text.size());
    out += harmless(text.substr(0, end), kKept, std::string_view::npos);
    text.remove_prefix(end);
    if (text.empty()) break;
    const auto* const code = std::ranges::find_if(
        kColourCodes, [&](std::string_view one) { return text.starts_with(one); });
    const std::size_t length = code == kColourCodes.end() ? 1 : code->size();
    out += code == kColourCodes.end() ? printable(text.substr(0, 1)) : std::string(*code);
    text.remove_prefix(length);
  }
  return out;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) width += is_wide(next_code_point(text, at)) ? 2U : 1U;
  return width;
}

void Console::line(std::string_view text) {
  if (!style_.json) out_ << harmless_lines(text, style_.colours) << "\n";
}

void Console::data(std::string_view bytes) {
  if (!style_.json) out_ << bytes;
}

void Console::event(std::string_view kind, wire::JsonObject fields) {
  if (!style_.json) return;
  wire::JsonObject all{{"event", kind}};
  for (auto& field : fields) all.push_back(std::move(field));
  out_ << wire::Json(std::move(all)).to_text() << "\n";
  out_.flush();
}

void Console::table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], display_width(row[i]));
  }
  for (const auto& row : rows) {
    std::string text;
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths[i] - display_width(row[i]) + 2, ' ');
    }
    while (text.ends_with(' ')) text.pop_back();
    line(text);
  }
}

void Console::note(std::string_view text) {
  if (style_.quiet) return;
  out_.flush();  // so that both streams read in order on one terminal
  err_ << harmless_lines(text, false) << "\n";
  err_.flush();
}

void Console::error(const Error& error) {
  const std::string message = error.message();
  std::string_view rest(message);
  rest.remove_prefix(std::min(rest.size(), error.reason().size()));
  if (rest.starts_with(": ")) rest.remove_prefix(2);
  refusal(error.reason(), rest);
}

void Console::refusal(std::string_view reason, std::string_view context) {
  refusal(reason, context, explain(reason));
}

void Console::refusal(std::string_view reason, std::string_view context, const Explanation* known) {
  const Explanation& words = known != nullptr ? *known : explain_unknown();
  const std::string shown = harmless(context, "\\", kMessageBytesMax);
  event("error", {{"reason", reason},
                  {"context", shown},
                  {"message", say(words.what)},
                  {"remedy", say(words.remedy)}});
  out_.flush();
  err_ << "hangu: " << say(words.what) << " [" << printable(reason) << "]";
  if (!shown.empty()) err_ << " " << shown;
  err_ << "\n  " << say(words.remedy) << "\n";
  err_.flush();
}

std::string Console::coloured(Colour colour, std::string_view text) const {
  if (!style_.colours) return std::string(text);
  return std::string(kColourCodes.at(static_cast<std::size_t>(colour))) + std::string(text) +
         std::string(kColourCodes.back());
}

bool Console::flush() {
  out_.flush();
  return out_.good();
}

std::string_view sentence(const Console& console, flow::State state) {
  return console.style().language == Language::zh ? flow::sentence_in_chinese(state)
                                                  : flow::sentence_in_english(state);
}

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 6> kUnits{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return std::to_string(bytes) + " B";
  std::size_t unit = 0;
  std::uint64_t tenths = bytes * 10 / 1024;
  if (bytes > (std::uint64_t{1} << 59U)) tenths = bytes / 1024 * 10;
  while (tenths >= 10'240 && unit + 1 < kUnits.size()) {
    tenths /= 1024;
    ++unit;
  }
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " " +
         std::string(kUnits[unit]);
}

}  // namespace hangu::cli
