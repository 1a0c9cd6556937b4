// make_log DIR STARTS ENTRIES: a small audit log for tests/system/audit/verifiers_test.py.

#include <exception>
#include <iostream>

#include "tests/support/log_maker.hpp"

int main(int count, char** words) {
  try {
    if (count != 4) return 2;
    hangu::audit::test::make_log(words[1], std::stoi(words[2]), std::stoi(words[3]));
    return 0;
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << "\n";
    return 1;
  }
}
