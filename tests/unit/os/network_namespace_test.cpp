// These tests make network namespaces: they need root (CAP_SYS_ADMIN) and fail without it.

#include "os/network_namespace.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

#include <cerrno>

#include <catch2/catch.hpp>

#include "os/process.hpp"
#include "tests/unit/os/scratch.hpp"

using namespace hangu;
using namespace hangu::os;
using hangu::os::test::exit_code_of;

namespace {

/// A namespace of this test, removed at its end.
class TestNamespace {
 public:
  TestNamespace() : name_("hangu-test-" + std::to_string(::getpid())) {
    const auto made = create_network_namespace(name_);
    INFO((made ? std::string() : made.error().message()));
    REQUIRE(made);
  }
  TestNamespace(const TestNamespace&) = delete;
  TestNamespace& operator=(const TestNamespace&) = delete;
  ~TestNamespace() { (void)remove_network_namespace(name_).has_value(); }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
};

/// connect() to 127.0.0.1:port from where the caller is; 0 or errno.
int connect_loopback(std::uint16_t port) {
  const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0
             ? 0
             : errno;
}

}  // namespace

TEST_CASE("a namespace is made once, found, and removed (needs root)", "[os][root]") {
  REQUIRE(::geteuid() == 0);
  const TestNamespace zone;
  CHECK(network_namespace_exists(zone.name()));
  const auto again = create_network_namespace(zone.name());
  REQUIRE_FALSE(again);
  CHECK(again.error().reason() == "file-exists");
  CHECK(network_namespace_exists(zone.name()));  // the failed attempt took nothing away

  REQUIRE(remove_network_namespace(zone.name()));
  CHECK_FALSE(network_namespace_exists(zone.name()));
  CHECK(remove_network_namespace(zone.name()));
}

TEST_CASE("names that could leave the folder are refused", "[os]") {
  for (const char* const name : {"", "..", "../x", "a/b", "-a", "A"}) {
    INFO(name);
    CHECK(create_network_namespace(name).error().reason() == "id-invalid");
    CHECK(remove_network_namespace(name).error().reason() == "id-invalid");
    CHECK(open_network_namespace(name).error().reason() == "id-invalid");
  }
}

TEST_CASE("a file that is no namespace is not entered (needs root)", "[os][root]") {
  REQUIRE(::geteuid() == 0);
  const std::string name = "hangu-false-" + std::to_string(::getpid());
  std::filesystem::create_directories("/run/netns");
  test::write_text("/run/netns/" + name, "");
  CHECK_FALSE(network_namespace_exists(name));
  CHECK(open_network_namespace(name).error().reason() == "network-namespace-invalid");
  CHECK(remove_network_namespace(name));
  CHECK_FALSE(std::filesystem::exists("/run/netns/" + name));
}

TEST_CASE("a listener inside a namespace is reached from there only (needs root)", "[os][root]") {
  REQUIRE(::geteuid() == 0);
  const TestNamespace zone;
  const auto inside = listen_tcp(zone.name(), "127.0.0.1", 0);
  INFO((inside ? std::string() : inside.error().message()));
  REQUIRE(inside);
  REQUIRE(inside->port != 0);
  CHECK((::fcntl(inside->socket.get(), F_GETFD) & FD_CLOEXEC) != 0);

  CHECK(connect_loopback(inside->port) == ECONNREFUSED);
  CHECK(exit_code_of([&] {
          const auto network = open_network_namespace(zone.name());
          if (!network || ::setns(network->get(), CLONE_NEWNET) != 0) return 200;
          return connect_loopback(inside->port);  // the loopback of the namespace is up
        }) == 0);
  const UniqueFd accepted(::accept4(inside->socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
  CHECK(accepted.valid());  // here, outside: the descriptor is what counts
}

TEST_CASE("a program is spawned inside a namespace (needs root)", "[os][root]") {
  REQUIRE(::geteuid() == 0);
  const TestNamespace zone;
  SpawnPlan plan;
  plan.program = "/bin/sh";
  plan.arguments = {"-c",
                    "[ $(readlink /proc/self/ns/net) != \"$OUTSIDE\" ] && [ $(id -u) = 65534 ]"};
  plan.environment = {{"PATH", "/usr/bin:/bin"},
                      {"OUTSIDE", std::filesystem::read_symlink("/proc/self/ns/net").string()}};
  plan.network_namespace = zone.name();
  plan.uid = 65534;
  const auto child = spawn(plan);
  REQUIRE(child);
  const auto status = wait_for(*child, std::chrono::milliseconds(20'000));
  REQUIRE(status);
  CHECK(*status == 0);

  plan.network_namespace = "hangu-absent";
  CHECK(spawn(plan).error().reason() == "file-missing");
}

TEST_CASE("listeners take IPv4 and IPv6 literals, and say when a port is taken", "[os]") {
  const auto four = listen_tcp(std::nullopt, "127.0.0.1", 0);
  REQUIRE(four);
  CHECK(connect_loopback(four->port) == 0);
  const auto taken = listen_tcp(std::nullopt, "127.0.0.1", four->port);
  REQUIRE_FALSE(taken);
  CHECK(taken.error().code() == ErrorCode::unavailable);
  CHECK(taken.error().reason() == "address-in-use");
  for (const char* const text : {"localhost", "", "127.0.0.1:80", "::1%lo", "256.0.0.1"}) {
    CHECK(listen_tcp(std::nullopt, text, 0).error().reason() == "address-invalid");
  }
  const auto six = listen_tcp(std::nullopt, "::1", 0);
  if (six) {
    CHECK(six->port != 0);
  } else {
    CHECK(six.error().os_error() == EADDRNOTAVAIL);  // a machine without IPv6
  }
}
