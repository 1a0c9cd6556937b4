// make_log DIR STARTS ENTRIES: a small audit log for tests/system/audit/verifiers_test.py.
// make_log DIR raw FILE...: one whose entries are the bytes of these files.

#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>

#include "tests/support/log_maker.hpp"

namespace {

std::string read(const char* path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

int main(int count, char** words) {
  namespace maker = hangu::audit::test;
  try {
    if (count >= 4 && std::string(words[2]) == "raw") {
      std::vector<std::string> entries;
      for (int i = 3; i < count; ++i) entries.push_back(read(words[i]));
      maker::make_raw_log(words[1], entries);
      return 0;
    }
    if (count != 4) return 2;
    maker::make_log(words[1], std::stoi(words[2]), std::stoi(words[3]));
    return 0;
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << "\n";
    return 1;
  }
}
