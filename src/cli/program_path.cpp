#include "cli/program_path.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>

#include <limits.h>

namespace hangu::cli {

Result<std::string> program_folder() {
  std::array<char, PATH_MAX> path{};
  const ssize_t bytes = ::readlink("/proc/self/exe", path.data(), path.size());
  if (bytes <= 0) return fail(ErrorCode::internal, "program-folder-unknown", {}, errno);
  const std::string program(path.data(), static_cast<std::size_t>(bytes));
  return program.substr(0, program.rfind('/'));
}

}  // namespace hangu::cli
