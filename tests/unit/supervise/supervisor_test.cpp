#include "supervise/supervisor.hpp"

#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include <catch2/catch.hpp>

#include "os/clock.hpp"
#include "os/file.hpp"
#include "supervise/ownership.hpp"
#include "supervise/setup.hpp"
#include "tests/unit/os/scratch.hpp"

using namespace hangu;
using supervise::Supervisor;

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kReady = "eval \"echo ready >&$HANGU_READY_FD\"\n";
constexpr std::string_view kMute = "eval \"exec $HANGU_READY_FD>&-\"\n";

/// A gateway without zones, whose programs are scripts that note their process and then wait.
class Scripts {
 public:
  Scripts() {
    gateway_.name = "gw-1";
    gateway_.folder = folder_ / "gateway";
    const config::Layout layout(gateway_.folder);
    for (const supervise::Member& member : supervise::roster(gateway_)) {
      fs::create_directories(layout.socket_folder(member.name));
      script(member.binary, kReady);
    }
    fs::create_directories(gateway_.folder + "/log");
    fs::create_directories(layout.anchors());
  }
  /// `told` is what the program does about its readiness.
  void script(const std::string& binary, std::string_view told) const {
    const std::string path = folder_ / binary;
    std::ofstream(path) << "#!/bin/bash\necho $$ >> " << folder_ / "pids" << "\n"
                        << told << "exec sleep 1000\n";
    fs::permissions(path, fs::perms::owner_all);
  }
  [[nodiscard]] Done start() const { return Supervisor(gateway_, folder_.path()).start(); }
  [[nodiscard]] std::vector<pid_t> pids() const {
    std::ifstream file(folder_ / "pids");
    std::vector<pid_t> out;
    for (pid_t pid = 0; file >> pid;) out.push_back(pid);
    return out;
  }
  [[nodiscard]] const config::Gateway& gateway() const { return gateway_; }
  [[nodiscard]] std::string binaries() const { return folder_.path(); }

 private:
  os::test::ScratchFolder folder_;
  config::Gateway gateway_{};
};

/// Kills what a failing test would leave behind.
bool any_runs(const std::vector<pid_t>& pids) {
  bool any = false;
  for (const pid_t pid : pids) any = ::kill(pid, SIGKILL) == 0 || any;
  return any;
}

}  // namespace

TEST_CASE("a folder that the programs' users cannot pass through is named", "[supervise]") {
  const os::test::ScratchFolder scratch;
  const std::string closed = scratch / "closed";
  fs::create_directories(closed + "/in");
  fs::permissions(scratch / "", fs::perms(0755));
  fs::permissions(closed, fs::perms(0755));
  CHECK(supervise::check_way_is_open(closed + "/in/gateway"));
  CHECK(supervise::check_way_is_open(closed + "/not/made/yet"));
  fs::permissions(closed, fs::perms(0700));
  const Done done = supervise::check_way_is_open(closed + "/in/gateway");
  REQUIRE_FALSE(done);
  CHECK(done.error().reason() == "folder-closed");
  CHECK(done.error().context() == closed);
  CHECK(supervise::check_way_is_open(closed));  // itself it may be what setup makes of it
}

TEST_CASE("a program that is not ready is ended with those before it", "[supervise]") {
  const Scripts scripts;
  scripts.script("hangu-worker", kMute);
  const Done started = scripts.start();
  const std::vector<pid_t> pids = scripts.pids();
  CHECK_FALSE(any_runs(pids));
  CHECK(pids.size() == 3);  // audit, custodian, worker
  REQUIRE_FALSE(started);
  CHECK(started.error().reason() == "program-not-ready");
}

TEST_CASE("a program that is started again as another is told by the log before it runs",
          "[supervise]") {
  const Scripts scripts;
  const config::Layout layout(scripts.gateway().folder);
  Supervisor supervisor(scripts.gateway(), scripts.binaries());
  REQUIRE(supervisor.start());
  const auto told = [&] {
    return std::string(text_of(os::read_file(layout.software(), 16384).value()));
  };
  const auto restarts = [&](const std::string& name) -> std::uint32_t {
    const auto running = supervise::RunningGateway::load(layout).value();
    return std::ranges::find(running.programs, name, &supervise::RunningProgram::name)->restarts;
  };
  const auto end = [&](const std::string& name) {
    const auto running = supervise::RunningGateway::load(layout).value();
    ::kill(std::ranges::find(running.programs, name, &supervise::RunningProgram::name)->pid,
           SIGKILL);
  };
  const auto wait_for = [](const auto& holds) {
    for (int i = 0; i < 200 && !holds(); ++i) os::pause_for(std::chrono::milliseconds(50));
    return holds();
  };
  const os::UniqueFd stop(::eventfd(0, EFD_CLOEXEC));
  Done lived;
  std::jthread life([&] { lived = supervisor.run(stop.view()); });
  const std::string first = told();

  end("inspect");  // as it was: nothing new to tell
  CHECK(wait_for([&] { return restarts("inspect") == 1; }));
  CHECK(restarts("audit") == 0);
  CHECK(told() == first);

  scripts.script("hangu-verify", std::string(kReady) + "# another version\n");
  end("verify");
  CHECK(wait_for([&] { return restarts("verify") == 1; }));
  CHECK(restarts("audit") == 1);
  const std::string second = told();
  CHECK(second != first);

  scripts.script("hangu-decide", std::string(kReady) + "# another version\n");
  end("audit");  // its own start tells what has changed too
  CHECK(wait_for([&] { return restarts("audit") == 2; }));
  CHECK(told() != second);
  const std::uint64_t one = 1;
  REQUIRE(::write(stop.get(), &one, sizeof one) == sizeof one);
  life.join();
  CHECK(lived);
  CHECK_FALSE(any_runs(scripts.pids()));
}

TEST_CASE("a gateway that cannot say what runs runs nothing", "[supervise]") {
  const Scripts scripts;
  fs::create_directories(scripts.gateway().folder + "/run/gateway.json/in-the-way");
  const Done started = scripts.start();
  const std::vector<pid_t> pids = scripts.pids();
  CHECK_FALSE(any_runs(pids));
  CHECK(pids.size() == supervise::roster(scripts.gateway()).size());
  CHECK_FALSE(started);
}
