#include "audit/verifier/arguments.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include <nlohmann/json.hpp>

namespace hangu_verify {
namespace {

using nlohmann::json;

struct Form {
  std::string_view name;
  Command command;
  std::size_t words;  ///< by place
};
constexpr std::array kForms{
    Form{"full", Command::full, 1},     Form{"incremental", Command::incremental, 1},
    Form{"proof", Command::proof, 1},   Form{"range", Command::range, 3},
    Form{"epochs", Command::epochs, 1}, Form{"gaps", Command::gaps, 1},
    Form{"time", Command::time, 1},     Form{"compare", Command::compare, 2},
};

/// A key as text or in a file; nothing when none is given or lies at `otherwise`.
std::optional<LogKey> read_key(const std::string& given, const std::string& otherwise,
                               KeyKind kind) {
  std::string text = given;
  if (given.empty()) {
    if (!std::filesystem::exists(otherwise)) return std::nullopt;
    text = slurp(otherwise);
  } else if (given.find('+') == std::string::npos || std::filesystem::exists(given)) {
    text = slurp(given);
  }
  auto key = parse_key(text);
  if (!key || key->kind != kind) throw Unusable("vkey-invalid", given.empty() ? otherwise : given);
  return key;
}

/// The log's own keys of earlier times, one a line; none when no file is named or lies at
/// `otherwise`.
std::vector<LogKey> read_former(const std::string& given, const std::string& otherwise) {
  const std::string path = given.empty() ? otherwise : given;
  if (given.empty() && !std::filesystem::exists(path)) return {};
  std::vector<LogKey> out;
  const std::string text = slurp(path) + "\n";
  std::string_view rest = text;
  while (const auto line = take_line(rest)) {
    if (line->empty()) continue;
    auto key = parse_key(*line);
    if (!key || key->kind != KeyKind::ed25519) throw Unusable("vkey-invalid", path);
    out.push_back(*std::move(key));
  }
  return out;
}

/// The Ed25519 keys by name in a file like anchors/stages.json; none when no file is named or lies
/// at `otherwise`.
StageKeys read_keys(const std::string& given, const std::string& otherwise) {
  const std::string path = given.empty() ? otherwise : given;
  if (given.empty() && !std::filesystem::exists(path)) return {};
  StageKeys out;
  const json stages = json::parse(slurp(path), nullptr, false);
  if (!stages.is_object()) throw Unusable("keys-invalid", path);
  for (const auto& [program, key] : stages.items()) {
    std::string point;
    if (key.is_object() && key.value("algorithm", "") == "ed25519" &&
        from_base64(key.value("key", ""), point))
      out.emplace(program, point);
  }
  if (out.empty()) throw Unusable("keys-invalid", path);
  return out;
}

/// The policy, and the log's key by it: one that it does not know is none of its logs. Others of
/// this log's name are former ones.
void read_policy(const std::string& path, Request& request) {
  std::string problem;
  request.policy = parse_policy(slurp(path), problem);
  if (!request.policy) throw Unusable("policy-invalid", path + ": " + problem);
  const std::vector<LogKey>& logs = request.policy->logs;
  if (logs.empty()) return;
  if (!request.key && logs.size() == 1) request.key = logs.front();
  if (request.key && std::ranges::find(logs, *request.key) == logs.end())
    throw Unusable("policy-log", request.key->name);
  for (const LogKey& log : logs)
    if (request.key && log.name == request.key->name && log != request.key)
      request.former.push_back(log);
}

std::size_t words_of(Command command) {
  const auto form = std::ranges::find(kForms, command, &Form::command);
  return form->words;
}

}  // namespace

std::string usage_text() {
  return "usage: hangu-audit-verify [full] DIR         every entry hashed again, every file "
         "compared\n"
         "       hangu-audit-verify incremental DIR --pin FILE [--write-pin FILE]\n"
         "       hangu-audit-verify range DIR A B       entries A up to B, proven to the "
         "checkpoint\n"
         "       hangu-audit-verify proof FILE --entry FILE [--index N] [--log DIR]   a "
         ".tlog-proof\n"
         "       hangu-audit-verify proof DIR --index N\n"
         "       hangu-audit-verify epochs|gaps|time DIR                     full, and a list\n"
         "       hangu-audit-verify compare A B         two folders or checkpoint files\n"
         "options: --key VKEY|FILE --gm-key VKEY|FILE --former-keys FILE --stages FILE --auditors "
         "FILE\n"
         "         --policy FILE --lag SECONDS --pin FILE (any number) --threads N --json\n"
         "         --lang zh|en\n"
         "without --key, --gm-key, --former-keys, --stages and --auditors, log.vkey, log-gm.vkey, "
         "log-former.vkey, stages.json and auditors.json of DIR/../anchors are used when they are "
         "there\n"
         "DIR is a log's folder, a copy of it or an archive on media; a tar file is unpacked "
         "first\n"
         "exit status: 0 good, 1 tampered, 2 truncated or rolled back, 3 not witnessed as --policy "
         "demands, 4 cannot tell or wrong usage; of several the lowest that is not 0\n";
}

std::optional<Arguments> read_arguments(int argc, char** argv) {
  Arguments out;
  int i = 1;
  if (argc > 1)
    if (const auto form = std::ranges::find(kForms, std::string_view(argv[1]), &Form::name);
        form != kForms.end()) {
      out.command = form->command;
      ++i;
    }
  const std::map<std::string, std::string*> values{
      {"--key", &out.key},           {"--gm-key", &out.gm_key},
      {"--stages", &out.stages},     {"--former-keys", &out.former_keys},
      {"--auditors", &out.auditors}, {"--policy", &out.policy},
      {"--entry", &out.entry},       {"--index", &out.index},
      {"--log", &out.log},           {"--write-pin", &out.write_pin},
      {"--lag", &out.lag},           {"--threads", &out.threads}};
  for (; i < argc; ++i) {
    const std::string word = argv[i];
    const auto value = values.find(word);
    if (word == "--json") {
      out.as_json = true;
    } else if (!word.starts_with("--")) {
      out.words.push_back(word);
    } else if (value != values.end() && i + 1 < argc) {
      *value->second = argv[++i];
    } else if (word == "--pin" && i + 1 < argc) {
      out.pins.emplace_back(argv[++i]);
    } else if (word == "--lang" && i + 1 < argc) {
      out.language = std::string_view(argv[++i]).starts_with("zh") ? Language::zh : Language::en;
    } else {
      return std::nullopt;
    }
  }
  const bool one_pin = out.command == Command::incremental;
  const bool proof = out.command == Command::proof;
  if (out.words.size() != words_of(out.command) || (one_pin && out.pins.size() != 1) ||
      (proof && out.entry.empty() && out.index.empty()))
    return std::nullopt;
  return out;
}

std::uint64_t number_of(const std::string& text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc{} || stop != end) throw Unusable("number-invalid", text);
  return value;
}

std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in || !std::filesystem::is_regular_file(path)) throw Unusable("file-missing", path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

Request make_request(const Arguments& arguments, const std::string& folder) {
  Request request;
  request.folder = folder;
  const std::string anchors = folder + "/../anchors/";
  request.key = read_key(arguments.key, anchors + "log.vkey", KeyKind::ed25519);
  request.gm_key = read_key(arguments.gm_key, anchors + "log-gm.vkey", KeyKind::sm2);
  request.former = read_former(arguments.former_keys, anchors + "log-former.vkey");
  request.stage_keys = read_keys(arguments.stages, anchors + "stages.json");
  request.auditors = read_keys(arguments.auditors, anchors + "auditors.json");
  for (const std::string& pin : arguments.pins) request.pins.push_back(slurp(pin));
  if (!arguments.policy.empty()) read_policy(arguments.policy, request);
  request.lag_seconds = std::min<std::uint64_t>(number_of(arguments.lag), 1U << 30);
  const std::uint64_t asked = arguments.threads.empty()
                                  ? std::max(std::thread::hardware_concurrency(), 1U)
                                  : number_of(arguments.threads);
  request.threads = static_cast<unsigned>(std::clamp<std::uint64_t>(asked, 1, kThreadsMax));
  return request;
}

}  // namespace hangu_verify
