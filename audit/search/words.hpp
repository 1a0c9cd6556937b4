#pragma once
// Words: how texts are cut for searching, the same way in the index and without it. Chinese has no
// spaces, so every Han, Kana or Hangul character is a word of its own and what is looked for is a
// run of words; letters and digits of other scripts make words between whatever else stands there.

#include <string>
#include <string_view>
#include <vector>

namespace hangu::audit::search {

/// `text` in words: compatibility forms and upper case made alike (NFKC, case folded). Text that is
/// not UTF-8 has none.
[[nodiscard]] std::vector<std::string> words_of(std::string_view text);
/// The words with a space between: what the index keeps.
[[nodiscard]] std::string joined(const std::vector<std::string>& words);

/// A run of words that is looked for; a `*` at the end lets the last word go on.
struct Phrase {
  std::vector<std::string> words;
  bool open = false;

  [[nodiscard]] bool is_in(const std::vector<std::string>& text) const;
  /// The same, as the full-text index is asked for it.
  [[nodiscard]] std::string to_match() const;
};
/// No words at all when `text` holds none.
[[nodiscard]] Phrase phrase_of(std::string_view text);

}  // namespace hangu::audit::search
