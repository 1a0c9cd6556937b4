// hangu-audit-verify: checks a copied or live audit log folder without any of Hangu's other code.
//
//   hangu-audit-verify DIR [--key VKEY|FILE] [--stages FILE] [--pin FILE]... [--json]
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

int usage() {
  std::cerr << "usage: hangu-audit-verify DIR [--key VKEY|FILE] [--stages FILE] [--pin FILE]... "
               "[--json]\n"
               "without --key and --stages, DIR/../anchors/log.vkey and stages.json are used when "
               "they are there\n";
  return static_cast<int>(Finding::cannot_tell);
}

std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::map<std::string, std::string> read_stages(const std::string& path) {
  std::map<std::string, std::string> out;
  const json stages = json::parse(slurp(path), nullptr, false);
  if (!stages.is_object()) return out;
  for (const auto& [program, key] : stages.items()) {
    std::string point;
    if (key.is_object() && key.value("algorithm", "") == "ed25519" &&
        from_base64(key.value("key", ""), point))
      out.emplace(program, point);
  }
  return out;
}

void print(const Report& report, bool as_json) {
  if (as_json) {
    json out{{"verdict", static_cast<int>(report.finding)},
             {"entries", report.entries},
             {"steps", report.steps},
             {"root", report.root},
             {"messages", report.messages},
             {"worthALook", report.worth_a_look}};
    if (report.first_bad) out["firstBad"] = *report.first_bad;
    std::cout << out.dump() << "\n";
    return;
  }
  for (const std::string& message : report.messages) std::cout << message << "\n";
  if (!report.worth_a_look.empty())
    std::cout << "worth a look: " << report.worth_a_look.size() << "\n";
  for (const std::string& message : report.worth_a_look) std::cout << "  " << message << "\n";
  if (report.finding == Finding::good) {
    std::cout << "good: " << report.entries << " entries, " << report.steps
              << " stage signatures, root " << report.root << "\n";
  } else if (report.first_bad) {
    std::cout << "trustworthy still: entries before " << *report.first_bad << "\n";
  }
}

int run(int argc, char** argv) {
  Request request;
  std::string key;
  std::string stages;
  bool as_json = false;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool has_value = i + 1 < argc;
    if (word == "--json") {
      as_json = true;
    } else if (word == "--key" && has_value) {
      key = argv[++i];
    } else if (word == "--stages" && has_value) {
      stages = argv[++i];
    } else if (word == "--pin" && has_value) {
      request.pins.push_back(slurp(argv[++i]));
    } else if (!word.starts_with("--") && request.folder.empty()) {
      request.folder = word;
    } else {
      return usage();
    }
  }
  if (request.folder.empty()) return usage();
  const std::string anchors = request.folder + "/../anchors/";
  if (key.empty() && std::filesystem::exists(anchors + "log.vkey")) key = anchors + "log.vkey";
  if (stages.empty() && std::filesystem::exists(anchors + "stages.json"))
    stages = anchors + "stages.json";
  if (!key.empty()) {
    request.key = parse_key(std::filesystem::exists(key) ? slurp(key) : key);
    if (!request.key) {
      std::cerr << "not a log key: " << key << "\n";
      return static_cast<int>(Finding::cannot_tell);
    }
  }
  if (!stages.empty()) request.stage_keys = read_stages(stages);
  const Report report = check_log(request);
  print(report, as_json);
  return static_cast<int>(report.finding);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& problem) {
    std::cerr << "hangu-audit-verify: " << problem.what() << "\n";
    return static_cast<int>(Finding::cannot_tell);
  }
}
