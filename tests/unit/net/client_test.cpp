// The client against our server, and against a hostile server in Python.

#include "net/client.hpp"

#include <sys/mman.h>

#include <fstream>

#include <catch2/catch.hpp>

#include "loopback.hpp"
#include "net/range.hpp"
#include "net/transfer.hpp"
#include "os/clock.hpp"

using namespace hangu;
using namespace hangu::net;
using namespace hangu::net::test;

namespace {

ClientPlan plan_for(std::uint16_t port, const std::string& who = "alice") {
  ClientPlan plan;
  plan.host = "localhost";
  plan.port = port;
  plan.credentials = Pki::shared().credentials(who);
  plan.stall_time = std::chrono::seconds(20);
  plan.answer_time = std::chrono::seconds(20);
  return plan;
}

Client client_for(std::uint16_t port, const std::string& who = "alice") {
  auto client = Client::create(plan_for(port, who));
  REQUIRE(client.has_value());
  return *std::move(client);
}

os::UniqueFd memory_file(std::uint64_t size) {
  os::UniqueFd file(::memfd_create("body", MFD_CLOEXEC));
  REQUIRE(file.valid());
  REQUIRE(::ftruncate(file.get(), static_cast<off_t>(size)) == 0);
  return file;
}

// A hostile server for the answers given, one a connection.
class Hostile {
 public:
  explicit Hostile(const std::vector<std::string>& answers, const std::string& name = "server") {
    const Pki& pki = Pki::shared();
    std::string command = "python3 " HANGU_SOURCE_DIR "/tests/unit/net/hostile_server.py " +
                          pki.file(name + ".pem") + " " + pki.file(name + ".key") + " " +
                          pki.file("ca.pem");
    for (const std::string& answer : answers) command += " '" + answer + "'";
    const std::string out = folder_.path("out");
    process_ = std::thread([command, out] { (void)run("timeout 30 " + command + " > " + out); });
    for (int i = 0; i < 400 && port_ == 0; ++i) {
      std::ifstream(out) >> port_;
      if (port_ == 0) os::pause_for(std::chrono::milliseconds(25));
    }
    REQUIRE(port_ != 0);
  }
  ~Hostile() { process_.join(); }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  Folder folder_;
  std::uint16_t port_ = 0;
  std::thread process_;
};

std::string reason_of(const std::string& answer) {
  const Hostile hostile({answer});
  Client client = client_for(hostile.port());
  const auto got = client.ask(Ask{Method::get, "/", {}});
  return got ? "status " + std::to_string(got->status) : std::string(got.error().reason());
}

class CountingSink final : public AnswerSink {
 public:
  Result<bool> begin(const Answer& head, std::uint64_t) override { return head.status == 200; }
  Done write(ByteView bytes) override {
    size += bytes.size();
    return {};
  }
  std::uint64_t size = 0;
};

}  // namespace

TEST_CASE("the client asks on one connection, again and again", "[net][client]") {
  Seen seen;
  RunningServer server(sample_router(seen), {}, &seen);
  Client client = client_for(server.port());
  for (int i = 0; i < 3; ++i) {
    const auto answer = client.ask(Ask{Method::get, "/items/" + std::to_string(i), {}});
    REQUIRE(answer.has_value());
    CHECK(answer->status == 200);
    CHECK(text_of(answer->body) == std::to_string(i));
  }
  const auto head = client.ask(Ask{Method::head, "/hello", {}});
  REQUIRE(head.has_value());
  CHECK(head->body.empty());
  const auto missing = client.ask(Ask{Method::remove, "/nothing", {}});
  REQUIRE(missing.has_value());
  CHECK(missing->status == 404);
  const auto posted = client.ask(Ask{Method::post, "/upload", {}}, bytes_of("abc"));
  REQUIRE(posted.has_value());
  CHECK(text_of(posted->body) == "3");
}

TEST_CASE("a kept connection that the server closed is made anew", "[net][client]") {
  Seen seen;
  ServerPlan plan;
  plan.limits.requests_per_connection_max = 2;
  const RunningServer server(sample_router(seen), std::move(plan));
  Client client = client_for(server.port());
  for (int i = 0; i < 5; ++i) {
    const auto answer = client.ask(Ask{Method::get, "/hello", {}});
    REQUIRE(answer.has_value());
    CHECK(answer->status == 200);
  }
}

TEST_CASE("the client tells the network, TLS and names apart", "[net][client]") {
  Seen seen;
  const RunningServer server(sample_router(seen));
  const auto reason = [](ClientPlan plan) {
    auto client = Client::create(std::move(plan));
    REQUIRE(client.has_value());
    const auto answer = client->ask(Ask{Method::get, "/hello", {}});
    return answer ? std::string("none") : std::string(answer.error().reason());
  };
  CHECK(reason(plan_for(server.port())) == "none");
  CHECK(reason(plan_for(server.port(), "mallory")) == "tls-refused");

  ClientPlan wrong_anchor = plan_for(server.port());
  wrong_anchor.credentials = Pki::shared().credentials("alice", "otherca");
  CHECK(reason(wrong_anchor) == "tls-untrusted");

  ClientPlan by_address = plan_for(server.port());
  by_address.host = "127.0.0.1";
  CHECK(reason(by_address) == "none");
  ClientPlan wrong_name = plan_for(server.port());
  wrong_name.server_name = "elsewhere.example";
  CHECK(reason(wrong_name) == "tls-wrong-name");
  ClientPlan wrong_address = plan_for(server.port());
  wrong_address.server_name = "127.0.0.2";
  CHECK(reason(wrong_address) == "tls-wrong-name");

  auto closed = listen_tcp("127.0.0.1", 0);
  REQUIRE(closed.has_value());
  const std::uint16_t port = *local_port(closed->view());
  closed->reset();
  ClientPlan nobody = plan_for(port);
  nobody.host = "127.0.0.1";
  CHECK(reason(nobody) == "network-unreachable");
}

TEST_CASE("an already connected descriptor is used first", "[net][client]") {
  Seen seen;
  const RunningServer server(sample_router(seen));
  auto socket = connect_tcp("127.0.0.1", server.port(), std::chrono::seconds(5));
  REQUIRE(socket.has_value());
  ClientPlan plan = plan_for(1);  // nobody listens there
  auto client = Client::create(std::move(plan), *std::move(socket));
  REQUIRE(client.has_value());
  const auto answer = client->ask(Ask{Method::get, "/hello", {}});
  REQUIRE(answer.has_value());
  CHECK(answer->status == 200);
}

TEST_CASE("a file is streamed up with progress, and a refusal comes back early", "[net][client]") {
  Seen seen;
  const RunningServer server(sample_router(seen));
  Client client = client_for(server.port());
  const std::uint64_t size = 5'000'000;
  const os::UniqueFd file = memory_file(size);
  std::uint64_t last = 0;
  const Progress progress = [&](std::uint64_t done, std::uint64_t total) {
    CHECK(done > last);
    CHECK(total == size);
    last = done;
    return true;
  };
  const auto counted =
      client.send_file(Ask{Method::post, "/count", {}}, file.view(), 0, size, progress);
  REQUIRE(counted.has_value());
  CHECK(text_of(counted->body) == "5000000");
  CHECK(last == size);
  const auto refused = client.send_file(Ask{Method::post, "/upload", {}}, file.view(), 0, size);
  REQUIRE(refused.has_value());
  CHECK(refused->status == 413);
  const auto stopped = client.send_file(Ask{Method::post, "/count", {}}, file.view(), 0, size,
                                        [](std::uint64_t, std::uint64_t) { return false; });
  REQUIRE_FALSE(stopped.has_value());
  CHECK(stopped.error().reason() == "http-stopped");
  const auto after = client.ask(Ask{Method::get, "/hello", {}});
  REQUIRE(after.has_value());
  CHECK(after->status == 200);
}

TEST_CASE("a hostile server is refused, each shape with its reason", "[net][client]") {
  CHECK(reason_of("HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok") == "status 200");
  CHECK(reason_of("HTTP/1.1 100 Continue\\r\\n\\r\\nHTTP/1.1 204 No Content\\r\\n\\r\\n") ==
        "status 204");
  CHECK(reason_of("@20000") == "http-too-long");
  CHECK(reason_of("HTTP/1.1 200 OK\\r\\nContent-Length: 1048577\\r\\n\\r\\n") == "http-too-long");
  CHECK(reason_of("HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n") ==
        "http-length-required");
  CHECK(reason_of("HTTP/1.1 200 OK\\r\\n\\r\\nuntil the end") == "http-length-required");
  CHECK(reason_of("HTTP/1.1 200 OK\\r\\nContent-Length: 9\\r\\n\\r\\nshort") == "network-cut");
  CHECK(reason_of("HTTP/1.0 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n") == "http-version");
  CHECK(reason_of("SSH-2.0-OpenSSH_9.2\\r\\n\\r\\n") == "http-version");
  CHECK(reason_of("HTTP/1.1 200 OK\\r\\nContent-Length: -1\\r\\n\\r\\n") == "http-malformed");
  CHECK(reason_of("HTTP/1.1 200 OK\\r\\nA b: c\\r\\nContent-Length: 0\\r\\n\\r\\n") ==
        "http-malformed");
  std::string interim;
  for (int i = 0; i < 12; ++i) interim += "HTTP/1.1 100 Continue\\r\\n\\r\\n";
  CHECK(reason_of(interim) == "http-malformed");
}

TEST_CASE("a server with the certificate of another name is refused", "[net][client]") {
  const Hostile hostile({"never"}, "elsewhere");
  Client client = client_for(hostile.port());
  const auto answer = client.ask(Ask{Method::get, "/", {}});
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().reason() == "tls-wrong-name");
}

TEST_CASE("a request whose header would smuggle another is not sent", "[net][client]") {
  Seen seen;
  const RunningServer server(sample_router(seen));
  Client client = client_for(server.port());
  for (const std::string value : {"a\r\nX: y", "a\nb", "\x01"}) {
    const auto answer = client.ask(Ask{Method::get, "/hello", {{"X-Note", value}}});
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().reason() == "http-malformed");
  }
}

TEST_CASE("a download that is cut goes on where it stopped, and starts anew when it changed",
          "[net][client]") {
  const Folder folder;
  const std::string file = folder.path("blob");
  REQUIRE(run("head -c 4000000 /dev/urandom > " + file).status == 0);
  std::atomic<int> asked = 0;
  std::string etag = "\"v1\"";
  Router router;
  router.add(Method::get, "/blob", [&](const Request& request) -> Reply {
    auto opened = os::open_read(file);
    if (!opened) return error_response(opened.error());
    auto response = serve_representation(
        request, {*std::move(opened), 4'000'000, etag, "application/octet-stream"});
    // The first two answers promise more than the file holds: the server cuts the connection.
    if (++asked <= 2) {
      auto& range = std::get<FileRange>(response.body);
      auto small = memory_file(0);
      Bytes part(1'000'000);
      REQUIRE(os::read_exactly_at(range.file.view(), range.offset, part).has_value());
      REQUIRE(os::write_all_at(small.view(), 0, part).has_value());
      range.file = std::move(small);
      range.offset = 0;
    }
    return response;
  });
  const RunningServer server(std::move(router));
  Client client = client_for(server.port());
  const os::UniqueFd out = memory_file(0);
  int pauses = 0;
  DownloadPlan plan;
  plan.target = "/blob";
  plan.file = out.view();
  plan.bytes_max = 4'000'000;
  plan.retry.sleep = [&](Milliseconds) { ++pauses; };
  const auto done = download_resumable(client, plan);
  REQUIRE(done.has_value());
  CHECK(done->whole);
  CHECK(done->size == 4'000'000);
  CHECK(done->etag == "\"v1\"");
  CHECK(done->answer.status == 206);
  CHECK(asked == 3);
  CHECK(pauses == 2);
  const auto got = os::read_file(out.view(), 5'000'000);
  const auto wanted = os::read_file(file, 5'000'000);
  REQUIRE((got.has_value() && wanted.has_value()));
  CHECK(equal(*got, *wanted));

  plan.have = 4'000'000;
  plan.etag = "\"v1\"";
  const auto again = download_resumable(client, plan);
  REQUIRE(again.has_value());
  CHECK(again->whole);
  CHECK(again->answer.status == 416);

  plan.have = 1000;
  etag = "\"v2\"";
  const auto anew = download_resumable(client, plan);
  REQUIRE(anew.has_value());
  CHECK(anew->whole);
  CHECK(anew->answer.status == 200);
  CHECK(anew->etag == "\"v2\"");

  plan.bytes_max = 3'999'999;
  const auto over = download_resumable(client, plan);
  REQUIRE_FALSE(over.has_value());
  CHECK(over.error().reason() == "http-too-long");
}

TEST_CASE("retries end after the allowed failures", "[net][client]") {
  const Hostile hostile({"!", "!", "!"});
  Client client = client_for(hostile.port());
  const os::UniqueFd out = memory_file(0);
  int pauses = 0;
  DownloadPlan plan;
  plan.target = "/";
  plan.file = out.view();
  plan.retry.failures_max = 2;
  plan.retry.sleep = [&](Milliseconds) { ++pauses; };
  const auto done = download_resumable(client, plan);
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().reason() == "network-cut");
  CHECK(pauses == 2);
}

TEST_CASE("a body of 100 MB streams both ways", "[net][client]") {
  Seen seen;
  const os::UniqueFd big = memory_file(100'000'000);
  Router router = sample_router(seen);
  router.add(Method::get, "/big", [&](const Request& request) -> Reply {
    return serve_representation(request, {*big.duplicate(), 100'000'000, "\"b\"", "a/b"});
  });
  const RunningServer server(std::move(router));
  Client client = client_for(server.port());
  const auto sent = client.send_file(Ask{Method::post, "/count", {}}, big.view(), 0, 100'000'000);
  REQUIRE(sent.has_value());
  CHECK(text_of(sent->body) == "100000000");
  CountingSink sink;
  const auto got = client.receive(Ask{Method::get, "/big", {}}, sink);
  REQUIRE(got.has_value());
  CHECK(sink.size == 100'000'000);
}

TEST_CASE("a server that asks for no certificate serves who shows none, and is checked itself",
          "[net][client]") {
  Seen seen;
  ServerPlan open;
  open.credentials = Pki::shared().credentials("server");
  open.credentials.trust_anchors_pem.clear();
  open.credentials.asks_clients = false;
  const RunningServer server(sample_router(seen), std::move(open));
  const auto asked = [&](const std::string& anchors, std::uint16_t port) -> std::string {
    ClientPlan plan;
    plan.host = "127.0.0.1";
    plan.port = port;
    plan.credentials.trust_anchors_pem = Pki::shared().text(anchors + ".pem");
    auto client = Client::create(std::move(plan));
    REQUIRE(client);
    const auto answer = client->ask({Method::get, "/hello", {}});
    return answer ? std::string(text_of(answer->body)) : std::string(answer.error().reason());
  };
  CHECK(asked("ca", server.port()) == "hello 127.0.0.1");
  CHECK(asked("otherca", server.port()) == "tls-untrusted");
  // Where certificates are asked for, who shows none is refused as before.
  const RunningServer closed(sample_router(seen));
  CHECK(asked("ca", closed.port()).starts_with("tls-"));
}

TEST_CASE("without TLS both ends say the same, and neither takes the other's TLS",
          "[net][client]") {
  Seen seen;
  ServerPlan plan;
  plan.plain = true;
  RunningServer server(sample_router(seen), std::move(plan));
  ClientPlan bare;
  bare.host = "127.0.0.1";
  bare.port = server.port();
  bare.plain = true;
  auto client = Client::create(bare);
  REQUIRE(client);
  CHECK(text_of(client->ask({Method::get, "/hello", {}})->body) == "hello 127.0.0.1");
  const auto sent = client->ask({Method::post, "/upload", {}}, bytes_of("some bytes"));
  REQUIRE(sent);
  CHECK(sent->status == 201);
  CHECK_FALSE(client_for(server.port()).ask({Method::get, "/hello", {}}));
  const RunningServer tls(sample_router(seen));
  bare.port = tls.port();
  auto naked = Client::create(bare);
  REQUIRE(naked);
  CHECK_FALSE(naked->ask({Method::get, "/hello", {}}));
}
