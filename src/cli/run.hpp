#pragma once
// The command line of `hangu`: the whole tree of commands, and a door for the commands of a higher
// layer (up, down, ps), which are described in plain types. docs/operations/command-line.md.

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "wire/json.hpp"

namespace hangu::cli {

/// Exit statuses that scripts may rely on.
enum class Exit : int {
  done = 0,              ///< released, or whatever was asked is done
  internal = 1,          ///< the machine or we failed
  usage = 2,             ///< the command line cannot be understood
  authentication = 3,    ///< a certificate, key or right is missing
  network = 4,           ///< try again later
  integrity = 5,         ///< bytes, signatures or proofs are not what they should be
  refused_policy = 10,   ///< a rule said no
  refused_content = 11,  ///< the content check said no
  quarantined = 12,
  pending = 13,    ///< no end yet when --wait ended
  withdrawn = 14,  ///< withdrawn or expired
};
[[nodiscard]] constexpr int status_of(Exit exit) { return static_cast<int>(exit); }
/// The exit status that stands for an error of the command itself.
[[nodiscard]] Exit exit_of(const Error& error);

/// A text in both languages.
struct Bilingual {
  std::string_view zh;
  std::string_view en;
};

/// One option of an ExtraCommand: "--folder DIR", or a flag when `value_name` is empty.
struct ExtraOption {
  std::string name;        ///< with dashes: "--folder"
  std::string value_name;  ///< "DIR"; empty for a flag
  Bilingual help;
  std::string otherwise;  ///< value when not given; empty: absent
};

/// What the caller gave. `values` has an option's name without dashes ("folder"); a given flag is
/// "1".
struct ExtraArguments {
  std::map<std::string, std::string, std::less<>> values;
  bool json = false;
  bool quiet = false;
  bool chinese = false;
  [[nodiscard]] bool has(std::string_view name) const { return values.contains(name); }
  [[nodiscard]] std::string text(std::string_view name) const {
    const auto at = values.find(name);
    return at == values.end() ? std::string() : at->second;
  }
};

/// A command that a higher layer adds. `run` returns the exit status; --json, --quiet and --lang
/// are there without being named.
struct ExtraCommand {
  std::string name;
  Bilingual help;
  std::vector<ExtraOption> options;
  std::function<int(const ExtraArguments&)> run;
};

/// A line of an extra command's result for programs, {"event":kind, …}; nothing without --json.
void tell_event(std::string_view kind, wire::JsonObject fields, const ExtraArguments& arguments);
/// Says why an extra command failed, as every command does; the exit status.
[[nodiscard]] int tell_failure(const Error& error, const ExtraArguments& arguments);

/// Runs one command and returns its exit status. Thread: one, once a process.
[[nodiscard]] int run(int argc, const char* const* argv, std::span<const ExtraCommand> extras);

}  // namespace hangu::cli
