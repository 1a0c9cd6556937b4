#pragma once
// Console: where a command speaks. Results go to stdout, messages and progress to stderr; with
// --json the results are NDJSON events on stdout instead of lines.

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "cli/run.hpp"
#include "flow/stage.hpp"
#include "wire/json.hpp"

namespace hangu::cli {

struct Explanation;

enum class Language : std::uint8_t { zh, en };

/// Colour marks a word beside its text, never instead of it.
enum class Colour : std::uint8_t { good, bad, dim };

class Console {
 public:
  struct Style {
    Language language = Language::en;
    bool json = false;
    bool quiet = false;
    bool colours = false;   ///< of stdout
    bool terminal = false;  ///< stderr is one: progress may be drawn
  };
  Console(std::ostream& out, std::ostream& err, Style style)
      : out_(out), err_(err), style_(style) {}

  [[nodiscard]] std::string_view say(const Bilingual& text) const {
    return style_.language == Language::zh ? text.zh : text.en;
  }
  [[nodiscard]] const Style& style() const { return style_; }

  /// A line of the result, for people; nothing with --json. It may be of several lines. What would
  /// move a terminal's cursor or turn text around (Unicode Cc, Cf, Zl, Zp, malformed bytes) is
  /// shown as printable() shows it, but the colours of coloured().
  void line(std::string_view text);
  /// Bytes of the result in another's format, as they are; nothing with --json.
  void data(std::string_view bytes);
  /// A line of the result, for programs: {"event":kind, …}; nothing without --json.
  void event(std::string_view kind, wire::JsonObject fields);
  /// Rows under a heading in columns that line up (East Asian characters take two places).
  void table(const std::vector<std::vector<std::string>>& rows);
  /// A message on stderr; nothing with --quiet.
  void note(std::string_view text);
  /// What went wrong, on stderr: reason, explanation, remedy; with --json an "error" event too.
  void error(const Error& error);
  void refusal(std::string_view reason, std::string_view context);
  /// The same, in the words of `known` (nullptr: there are none).
  void refusal(std::string_view reason, std::string_view context, const Explanation* known);

  [[nodiscard]] std::string coloured(Colour colour, std::string_view text) const;
  /// False when stdout could not be written.
  [[nodiscard]] bool flush();
  [[nodiscard]] std::ostream& messages() { return err_; }

 private:
  std::ostream& out_;
  std::ostream& err_;
  Style style_;
};

/// A state's sentence in the console's language.
[[nodiscard]] std::string_view sentence(const Console& console, flow::State state);
/// "12.3 MiB"
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);
/// Places that `text` takes in a terminal.
[[nodiscard]] std::size_t display_width(std::string_view text);

}  // namespace hangu::cli
