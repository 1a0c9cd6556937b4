#pragma once
// The verifier's command line.

#include <optional>
#include <string>
#include <vector>

#include "audit/verifier/report.hpp"
#include "audit/verifier/unusable.hpp"

namespace hangu_verify {

enum class Command : std::uint8_t { full, incremental, proof, range, epochs, gaps, time, compare };

/// What the command line says.
struct Arguments {
  Command command = Command::full;
  std::vector<std::string> words;  ///< folders, files, numbers by place
  std::string key;
  std::string gm_key;
  std::string former_keys;
  std::string stages;
  std::string auditors;
  std::string policy;
  std::string entry;
  std::string index;
  std::string log;
  std::string write_pin;
  std::string lag = "0";
  std::string threads;
  std::vector<std::string> pins;
  bool as_json = false;
  Language language = Language::en;
};

[[nodiscard]] std::string usage_text();
/// Nothing when it is no command line of this program.
[[nodiscard]] std::optional<Arguments> read_arguments(int argc, char** argv);
/// A number in full. Throws Unusable.
[[nodiscard]] std::uint64_t number_of(const std::string& text);
/// The regular file's content. Throws Unusable.
[[nodiscard]] std::string slurp(const std::string& path);
/// Keys, pins and policy, from where the arguments say or `folder`/../anchors. Throws Unusable.
[[nodiscard]] Request make_request(const Arguments& arguments, const std::string& folder);

}  // namespace hangu_verify
