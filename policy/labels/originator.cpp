// An organisation as a distinguished name (RFC 4514 §2.4), and back.

#include <algorithm>

#include "base/bytes.hpp"
#include "base/text.hpp"
#include "policy/labels/label_view.hpp"

namespace hangu::policy {
namespace {

constexpr std::string_view kKind = "directoryName";
constexpr std::string_view kOrganisation = "O=";
constexpr std::string_view kSpecial = "\"+,;<>\\";

/// What XML cannot hold, or would change, in hex.
bool is_plain(char c) { return static_cast<unsigned char>(c) >= ' ' && c != '\x7f'; }

std::string hex_pair(char c) { return "\\" + to_hex(bytes_of(std::string_view(&c, 1))); }

}  // namespace

Originator originator_of(std::string_view organisation) {
  // U+FFFE and U+FFFF are no characters of XML.
  const auto no_character = [&](std::size_t i) {
    const std::string_view three = organisation.substr(i, 3);
    return three == "\xEF\xBF\xBE" || three == "\xEF\xBF\xBF";
  };
  std::string out(kOrganisation);
  for (std::size_t i = 0; i < organisation.size(); ++i) {
    const char c = organisation[i];
    const bool at_edge =
        (i == 0 && (c == ' ' || c == '#')) || (i + 1 == organisation.size() && c == ' ');
    if (no_character(i)) {
      for (const char byte : organisation.substr(i, 3)) out += hex_pair(byte);
      i += 2;
    } else if (!is_plain(c)) {
      out += hex_pair(c);
    } else {
      if (at_edge || kSpecial.contains(c)) out += '\\';
      out += c;
    }
  }
  return {.kind = std::string(kKind), .name = std::move(out)};
}

std::optional<std::string> organisation_in(const Originator& originator) {
  std::string_view rest = originator.name;
  if (originator.kind != kKind || !rest.starts_with(kOrganisation)) return std::nullopt;
  rest.remove_prefix(kOrganisation.size());
  std::string out;
  while (!rest.empty()) {
    if (rest[0] != '\\') {
      out += rest[0];
      rest.remove_prefix(1);
      continue;
    }
    const auto bytes = from_hex(rest.substr(1, 2));
    if (bytes && bytes->size() == 1) {
      out += text_of(*bytes);
      rest.remove_prefix(3);
    } else {
      out += rest.substr(1, 1);
      rest.remove_prefix(std::min<std::size_t>(2, rest.size()));
    }
  }
  // The one spelling: what would be written is what was read.
  if (!is_utf8(out) || originator_of(out) != originator) return std::nullopt;
  return out;
}

}  // namespace hangu::policy
