#pragma once
// Command: one command of the tree as data, from which parsing, help, completion and the man page
// are made. docs/operations/command-line.md.

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/entropy.hpp"
#include "base/time.hpp"
#include "cli/console.hpp"
#include "cli/run.hpp"

namespace hangu::cli {

enum class OptionKind : std::uint8_t {
  flag,
  value,            ///< at most once
  list,             ///< any number of times, one value each
  positional,       ///< by place; `name` without dashes
  positional_list,  ///< the rest of the words
};

/// OptionSpec: `value_name` also says what completes it: "DIR" folders, "FILE" and "PACKAGE" files.
struct OptionSpec {
  std::string name;
  std::string value_name;
  Bilingual help;
  OptionKind kind = OptionKind::value;
  bool required = false;
  std::string otherwise{};  ///< value when not given; empty: absent
};

/// Arguments are what the caller gave, by option name without dashes.
class Arguments {
 public:
  void set(std::string name, std::vector<std::string> values) {
    values_.insert_or_assign(std::move(name), std::move(values));
  }
  [[nodiscard]] bool has(std::string_view name) const { return values_.contains(name); }
  /// The one value; empty when absent.
  [[nodiscard]] std::string text(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> list(std::string_view name) const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

/// Session is what a command works with. All borrowed.
struct Session {
  Console& console;
  const Clock& clock;
  Entropy& entropy;
};

struct CommandSpec {
  std::string name;
  Bilingual help;
  std::vector<OptionSpec> options{};
  /// Errors are told and become the exit status by exit_of(). Absent: one of its children must be
  /// named; with both, a word that names no child is a word by place.
  std::function<Result<Exit>(Session&, const Arguments&)> run{};
  std::vector<CommandSpec> children{};
};

/// A command that a higher layer adds below one of ours.
struct Graft {
  std::string_view under;  ///< "policy"
  CommandSpec command;
};

/// As run() of cli/run.hpp, with the grafts in their places.
[[nodiscard]] int run(int argc, const char* const* argv, std::span<const ExtraCommand> extras,
                      std::vector<Graft> grafts);

/// All commands of this layer, without completion and man, which need the whole tree.
[[nodiscard]] std::vector<CommandSpec> own_commands();
/// Options that every command takes: --json, --quiet, --no-color, --lang.
[[nodiscard]] std::span<const OptionSpec> common_options();

/// "usage-value" with the option's name: the caller's words cannot be used.
[[nodiscard]] Error usage_error(std::string_view option, const Error& why);
[[nodiscard]] std::unexpected<Error> usage(std::string_view option, std::string why);

/// Errors: Malformed "usage-dash": the caller may mean a stream by "-", and no command writes or
/// reads one.
[[nodiscard]] Done check_not_dash(std::string_view option, std::string_view path);
/// An error of writing or reading with the file's name in it, where it has none yet.
[[nodiscard]] Error about_file(const Error& error, const std::string& path);

/// Binds a value made from an option's text, or returns a usage error that names the option.
template <class T>
[[nodiscard]] Result<T> from_option(std::string_view option, Result<T> made) {
  if (!made) return std::unexpected(usage_error(option, made.error()));
  return made;
}

}  // namespace hangu::cli
