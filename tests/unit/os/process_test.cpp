#include "os/process.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <csignal>
#include <cstring>
#include <filesystem>

#include <catch2/catch.hpp>

#include "os/channel.hpp"
#include "os/file.hpp"
#include "tests/unit/os/scratch.hpp"

using namespace hangu;
using namespace hangu::os;
using namespace std::chrono_literals;
using hangu::os::test::exit_code_of;
using hangu::os::test::read_text;
using hangu::os::test::ScratchFolder;

namespace {

constexpr auto kPatience = 20'000ms;  ///< for a child that ends at once; no test waits for it

/// Runs a shell script to its end; its exit code.
int run(SpawnPlan plan, const std::string& script) {
  plan.program = "/bin/sh";
  plan.arguments = {"-c", script};
  plan.environment.emplace("PATH", "/usr/bin:/bin");
  const auto child = spawn(plan);
  INFO((child ? std::string() : child.error().message()));
  REQUIRE(child);
  const auto status = wait_for(*child, kPatience);
  REQUIRE(status);
  REQUIRE(status->has_value());
  REQUIRE(WIFEXITED(**status));
  return WEXITSTATUS(**status);
}

std::pair<UniqueFd, UniqueFd> make_pipe() {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

}  // namespace

TEST_CASE("spawn gives the program its arguments, its environment alone, and a log", "[os]") {
  const ScratchFolder scratch;
  ::setenv("HANGU_TEST_LEAK", "leak", 1);
  SpawnPlan plan;
  plan.environment = {{"WORD", "函谷"}};
  plan.log_path = scratch / "log";
  CHECK(run(plan, "echo \"$WORD$HANGU_TEST_LEAK\"; echo err >&2; exit 7") == 7);
  CHECK(run(plan, "echo again") == 0);
  ::unsetenv("HANGU_TEST_LEAK");
  CHECK(read_text(scratch / "log") == "函谷\nerr\nagain\n");
}

TEST_CASE("spawn passes listeners from 3 on, then the ready descriptor, and nothing else", "[os]") {
  const ScratchFolder scratch;
  auto public_listener = Listener::bind(scratch / "public");
  auto admin_listener = Listener::bind(scratch / "admin");
  REQUIRE(public_listener);
  REQUIRE(admin_listener);
  auto [ready_read, ready_write] = make_pipe();
  const int leak = ::open("/dev/null", O_RDONLY);  // without CLOEXEC, on purpose
  REQUIRE(leak >= 0);
  SpawnPlan plan;
  plan.listeners = {{"public", public_listener->view()}, {"admin", admin_listener->view()}};
  plan.ready = ready_write.view();
  plan.log_path = scratch / "log";
  const int code = run(plan, R"(
    [ "$LISTEN_PID" = "$$" ] || exit 1
    [ "$LISTEN_FDS" = 2 ] || exit 2
    [ "$LISTEN_FDNAMES" = public:admin ] || exit 3
    [ "$HANGU_READY_FD" = 5 ] || exit 4
    echo ready >&5
    for n in 6 7 8 9 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
      if [ -e /proc/$$/fd/$n ]; then echo "open: $n"; exit 5; fi
    done
    case $(readlink /proc/$$/fd/3) in socket:*) ;; *) exit 6 ;; esac
    case $(readlink /proc/$$/fd/0) in /dev/null) ;; *) exit 7 ;; esac
  )");
  ::close(leak);
  INFO(read_text(scratch / "log"));
  CHECK(code == 0);
  ready_write.reset();
  Bytes said(16);
  const auto n = read_some(ready_read.view(), said);
  REQUIRE(n);
  CHECK(text_of(ByteView(said).first(*n)) == "ready\n");
}

TEST_CASE("spawn places descriptors that stand in each other's places", "[os]") {
  const ScratchFolder scratch;
  test::write_text(scratch / "three", "3");
  test::write_text(scratch / "four", "4");
  CHECK(exit_code_of([&] {
          // Sources 4 and 3 must become 3 and 4.
          const int three = ::open((scratch / "three").c_str(), O_RDONLY | O_CLOEXEC);
          const int four = ::open((scratch / "four").c_str(), O_RDONLY | O_CLOEXEC);
          const int high_three = ::fcntl(three, F_DUPFD_CLOEXEC, 50);
          const int high_four = ::fcntl(four, F_DUPFD_CLOEXEC, 50);
          ::dup3(high_three, 3, O_CLOEXEC);
          ::dup3(high_four, 4, O_CLOEXEC);
          SpawnPlan plan;
          plan.program = "/bin/sh";
          plan.arguments = {"-c", "read a <&3; read b <&4; [ $a$b = 43 ]"};
          plan.listeners = {{"a", FdView(4)}, {"b", FdView(3)}};
          const auto child = spawn(plan);
          if (!child) return 100;
          const auto status = wait_for(*child, kPatience);
          return status && *status && WIFEXITED(**status) ? WEXITSTATUS(**status) : 101;
        }) == 0);
}

TEST_CASE("spawn reports a program that cannot be executed", "[os]") {
  SpawnPlan plan;
  plan.program = "/nonexistent/program";
  const auto child = spawn(plan);
  REQUIRE_FALSE(child);
  CHECK(child.error().reason() == "spawn-failed");
  CHECK(child.error().os_error() == ENOENT);
  CHECK_THAT(child.error().context(), Catch::Contains("exec"));
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);  // no zombie is left

  plan.program = "/bin/true";
  plan.listeners = {{"a:b", FdView(0)}};
  CHECK(spawn(plan).error().reason() == "spawn-plan-invalid");
}

TEST_CASE("a spawned program ends when who started it is killed", "[os]") {
  auto [read_end, write_end] = make_pipe();
  const pid_t starter = ::fork();
  if (starter == 0) {
    SpawnPlan plan;
    plan.program = "/bin/sleep";
    plan.arguments = {"600"};
    plan.ready = write_end.view();
    if (!spawn(plan)) ::_exit(1);
    write_end.reset();  // the program alone holds it now
    for (;;) ::pause();
  }
  write_end.reset();
  const std::array watched{read_end.view()};
  CHECK(wait_readable(watched, 300ms).value().empty());  // it runs
  ::kill(starter, SIGKILL);
  int status = 0;
  REQUIRE(::waitpid(starter, &status, 0) == starter);
  REQUIRE(wait_readable(watched, kPatience).value().size() == 1);
  CHECK(read_file(read_end.view(), 1).value().empty());  // closed: it has ended
}

TEST_CASE("a spawned program starts with default signals, none blocked", "[os]") {
  const ScratchFolder scratch;
  SpawnPlan plan;
  plan.log_path = scratch / "log";
  CHECK(exit_code_of([&] {
          const auto signals = termination_signals();  // blocks SIGTERM and SIGINT here
          ::signal(SIGPIPE, SIG_IGN);
          plan.program = "/bin/sh";
          plan.arguments = {"-c", "grep -E 'Sig(Blk|Ign)' /proc/self/status"};
          const auto child = spawn(plan);
          if (!child) return 1;
          const auto status = wait_for(*child, kPatience);
          return status && *status && **status == 0 ? 0 : 2;
        }) == 0);
  CHECK_THAT(read_text(scratch / "log"), Catch::Contains("SigBlk:\t0000000000000000") &&
                                             Catch::Contains("SigIgn:\t0000000000000000"));
}

TEST_CASE("spawn changes to another user without groups or capabilities (needs root)",
          "[os][root]") {
  REQUIRE(::geteuid() == 0);  // run as root: another user cannot be proved otherwise
  SpawnPlan plan;
  plan.uid = 65534;
  CHECK(run(plan, "[ \"$(id -u):$(id -g):$(id -G)\" = 65534:65534:65534 ]") == 0);
  // Nor can a program with file capabilities give it any back.
  CHECK(run(plan, "[ $(grep -c '^Cap.*:.0000000000000000$' /proc/self/status) = 5 ]") == 0);
  plan.groups = {12};
  CHECK(run(plan, "[ \"$(id -G)\" = '65534 12' ]") == 0);
}

TEST_CASE(
    "another user runs a program in a folder closed to it, if the program lets it (needs root)",
    "[os][root]") {
  REQUIRE(::geteuid() == 0);
  const ScratchFolder scratch;  // of root alone, as /root is
  REQUIRE(::chmod((scratch / "").c_str(), 0700) == 0);
  SpawnPlan plan;
  plan.program = scratch / "true";
  plan.uid = 65534;
  std::filesystem::copy_file("/bin/true", plan.program);
  REQUIRE(::chmod(plan.program.c_str(), 0755) == 0);
  const auto child = spawn(plan);
  REQUIRE(child);
  CHECK(wait_for(*child, kPatience).value() == 0);
  REQUIRE(::chmod(plan.program.c_str(), 0700) == 0);
  const auto refused = spawn(plan);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().os_error() == EACCES);
}

TEST_CASE("a private network has nothing but a loopback that is down (needs root)", "[os][root]") {
  REQUIRE(::geteuid() == 0);
  SpawnPlan plan;
  plan.private_network = true;
  CHECK(run(plan, "[ $(grep -c : /proc/net/dev) = 1 ] && grep -q lo: /proc/net/dev") == 0);
}

TEST_CASE("wait_for tells a running child from an ended one", "[os]") {
  SpawnPlan plan;
  plan.program = "/bin/sleep";
  plan.arguments = {"1000"};
  const auto child = spawn(plan);
  REQUIRE(child);
  const auto running = wait_for(*child, 0ms);
  REQUIRE(running);
  CHECK_FALSE(running->has_value());
  REQUIRE(::kill(*child, SIGTERM) == 0);
  const auto ended = wait_for(*child, kPatience);
  REQUIRE(ended);
  REQUIRE(ended->has_value());
  CHECK(WIFSIGNALED(**ended));
  CHECK_FALSE(wait_for(*child, 0ms));  // no such child any more
}

TEST_CASE("passed_listeners takes what is meant for this process and cleans up", "[os]") {
  CHECK(exit_code_of([] {
          ::dup2(0, 3);
          ::dup2(0, 4);
          ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
          ::setenv("LISTEN_FDS", "2", 1);
          ::setenv("LISTEN_FDNAMES", "tls:admin", 1);
          const auto listeners = passed_listeners();
          if (!listeners || listeners->size() != 2) return 1;
          if (listeners->at("tls").get() != 3 || listeners->at("admin").get() != 4) return 2;
          if ((::fcntl(3, F_GETFD) & FD_CLOEXEC) == 0) return 3;
          return environment("LISTEN_FDS") || environment("LISTEN_PID") ? 4 : 0;
        }) == 0);
  CHECK(exit_code_of([] {  // for another process
          ::setenv("LISTEN_PID", "1", 1);
          ::setenv("LISTEN_FDS", "1", 1);
          ::setenv("LISTEN_FDNAMES", "tls", 1);
          const auto listeners = passed_listeners();
          return listeners && listeners->empty() ? 0 : 1;
        }) == 0);
  CHECK(exit_code_of([] {  // names and descriptors differ in number
          ::dup2(0, 3);
          ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
          ::setenv("LISTEN_FDS", "1", 1);
          ::setenv("LISTEN_FDNAMES", "tls:admin", 1);
          const auto listeners = passed_listeners();
          return !listeners && listeners.error().reason() == "listeners-invalid" ? 0 : 1;
        }) == 0);
}

TEST_CASE("readiness reaches the supervisor's pipe and systemd's socket, once", "[os]") {
  const ScratchFolder scratch;
  auto [ready_read, ready_write] = make_pipe();
  const UniqueFd systemd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_storage storage{};
  storage.ss_family = AF_UNIX;
  const std::string path = scratch / "notify";
  std::memcpy(reinterpret_cast<char*>(&storage) + sizeof(sa_family_t), path.data(), path.size());
  REQUIRE(::bind(systemd.get(), reinterpret_cast<const sockaddr*>(&storage),
                 static_cast<socklen_t>(sizeof(sa_family_t) + path.size() + 1)) == 0);
  const int number = ready_write.get();
  CHECK(exit_code_of([&] {
          ::setenv("HANGU_READY_FD", std::to_string(number).c_str(), 1);
          ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
          Readiness readiness = Readiness::prepare();
          readiness.tell("serving\nREADY=0");
          readiness.tell("twice");
          return environment("NOTIFY_SOCKET") || environment("HANGU_READY_FD") ? 1 : 0;
        }) == 0);
  ready_write.reset();
  const auto said = read_file(ready_read.view(), 1000);
  REQUIRE(said);
  const std::string text(text_of(*said));
  CHECK_THAT(text, Catch::StartsWith("READY=1\nSTATUS=serving"));
  CHECK(std::ranges::count(text, '\n') == 2);  // a status cannot add a line
  std::array<char, 1000> datagram{};
  const ssize_t n = ::recv(systemd.get(), datagram.data(), datagram.size(), MSG_DONTWAIT);
  REQUIRE(n > 0);
  CHECK(std::string_view(datagram.data(), static_cast<std::size_t>(n)) == text);
}

TEST_CASE("telling readiness to a supervisor that is gone does not kill", "[os]") {
  auto [ready_read, ready_write] = make_pipe();
  CHECK(exit_code_of([&] {
          ::setenv("HANGU_READY_FD", std::to_string(ready_write.get()).c_str(), 1);
          Readiness readiness = Readiness::prepare();
          ready_read.reset();
          readiness.tell("anyone there?");
          return 0;
        }) == 0);
}

TEST_CASE("termination signals become readable", "[os]") {
  CHECK(exit_code_of([] {
          const auto signals = termination_signals();
          if (!signals) return 1;
          auto ends = Channel::pair();
          const std::array fds{ends->first.view(), signals->view()};
          auto readable = wait_readable(fds, 0ms);
          if (!readable || !readable->empty()) return 2;
          ::kill(::getpid(), SIGTERM);
          readable = wait_readable(fds, 1000ms);
          return readable && *readable == std::vector<std::size_t>{1} ? 0 : 3;
        }) == 0);
}

TEST_CASE("there is at least one processor", "[os]") { CHECK(processor_count() >= 1); }
