// The sandbox: each test forks a child that locks itself in and TRIES. An act that a profile
// forbids must fail with a named error; what the profile permits must work.

#include "os/sandbox.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <thread>

#include <catch2/catch.hpp>

#include "os/call_table.hpp"
#include "os/channel.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"
#include "os/network_namespace.hpp"
#include "os/process.hpp"
#include "tests/unit/os/sandbox_child.hpp"

using namespace hangu;
using namespace hangu::os;
using namespace hangu::os::test;
using namespace std::chrono_literals;

TEST_CASE("paths outside the profile are closed, a read path cannot be written", "[os][sandbox]") {
  const ScratchFolder scratch;
  REQUIRE(make_folders(scratch / "in"));
  REQUIRE(make_folders(scratch / "out"));
  test::write_text(scratch / "in/file", "x");
  Profile profile = daemon();
  profile.paths = {{scratch / "in", PathUse::read}, {scratch / "out", PathUse::read_write}};
  const auto attempt = [&](const std::string& path, int flags) {
    return inside(profile, [&] { return open_path(path, flags); });
  };
  CHECK(attempt(scratch / "in/file", O_RDONLY) == 0);
  CHECK(attempt(scratch / "in", O_RDONLY | O_DIRECTORY) == 0);
  CHECK(attempt(scratch / "in/file", O_WRONLY) == EACCES);
  CHECK(attempt(scratch / "in/file", O_RDWR) == EACCES);
  CHECK(attempt(scratch / "in/new", O_WRONLY | O_CREAT) == EACCES);
  CHECK(attempt(scratch / "out/new", O_RDWR | O_CREAT) == 0);
  CHECK(attempt(scratch / "out/../in/file", O_WRONLY) == EACCES);
  CHECK(attempt("/etc/passwd", O_RDONLY) == EACCES);
  CHECK(attempt("/proc/1/environ", O_RDONLY) == EACCES);
  CHECK(attempt("/proc/" + std::to_string(::getpid()) + "/mem", O_RDWR) == EACCES);
  CHECK(attempt("/", O_RDONLY | O_DIRECTORY) == EACCES);
  CHECK(attempt("/dev/null", O_RDWR) == EACCES);
  CHECK(inside(profile, [&] {
          return outcome(::rename((scratch / "in/file").c_str(), (scratch / "out/file").c_str()));
        }) == EACCES);
  CHECK(inside(profile, [&] { return outcome(::unlink((scratch / "in/file").c_str())); }) ==
        EACCES);
  CHECK(inside(profile, [&] { return outcome(::truncate((scratch / "in/file").c_str(), 0)); }) ==
        EACCES);
  CHECK(inside(profile, [&] {
          return outcome(::symlink("/etc", (scratch / "out/link").c_str()));
        }) == EPERM);
  CHECK(inside(profile, [&] {
          return outcome(::linkat(AT_FDCWD, (scratch / "in/file").c_str(), AT_FDCWD,
                                  (scratch / "out/linked").c_str(), 0));
        }) != 0);
}

TEST_CASE("an empty profile opens nothing, and a missing path is a failure", "[os][sandbox]") {
  CHECK(inside(daemon(), [] { return open_path("/tmp", O_RDONLY | O_DIRECTORY); }) == EACCES);
  Profile profile = daemon();
  profile.paths = {{"/nonexistent/path", PathUse::read}};
  CHECK(inside(profile, [] { return 0; }) == kSandboxFailed);
}

TEST_CASE("a locked-in custodian makes, freezes and links outputs as an ordinary user",
          "[os][sandbox]") {
  const ScratchFolder scratch;
  if (::geteuid() == 0) REQUIRE(::chown(scratch.path().c_str(), kNobody, kNobody) == 0);
  Profile profile = daemon();
  profile.paths = {{scratch.path(), PathUse::read_write}};
  CHECK(exit_code_of([&] {
          if (::geteuid() == 0 && (::setresgid(kNobody, kNobody, kNobody) != 0 ||
                                   ::setresuid(kNobody, kNobody, kNobody) != 0)) {
            return 1;
          }
          if (!enter_sandbox(profile)) return kSandboxFailed;
          const auto folder = open_folder(scratch.path());
          if (!folder) return 2;
          auto writer = create_unnamed(folder->view());
          if (!writer || !write_all(writer->view(), bytes_of("object"))) return 3;
          const auto reader = reopen_read_only(writer->view());
          if (!reader) return 4;
          if (prove_frozen(reader->view())) return 5;
          writer->reset();
          if (!prove_frozen(reader->view())) return 6;
          if (!sync_all(reader->view())) return 7;
          if (!link_unnamed(reader->view(), folder->view(), "object")) return 8;
          if (link_unnamed(reader->view(), folder->view(), "object")) return 9;
          if (!sync_all(folder->view())) return 10;
          if (!make_folders(scratch / "sub")) return 11;
          if (!write_file_durably(scratch / "sub/state", bytes_of("x"))) return 12;
          const auto read_back = read_file(scratch / "object", 100);
          if (!read_back || text_of(*read_back) != "object") return 13;
          return remove_file(folder->view(), "object") ? 0 : 14;
        }) == 0);
}

TEST_CASE("no capability is left, also for root (needs root)", "[os][sandbox][root]") {
  REQUIRE(::geteuid() == 0);
  const ScratchFolder scratch;
  const std::string other = scratch / "of-another-user";
  test::write_text(other, "x");
  REQUIRE(::chown(other.c_str(), kNobody, kNobody) == 0);
  REQUIRE(::chmod(other.c_str(), 0600) == 0);
  Profile profile = daemon();
  profile.paths = {{scratch.path(), PathUse::read_write}};
  CHECK(exit_code_of([&] { return open_path(other, O_RDONLY); }) == 0);
  CHECK(inside(profile, [&] { return open_path(other, O_RDONLY); }) == EACCES);
  CHECK(inside(profile, [&] { return outcome(::chmod(other.c_str(), 0666)); }) == EPERM);

  profile.paths.push_back({"/proc/self/status", PathUse::read});
  CHECK(exit_code_of([&] {
          // /proc/self/status of this very process, opened before.
          const auto status = open_read("/proc/self/status");
          profile.paths.pop_back();
          const auto report = enter_sandbox(profile);
          if (!report || !report->capabilities_dropped || !report->seccomp) return kSandboxFailed;
          const auto bytes = read_file(status->view(), 1 << 16);
          if (!bytes) return 1;
          const std::string_view text = text_of(*bytes);
          for (const char* const line :
               {"CapInh:\t0000000000000000", "CapPrm:\t0000000000000000",
                "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000",
                "CapAmb:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"}) {
            if (text.find(line) == std::string_view::npos) return 2;
          }
          return 0;
        }) == 0);
}

TEST_CASE("a passed TCP listener can be accepted from, but no TCP connection can be made",
          "[os][sandbox]") {
  const auto listener = listen_tcp(std::nullopt, "127.0.0.1", 0);
  REQUIRE(listener);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(listener->port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
  Profile profile = daemon();
  profile.accepts = true;

  const UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::connect(client.get(), generic, sizeof address) == 0);
  REQUIRE(::send(client.get(), "hi", 2, MSG_NOSIGNAL) == 2);
  CHECK(inside(profile, [&] {
          const UniqueFd served(::accept4(listener->socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
          if (!served.valid()) return errno;
          std::array<char, 2> text{};
          if (::recv(served.get(), text.data(), text.size(), MSG_WAITALL) != 2) return 1;
          return ::send(served.get(), "ok", 2, MSG_NOSIGNAL) == 2 ? 0 : 2;
        }) == 0);

  // A socket made before: connecting, disconnecting and connecting elsewhere, and TCP fast open.
  const UniqueFd fresh(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  CHECK(inside(profile, [&] { return outcome(::connect(fresh.get(), generic, sizeof address)); }) ==
        EACCES);
  CHECK(inside(profile, [&] {
          return outcome(::sendto(fresh.get(), "x", 1, MSG_FASTOPEN, generic, sizeof address));
        }) == EPERM);
  CHECK(inside(profile, [&] {
          iovec piece{};
          msghdr header{};
          header.msg_name = &address;
          header.msg_namelen = sizeof address;
          header.msg_iov = &piece;
          return outcome(::sendmsg(fresh.get(), &header, MSG_FASTOPEN));
        }) == EPERM);
  CHECK(inside(profile, [&] {
          sockaddr any{};
          any.sa_family = AF_UNSPEC;
          (void)::connect(client.get(), &any, sizeof any);
          return outcome(::connect(client.get(), generic, sizeof address));
        }) == EACCES);
  CHECK(inside(profile, [&] {
          sockaddr_in own = address;
          own.sin_port = 0;
          return outcome(::bind(fresh.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own));
        }) == EPERM);
}

TEST_CASE("TCP goes to the ports of the profile and to no others, and by no other protocol",
          "[os][sandbox]") {
  const auto wanted = listen_tcp(std::nullopt, "127.0.0.1", 0);
  const auto other = listen_tcp(std::nullopt, "127.0.0.1", 0);
  REQUIRE(wanted);
  REQUIRE(other);
  Profile profile = daemon();
  profile.unix_sockets = false;
  profile.tcp_ports = {wanted->port};
  const auto reach = [](std::uint16_t port) {
    const UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!client.valid()) return errno;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return outcome(
        ::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
  };
  CHECK(inside(profile, [&] { return reach(wanted->port); }) == EINPROGRESS);
  CHECK(inside(profile, [&] { return reach(other->port); }) == EACCES);
  const auto make = [](int family, int type) {
    return [family, type] { return outcome(::socket(family, type, 0)); };
  };
  CHECK(inside(profile, make(AF_INET6, SOCK_STREAM)) == 0);
  CHECK(inside(profile, make(AF_INET, SOCK_DGRAM)) == EPERM);
  CHECK(inside(profile, make(AF_INET, SOCK_RAW)) == EPERM);
  CHECK(inside(profile, make(AF_INET, SOCK_SEQPACKET)) == EPERM);
  CHECK(inside(profile, make(AF_UNIX, SOCK_STREAM)) == EPERM);
  CHECK(inside(profile, make(AF_UNIX, SOCK_SEQPACKET)) == EPERM);
  CHECK(inside(profile, make(AF_NETLINK, SOCK_RAW)) == EPERM);
  CHECK(inside(profile, [] { return outcome(::listen(0, 1)); }) == EPERM);

  profile.unix_sockets = true;
  CHECK(inside(profile, make(AF_INET, SOCK_STREAM)) == 0);
  CHECK(inside(profile, make(AF_UNIX, SOCK_SEQPACKET)) == 0);
  CHECK(inside(profile, make(AF_UNIX, SOCK_STREAM)) == EPERM);
  CHECK(inside(profile, make(AF_INET6, SOCK_DGRAM)) == EPERM);
}

TEST_CASE("UNIX sockets work where the profile has them, and only there", "[os][sandbox]") {
  const ScratchFolder scratch;
  auto listener = Listener::bind(scratch / "peer");
  REQUIRE(listener);
  Profile profile = daemon();
  profile.paths = {{scratch / "peer", PathUse::connect}};
  CHECK(inside(profile, [&] {
          auto channel = Channel::connect(scratch / "peer");
          if (!channel) return 1;
          const std::array passed{FdView(STDIN_FILENO)};
          return channel->send(bytes_of("hello"), 100ms, passed) ? 0 : 2;
        }) == 0);
  auto accepted = listener->accept();
  REQUIRE(accepted);
  REQUIRE(accepted->has_value());
  const auto message = (*accepted)->receive(100ms);
  REQUIRE(message);
  CHECK(message->descriptors.size() == 1);

  profile.unix_sockets = false;
  CHECK(inside(profile, [] { return outcome(::socket(AF_UNIX, SOCK_STREAM, 0)); }) == EPERM);
  auto ends = Channel::pair();  // an inherited channel is what such a profile works with
  REQUIRE(ends);
  CHECK(inside(profile, [&] { return ends->second.send(bytes_of("x"), 0ms) ? 0 : 1; }) == 0);
  CHECK(ends->first.receive(0ms));
}

TEST_CASE("threads start where the profile has them, and only there", "[os][sandbox]") {
  Profile profile = daemon();
  const auto start_thread = [] {
    try {
      int done = 0;
      std::thread thread([&] { done = 1; });
      thread.join();
      return done == 1 ? 0 : 1;
    } catch (const std::system_error& error) {
      return error.code().value();
    }
  };
  CHECK(inside(profile, start_thread) == EPERM);
  profile.fork = true;  // a child has memory of its own
  CHECK(inside(profile, start_thread) == EPERM);
  profile.threads = true;
  CHECK(inside(profile, start_thread) == 0);
  profile.fork = false;
  CHECK(inside(profile, start_thread) == 0);
}

TEST_CASE("a child starts where the profile forks, and only there", "[os][sandbox]") {
  Profile profile = daemon();
  profile.threads = true;
  CHECK(inside(profile, [] { return outcome(::fork()); }) == EPERM);
  profile.fork = true;
  CHECK(inside(profile, [] {
          const pid_t child = ::fork();
          if (child == 0) ::_exit(42);
          if (child < 0) return 1;
          const auto status = wait_for(child, 10'000ms);
          return status && *status && WIFEXITED(**status) && WEXITSTATUS(**status) == 42 ? 0 : 2;
        }) == 0);
  CHECK(inside(profile, [] {  // an endless worker is ended
          const pid_t child = ::fork();
          if (child == 0) {
            while (true) ::poll(nullptr, 0, -1);
          }
          if (::kill(child, SIGKILL) != 0) return errno;
          const auto status = wait_for(child, 10'000ms);
          return status && *status && WIFSIGNALED(**status) ? 0 : 2;
        }) == 0);
}

TEST_CASE("a worker locks itself in further than its zygote", "[os][sandbox]") {
  Profile zygote = daemon();
  zygote.fork = true;
  Profile tight = worker();
  tight.refused_calls = {"openat", "open"};
  tight.descriptors_max = 0;
  const int code = inside(zygote, [&] {
    const pid_t child = ::fork();
    if (child == 0) {
      if (!enter_sandbox(tight)) ::_exit(1);
      const UniqueFd none(::open("/etc/passwd", O_RDONLY));
      if (none.valid() || errno != EACCES) ::_exit(2);
      (void)!::fork();  // kills
      ::_exit(3);
    }
    const auto status = wait_for(child, 10'000ms);
    if (!status || !*status) return 100;
    return killed_by_filter(**status) ? 0 : WEXITSTATUS(**status) + 10;
  });
  CHECK(code == 0);
}

TEST_CASE("refused calls answer EACCES where others kill; fstat still works", "[os][sandbox]") {
  Profile profile = worker();
  profile.refused_calls = {"open", "openat", "newfstatat", "access", "ioctl", "readlink"};
  CHECK(inside(profile, [] {
          if (open_path("/etc/passwd", O_RDONLY) != EACCES) return 1;
          struct stat status{};
          if (outcome(::syscall(SYS_newfstatat, AT_FDCWD, "/etc/passwd", &status, 0)) != EACCES)
            return 2;
          if (::fstat(STDIN_FILENO, &status) != 0) return 3;
          int waiting = 0;
          if (outcome(::ioctl(STDIN_FILENO, FIONREAD, &waiting)) != EACCES) return 4;
          return 0;
        }) == 0);
}

TEST_CASE("a broken invariant still ends by SIGABRT", "[os][sandbox]") {
  const int status = in_child([] {
    if (!enter_sandbox(worker())) return kSandboxFailed;
    std::abort();
  });
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGABRT);
}

TEST_CASE("limits hold and cannot be raised again", "[os][sandbox]") {
  Profile profile = daemon();
  profile.descriptors_max = 16;
  profile.cpu_seconds_max = 5;
#if !defined(HANGU_SANITIZED)
  profile.memory_bytes_max = 1ULL << 30;
#endif
  const auto first_broken = [&] {
    rlimit limit{};
    if (::getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_max != 0) return 1;
    if (::getrlimit(RLIMIT_CPU, &limit) != 0 || limit.rlim_max != 5) return 2;
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max != 16) return 3;
    limit = {.rlim_cur = 17, .rlim_max = 17};
    if (::setrlimit(RLIMIT_NOFILE, &limit) == 0) return 4;
    for (int i = 0; i < 16; ++i) {
      if (::dup(0) < 0) break;
    }
    if (outcome(::dup(0)) != EMFILE) return 5;
    if (profile.memory_bytes_max == 0) return 0;
    void* const big = ::mmap(nullptr, 2ULL << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return big == MAP_FAILED && errno == ENOMEM ? 0 : 6;
  };
  CHECK(inside(profile, first_broken) == 0);
}

TEST_CASE("ordinary waiting and timing works inside", "[os][sandbox]") {
  CHECK(inside(daemon(), [] {
          const auto signals = termination_signals();
          if (!signals) return 1;
          const std::array fds{signals->view()};
          if (!wait_readable(fds, 1ms)) return 2;
          pause_for(1ms);
          if (!SystemClock().now()) return 3;
          const auto strict = SystemClock(true).now();
          if (!strict && strict.error().reason() != "time-unknown") return 4;
          if (processor_count() < 1) return 5;
          void* const secret =
              ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
          if (secret == MAP_FAILED || ::mprotect(secret, 4096, PROT_NONE) != 0) return 6;
          return ::madvise(secret, 4096, MADV_DONTDUMP) == 0 ? 0 : 7;
        }) == 0);
}

TEST_CASE("calls newer than the table look like an older kernel", "[os][sandbox]") {
  CHECK(inside(daemon(), [] { return outcome(::syscall(9999)); }) == ENOSYS);
  CHECK(inside(worker(), [] { return outcome(::syscall(9999)); }) == ENOSYS);
}

#if defined(__x86_64__)
TEST_CASE("a call in the x32 numbering kills, also a daemon", "[os][sandbox]") {
  CHECK(killed_by_filter(in_child([] {
    if (!enter_sandbox(daemon())) return kSandboxFailed;
    return outcome(::syscall(0x40000000L | SYS_getpid));
  })));
}
#endif

TEST_CASE("the sandbox refuses a process with other threads", "[os][sandbox]") {
#if !defined(HANGU_SANITIZED)
  CHECK(exit_code_of([] {
          std::thread other([] { pause_for(60'000ms); });
          const auto entered = enter_sandbox(daemon());
          other.detach();
          return !entered && entered.error().reason() == "sandbox-failed" ? 0 : 1;
        }) == 0);
#endif
}

TEST_CASE("what is never allowed is not allowed as an extra call either", "[os][sandbox]") {
  for (const std::string_view name : never_calls()) {
    Profile profile = daemon();
    profile.fork = true;
    profile.extra_calls = {{name, "because I say so"}};
    INFO(name);
    CHECK(enter_sandbox(profile).error().reason() == "sandbox-failed");  // before anything changes
  }
  Profile profile = daemon();
  profile.extra_calls = {{"kill", "because I say so"}};
  CHECK(enter_sandbox(profile).error().reason() == "sandbox-failed");
  profile.extra_calls = {{"madvice", "a spelling mistake"}};
  CHECK(inside(profile, [] { return 0; }) == kSandboxFailed);
  profile.extra_calls = {{"getpriority", ""}};
  CHECK(inside(profile, [] { return 0; }) == kSandboxFailed);
}

TEST_CASE("an extra call is allowed, its arguments stay limited", "[os][sandbox]") {
  Profile profile = daemon();
  const auto ask_priority = [] {
    errno = 0;
    (void)::getpriority(PRIO_PROCESS, 0);
    return errno;
  };
  CHECK(inside(profile, ask_priority) == EPERM);
  profile.extra_calls = {{"getpriority", "a test"}, {"socket", "a test"}};
  CHECK(inside(profile, ask_priority) == 0);
  CHECK(inside(profile, [] { return outcome(::socket(AF_INET, SOCK_STREAM, 0)); }) == EPERM);
}

TEST_CASE("every allowed call has a reason, and none is one of the never allowed",
          "[os][sandbox]") {
  Profile all = daemon();
  all.accepts = all.threads = all.fork = true;
  std::vector<AllowedCall> calls = base_calls();
  for (const CallGroup& group : groups_of(all)) {
    calls.insert(calls.end(), group.calls.begin(), group.calls.end());
  }
  for (const AllowedCall& call : calls) {
    INFO(call.name);
    CHECK_FALSE(call.reason.empty());
    CHECK(std::ranges::find(never_calls(), call.name) == never_calls().end());
  }
}

TEST_CASE("a profile describes itself as Markdown", "[os][sandbox]") {
  Profile profile = worker();
  profile.paths = {{"/usr/share/proj", PathUse::read}};
  profile.extra_calls = {{"getpriority", "a test"}};
  profile.refused_calls = {"openat"};
  const std::string text = describe(profile);
  CHECK_THAT(text, Catch::StartsWith("### test-worker\n"));
  CHECK_THAT(text, Catch::Contains("| `/usr/share/proj` | read |"));
  CHECK_THAT(text, Catch::Contains("| `getpriority` | a test |"));
  CHECK_THAT(text, Catch::Contains("kills the process"));
  CHECK_THAT(text, Catch::Contains("Refused with EACCES: `openat`"));
  CHECK_THAT(describe_base_calls(), Catch::Contains("| `mmap` | ") &&
                                        Catch::Contains("(without PROT_EXEC)") &&
                                        Catch::Contains("`execve`"));
}
