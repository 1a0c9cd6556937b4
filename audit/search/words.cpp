#include "audit/search/words.hpp"

#include <algorithm>
#include <cstdint>
#include <span>

#include "base/text.hpp"

namespace hangu::audit::search {
namespace {

enum class Kind : std::uint8_t { between, letter, alone };

struct Range {
  char32_t first;
  char32_t last;
};
/// Scripts that are written without spaces: each character is a word.
constexpr Range kAlone[] = {
    {0x2e80, 0x2fdf},    // radicals
    {0x3005, 0x3007},    // 々〆〇
    {0x3040, 0x318f},    // Kana, Bopomofo, Hangul letters
    {0x31a0, 0x31ff},    // Bopomofo and Kana extensions
    {0x3400, 0x4dbf},    // Han extension A
    {0x4e00, 0x9fff},    // Han
    {0xac00, 0xd7af},    // Hangul syllables
    {0xf900, 0xfaff},    // Han compatibility
    {0x20000, 0x3ffff},  // Han extensions B..
};
/// Signs beyond ASCII that divide words: punctuation, symbols, spaces.
constexpr Range kBetween[] = {
    {0x80, 0xa9},     {0xab, 0xb4},     {0xb6, 0xb9},     {0xbb, 0xbf},     {0xd7, 0xd7},
    {0xf7, 0xf7},     {0x2000, 0x206f}, {0x20a0, 0x20cf}, {0x2190, 0x2bff}, {0x3000, 0x3004},
    {0x3008, 0x303f}, {0xfe10, 0xfe6f}, {0xff00, 0xff0f}, {0xfff0, 0xffff},
};

bool is_one_of(std::span<const Range> ranges, char32_t c) {
  return std::ranges::any_of(ranges, [c](Range r) { return c >= r.first && c <= r.last; });
}

Kind kind_of(char32_t c) {
  if (c < 0x80) {
    const bool is_letter =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return is_letter ? Kind::letter : Kind::between;
  }
  if (is_one_of(kAlone, c)) return Kind::alone;
  return is_one_of(kBetween, c) ? Kind::between : Kind::letter;
}

/// Length of the character that well-formed UTF-8 starts with, and the character.
std::size_t first_character(std::string_view text, char32_t& c) {
  const auto byte = [&text](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[i]));
  };
  const char32_t head = byte(0);
  const std::size_t length = head < 0x80 ? 1 : head < 0xe0 ? 2 : head < 0xf0 ? 3 : 4;
  constexpr char32_t kMasks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  c = head & kMasks[length];
  for (std::size_t i = 1; i < length; ++i) c = (c << 6U) | (byte(i) & 0x3fU);
  return length;
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  const auto folded = to_collision_key(text);
  if (!folded) return words;
  std::string_view rest = *folded;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  while (!rest.empty()) {
    char32_t c = 0;
    const std::size_t length = first_character(rest, c);
    const Kind kind = kind_of(c);
    if (kind != Kind::letter) end_word();
    if (kind == Kind::letter) word += rest.substr(0, length);
    if (kind == Kind::alone) words.emplace_back(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  end_word();
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

bool Phrase::is_in(const std::vector<std::string>& text) const {
  if (words.empty() || text.size() < words.size()) return false;
  for (std::size_t at = 0; at + words.size() <= text.size(); ++at) {
    bool same = true;
    for (std::size_t i = 0; same && i < words.size(); ++i) {
      const bool may_go_on = open && i + 1 == words.size();
      same = may_go_on ? text[at + i].starts_with(words[i]) : text[at + i] == words[i];
    }
    if (same) return true;
  }
  return false;
}

std::string Phrase::to_match() const {
  return "\"" + joined(words) + "\"" + (open ? " *" : "");  // no word holds a quotation mark
}

Phrase phrase_of(std::string_view text) {
  return {.words = words_of(text), .open = text.ends_with('*')};
}

}  // namespace hangu::audit::search
