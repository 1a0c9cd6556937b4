#include "supervise/supervisor.hpp"

#include <signal.h>

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

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

TEST_CASE("a gateway that cannot say what runs runs nothing", "[supervise]") {
  const Scripts scripts;
  fs::create_directories(scripts.gateway().folder + "/run/gateway.json/in-the-way");
  const Done started = scripts.start();
  const std::vector<pid_t> pids = scripts.pids();
  CHECK_FALSE(any_runs(pids));
  CHECK(pids.size() == supervise::roster(scripts.gateway()).size());
  CHECK_FALSE(started);
}
