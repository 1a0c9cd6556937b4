// The tree of commands on CLI11: the one file that knows the library.

#include "cli/run.hpp"

#include <unistd.h>

#include <algorithm>
#include <deque>
#include <iostream>
#include <utility>

#include <CLI/CLI.hpp>

#include "base/text.hpp"
#include "cli/auditor.hpp"
#include "cli/command.hpp"
#include "cli/completion.hpp"
#include "cli/phrases.hpp"
#include "cli/values.hpp"
#include "config/nearest.hpp"
#include "crypto/secret.hpp"
#include "os/clock.hpp"
#include "os/process.hpp"
#include "os/standard.hpp"

namespace hangu::cli {
namespace {

/// What the whole command line says before any command is known.
struct Outset {
  Language language = Language::en;
  bool json = false;
  bool of_auditor = false;  ///< `hangu audit …`, whose exit statuses are those of a verifier
};

/// The exit status of what cannot be carried out, before or after the command itself: an auditor's
/// command cannot tell then, and must not say "tampered" or "cut".
int status_without_answer(const Outset& outset, Exit otherwise) {
  return status_of(outset.of_auditor ? kAuditCannotTell : otherwise);
}

Outset look_ahead(std::span<const std::string> words) {
  Outset outset;
  std::string language;
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"})
    if (language.empty()) language = os::environment(name).value_or("");
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--json") outset.json = true;
    if (words[i] == "--lang" && i + 1 < words.size()) language = words[i + 1];
    if (words[i].starts_with("--lang=")) language = words[i].substr(7);
  }
  for (std::size_t i = 0; i < words.size();
       ++i) {  // the first word that is no option nor its value
    if (words[i].starts_with("-")) {
      if (words[i] == "--lang") ++i;
      continue;
    }
    outset.of_auditor = words[i] == "audit";
    break;
  }
  if (language.starts_with("zh")) outset.language = Language::zh;
  return outset;
}

Console::Style style_of(const Outset& outset, const Arguments& common) {
  Console::Style style;
  style.language = outset.language;
  style.json = common.has("json");
  style.quiet = common.has("quiet");
  const bool plain = common.has("no-color") || !os::environment("NO_COLOR").value_or("").empty();
  const std::string terminal = os::environment("TERM").value_or("dumb");
  style.colours = !style.json && !plain && terminal != "dumb" && ::isatty(STDOUT_FILENO) == 1;
  style.terminal = terminal != "dumb" && ::isatty(STDERR_FILENO) == 1;
  return style;
}

/// Where CLI11 puts the words of one option.
struct Slot {
  const OptionSpec* spec = nullptr;
  CLI::Option* option = nullptr;
  std::string text;
  std::vector<std::string> list;
};

/// The words of each option of one command.
class Slots {
 public:
  void bind(CLI::App& app, const OptionSpec& spec, Language language,
            const std::string& group = {}) {
    Slot& slot = slots_.emplace_back();
    slot.spec = &spec;
    // Const: add_flag would bind a mutable text as the flag's variable.
    const std::string help = std::string(language == Language::zh ? spec.help.zh : spec.help.en) +
                             (spec.otherwise.empty() ? "" : " [" + spec.otherwise + "]");
    switch (spec.kind) {
      case OptionKind::flag: slot.option = app.add_flag(spec.name, help); break;
      case OptionKind::value:
      case OptionKind::positional: slot.option = app.add_option(spec.name, slot.text, help); break;
      case OptionKind::list:
        slot.option = app.add_option(spec.name, slot.list, help)->allow_extra_args(false);
        break;
      case OptionKind::positional_list:
        slot.option = app.add_option(spec.name, slot.list, help);
        break;
    }
    if (!spec.value_name.empty()) slot.option->type_name(spec.value_name);
    if (spec.required) slot.option->required();
    if (!group.empty()) slot.option->group(group);
  }

  /// The first word by place that was given; empty when there is none.
  [[nodiscard]] std::string word_by_place() const {
    for (const Slot& slot : slots_)
      if (slot.spec->kind == OptionKind::positional && slot.option->count() > 0) return slot.text;
    return {};
  }

  void read(Arguments& into) const {
    for (const Slot& slot : slots_) {
      const std::string name =
          slot.spec->name.starts_with("--") ? slot.spec->name.substr(2) : slot.spec->name;
      if (slot.option->count() == 0) {
        if (!slot.spec->otherwise.empty()) into.set(name, {slot.spec->otherwise});
      } else if (slot.spec->kind == OptionKind::flag) {
        into.set(name, {"1"});
      } else if (slot.spec->kind == OptionKind::list ||
                 slot.spec->kind == OptionKind::positional_list) {
        into.set(name, slot.list);
      } else {
        into.set(name, {slot.text});
      }
    }
  }

 private:
  std::deque<Slot> slots_;  // CLI11 holds references into it
};

/// Tree is the parser of one command line.
class Tree {
 public:
  Tree(std::span<const CommandSpec> commands, Language language)
      : commands_(commands),
        language_(language),
        app_(std::string(language == Language::zh
                             ? "函谷:网络之间的关口。结果在 stdout,消息在 stderr。"
                             : "Hangu: a guard between networks. Results on stdout, messages on "
                               "stderr."),
             "hangu") {
    app_.require_subcommand(1);
    if (language == Language::zh) speak_chinese();
    add_common(app_);
    add(app_, commands);
  }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  CLI::App& app() { return app_; }
  [[nodiscard]] const CommandSpec* chosen() const {
    for (const Leaf& leaf : leaves_)
      if (leaf.app->parsed()) return leaf.spec;
    return nullptr;
  }
  [[nodiscard]] Arguments arguments() const {
    Arguments out;
    for (const Slots& common : common_) common.read(out);
    for (const Leaf& leaf : leaves_)
      if (leaf.app->parsed()) leaf.slots.read(out);
    return out;
  }

  /// A word by place too many: CLI11 offers it to the command above the one that was chosen.
  [[nodiscard]] std::string misplaced() const {
    const CommandSpec* const command = chosen();
    for (const Leaf& leaf : leaves_)
      if (leaf.app->parsed() && leaf.spec != command)
        if (std::string word = leaf.slots.word_by_place(); !word.empty()) return word;
    return {};
  }

  /// What a word that nobody knows may have meant: {word, nearest}, empty when all are known.
  [[nodiscard]] std::pair<std::string, std::string> stray(
      std::span<const std::string> words) const {
    std::span<const CommandSpec> level = commands_;
    std::span<const OptionSpec> options;
    bool is_value = false;  // of the option before
    bool may_be_by_place = false;
    for (const std::string& word : words) {
      if (word == "--") break;
      if (std::exchange(is_value, false)) continue;
      if (word.starts_with("--")) {
        const std::string name = word.substr(0, word.find('='));
        const std::vector<std::string> known = names_of(options);
        if (std::ranges::find(known, name) == known.end())
          return {name, config::nearest_of(known, name)};
        is_value = name == word && takes_value(options, name);
      } else if (!level.empty()) {
        const auto next = std::ranges::find(level, word, &CommandSpec::name);
        if (next == level.end()) {
          if (may_be_by_place) break;
          std::vector<std::string> known;
          for (const CommandSpec& command : level) known.push_back(command.name);
          return {word, config::nearest_of(known, word)};
        }
        level = next->children;
        options = next->options;
        may_be_by_place = static_cast<bool>(next->run);
      }
    }
    return {};
  }

 private:
  struct Leaf {
    const CommandSpec* spec;
    CLI::App* app;
    Slots slots;
  };

  static bool takes_value(std::span<const OptionSpec> options, std::string_view name) {
    const auto takes = [name](const OptionSpec& option) {
      return option.name == name && option.kind != OptionKind::flag;
    };
    return std::ranges::any_of(options, takes) || std::ranges::any_of(common_options(), takes);
  }

  static std::vector<std::string> names_of(std::span<const OptionSpec> options) {
    std::vector<std::string> names{"--help"};
    for (const OptionSpec& option : options)
      if (option.name.starts_with("--")) names.push_back(option.name);
    for (const OptionSpec& option : common_options()) names.push_back(option.name);
    return names;
  }

  /// The words of CLI11's own help; commands below take them over.
  void speak_chinese() {
    app_.set_help_flag("-h,--help", "显示帮助");
    app_.option_defaults()->group("选项");
    app_.get_help_ptr()->group("选项");
    for (const auto& [word, ours] :
         std::initializer_list<std::pair<const char*, const char*>>{{"Usage", "用法"},
                                                                    {"Positionals", "参数"},
                                                                    {"OPTIONS", "选项"},
                                                                    {"SUBCOMMAND", "命令"},
                                                                    {"REQUIRED", "*"}})
      app_.get_formatter()->label(word, ours);
  }

  /// The options that every command takes, at every place where they may stand.
  void add_common(CLI::App& app) {
    Slots& common = common_.emplace_back();
    const std::string group = language_ == Language::zh ? "通用选项" : "Common options";
    for (const OptionSpec& spec : common_options()) common.bind(app, spec, language_, group);
  }

  void add(CLI::App& parent, std::span<const CommandSpec> commands) {
    for (const CommandSpec& spec : commands) {
      CLI::App* app = parent.add_subcommand(
          spec.name, std::string(language_ == Language::zh ? spec.help.zh : spec.help.en));
      if (language_ == Language::zh) app->group("命令")->footer("* 必填");
      if (language_ == Language::zh) app->get_help_ptr()->group("选项");
      app->fallthrough();
      add_common(*app);
      if (!spec.children.empty()) {
        app->require_subcommand(spec.run ? 0 : 1, 1);
        add(*app, spec.children);  // first: of those that were named the innermost is chosen
        if (!spec.run) continue;
      }
      Leaf& leaf = leaves_.emplace_back(&spec, app, Slots());
      for (const OptionSpec& option : spec.options) leaf.slots.bind(*app, option, language_);
    }
  }

  std::span<const CommandSpec> commands_;
  Language language_;
  CLI::App app_;
  std::deque<Slots> common_;
  std::deque<Leaf> leaves_;
};

CommandSpec from_extra(const ExtraCommand& extra) {
  CommandSpec spec{extra.name, extra.help, {}, {}, {}};
  for (const ExtraOption& option : extra.options)
    spec.options.push_back({option.name, option.value_name, option.help,
                            option.value_name.empty() ? OptionKind::flag : OptionKind::value, false,
                            option.otherwise});
  spec.run = [&extra](Session& session, const Arguments& arguments) -> Result<Exit> {
    ExtraArguments given;
    for (const ExtraOption& option : extra.options) {
      const std::string name = option.name.substr(2);
      if (arguments.has(name)) given.values.insert_or_assign(name, arguments.text(name));
    }
    given.json = session.console.style().json;
    given.quiet = session.console.style().quiet;
    given.chinese = session.console.style().language == Language::zh;
    return static_cast<Exit>(extra.run(given));
  };
  return spec;
}

/// Adds completion and man: about the whole tree `whole`, which must outlive them.
void add_tree_commands(std::vector<CommandSpec>& whole) {
  whole.push_back({"completion",
                   both("补全脚本:bash、zsh 或 fish", "the completion script of bash, zsh or fish"),
                   {{"shell", "SHELL", both("bash、zsh 或 fish", "bash, zsh or fish"),
                     OptionKind::positional, true}},
                   [&whole](Session& session, const Arguments& arguments) -> Result<Exit> {
                     HANGU_TRY(const std::string script,
                               completion_script(whole, arguments.text("shell"),
                                                 session.console.style().language));
                     session.console.event("text", {{"text", script}});
                     session.console.line(script);
                     return Exit::done;
                   }});
  whole.push_back({"man",
                   both("手册页(roff)", "the man page, in roff"),
                   {},
                   [&whole](Session& session, const Arguments&) -> Result<Exit> {
                     const std::string page = man_page(whole, session.console.style().language);
                     session.console.event("text", {{"text", page}});
                     session.console.line(page);
                     return Exit::done;
                   }});
}

/// CLI11's message in the reader's language. Its English ones name the word at their start or,
/// behind a colon, at their end.
std::string text_of_problem(const CLI::ParseError& problem, Language language) {
  std::string text = problem.what();
  if (language != Language::zh) return text;
  const std::size_t colon = text.find(": ");
  const auto kind = static_cast<CLI::ExitCodes>(problem.get_exit_code());
  if (kind == CLI::ExitCodes::RequiredError) {
    const std::string name = text.substr(0, text.find(" is required"));
    return "缺少 " + (name == "A subcommand" ? "命令" : name);
  }
  if (kind == CLI::ExitCodes::ExtrasError && colon != std::string::npos)
    return "多余的参数:" + text.substr(colon + 2);
  if (kind == CLI::ExitCodes::ArgumentMismatch && colon != std::string::npos)
    return text.substr(0, colon) + ":值的个数不对";
  return "命令行有误:" + text;
}

int tell_usage(const Outset& outset, const Tree& tree, std::span<const std::string> words,
               const std::string& problem) {
  Console::Style style;
  style.language = outset.language;
  style.json = outset.json;
  Console console(std::cout, std::cerr, style);
  const auto [word, near] = tree.stray(words);
  std::string context = problem;
  if (!word.empty()) {
    context =
        printable(word) + ": " + std::string(console.say(both("没有这一项", "there is no such")));
    if (!near.empty())
      context += std::string(console.say(both(";是不是 ", "; did you mean "))) + near +
                 std::string(console.say(both(" ?", "?")));
  }
  console.refusal("usage-value", context);
  return status_without_answer(outset, Exit::usage);
}

/// What was written to stdout did not arrive. Who closed a pipe knows; all else is told.
int tell_unwritten(const Outset& outset, Console& console) {
  if (!os::is_reader_gone(STDOUT_FILENO)) console.refusal("stdout-failed", "");
  return status_without_answer(outset, Exit::internal);
}

int run_command(const Outset& outset, const CommandSpec& command, const Arguments& arguments) {
  Console console(std::cout, std::cerr, style_of(outset, arguments));
  const os::SystemClock clock;
  crypto::SystemEntropy entropy;
  Session session{console, clock, entropy};
  const Result<Exit> exit = command.run(session, arguments);
  if (!exit) console.error(exit.error());
  const int status = status_of(exit ? *exit : exit_of(exit.error()));
  return console.flush() ? status : tell_unwritten(outset, console);
}

}  // namespace

namespace {

Console console_of(const ExtraArguments& arguments) {
  Console::Style style;
  style.language = arguments.chinese ? Language::zh : Language::en;
  style.json = arguments.json;
  style.quiet = arguments.quiet;
  return {std::cout, std::cerr, style};
}

}  // namespace

void tell_event(std::string_view kind, wire::JsonObject fields, const ExtraArguments& arguments) {
  Console console = console_of(arguments);
  console.event(kind, std::move(fields));
  (void)console.flush();
}

int tell_failure(const Error& error, const ExtraArguments& arguments) {
  Console console = console_of(arguments);
  console.error(error);
  (void)console.flush();
  return status_of(exit_of(error));
}

int run(int argc, const char* const* argv, std::span<const ExtraCommand> extras) {
  return run(argc, argv, extras, {});
}

int run(int argc, const char* const* argv, std::span<const ExtraCommand> extras,
        std::vector<Graft> grafts) {
  const std::vector<std::string> words(argv + 1, argv + (argc > 0 ? argc : 1));
  const Outset outset = look_ahead(words);
  std::vector<CommandSpec> whole = own_commands();
  for (Graft& graft : grafts)
    for (CommandSpec& stem : whole)
      if (stem.name == graft.under) stem.children.push_back(std::move(graft.command));
  for (const ExtraCommand& extra : extras) whole.push_back(from_extra(extra));
  add_tree_commands(whole);
  Tree tree(whole, outset.language);
  const auto misused = [&](const std::string& problem) {
    return tell_usage(outset, tree, words, problem);
  };
  try {
    tree.app().parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help
    tree.app().exit(asked, std::cout, std::cerr);
    Console console(std::cout, std::cerr, style_of(outset, {}));
    return console.flush() ? status_of(Exit::done) : tell_unwritten(outset, console);
  } catch (const CLI::ParseError& problem) {
    return misused(text_of_problem(problem, outset.language));
  }
  const CommandSpec* command = tree.chosen();
  if (command == nullptr) return misused("COMMAND");
  if (const std::string word = tree.misplaced(); !word.empty()) return misused(printable(word));
  const Arguments arguments = tree.arguments();
  if (const std::string language = arguments.text("lang");
      !language.empty() && !language.starts_with("zh") && !language.starts_with("en"))
    return misused("--lang: zh, en");
  return run_command(outset, *command, arguments);
}

}  // namespace hangu::cli
