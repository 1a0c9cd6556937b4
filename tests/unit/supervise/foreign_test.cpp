// What `hangu up` and `down` trust of what they find: folders, process numbers, signed documents.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "crypto/secret.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"
#include "os/process.hpp"
#include "supervise/documents.hpp"
#include "supervise/ownership.hpp"
#include "supervise/process_identity.hpp"
#include "supervise/supervisor.hpp"
#include "tests/support/must.hpp"
#include "tests/unit/supervise/made_gateway.hpp"

using namespace hangu;
using test::must;

namespace {

namespace fs = std::filesystem;

/// A process that does nothing until it is ended.
class Bystander {
 public:
  Bystander() {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::signal(SIGTERM, SIG_DFL);  // not the test's own
      ::close(ends[0]);
      ::close(ends[1]);
      for (;;) ::pause();
    }
    ::close(ends[1]);
    char none = 0;
    REQUIRE(::read(ends[0], &none, 1) == 0);  // until it has done so
    ::close(ends[0]);
  }
  ~Bystander() { end(); }
  Bystander(const Bystander&) = delete;
  Bystander& operator=(const Bystander&) = delete;
  [[nodiscard]] pid_t pid() const { return pid_; }
  void end() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  [[nodiscard]] bool lives() const { return ::waitpid(pid_, nullptr, WNOHANG) == 0; }

 private:
  pid_t pid_ = 0;
};

struct Made : supervise::test::MadeGateway {
  Made() { REQUIRE(gateway); }
  /// "" when the folder is trusted, else the reason; the context names `what`.
  std::string foreign(const std::string& what) {
    const Done ours = supervise::check_folder_is_ours(layout);
    const auto again = set_up();
    CHECK(ours.has_value() == again.has_value());
    if (ours) return "";
    CHECK(again.error().reason() == ours.error().reason());
    CHECK(ours.error().context().starts_with(what));
    return std::string(ours.error().reason());
  }
};

}  // namespace

TEST_CASE("a process is told by its start, not by its number alone", "[supervise]") {
  Bystander first;
  const std::string identity = supervise::process_identity(first.pid());
  CHECK(identity.size() > 36);
  CHECK(supervise::process_identity(first.pid()) == identity);
  CHECK(supervise::process_identity(1) != identity);
  CHECK(supervise::process_identity(0).empty());
  SECTION("a file that was left names a process of before") {
    CHECK_FALSE(must(supervise::terminate(first.pid(), identity + "0")));
    CHECK_FALSE(must(supervise::terminate(first.pid(), "")));
    CHECK(first.lives());
    supervise::RunningGateway stale;
    stale.supervisor = first.pid();
    stale.identity = identity + "0";
    CHECK_FALSE(stale.lives());
    stale.identity = identity;
    CHECK(stale.lives());
  }
  SECTION("the one that is meant ends") {
    CHECK(must(supervise::terminate(first.pid(), identity)));
    for (int i = 0; i < 200 && !supervise::process_identity(first.pid()).empty(); ++i)
      os::pause_for(std::chrono::milliseconds(10));
    CHECK(supervise::process_identity(first.pid()).empty());  // ended, though nobody has waited
  }
  const pid_t number = first.pid();
  first.end();
  CHECK_FALSE(must(supervise::terminate(number, identity)));
}

TEST_CASE("what runs is read with the identity of who wrote it", "[supervise]") {
  const os::test::ScratchFolder scratch;
  fs::create_directories(scratch / "run");
  supervise::RunningGateway running;
  running.supervisor = ::getpid();
  running.identity = supervise::process_identity(::getpid());
  const config::Layout layout(scratch.path());
  const std::string path = scratch / "run/gateway.json";
  REQUIRE(os::write_file_durably(path, bytes_of(running.to_json().to_text())));
  CHECK(must(supervise::RunningGateway::load(layout)).lives());
  REQUIRE(os::write_file_durably(path, bytes_of(R"({"supervisor":1,"programs":[],"zones":[]})")));
  CHECK_FALSE(supervise::RunningGateway::load(layout));
}

TEST_CASE("a gateway's folder that others can change is not used", "[supervise]") {
  Made made;
  const std::string& folder = made.plan.folder;
  CHECK(made.foreign("").empty());
  SECTION("writable by others") {
    fs::permissions(folder, fs::perms(0777));
    CHECK(made.foreign(folder) == "folder-foreign");
  }
  SECTION("writable by the group") {
    fs::permissions(folder + "/policy", fs::perms(0775));
    CHECK(made.foreign(folder + "/policy") == "folder-foreign");
  }
  SECTION("with a text to be signed that others write") {
    fs::permissions(folder + "/policy/policy.toml", fs::perms(0666));
    const auto again = made.set_up();
    REQUIRE_FALSE(again);
    CHECK(again.error().reason() == "folder-foreign");
  }
  SECTION("with a part elsewhere") {
    fs::create_directories(made.scratch / "elsewhere");
    for (const char* part : {"policy", "run", "anchors", "credentials", "log", "zones"}) {
      fs::rename(folder + "/" + part, made.scratch / "aside");
      fs::create_directory_symlink(made.scratch / "elsewhere", folder + "/" + part);
      CHECK(made.foreign(folder + "/" + part) == "folder-foreign");
      fs::remove(folder + "/" + part);
      fs::rename(made.scratch / "aside", folder + "/" + part);
    }
    CHECK(fs::is_empty(made.scratch / "elsewhere"));
  }
  SECTION("with a program's part elsewhere") {
    const std::string target = made.scratch / "elsewhere";
    fs::create_directories(target);
    fs::permissions(target, fs::perms(0711));
    for (const char* part : {"store", "audit", "zones/egov/outbox", "zones/egov/spool"}) {
      fs::rename(folder + "/" + part, made.scratch / "aside");
      fs::create_directory_symlink(target, folder + "/" + part);
      const auto again = made.set_up();
      REQUIRE_FALSE(again);
      CHECK(again.error().reason() == "folder-foreign");
      fs::remove(folder + "/" + part);
      fs::rename(made.scratch / "aside", folder + "/" + part);
    }
    CHECK(fs::status(target).permissions() == fs::perms(0711));
  }
  SECTION("of somebody else") {
    if (::geteuid() != 0) return;  // only root can give it away
    constexpr uid_t kNobody = 65534;
    REQUIRE(::chown(folder.c_str(), kNobody, kNobody) == 0);
    CHECK(made.foreign(folder) == "folder-foreign");
  }
}

TEST_CASE("an older people file is not signed over a newer one", "[supervise]") {
  Made made;
  const cli::Pki pki = must(cli::Pki::open(made.plan.pki_folder, made.clock, made.entropy));
  const config::Gateway gateway = must(config::Gateway::load(made.layout.configuration()));
  const auto publish = [&](std::uint32_t version, bool with_node) {
    std::vector<policy::NodeRecord> nodes;
    if (with_node) nodes.push_back({must(NodeId::create("survey")), "survey", {"egov"}, {}, {}});
    const policy::PeopleFile people(version, nodes, {});
    REQUIRE(
        os::write_file_durably(made.plan.pki_folder + "/people.json", bytes_of(people.to_text())));
    const Done done =
        supervise::publish_documents(made.layout, gateway, pki, made.clock.now().value());
    return done ? std::string() : std::string(done.error().reason());
  };
  CHECK(publish(5, true).empty());
  const Bytes nodes = must(os::read_file(made.layout.node_register(), 1 << 20));
  CHECK(publish(5, true).empty());  // the same again
  CHECK(publish(4, true) == "people-older");
  CHECK(publish(5, false) == "people-older");  // another text of the same version
  CHECK(must(os::read_file(made.layout.node_register(), 1 << 20)) == nodes);
  CHECK(publish(6, false).empty());
  CHECK(must(os::read_file(made.layout.node_register(), 1 << 20)) != nodes);
}

TEST_CASE("a people file that its readers would not take is not signed over the one they have",
          "[supervise]") {
  Made made;
  const cli::Pki pki = must(cli::Pki::open(made.plan.pki_folder, made.clock, made.entropy));
  const config::Gateway gateway = must(config::Gateway::load(made.layout.configuration()));
  const std::string signed_file = made.layout.policy() + "/people.json.dsse";
  const Bytes before = must(os::read_file(signed_file, kStatementBytesMax));
  std::vector<policy::NodeRecord> nodes;
  for (int i = 0; i < 19'000; ++i)
    nodes.push_back({must(NodeId::create("node-" + std::to_string(i))),
                     std::string(180, 'o'),
                     {"egov"},
                     {},
                     {}});
  const policy::PeopleFile people(1000, nodes, {});
  REQUIRE(people.to_text().size() > kStatementBytesMax);
  REQUIRE(
      os::write_file_durably(made.plan.pki_folder + "/people.json", bytes_of(people.to_text())));
  const Done done =
      supervise::publish_documents(made.layout, gateway, pki, made.clock.now().value());
  REQUIRE_FALSE(done);
  CHECK(done.error().reason() == "file-too-long");
  CHECK(must(os::read_file(signed_file, kStatementBytesMax)) == before);
}
