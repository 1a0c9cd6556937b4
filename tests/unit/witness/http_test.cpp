// The witness over real sockets: our client and server, curl, and servers that mean harm.

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include <catch2/catch.hpp>

#include "audit/witness/limits.hpp"
#include "net/server.hpp"
#include "net/socket.hpp"
#include "os/clock.hpp"
#include "tests/unit/audit/faulty_disk.hpp"
#include "tests/unit/audit_witness/tree.hpp"
#include "witness/http_witness.hpp"
#include "witness/limits.hpp"
#include "witness/server.hpp"

namespace hangu::witness::test {
namespace {

using namespace audit::test;

/// A true witness on a loopback port.
class Served {
 public:
  Served() : Served(nullptr) {}
  explicit Served(std::unique_ptr<audit::Folder> folder)
      : state_(witness_in(folder ? std::move(folder) : folder_at(folder_.path()), clock_)),
        stop_(::eventfd(0, EFD_CLOEXEC)) {
    os::UniqueFd listener = net::listen_tcp("127.0.0.1", 0).value();
    port_ = net::local_port(listener.view()).value();
    std::vector<os::UniqueFd> listeners;
    listeners.push_back(std::move(listener));
    net::ServerPlan plan;
    plan.plain = true;
    const Tell tell = [this](const std::string& line) { told.push_back(line); };
    auto server = net::Server::create(std::move(listeners), std::move(plan),
                                      witness_routes(*state_, tell, [this] { ended = true; }))
                      .value();
    thread_ = std::thread([this, server = std::move(server)]() mutable {
      (void)server.run(stop_.view()).has_value();
    });
  }
  ~Served() {
    const std::uint64_t one = 1;
    if (::write(stop_.get(), &one, sizeof one) != sizeof one) std::abort();
    thread_.join();
  }
  [[nodiscard]] std::string url(const std::string& path = "") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  [[nodiscard]] HttpWitness client() const {
    return HttpWitness::create(WitnessUrl::parse(url()).value(), "").value();
  }
  std::vector<std::string> told;  // read once the server has answered
  std::atomic<bool> ended = false;

 private:
  TestFolder folder_;
  os::SystemClock clock_;
  std::unique_ptr<audit::WitnessState> state_;
  os::UniqueFd stop_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

/// A server that answers the first connection with `bytes`, then with one byte after another until
/// the peer goes.
class Hostile {
 public:
  explicit Hostile(std::string bytes, bool endless = false)
      : listener_(net::listen_tcp("127.0.0.1", 0).value()), bytes_(std::move(bytes)) {
    thread_ = std::thread([this, endless] {
      while (!ending_) {
        const os::UniqueFd peer(::accept(listener_.get(), nullptr, nullptr));
        if (!peer.valid()) {
          os::pause_for(Milliseconds(5));
          continue;
        }
        (void)!::send(peer.get(), bytes_.data(), bytes_.size(), MSG_NOSIGNAL);
        while (endless && !ending_ && ::send(peer.get(), "x", 1, MSG_NOSIGNAL) == 1)
          os::pause_for(Milliseconds(100));
      }
    });
  }
  ~Hostile() {
    ending_ = true;
    thread_.join();
  }
  [[nodiscard]] HttpWitness client() const {
    const std::uint16_t port = net::local_port(listener_.view()).value();
    return HttpWitness::create(
               WitnessUrl::parse("http://127.0.0.1:" + std::to_string(port)).value(), "")
        .value();
  }

 private:
  os::UniqueFd listener_;
  std::string bytes_;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

std::string run(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::string out;
  std::array<char, 4096> buffer{};
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) > 0;)
    out.append(buffer.data(), n);
  return out;
}

const std::string kCurl = "curl --noproxy '*' -sS --max-time 20 ";

}  // namespace

TEST_CASE("a witness cosigns over HTTP, on one connection as long as it lasts", "[witness]") {
  const Served served;
  const TestLog log(40);
  HttpWitness client = served.client();
  const auto first = client.post(log.request(0, 10));
  REQUIRE(first);
  CHECK(first->status == 200);
  CHECK(client.post(log.request(10, 40))->status == 200);
  const auto stale = client.post(log.request(10, 40));
  CHECK(stale->status == 409);
  CHECK(stale->body == "40\n");
  CHECK(client.post("nonsense")->status == 400);
}

TEST_CASE("curl, which knows nothing of Hangu, gets what the specification says", "[witness]") {
  const Served served;
  const TestLog log(40);
  const TestFolder folder;
  const std::string request = (folder / "request").string();
  write_bytes(request, bytes_of(log.request(0, 7)));
  const std::string post = kCurl + "--data-binary @" + request + " ";
  CHECK(
      run(post + served.url("/add-checkpoint")).starts_with("\xe2\x80\x94 directory.example/w1 "));
  CHECK(run(post + "-o /dev/null -w '%{http_code} %{content_type}' " +
            served.url("/add-checkpoint")) == "409 text/x.tlog.size");
  const std::string kept =
      run(kCurl + served.url("/" + audit::origin_hash_of(kOrigin) + "/checkpoint"));
  CHECK(kept.starts_with(log.note(7)));
  const std::string code = kCurl + "-o /dev/null -w '%{http_code}' ";
  CHECK(run(code + served.url("/" + std::string(64, '0') + "/checkpoint")) == "404");
  CHECK(run(code + served.url("/checkpoint")) == "404");
  CHECK(run(code + served.url("/add-checkpoint")) == "405");
  // A body over the bound is refused by its announced length.
  write_bytes(request, Bytes(audit::kAddCheckpointBytesMax + 1, std::byte{'a'}));
  CHECK(run(post + "-o /dev/null -w '%{http_code}' " + served.url("/add-checkpoint")) == "413");
  write_bytes(request, Bytes(audit::kAddCheckpointBytesMax, std::byte{'a'}));
  CHECK(run(post + "-o /dev/null -w '%{http_code}' " + served.url("/add-checkpoint")) == "400");
}

TEST_CASE("a fork that is fed over HTTP is refused, and the witness says so", "[witness]") {
  const Served served;
  const TestLog log(40);
  const TestLog fork(40, 3);
  HttpWitness client = served.client();
  REQUIRE(client.post(log.request(0, 10))->status == 200);
  CHECK(client.post(fork.request(10, 10))->status == 422);
  CHECK(client.post(fork.request(10, 20))->status == 422);
  REQUIRE(served.told.size() == 2);
  CHECK(served.told[0].starts_with("HANGU-WITNESS-0004 ALARM 422"));
  CHECK(served.told[0].find("another root of the same size") != std::string::npos);
  CHECK(served.told[1].find("consistency proof") != std::string::npos);
}

TEST_CASE("clients that race over HTTP get one history cosigned, each step of it once",
          "[witness]") {
  const Served served;
  const TestLog log(40);
  const TestLog fork(40, 3);
  std::atomic<int> first = 0;
  std::atomic<int> second = 0;
  std::vector<std::thread> clients;
  for (unsigned t = 0; t < 6; ++t) {
    clients.emplace_back([&, t] {
      HttpWitness client = served.client();
      const auto posted = client.post((t % 2 == 0 ? log : fork).request(0, 10 + t));
      if (posted && posted->status == 200) ++(t % 2 == 0 ? first : second);
    });
  }
  for (std::thread& client : clients) client.join();
  CHECK(first + second == 1);
}

TEST_CASE("a witness whose disk fails says so, answers nothing more and asks for its end",
          "[witness]") {
  FaultyDisk disk(3);
  const Served served(disk.root());
  const TestLog log(40);
  HttpWitness client = served.client();
  REQUIRE(client.post(log.request(0, 10))->status == 200);
  CHECK_FALSE(served.ended);
  // The last operations of a request are the rename and the folder's sync.
  for (std::uint64_t at = 0; at < 20 && !served.ended; ++at) {
    disk.plan(at, Fault::error);
    (void)client.post(log.request(10, 10));
  }
  REQUIRE(served.ended);
  CHECK(client.post(log.request(10, 10))->status == 500);
  CHECK(run(kCurl + "-o /dev/null -w '%{http_code}' " +
            served.url("/" + audit::origin_hash_of(kOrigin) + "/checkpoint")) == "500");
  REQUIRE_FALSE(served.told.empty());
  CHECK(served.told.back().starts_with("HANGU-WITNESS-0005 500"));
  CHECK(served.told.back().find("witness-disk-failed") != std::string::npos);
}

TEST_CASE("endless, long, broken and silent answers end in bounded time and memory", "[witness]") {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const auto answer = [](const Hostile& server) {
    HttpWitness client = server.client();
    const Milliseconds begun = os::monotonic_now();
    const auto posted = client.post("old 0\n\n");
    CHECK(os::monotonic_now() - begun <
          kConnectTime + kAnswerTime + kBodyTime + kStallTime + Milliseconds(2000));
    return posted ? std::to_string(posted->status) : std::string(posted.error().reason());
  };
  CHECK(answer(Hostile(ok + "Content-Length: 3\r\n\r\nabc")) == "200");
  CHECK(answer(Hostile(ok + "Content-Length: 16385\r\n\r\n", true)) == "witness-answer-too-long");
  CHECK(answer(Hostile(ok + "Content-Length: 16384\r\n\r\n", true)) == "network-timeout");
  CHECK(answer(Hostile(ok + "Transfer-Encoding: chunked\r\n\r\n", true)) == "http-length-required");
  CHECK(answer(Hostile(ok, true)) == "network-timeout");  // a header without end
  CHECK(answer(Hostile("garbage\r\n\r\n")) == "http-version");
  CHECK(answer(Hostile("")) == "network-cut");
}

}  // namespace hangu::witness::test
