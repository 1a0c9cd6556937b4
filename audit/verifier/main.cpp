// hangu-audit-verify: checks a copied or live audit log folder without any of Hangu's other code.
//
//   hangu-audit-verify DIR [--key VKEY|FILE] [--gm-key VKEY|FILE] [--stages FILE] [--pin FILE]...
//                      [--json] [--lang zh|en]
//
// Exit status: 0 good, 1 tampered, 2 truncated or rolled back, 4 cannot tell or wrong usage.

#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "audit/verifier/log_check.hpp"

namespace {

using namespace hangu_verify;
using nlohmann::json;

constexpr int kCannotTell = static_cast<int>(Finding::cannot_tell);

/// What the command line says.
struct Arguments {
  std::string folder;
  std::string key;
  std::string gm_key;
  std::string stages;
  std::vector<std::string> pins;
  bool as_json = false;
  Language language = Language::en;
};

int usage() {
  std::cerr << "usage: hangu-audit-verify DIR [--key VKEY|FILE] [--gm-key VKEY|FILE] "
               "[--stages FILE] [--pin FILE]... [--json] [--lang zh|en]\n"
               "without --key, --gm-key and --stages, log.vkey, log-gm.vkey and stages.json of "
               "DIR/../anchors are used when they are there\n";
  return kCannotTell;
}

std::optional<Arguments> read_arguments(int argc, char** argv) {
  Arguments out;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const std::map<std::string, std::string*> values{
        {"--key", &out.key}, {"--gm-key", &out.gm_key}, {"--stages", &out.stages}};
    const auto value = values.find(word);
    if (word == "--json") {
      out.as_json = true;
    } else if (!word.starts_with("--") && out.folder.empty()) {
      out.folder = word;
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
  if (out.folder.empty()) return std::nullopt;
  return out;
}

/// A thing that was asked for and cannot be had.
struct Unusable : std::exception {
  std::string reason;
  std::string place;
  Unusable(std::string why, std::string where) : reason(std::move(why)), place(std::move(where)) {}
};

std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in || !std::filesystem::is_regular_file(path)) throw Unusable("file-missing", path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// A key as text or in a file; nothing when none is given or lies at `otherwise`.
std::optional<LogKey> read_key(const std::string& given, const std::string& otherwise) {
  std::string text = given;
  if (given.empty()) {
    if (!std::filesystem::exists(otherwise)) return std::nullopt;
    text = slurp(otherwise);
  } else if (given.find('+') == std::string::npos || std::filesystem::exists(given)) {
    text = slurp(given);
  }
  auto key = parse_key(text);
  if (!key) throw Unusable("vkey-invalid", given.empty() ? otherwise : given);
  return key;
}

std::map<std::string, std::string> read_stages(const std::string& path) {
  std::map<std::string, std::string> out;
  const json stages = json::parse(slurp(path), nullptr, false);
  if (!stages.is_object()) throw Unusable("stages-invalid", path);
  for (const auto& [program, key] : stages.items()) {
    std::string point;
    if (key.is_object() && key.value("algorithm", "") == "ed25519" &&
        from_base64(key.value("key", ""), point))
      out.emplace(program, point);
  }
  if (out.empty()) throw Unusable("stages-invalid", path);
  return out;
}

json to_json(const std::vector<Remark>& remarks, Language language) {
  json out = json::array();
  for (const Remark& remark : remarks) {
    json one{{"code", remark.code}, {"message", remark.text(language)}};
    if (remark.entry) one["entry"] = *remark.entry;
    out.push_back(std::move(one));
  }
  return out;
}

void print_json(const Report& report, Language language) {
  json out{{"event", "audit-verified"},
           {"verdict", static_cast<int>(report.finding)},
           {"entries", report.entries},
           {"steps", report.steps},
           {"epochs", report.epochs},
           {"root", report.root},
           {"messages", to_json(report.remarks, language)},
           {"worthALook", to_json(report.worth_a_look, language)}};
  if (report.first_bad) out["firstBad"] = *report.first_bad;
  std::cout << out.dump() << "\n";
}

void print(const Report& report, Language language) {
  const bool zh = language == Language::zh;
  for (const Remark& remark : report.remarks) std::cout << remark.text(language) << "\n";
  if (!report.worth_a_look.empty())
    std::cout << (zh ? "值得一看:" : "worth a look: ") << report.worth_a_look.size() << "\n";
  for (const Remark& remark : report.worth_a_look)
    std::cout << "  " << remark.text(language) << "\n";
  if (report.finding == Finding::good) {
    const std::string entries = std::to_string(report.entries);
    const std::string steps = std::to_string(report.steps);
    const std::string epochs = std::to_string(report.epochs);
    std::cout << (zh ? "完好:" + entries + " 条," + steps + " 个阶段签名," + epochs +
                           " 个已结束的时期,根 " + report.root
                     : "good: " + entries + " entries, " + steps + " stage signatures, " + epochs +
                           " closed epochs, root " + report.root)
              << "\n";
  } else if (report.first_bad) {
    std::cout << (zh ? "仍可信:此前的条目,到第 " : "trustworthy still: entries before ")
              << *report.first_bad << (zh ? " 条之前\n" : "\n");
  }
}

int tell_unusable(const Unusable& problem, const Arguments& arguments) {
  const bool zh = arguments.language == Language::zh;
  const bool missing = problem.reason == "file-missing";
  const std::string message =
      missing ? (zh ? "文件不存在或无法读取。" : "The file is missing or cannot be read.")
      : problem.reason == "vkey-invalid"
          ? (zh ? "不是日志公钥。" : "Not a log's verifier key.")
          : (zh ? "不是各阶段公钥的文件。" : "Not a file of the stages' keys.");
  if (arguments.as_json) {
    std::cout << json{{"event", "error"},
                      {"reason", problem.reason},
                      {"context", problem.place},
                      {"message", message}}
                     .dump()
              << "\n";
  }
  std::cerr << "hangu-audit-verify: " << message << " [" << problem.reason << "] " << problem.place
            << "\n";
  return kCannotTell;
}

int check(const Arguments& arguments) {
  Request request{
      .folder = arguments.folder, .key = {}, .gm_key = {}, .pins = {}, .stage_keys = {}};
  const std::string anchors = request.folder + "/../anchors/";
  request.key = read_key(arguments.key, anchors + "log.vkey");
  request.gm_key = read_key(arguments.gm_key, anchors + "log-gm.vkey");
  std::string stages = arguments.stages;
  if (stages.empty() && std::filesystem::exists(anchors + "stages.json"))
    stages = anchors + "stages.json";
  if (!stages.empty()) request.stage_keys = read_stages(stages);
  for (const std::string& pin : arguments.pins) request.pins.push_back(slurp(pin));
  const Report report = check_log(request);
  if (arguments.as_json) {
    print_json(report, arguments.language);
  } else {
    print(report, arguments.language);
  }
  if (std::cout.flush()) return static_cast<int>(report.finding);
  std::cerr << "hangu-audit-verify: stdout: write failed\n";
  return report.finding == Finding::good ? kCannotTell : static_cast<int>(report.finding);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto arguments = read_arguments(argc, argv);
    if (!arguments) return usage();
    try {
      return check(*arguments);
    } catch (const Unusable& problem) {
      return tell_unusable(problem, *arguments);
    }
  } catch (const std::exception& problem) {
    std::cerr << "hangu-audit-verify: " << problem.what() << "\n";
    return kCannotTell;
  }
}
