// Attackers on raw sockets (Python's ssl, no HTTP library in between).

#include <sys/mman.h>
#include <sys/resource.h>

#include <catch2/catch.hpp>

#include "loopback.hpp"
#include "net/range.hpp"

using namespace hangu;
using namespace hangu::net;
using namespace hangu::net::test;
using namespace std::chrono_literals;

namespace {

std::string attack(const RunningServer& server, const std::string& act) {
  const Pki& pki = Pki::shared();
  const Ran ran = run("timeout 60 python3 " HANGU_SOURCE_DIR "/tests/unit/net/attacker.py " +
                      std::to_string(server.port()) + " " + pki.file("alice.pem") + " " +
                      pki.file("alice.key") + " " + pki.file("ca.pem") + " " + act);
  return ran.out;
}

std::string raw(const RunningServer& server, const std::string& text) {
  return attack(server, "raw '" + text + "'");
}

ServerPlan impatient() {
  ServerPlan plan;
  plan.limits.handshake_time = 400ms;
  plan.limits.header_time = 400ms;
  plan.limits.pace_window = 400ms;
  plan.limits.linger_time = 300ms;
  return plan;
}

}  // namespace

TEST_CASE("a client without a certificate learns that one is required", "[net][attack]") {
  Seen seen;
  RunningServer server(sample_router(seen), {}, &seen);
  CHECK(attack(server, "anonymous") == "refused\n");
  server.stop();
  REQUIRE(seen.records.size() == 1);
  CHECK(seen.records[0].failure.find("tls-untrusted") == 0);
}

TEST_CASE("smuggling shapes end the connection and are answered once", "[net][attack]") {
  Seen seen;
  RunningServer server(sample_router(seen));
  const std::string post = "POST /upload HTTP/1.1\\r\\nHost: h\\r\\n";
  const std::string inner = "GET /hello HTTP/1.1\\r\\nHost: h\\r\\nConnection: close\\r\\n\\r\\n";
  CHECK(raw(server,
            post + "Content-Length: 5\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n" +
                inner) == "400\n");
  CHECK(raw(server, post + "Content-Length: 0\\r\\nContent-Length: 9\\r\\n\\r\\n" + inner) ==
        "400\n");
  CHECK(raw(server, post + "Transfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n" + inner) ==
        "411\n");
  CHECK(raw(server, post + "Transfer-Encoding: identity\\r\\n\\r\\n" + inner) == "411\n");
  CHECK(raw(server, post + "X: a\\n\\r\\n" + inner) == "400\n");
  CHECK(raw(server, "GET /hello HTTP/1.1\\r\\n\\r\\n" + inner) == "400\n");
  CHECK(raw(server, "GET /hello HTTP/1.0\\r\\nHost: h\\r\\n\\r\\n" + inner) == "505\n");
  CHECK(raw(server, "\\x16\\x03\\x01\\r\\n\\r\\n") == "400\n");
  server.stop();
  CHECK(seen.begun == 0);
}

TEST_CASE("requests sent at once are answered in order, also behind bodies", "[net][attack]") {
  Seen seen;
  RunningServer server(sample_router(seen));
  const std::string post =
      "POST /upload HTTP/1.1\\r\\nHost: h\\r\\nContent-Length: 3\\r\\n\\r\\nabc";
  const std::string unwanted =
      "POST /nothing HTTP/1.1\\r\\nHost: h\\r\\nContent-Length: 3\\r\\n\\r\\nabc";
  const std::string last = "GET /hello HTTP/1.1\\r\\nHost: h\\r\\nConnection: close\\r\\n\\r\\n";
  CHECK(raw(server, post + unwanted + post + last) == "201 404 201 200\n");
  server.stop();
  REQUIRE(seen.finished.size() == 2);
  CHECK(seen.finished[1] == "abc");
}

TEST_CASE("a header of exactly the limit is read, one byte more is refused", "[net][attack]") {
  Seen seen;
  const RunningServer server(sample_router(seen));
  CHECK(attack(server, "header 16384") == "200\n");
  CHECK(attack(server, "header 16385") == "431\n");
  CHECK(attack(server, "header 3000000") == "431\n");
}

TEST_CASE("slow senders and silent peers are ended", "[net][attack]") {
  Seen seen;
  RunningServer server(sample_router(seen), impatient());
  CHECK(attack(server, "slow-header") == "408\n");
  CHECK(attack(server, "slow-body") == "408\n");
  CHECK(attack(server, "silent") == "closed\n");
  REQUIRE(seen.settled(1));
  server.stop();
  CHECK(seen.aborted == 1);
}

TEST_CASE("a client that asks for a file and does not read it is cut", "[net][attack]") {
  Seen seen;
  const os::UniqueFd big(::memfd_create("big", MFD_CLOEXEC));
  REQUIRE(::ftruncate(big.get(), 200'000'000) == 0);
  Router router;
  router.add(Method::get, "/big", [&](const Request& request) -> Reply {
    return serve_representation(request, {*big.duplicate(), 200'000'000, "\"b\"", "a/b"});
  });
  const RunningServer server(std::move(router), impatient());
  CHECK(attack(server, "slow-reader 2 200000000") == "cut\n");
}

TEST_CASE("a body cut at any point is aborted once and never finished", "[net][attack]") {
  Seen seen;
  RunningServer server(sample_router(seen));
  constexpr int kSize = 40'000;
  std::string points;
  int count = 0;
  for (int point = 0; point < kSize; point += point < 40 ? 1 : 997) {
    points += " " + std::to_string(point);
    ++count;
  }
  points += " " + std::to_string(kSize - 1);
  ++count;
  CHECK(attack(server, "cuts " + std::to_string(kSize) + points) == "done\n");
  REQUIRE(seen.settled(1));
  server.stop();
  // A reset may overtake the header itself; every body that began was aborted.
  CHECK(seen.begun <= count);
  CHECK(seen.begun >= count / 2);
  CHECK(seen.aborted == seen.begun);
  CHECK(seen.finished.empty());
}

TEST_CASE("stopping the server aborts a body that is on its way", "[net][attack]") {
  Seen seen;
  ServerPlan plan;
  plan.limits.stop_time = 200ms;
  RunningServer server(sample_router(seen), std::move(plan));
  std::thread sender([&] { (void)attack(server, "slow-body"); });
  for (int i = 0; i < 400; ++i) {
    const std::lock_guard lock(seen.mutex);
    if (seen.begun == 1) break;
    (void)run("sleep 0.025");
  }
  server.stop();
  sender.join();
  CHECK(seen.begun == 1);
  CHECK(seen.aborted == 1);
}

TEST_CASE("connections are counted in total, by address and by identity", "[net][attack]") {
  Seen seen;
  const auto crowd = [&](std::size_t total, std::size_t address, std::size_t identity) {
    ServerPlan plan;
    plan.limits.connections_max = total;
    plan.limits.connections_per_address_max = address;
    plan.limits.connections_per_identity_max = identity;
    const RunningServer server(sample_router(seen), std::move(plan));
    return attack(server, "crowd 4");
  };
  CHECK(crowd(9, 9, 9) == "200\n200\n200\n200\n");
  CHECK(crowd(3, 9, 9) == "200\n200\n200\nrefused\n");
  CHECK(crowd(9, 3, 9) == "200\n200\n200\nrefused\n");
  CHECK(crowd(9, 9, 3) == "200\n200\n200\n503\n");
}

TEST_CASE("a body of 100 MB leaves the server's memory flat", "[net][attack]") {
  const auto peak_kilobytes = [] {
    rusage usage{};
    REQUIRE(::getrusage(RUSAGE_SELF, &usage) == 0);
    return usage.ru_maxrss;
  };
  Seen seen;
  RunningServer server(sample_router(seen));
  const std::string curl = Pki::shared().curl();
  REQUIRE(run(curl + "--data-binary abc " + server.url("/count")).out == "3");
  const long before = peak_kilobytes();
  CHECK(run("head -c 100000000 /dev/zero | " + curl +
            "-T - -X POST -H 'Transfer-Encoding:' "
            "-H 'Content-Length: 100000000' " +
            server.url("/count"))
            .out == "100000000");
#ifdef HANGU_SANITIZED
  constexpr long kGrowthMax = 300 * 1024;  // the sanitizer keeps freed memory aside
#else
  constexpr long kGrowthMax = 16 * 1024;
#endif
  CHECK(peak_kilobytes() - before < kGrowthMax);
  server.stop();
  CHECK(seen.bytes == 100'000'003);
}
