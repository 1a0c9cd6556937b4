// Small audit logs for tests/system/audit/verifiers_test.py, and what holders of keys do to them.
//
//   make_log DIR STARTS ENTRIES            a log as it is published
//   make_log DIR live STARTS ENTRIES N     with its journal, and N entries that are only there
//   make_log DIR raw FILE...               one whose entries are the bytes of these files
//   make_log DIR resign FILE...            these entries in the place of those there, signed anew
//   make_log DIR prune BEFORE [SEED...]    without what lies before, by a log.pruned entry whose
//                                          order these auditors signed
//   make_log DIR roll STARTS ENTRIES       goes on with a live one under other keys of its own
//   make_log DIR hand STEP...              one made by hand: tests/support/log_roller.hpp
//   make_log DIR cosign SEED TIME          a witness's line to witness/checkpoint; prints its vkey
//   make_log DIR write SECONDS             goes on with it that long, cosigned; prints the vkey

#include <exception>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>

#include "tests/support/log_maker.hpp"
#include "tests/support/log_roller.hpp"

namespace {

namespace maker = hangu::audit::test;
using Words = std::vector<std::string>;

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> read_all(const Words& paths) {
  std::vector<std::string> out;
  out.reserve(paths.size());
  for (const std::string& path : paths) out.push_back(read(path));
  return out;
}

const std::map<std::string, std::function<void(const std::string&, const Words&)>> kModes{
    {"live",
     [](const std::string& folder, const Words& words) {
       maker::make_live_log(folder, std::stoi(words.at(0)), std::stoi(words.at(1)),
                            std::stoi(words.at(2)));
     }},
    {"raw", [](const std::string& folder,
               const Words& words) { maker::make_raw_log(folder, read_all(words)); }},
    {"resign", [](const std::string& folder,
                  const Words& words) { maker::sign_anew(folder, read_all(words)); }},
    {"prune",
     [](const std::string& folder, const Words& words) {
       std::vector<unsigned> seeds;
       for (std::size_t i = 1; i < words.size(); ++i)
         seeds.push_back(static_cast<unsigned>(std::stoul(words[i])));
       maker::prune_log(folder, std::stoull(words.at(0)),
                        seeds.empty() ? maker::kAuditorSeeds : seeds);
     }},
    {"roll",
     [](const std::string& folder, const Words& words) {
       maker::roll_log(folder, std::stoi(words.at(0)), std::stoi(words.at(1)));
     }},
    {"hand",
     [](const std::string& folder, const Words& words) { maker::make_hand_log(folder, words); }},
    {"write",
     [](const std::string& folder, const Words& words) {
       std::cout << maker::write_on(folder, std::stoi(words.at(0))) << "\n";
     }},
    {"cosign",
     [](const std::string& folder, const Words& words) {
       std::cout << maker::cosign_log(folder, static_cast<unsigned>(std::stoul(words.at(0))),
                                      std::stoull(words.at(1)))
                 << "\n";
     }},
};

}  // namespace

int main(int count, char** words) {
  try {
    if (count < 4) return 2;
    const std::string folder = words[1];
    const auto mode = kModes.find(words[2]);
    if (mode != kModes.end()) {
      mode->second(folder, Words(words + 3, words + count));
    } else if (count == 4) {
      maker::make_log(folder, std::stoi(words[2]), std::stoi(words[3]));
    } else {
      return 2;
    }
    return 0;
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << "\n";
    return 1;
  }
}
