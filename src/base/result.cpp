#include "base/result.hpp"

#include <cstdio>
#include <cstdlib>

namespace hangu {

void defect(const char* condition, std::source_location where) {
  std::fprintf(stderr, "hangu: defect at %s:%u: %s\n", where.file_name(), where.line(), condition);
  std::abort();
}

}  // namespace hangu
