#include "os/standard.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <vector>

#include <catch2/catch.hpp>

#include "os/file.hpp"
#include "os/regular_file.hpp"
#include "tests/unit/os/scratch.hpp"

using namespace hangu;

namespace {

/// What `act` returns in a child whose standard descriptors `closed` are closed.
template <class Act>
int in_child(const std::vector<int>& closed, Act act) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    for (const int fd : closed) ::close(fd);
    ::_exit(act());
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("no file of ours gets the number of a closed standard descriptor", "[os][standard]") {
  const auto act = [] {
    os::hold_standard_descriptors();
    const int next = ::open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    const bool writes_fail = ::write(STDOUT_FILENO, "x", 1) < 0 && errno == EBADF &&
                             ::write(STDERR_FILENO, "x", 1) < 0 && errno == EBADF;
    char byte = 0;
    const bool reads_end = ::read(STDIN_FILENO, &byte, 1) == 0;
    return next > STDERR_FILENO && writes_fail && reads_end ? 0 : 1;
  };
  CHECK(in_child({STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}, act) == 0);
}

TEST_CASE("a standard descriptor that the caller gave stays what it is", "[os][standard]") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const auto act = [&] {
    ::dup2(ends[1], STDOUT_FILENO);
    os::hold_standard_descriptors();
    return ::write(STDOUT_FILENO, "y", 1) == 1 ? 0 : 1;
  };
  CHECK(in_child({STDIN_FILENO, STDERR_FILENO}, act) == 0);
  char byte = 0;
  CHECK(::read(ends[0], &byte, 1) == 1);
  CHECK(byte == 'y');
  CHECK_FALSE(os::is_reader_gone(ends[1]));
  ::close(ends[0]);
  CHECK(os::is_reader_gone(ends[1]));
  ::close(ends[1]);
}

TEST_CASE("only a regular file is opened, and nothing is waited for", "[os][regular]") {
  const os::test::ScratchFolder scratch;
  const std::string file = scratch.path() + "/file";
  REQUIRE(os::write_file_durably(file, bytes_of("text")));
  REQUIRE(::mkfifo((scratch.path() + "/fifo").c_str(), 0600) == 0);
  REQUIRE(::symlink("file", (scratch.path() + "/link").c_str()) == 0);
  const auto opened = os::open_regular(file, os::LastLink::refuse);
  REQUIRE(opened);
  CHECK(os::open_regular(scratch.path() + "/link", os::LastLink::follow));
  const auto reason = [&](const std::string& path) {
    return std::string(os::open_regular(path, os::LastLink::refuse).error().reason());
  };
  CHECK(reason(scratch.path() + "/link") == "source-not-a-file");
  CHECK(reason(scratch.path() + "/fifo") == "source-not-a-file");
  CHECK(reason(scratch.path()) == "source-not-a-file");
  CHECK(reason("/dev/null") == "source-not-a-file");
  CHECK(reason(scratch.path() + "/absent") == "file-missing");
}
