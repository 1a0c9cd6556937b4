// The program as it is installed: in its sandbox, on passed listeners.

#include <sys/wait.h>

#include <csignal>

#include "line/custodian_client.hpp"
#include "os/process.hpp"
#include "tests/unit/ledger/yard.hpp"

using namespace hangu;
using namespace hangu::test;
using std::chrono::seconds;

namespace {

class Daemon {
 public:
  explicit Daemon(const std::string& folder) : folder_(folder) {
    for (const auto* const name : {"verify", "receive.egov"}) {
      listeners_.emplace_back("custodian." + std::string(name),
                              os::Listener::bind(folder + "/" + name).value());
    }
  }
  ~Daemon() {
    if (pid_ > 0) (void)end(SIGKILL);
  }

  void start(std::vector<std::string> more = {}) {
    auto ready = os::Channel::pair().value();
    os::UniqueFd writer = std::move(ready.second).release();
    os::SpawnPlan plan;
    plan.program = std::string(HANGU_BIN_DIR) + "/hangu-custodian";
    plan.arguments = {"--folder", folder_ + "/state", "--audit", folder_ + "/verify"};
    std::ranges::move(more, std::back_inserter(plan.arguments));
    for (const auto& [name, listener] : listeners_) {
      plan.listeners.emplace_back(name, listener.view());
    }
    plan.ready = writer.view();
    plan.log_path = folder_ + "/log";
    pid_ = os::spawn(plan).value();
    writer.reset();
    // Ready, or gone: either way the channel says so.
    const std::array watched{ready.first.view()};
    REQUIRE_FALSE(os::wait_readable(watched, seconds(30)).value().empty());
  }
  int end(int signal) {
    REQUIRE(::kill(pid_, signal) == 0);
    return wait();
  }
  int wait() {
    const auto status = os::wait_for(std::exchange(pid_, 0), seconds(30)).value();
    REQUIRE(status);
    return *status;
  }
  [[nodiscard]] line::CustodianClient client(const std::string& name) const {
    return line::CustodianClient::connect(folder_ + "/" + name).value();
  }
  [[nodiscard]] std::string log() const {
    return std::string(text_of(os::read_file(folder_ + "/log", 1 << 20).value()));
  }

 private:
  std::string folder_;
  std::vector<std::pair<std::string, os::Listener>> listeners_;
  pid_t pid_ = 0;
};

}  // namespace

TEST_CASE("the program serves from inside its sandbox, ends when told, and keeps all over a kill",
          "[ledger]") {
  Folder folder;
  Daemon program(folder.path());
  program.start();
  const Bytes package = to_bytes("sealed package");
  const auto id = name_of_package(package);
  {
    auto receive = program.client("receive.egov");
    REQUIRE(receive.begin(id, node("a"), package.size()));
    REQUIRE(receive.piece(id, 0, package));
    const auto stored = receive.commit(id);
    REQUIRE(stored);
    REQUIRE(receive.received(id, 5, table_bytes({{"package", *stored}})));
  }
  const int killed = program.end(SIGKILL);
  CHECK(WIFSIGNALED(killed));

  program.start();
  auto verify = program.client("verify");
  const std::array stages{Stage::verify};
  const auto work = verify.claim(stages, seconds(5)).value();
  REQUIRE(work);
  CHECK(work->transfer == id);
  Bytes large(2 * kChunkBytes + 1, std::byte{4});
  const auto object = verify.store(work->token, large);
  REQUIRE(object);
  CHECK(verify.open(work->token, *object, line::As::descriptor).value().read_all(4 << 20).value() ==
        large);
  const int ended = program.end(SIGTERM);
  INFO(program.log());
  CHECK(WIFEXITED(ended));
  CHECK(WEXITSTATUS(ended) == 0);
  CHECK(program.log().find("HANGU-CUSTODIAN-0002") != std::string::npos);
}

TEST_CASE("the program refuses to start on a wrong flag or a listener that it was not passed",
          "[ledger]") {
  Folder folder;
  Daemon program(folder.path());
  SECTION("flag") {
    program.start({"--no-such-flag"});
    CHECK(WEXITSTATUS(program.wait()) == 2);
  }
  SECTION("listener") {
    program.start({"--uid", "inspect=1000"});
    CHECK(WEXITSTATUS(program.wait()) == 1);
    CHECK(program.log().find("listener-unknown") != std::string::npos);
  }
}
