// hangu-audit-verify: checks a copied or live audit log folder without any of Hangu's other code.
// What it can be asked: usage_text() in arguments.cpp. docs/operations/auditor-verify.md.

#include <csignal>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <nlohmann/json.hpp>

#include "audit/verifier/arguments.hpp"
#include "audit/verifier/compare.hpp"
#include "audit/verifier/incremental.hpp"
#include "audit/verifier/log_check.hpp"
#include "audit/verifier/proof.hpp"
#include "audit/verifier/range.hpp"

namespace {

using namespace hangu_verify;
using nlohmann::json;

constexpr int kCannotTell = static_cast<int>(Finding::cannot_tell);

json to_json(const std::vector<Remark>& remarks, Language language) {
  json out = json::array();
  for (const Remark& remark : remarks) {
    json one{{"code", remark.code}, {"message", remark.text(language)}};
    if (remark.entry) one["entry"] = *remark.entry;
    if (!remark.path.empty()) one["path"] = remark.path;
    if (remark.offset) one["offset"] = *remark.offset;
    if (!remark.words.empty()) one["words"] = remark.words;
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
           {"worthALook", to_json(report.worth_a_look, language)},
           {"told", to_json(report.told, language)}};
  if (report.first_bad) {
    out["firstBad"] = *report.first_bad;
    out["lastGood"] = report.since;
  }
  if (report.pruned) out["pruned"] = *report.pruned;
  if (report.committed) out["committed"] = *report.committed;
  if (report.witnessed) out["witnessed"] = *report.witnessed;
  // Names of files may be any bytes.
  std::cout << out.dump(-1, ' ', false, json::error_handler_t::replace) << "\n";
}

std::string summary(const Report& report, bool zh) {
  const std::string entries = std::to_string(report.entries);
  const std::string steps = std::to_string(report.steps);
  const std::string epochs = std::to_string(report.epochs);
  return zh ? "完好:" + entries + " 条," + steps + " 个阶段签名," + epochs + " 个已结束的时期,根 " +
                  report.root
            : "good: " + entries + " entries, " + steps + " stage signatures, " + epochs +
                  " closed epochs, root " + report.root;
}

std::string still_good(const Report& report, bool zh) {
  const std::string bad = std::to_string(*report.first_bad);
  const std::string since = report.since.empty() ? "-" : report.since;
  return zh ? "仍可信:第 " + bad + " 条之前的条目;其中最后一条的时间:" + since
            : "trustworthy still: entries before " + bad + "; the last of them is of " + since;
}

void print(const Report& report, Language language) {
  const bool zh = language == Language::zh;
  for (const Remark& remark : report.told) std::cout << remark.text(language) << "\n";
  for (const Remark& remark : report.remarks) std::cout << remark.text(language) << "\n";
  if (!report.worth_a_look.empty())
    std::cout << (zh ? "值得一看:" : "worth a look: ") << report.worth_a_look.size() << "\n";
  for (const Remark& remark : report.worth_a_look)
    std::cout << "  " << remark.text(language) << "\n";
  if (report.witnessed)
    std::cout << (zh ? "已见证:前 " : "witnessed: the first ") << *report.witnessed
              << (zh ? " 条\n" : " entries\n");
  if (report.finding == Finding::good && report.entries > 0)
    std::cout << summary(report, zh) << "\n";
  if (report.first_bad) std::cout << still_good(report, zh) << "\n";
}

int tell_unusable(const Unusable& problem, const Arguments& arguments) {
  const std::string message = problem.text(arguments.language);
  if (arguments.as_json) {
    const json out{{"event", "error"},
                   {"reason", problem.reason},
                   {"context", problem.place},
                   {"message", message}};
    std::cout << out.dump(-1, ' ', false, json::error_handler_t::replace) << "\n";
  }
  std::cerr << "hangu-audit-verify: " << message << " [" << problem.reason << "] " << problem.place
            << "\n";
  return kCannotTell;
}

/// A receipt in a file; or an entry of a folder, by the tiles there.
Report check_one_entry(const Arguments& arguments) {
  const std::string& place = arguments.words[0];
  if (std::filesystem::is_directory(place)) {
    const std::uint64_t index = number_of(arguments.index);
    return check_range(make_request(arguments, place), index, index + 1);
  }
  std::optional<std::uint64_t> index;
  if (!arguments.index.empty()) index = number_of(arguments.index);
  std::string folder = arguments.log;
  if (folder.empty()) folder = std::filesystem::path(place).parent_path().string();
  return check_proof(make_request(arguments, folder.empty() ? "." : folder), slurp(place),
                     slurp(arguments.entry), index, arguments.log);
}

Report run(const Arguments& arguments) {
  const std::string& folder = arguments.words[0];
  if (arguments.command == Command::proof) return check_one_entry(arguments);
  const Request request = make_request(arguments, folder);
  switch (arguments.command) {
    case Command::full: return check_log(request);
    case Command::epochs: return check_log(request, Listing::epochs);
    case Command::gaps: return check_log(request, Listing::gaps);
    case Command::time: return check_log(request, Listing::time);
    case Command::incremental: return check_since_pin(request);
    case Command::range:
      return check_range(request, number_of(arguments.words[1]), number_of(arguments.words[2]));
    case Command::compare: return compare_logs(request, folder, arguments.words[1]);
    case Command::proof: break;
  }
  return {};
}

/// Only of a log that was found good.
void write_pin(const std::string& path, const Report& report) {
  if (report.finding != Finding::good) return;
  std::ofstream out(path, std::ios::binary | std::ios::noreplace);
  if (!out) throw Unusable(std::filesystem::exists(path) ? "file-exists" : "write-failed", path);
  if (out << report.checkpoint && out.flush()) return;
  std::filesystem::remove(path);
  throw Unusable("write-failed", path);
}

int check(const Arguments& arguments) {
  if (!arguments.write_pin.empty() && std::filesystem::exists(arguments.write_pin))
    throw Unusable("file-exists", arguments.write_pin);
  const Report report = run(arguments);
  if (!arguments.write_pin.empty()) write_pin(arguments.write_pin, report);
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
  (void)std::signal(SIGPIPE, SIG_IGN);  // who reads no more gets an exit status all the same
  try {
    const auto arguments = read_arguments(argc, argv);
    if (!arguments) {
      std::cerr << usage_text();
      return kCannotTell;
    }
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
