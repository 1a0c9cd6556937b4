#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include <thread>

#include "geo/job.hpp"
#include "geo/zygote.hpp"
#include "os/clock.hpp"
#include "tests/unit/geo/conversions.hpp"
#include "tests/unit/os/sandbox_child.hpp"

namespace hangu::geo {
namespace {

using namespace std::chrono_literals;
using os::test::in_child;
using os::test::inside;
using os::test::killed_by_filter;
using plain::WorkerJob;
using plain::WorkerReply;
using plain::WorkerRequest;
using test::data_path;
using test::ScratchFolder;

/// A zygote in a process of its own, ended by SIGKILL: its jobs die with it.
class RunningZygote {
 public:
  explicit RunningZygote(std::size_t jobs_max = 4,
                         std::chrono::milliseconds wall_max = plain::kWorkerWallMax) {
    test::warm_once();
    path_ = scratch_ / "worker.socket";
    auto listener = os::Listener::bind(path_);
    REQUIRE(listener);
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      for (const int signal : {SIGABRT, SIGSEGV, SIGTERM}) ::signal(signal, SIG_DFL);
      std::array<int, 2> never{};
      if (::pipe2(never.data(), O_CLOEXEC) != 0) ::_exit(1);
      std::vector<os::Listener> listeners;
      listeners.push_back(*std::move(listener));
      const Done served = serve_workers(
          std::move(listeners), os::FdView(never[0]), {.jobs_max = jobs_max, .wall_max = wall_max},
          {.tell = [](const std::string&) {}, .ready = [](const os::SandboxReport&) {}});
      ::_exit(served ? 0 : 1);
    }
  }
  RunningZygote(const RunningZygote&) = delete;
  RunningZygote& operator=(const RunningZygote&) = delete;
  ~RunningZygote() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }

  WorkerReply ask(const WorkerRequest& request, std::initializer_list<os::FdView> descriptors,
                  std::chrono::milliseconds timeout = 60s) {
    const std::vector<os::FdView> list(descriptors);
    auto reply = plain::run_worker(path_, request, list, timeout);
    INFO(test::message_of(reply));
    REQUIRE(reply);
    return *std::move(reply);
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] pid_t pid() const { return child_; }
  /// The one job that runs, beside one that has died and may not be reaped yet.
  [[nodiscard]] pid_t job_pid(pid_t dead = 0) const {
    const std::string pid = std::to_string(child_);
    for (int i = 0; i < 100; ++i) {
      pid_t found = 0;
      std::ifstream children("/proc/" + pid + "/task/" + pid + "/children");
      while (children >> found)
        if (found != dead) return found;
      os::pause_for(20ms);
    }
    FAIL("no job began");
    return 0;
  }

 private:
  ScratchFolder scratch_;
  std::string path_;
  pid_t child_ = -1;
};

/// Until the process has its filter of system calls.
void wait_locked_in(pid_t pid) {
  for (int i = 0; i < 250; ++i) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);)
      if (line == "Seccomp:\t2") return;
    os::pause_for(20ms);
  }
  FAIL("not locked in");
}

WorkerRequest job(WorkerJob what, plain::Format format) {
  WorkerRequest request;
  request.job = what;
  request.format = format;
  return request;
}

TEST_CASE("workers read, measure and write each format under their locks", "[geo][worker]") {
  struct Case {
    const char* file;
    plain::Format format;
    std::uint64_t features;
    std::uint64_t tiles;
  };
  RunningZygote zygote;
  for (const Case& one : {Case{"world_map.gpkg", plain::Format::geopackage, 4846, 0},
                          Case{"L7_ETMs.tif", plain::Format::geotiff, 0, 24},
                          Case{"olinda_dem_utm25s.tif", plain::Format::geotiff, 0, 1},
                          Case{"areas.csv", plain::Format::csv, 2978, 0}}) {
    const ScratchFolder scratch;
    const os::UniqueFd input = test::open_input(data_path(one.file));
    const os::UniqueFd plain_form = test::open_output(scratch / "plain");
    const os::UniqueFd output = test::open_output(scratch / "out");
    INFO(one.file);
    const WorkerReply read =
        zygote.ask(job(WorkerJob::read, one.format), {input.view(), plain_form.view()});
    INFO(read.reason << ": " << read.detail);
    REQUIRE(read.passed());
    CHECK(read.features == one.features);
    CHECK(read.tiles == one.tiles);
    CHECK(read.output_bytes == std::filesystem::file_size(scratch / "plain"));

    const WorkerReply measured =
        zygote.ask(job(WorkerJob::measure, one.format), {plain_form.view()});
    INFO(measured.reason << ": " << measured.detail);
    REQUIRE(measured.passed());
    CHECK(measured.content_digest == read.content_digest);
    REQUIRE(measured.facts);
    CHECK(*measured.facts->find("content_digest")->as_string() == to_hex(read.content_digest));

    const WorkerReply written =
        zygote.ask(job(WorkerJob::write, one.format), {plain_form.view(), output.view()});
    INFO(written.reason << ": " << written.detail);
    REQUIRE(written.passed());
    CHECK(written.content_digest == read.content_digest);
    CHECK(written.output_bytes == std::filesystem::file_size(scratch / "out"));
  }
}

TEST_CASE("facts know the unit of a CRS in the worker", "[geo][worker]") {
  RunningZygote zygote;
  const ScratchFolder scratch;
  const os::UniqueFd input = test::open_input(data_path("L7_ETMs.tif"));
  const os::UniqueFd plain_form = test::open_output(scratch / "plain");
  REQUIRE(
      zygote.ask(job(WorkerJob::read, plain::Format::geotiff), {input.view(), plain_form.view()})
          .passed());
  const WorkerReply measured =
      zygote.ask(job(WorkerJob::measure, plain::Format::geotiff), {plain_form.view()});
  REQUIRE(measured.facts);
  const wire::Json* const resolution = measured.facts->find("raster")->find("ground_resolution_m");
  CHECK(resolution->as_double() == Approx(28.5));
  // It stands on NAD 27, of which nobody here can say where it lies to within a metre.
  CHECK(measured.facts->find("footprint")->is_null());
}

TEST_CASE("a refusal and a failure are told apart", "[geo][worker]") {
  RunningZygote zygote;
  const ScratchFolder scratch;
  const os::UniqueFd input = test::open_input(data_path("nc.gpkg"));
  const os::UniqueFd output = test::open_output(scratch / "out");
  const WorkerReply mismatch =
      zygote.ask(job(WorkerJob::read, plain::Format::geotiff), {input.view(), output.view()});
  CHECK(mismatch.verdict == flow::Verdict::fail);
  CHECK(mismatch.reason == "format-mismatch");

  WorkerRequest small = job(WorkerJob::read, plain::Format::geopackage);
  small.output_bytes_max = 100;
  const WorkerReply over = zygote.ask(small, {input.view(), output.view()});
  CHECK(over.verdict == flow::Verdict::error);
  CHECK(over.reason == "output-limit");

  // The first megabyte of an output that was bounded stands there now.
  const WorkerReply not_empty =
      zygote.ask(job(WorkerJob::read, plain::Format::geopackage), {input.view(), output.view()});
  CHECK(not_empty.verdict == flow::Verdict::error);
  CHECK(not_empty.reason == "output-not-empty");
}

TEST_CASE("a request that makes no sense is an error, and the zygote goes on", "[geo][worker]") {
  RunningZygote zygote;
  auto channel = os::Channel::connect(zygote.path());
  REQUIRE(channel);
  REQUIRE(channel->send(bytes_of("nonsense"), 1s));
  const auto message = channel->receive(10s);
  REQUIRE(message);
  const auto reply = plain::decode_reply(message->bytes);
  REQUIRE(reply);
  CHECK(reply->verdict == flow::Verdict::error);

  const ScratchFolder scratch;
  const os::UniqueFd input = test::open_input(data_path("areas.csv"));
  const os::UniqueFd output = test::open_output(scratch / "out");
  CHECK(
      zygote.ask(job(WorkerJob::read, plain::Format::csv), {input.view(), output.view()}).passed());
}

TEST_CASE("a job that hangs is ended by its wall-clock limit", "[geo][worker]") {
  RunningZygote zygote;
  const ScratchFolder scratch;
  // A pipe with nothing in it has no size: use a job that waits for its request instead.
  RunningZygote hasty(4, 300ms);
  auto silent = os::Channel::connect(hasty.path());
  REQUIRE(silent);
  const auto said = silent->receive(5s);  // the request never comes, so the child waits
  REQUIRE(said);
  CHECK(plain::decode_reply(said->bytes)->reason == "worker-timeout");
  CHECK(test::reason_of(silent->receive(5s)) == "peer-gone");
}

TEST_CASE("of a job that dies the zygote tells, of all that die together nobody", "[geo][worker]") {
  RunningZygote zygote;
  auto silent = os::Channel::connect(zygote.path());
  REQUIRE(silent);
  const pid_t first = zygote.job_pid();
  ::kill(first, SIGKILL);
  const auto said = silent->receive(5s);
  REQUIRE(said);
  const auto reply = plain::decode_reply(said->bytes);
  REQUIRE(reply);
  CHECK(reply->verdict == flow::Verdict::error);
  CHECK(reply->reason == "worker-died");
  CHECK(reply->detail.find("signal 9") != std::string::npos);

  // That says nothing of the content, so it is an error of ours and no verdict.
  auto waiting = os::Channel::connect(zygote.path());
  REQUIRE(waiting);
  const pid_t job_pid = zygote.job_pid(first);
  wait_locked_in(job_pid);   // from then on it ends with its zygote
  ::kill(job_pid, SIGSTOP);  // it does not answer before its zygote ends
  std::jthread ending([&] {
    os::pause_for(100ms);
    ::kill(zygote.pid(), SIGKILL);
  });
  const ScratchFolder scratch;
  const os::UniqueFd input = test::open_input(data_path("areas.csv"));
  const os::UniqueFd output = test::open_output(scratch / "out");
  const std::array<os::FdView, 2> both{input.view(), output.view()};
  const auto none =
      plain::run_worker(*std::move(waiting), job(WorkerJob::read, plain::Format::csv), both, 30s);
  ::kill(job_pid, SIGKILL);  // nobody is left who would
  CHECK(test::reason_of(none) == "workers-gone");
}

TEST_CASE("a client that hangs up frees its place", "[geo][worker]") {
  RunningZygote zygote(1);
  {
    auto idle = os::Channel::connect(zygote.path());
    REQUIRE(idle);
    os::pause_for(100ms);
  }
  const ScratchFolder scratch;
  const os::UniqueFd input = test::open_input(data_path("areas.csv"));
  const os::UniqueFd output = test::open_output(scratch / "out");
  CHECK(zygote.ask(job(WorkerJob::read, plain::Format::csv), {input.view(), output.view()}, 5s)
            .passed());
}

#if !defined(HANGU_SANITIZED)  // sanitizers have calls and memory of their own
TEST_CASE("a job that wants too much memory is an error", "[geo][worker]") {
  RunningZygote zygote;
  const ScratchFolder scratch;
  // NOLINTNEXTLINE(bugprone-string-constructor): as long as it is meant to be.
  os::test::write_text(scratch / "in.csv", "a\n" + std::string(12'000'000, 'x') + "\n");
  const os::UniqueFd input = test::open_input(scratch / "in.csv");
  const os::UniqueFd output = test::open_output(scratch / "out");
  WorkerRequest request = job(WorkerJob::read, plain::Format::csv);
  request.memory_bytes_max = 1 << 20;
  const WorkerReply reply = zygote.ask(request, {input.view(), output.view()});
  CHECK(reply.verdict == flow::Verdict::error);
  CHECK(reply.reason == "memory-limit");
  request.memory_bytes_max = 256 << 20;
  const os::UniqueFd again = test::open_output(scratch / "again");
  CHECK(zygote.ask(request, {input.view(), again.view()}).passed());
}

/// What becomes of a process that locks itself in as a job and then tries `act`: itself, or by the
/// companion that it started before.
int status_inside_job(const std::function<int()>& act, bool by_companion) {
  const auto mapped = mapped_bytes();
  REQUIRE(mapped);
  const os::Profile profile = job_profile(WorkerRequest{}, *mapped);
  return in_child([&] {
    std::optional<os::Companion> companion;
    const auto entered = os::enter_sandbox(profile, [&companion]() -> Done {
      HANGU_TRY(companion, os::Companion::start());
      return {};
    });
    if (!entered) return os::test::kSandboxFailed;
    if (!by_companion) return act();
    int answer = 0;
    os::Errand errand([&]() -> Done {
      answer = act();
      return {};
    });
    errand.begin(&*companion);
    return errand.finish() ? answer : os::test::kSandboxFailed;
  });
}

TEST_CASE("a job is killed for every act that is not its business", "[geo][worker][sandbox]") {
  struct Act {
    const char* what;
    std::function<int()> act;
  };
  const std::vector<Act> acts{
      {"socket", [] { return ::socket(AF_UNIX, SOCK_STREAM, 0); }},
      {"internet socket", [] { return ::socket(AF_INET, SOCK_STREAM, 0); }},
      {"socketpair",
       [] {
         std::array<int, 2> ends{};
         return ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data());
       }},
      {"fork", [] { return static_cast<int>(::syscall(SYS_fork)); }},
      {"thread",
       [] {
         std::thread([] {}).join();
         return 0;
       }},
      {"exec", [] { return ::execl("/bin/true", "true", nullptr); }},
      {"ptrace", [] { return static_cast<int>(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)); }},
      {"kill", [] { return ::kill(::getppid(), 0); }},
      {"executable memory",
       [] {
         return ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                        MAP_FAILED
                    ? 1
                    : 0;
       }},
      {"seccomp", [] { return static_cast<int>(::syscall(SYS_seccomp, 0, 0, nullptr)); }},
      {"timer",
       [] {
         itimerval timer{};
         return ::setitimer(ITIMER_REAL, &timer, nullptr);
       }},
      {"bpf", [] { return static_cast<int>(::syscall(SYS_bpf, 0, nullptr, 0)); }},
      {"mount", [] { return static_cast<int>(::syscall(SYS_mount, "a", "b", "c", 0, nullptr)); }},
      {"memfd", [] { return static_cast<int>(::syscall(SYS_memfd_create, "a", 0)); }},
      {"setuid", [] { return ::setuid(0); }},
  };
  for (const bool by_companion : {false, true}) {
    for (const Act& one : acts) {
      INFO(one.what << (by_companion ? " by the companion" : ""));
      CHECK(killed_by_filter(status_inside_job(one.act, by_companion)));
    }
  }
}

TEST_CASE("a job is told no when it asks for a path or a new descriptor",
          "[geo][worker][sandbox]") {
  struct Act {
    const char* what;
    std::function<int()> act;
  };
  const std::vector<Act> acts{
      {"open", [] { return ::open("/etc/passwd", O_RDONLY); }},
      {"create", [] { return ::open("/tmp/x", O_RDWR | O_CREAT, 0600); }},
      {"stat",
       [] {
         struct stat status{};
         return ::stat("/etc/passwd", &status);
       }},
      {"access", [] { return ::access("/root", R_OK); }},
      {"mkdir", [] { return ::mkdir("/tmp/x", 0700); }},
      {"unlink", [] { return ::unlink("/tmp/x"); }},
      {"dup", [] { return ::dup(0); }},
      {"pipe",
       [] {
         std::array<int, 2> ends{};
         return ::pipe(ends.data());
       }},
  };
  for (const bool by_companion : {false, true}) {
    for (const Act& one : acts) {
      INFO(one.what << (by_companion ? " by the companion" : ""));
      const int status =
          status_inside_job([&] { return one.act() < 0 && errno == EACCES ? 0 : 1; }, by_companion);
      CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
    }
  }
  const int bounded = status_inside_job(
      [] {
        return ::mmap(nullptr, std::size_t{3} << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                      0) == MAP_FAILED
                   ? 0
                   : 1;
      },
      false);
  CHECK((WIFEXITED(bounded) && WEXITSTATUS(bounded) == 0));
}

TEST_CASE("the zygote itself cannot open a socket, a file or another program",
          "[geo][worker][sandbox]") {
  CHECK(inside(zygote_profile(),
               [] { return os::test::outcome(::socket(AF_UNIX, SOCK_STREAM, 0)); }) == EPERM);
  CHECK(inside(zygote_profile(), [] { return os::test::open_path("/etc/passwd", O_RDONLY); }) ==
        EACCES);
  CHECK(inside(zygote_profile(),
               [] { return os::test::open_path("/usr/share/proj/proj.db", O_RDONLY); }) == 0);
  CHECK(inside(zygote_profile(),
               [] { return os::test::outcome(::execl("/bin/true", "true", nullptr)); }) == EPERM);
}
#endif

/// The object in `file`, and a descriptor of its leaf hashes.
struct Named {
  explicit Named(os::FdView file) {
    auto hashed = crypto::hash_file(file.get(), crypto::HashAlgorithm::sha256);
    REQUIRE(hashed);
    digest = hashed->digest;
    leaves = os::UniqueFd(::memfd_create("leaves", MFD_CLOEXEC));
    Bytes bytes;
    for (const crypto::Hash& leaf : hashed->leaves) append(bytes, leaf);
    REQUIRE(os::write_all(leaves.view(), bytes));
  }
  crypto::ObjectDigest digest;
  os::UniqueFd leaves;
};

TEST_CASE("a worker reads no bytes but those of the digest that it was given", "[geo][worker]") {
  RunningZygote zygote;
  const ScratchFolder scratch;
  for (const auto& [name, format] : {std::pair("world_map.gpkg", plain::Format::geopackage),
                                     std::pair("L7_ETMs.tif", plain::Format::geotiff),
                                     std::pair("areas.csv", plain::Format::csv)}) {
    INFO(name);
    std::filesystem::copy_file(data_path(name), scratch / name);
    const os::UniqueFd input(::open((scratch / name).c_str(), O_RDWR | O_CLOEXEC));
    const Named object(input.view());
    const os::UniqueFd plain_form = test::open_output(scratch / "plain");
    const auto ask = [&](WorkerJob what, os::FdView file, const Named& named,
                         std::optional<os::FdView> output) {
      WorkerRequest request = job(what, format);
      request.input = named.digest;
      std::vector<os::FdView> files{file};
      if (output) {
        REQUIRE(::ftruncate(output->get(), 0) == 0);
        files.push_back(*output);
      }
      if (plain::descriptors_of(request) > files.size()) files.push_back(named.leaves.view());
      auto reply = plain::run_worker(zygote.path(), request, files, 60s);
      REQUIRE(reply);
      return *std::move(reply);
    };
    const WorkerReply honest = ask(WorkerJob::read, input.view(), object, plain_form.view());
    INFO(honest.reason << ": " << honest.detail);
    REQUIRE(honest.passed());
    // The bytes change behind the digest: near the end, where every format has content.
    const auto size = static_cast<std::uint64_t>(std::filesystem::file_size(scratch / name));
    std::array<std::byte, 1> there{};
    REQUIRE(os::read_exactly_at(input.view(), size / 2, there));
    const std::byte other = there[0] ^ std::byte{1};
    REQUIRE(os::write_all_at(input.view(), size / 2, {&other, 1}));
    const os::UniqueFd again = test::open_output(scratch / "again");
    const WorkerReply swapped = ask(WorkerJob::read, input.view(), object, again.view());
    CHECK(swapped.verdict == flow::Verdict::error);
    CHECK(swapped.reason == "chunk-mismatch");

    const Named form(plain_form.view());
    const WorkerReply measured = ask(WorkerJob::measure, plain_form.view(), form, std::nullopt);
    CHECK(measured.content_digest == honest.content_digest);
    const os::UniqueFd output = test::open_output(scratch / "out");
    CHECK(ask(WorkerJob::write, plain_form.view(), form, output.view()).passed());
    const auto form_size = os::file_size(plain_form.view()).value();
    REQUIRE(os::read_exactly_at(plain_form.view(), form_size - 1, there));
    const std::byte last = there[0] ^ std::byte{1};
    REQUIRE(os::write_all_at(plain_form.view(), form_size - 1, {&last, 1}));
    CHECK(ask(WorkerJob::measure, plain_form.view(), form, std::nullopt).reason ==
          "chunk-mismatch");
    CHECK(ask(WorkerJob::write, plain_form.view(), form, output.view()).reason == "chunk-mismatch");
    // Another object altogether, whole and good, under this one's digest.
    const os::UniqueFd another = test::open_input(data_path("elev.tif"));
    CHECK(ask(WorkerJob::read, another.view(), object, again.view()).reason == "object-mismatch");
  }
}

}  // namespace
}  // namespace hangu::geo
