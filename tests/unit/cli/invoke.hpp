#pragma once
// invoke: runs one command line in this process and keeps what it wrote.

#include <initializer_list>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "cli/run.hpp"
#include "wire/json.hpp"

namespace hangu::test {

struct Invoked {
  int status = -1;
  std::string out;
  std::string err;

  /// Each line of stdout as JSON; an empty list when one is not.
  [[nodiscard]] std::vector<wire::Json> events() const {
    std::vector<wire::Json> all;
    std::istringstream lines(out);
    for (std::string line; std::getline(lines, line);) {
      auto json = wire::Json::parse(line, std::size_t{1} << 20);
      if (!json) return {};
      all.push_back(*std::move(json));
    }
    return all;
  }
  /// The text member of the first event that has it.
  [[nodiscard]] std::string text(std::string_view key) const {
    for (const wire::Json& event : events())
      if (const wire::Json* value = event.find(key); value != nullptr && value->as_string())
        return *value->as_string();
    return {};
  }
};

inline Invoked invoke(std::vector<std::string> words,
                      std::span<const cli::ExtraCommand> extras = {}) {
  words.insert(words.begin(), "hangu");
  std::vector<const char*> argv;
  argv.reserve(words.size());
  for (const std::string& word : words) argv.push_back(word.c_str());
  std::ostringstream out;
  std::ostringstream err;
  std::streambuf* const old_out = std::cout.rdbuf(out.rdbuf());
  std::streambuf* const old_err = std::cerr.rdbuf(err.rdbuf());
  Invoked done;
  done.status = cli::run(static_cast<int>(argv.size()), argv.data(), extras);
  std::cout.rdbuf(old_out);
  std::cerr.rdbuf(old_err);
  done.out = out.str();
  done.err = err.str();
  return done;
}

}  // namespace hangu::test
