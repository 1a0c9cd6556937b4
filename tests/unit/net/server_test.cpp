// The server against curl, an HTTP and TLS implementation that shares only OpenSSL with ours.

#include <catch2/catch.hpp>

#include "loopback.hpp"
#include "net/range.hpp"
#include "os/clock.hpp"

using namespace hangu;
using namespace hangu::net;
using namespace hangu::net::test;

namespace {

const std::string kStatus = "-o /dev/null -w '%{http_code}' ";

}  // namespace

TEST_CASE("curl with a certificate of the authority is answered", "[net][server]") {
  Seen seen;
  ServerPlan plan;
  plan.identify = [](std::string_view pem) -> Result<std::string> {
    return std::string(pem.substr(0, 27) == "-----BEGIN CERTIFICATE-----" ? "alice" : "?");
  };
  const RunningServer server(sample_router(seen), std::move(plan));
  const Ran ran = run(Pki::shared().curl() + server.url("/hello"));
  CHECK(ran.status == 0);
  CHECK(ran.out == "hello alice");
}

TEST_CASE("the identity defaults to the certificate's fingerprint", "[net][server]") {
  Seen seen;
  const RunningServer server(sample_router(seen));
  const Ran ran = run(Pki::shared().curl() + server.url("/hello"));
  const Ran digest = run("openssl x509 -in " + Pki::shared().file("alice.pem") +
                         " -outform DER | sha256sum | cut -c1-64 | tr -d '\\n'");
  CHECK(ran.out == "hello " + digest.out);
}

TEST_CASE("peers without the right certificate or version do not reach HTTP", "[net][server]") {
  Seen seen;
  const Pki& pki = Pki::shared();
  RunningServer server(sample_router(seen), {}, &seen);
  const std::string base =
      "curl --noproxy '*' -sS --max-time 20 --cacert " + pki.file("ca.pem") + " ";
  CHECK(run(base + "--tlsv1.3 " + server.url("/hello") + " 2>/dev/null").status != 0);
  CHECK(run(pki.curl("mallory") + server.url("/hello") + " 2>/dev/null").status != 0);
  CHECK(run(base + "--tls-max 1.2 --cert " + pki.file("alice.pem") + " --key " +
            pki.file("alice.key") + " " + server.url("/hello") + " 2>/dev/null")
            .status == 35);
  // A server certificate shown as a client's: its extended key usage says otherwise.
  CHECK(run(pki.curl("server") + server.url("/hello") + " 2>/dev/null").status != 0);
  CHECK(run("curl --noproxy '*' -sS --max-time 20 http://localhost:" +
            std::to_string(server.port()) + "/hello 2>/dev/null")
            .status != 0);
  server.stop();
  REQUIRE(seen.records.size() == 5);
  for (const AccessRecord& record : seen.records) {
    CHECK(record.status == 0);
    CHECK(record.peer_address == "127.0.0.1");
    CHECK_FALSE(record.failure.empty());
  }
}

TEST_CASE("routes answer by method and path", "[net][server]") {
  Seen seen;
  const RunningServer server(sample_router(seen));
  const std::string curl = Pki::shared().curl();
  CHECK(run(curl + server.url("/items/a%20b")).out == "a b");
  CHECK(run(curl + kStatus + server.url("/nothing")).out == "404");
  CHECK(run(curl + kStatus + "-X DELETE " + server.url("/hello")).out == "405");
  CHECK(run(curl + kStatus + "-X BREW " + server.url("/hello")).out == "405");
  CHECK(run(curl + "-i -X BREW " + server.url("/hello")).out.find("Allow: GET, HEAD\r\n") !=
        std::string::npos);
  CHECK(run(curl + kStatus + "--path-as-is " + server.url("/items/../hello")).out == "400");
  CHECK(run(curl + kStatus + server.url("/items/%2e%2e")).out == "400");
  CHECK(run(curl + kStatus + "--no-alpn -0 " + server.url("/hello")).out == "505");
}

TEST_CASE("a target that could be read two ways ends the connection", "[net][server]") {
  Seen seen;
  const RunningServer server(sample_router(seen));
  const std::string curl = Pki::shared().curl() + "-i --path-as-is ";
  CHECK(run(curl + server.url("/items/%2fhello")).out.find("Connection: close\r\n") !=
        std::string::npos);
  CHECK(run(curl + server.url("/nothing")).out.find("Connection: keep-alive\r\n") !=
        std::string::npos);
}

TEST_CASE("HEAD has the header of GET and no body, and the connection lives on", "[net][server]") {
  Seen seen;
  const RunningServer server(sample_router(seen));
  const std::string url = server.url("/hello");
  const Ran ran =
      run(Pki::shared().curl() + "-I " + url + " " + url + " -w '%{num_connects} %{http_code}\\n'");
  CHECK(ran.status == 0);
  CHECK(ran.out.find("Content-Length: 70\r\n") != std::string::npos);
  CHECK(ran.out.find("0 200\n") != std::string::npos);  // the second used the first's connection
}

TEST_CASE("a body arrives whole, with and without Expect", "[net][server]") {
  Seen seen;
  RunningServer server(sample_router(seen), {}, &seen);
  const std::string curl = Pki::shared().curl();
  CHECK(run(curl + "--data-binary 'abcdef' " + server.url("/upload")).out == "6");
  CHECK(run(curl + "-H 'Expect: 100-continue' --data-binary 'abcdefg' " + server.url("/upload"))
            .out == "7");
  CHECK(run(curl + "--data-binary '' " + server.url("/upload")).out == "0");
  server.stop();
  REQUIRE(seen.finished.size() == 3);
  CHECK(seen.finished[0] == "abcdef");
  CHECK(seen.finished[1] == "abcdefg");
  CHECK(seen.finished[2].empty());
  CHECK(seen.aborted == 0);
}

TEST_CASE("a body of exactly the limit is taken, one byte more is refused", "[net][server]") {
  Seen seen;
  RunningServer server(sample_router(seen));
  const Folder folder;
  const std::string curl = Pki::shared().curl() + kStatus;
  REQUIRE(run("head -c 1048576 /dev/zero > " + folder.path("fits")).status == 0);
  REQUIRE(run("head -c 1048577 /dev/zero > " + folder.path("over")).status == 0);
  CHECK(run(curl + "--data-binary @" + folder.path("fits") + " " + server.url("/upload")).out ==
        "201");
  CHECK(run(curl + "--data-binary @" + folder.path("over") + " " + server.url("/upload")).out ==
        "413");
  CHECK(run(curl + "-H Expect: --data-binary @" + folder.path("over") + " " + server.url("/upload"))
            .out == "413");
  CHECK(run(curl + "-H 'Transfer-Encoding: chunked' -d x " + server.url("/upload")).out == "411");
  server.stop();
  CHECK(seen.begun == 1);
}

TEST_CASE("a refused identity gets its reason and nothing else", "[net][server]") {
  Seen seen;
  ServerPlan plan;
  plan.identify = [](std::string_view) -> Result<std::string> {
    return fail(ErrorCode::forbidden, "certificate-revoked", "alice was revoked");
  };
  const RunningServer server(sample_router(seen), std::move(plan));
  const std::string curl = Pki::shared().curl();
  CHECK(run(curl + kStatus + server.url("/hello")).out == "403");
  CHECK(run(curl + server.url("/hello")).out ==
        R"({"error":"certificate-revoked","message":"alice was revoked"})");
}

TEST_CASE("a holder who is refused meanwhile is refused on the connection that he has",
          "[net][server]") {
  Seen seen;
  std::atomic<int> asked{0};
  std::atomic<bool> other{false};
  ServerPlan plan;
  plan.limits.identity_time = Milliseconds(0);
  plan.identify = [&](std::string_view) -> Result<std::string> {
    if (++asked < 3) return "alice";  // at the handshake, and before the first request
    if (other) return "bob";
    return fail(ErrorCode::forbidden, "node-key", "alice");
  };
  const RunningServer server(sample_router(seen), std::move(plan));
  const std::string url = server.url("/hello");
  const std::string both =
      Pki::shared().curl() + "-w ' %{http_code} %{num_connects}\\n' " + url + " " + url;
  CHECK(run(both).out ==
        "hello alice 200 1\n{\"error\":\"node-key\",\"message\":\"alice\"} 403 0\n");
  other = true;
  asked = 0;
  CHECK(run(both).out.find("http-identity") != std::string::npos);
}

TEST_CASE("an identity over its rate gets 429 while another is served", "[net][server]") {
  Seen seen;
  ServerPlan plan;
  plan.limits.requests_per_second = 0.001;
  plan.limits.requests_burst = 2;
  const RunningServer server(sample_router(seen), std::move(plan));
  const std::string url = server.url("/hello");
  const std::string three = url + " " + url + " " + url + " -o /dev/null -o /dev/null";
  CHECK(run(Pki::shared().curl() + "-w '%{http_code} ' " + kStatus + three).out == "200200429");
  CHECK(run(Pki::shared().curl("bob") + kStatus + url).out == "200");
}

TEST_CASE("a file is served whole, in ranges and not when unchanged", "[net][server]") {
  const Folder folder;
  const std::string file = folder.path("blob");
  REQUIRE(run("head -c 3000000 /dev/urandom > " + file).status == 0);
  Router router;
  router.add(Method::get, "/blob", [&](const Request& request) -> Reply {
    auto opened = os::open_read(file);
    if (!opened) return error_response(opened.error());
    return serve_representation(
        request, {*std::move(opened), 3'000'000, "\"v1\"", "application/octet-stream"});
  });
  const RunningServer server(std::move(router));
  const std::string curl = Pki::shared().curl();
  const std::string url = server.url("/blob");
  CHECK(run(curl + url + " | cmp - " + file).status == 0);
  CHECK(run(curl + "-r 0-0 " + url + " | cmp -n 1 - " + file).status == 0);
  const auto part = [&](const std::string& range, const std::string& cut) {
    return run(curl + "-r " + range + " " + url + " > " + folder.path("got") + " && " + cut +
               " | cmp - " + folder.path("got"))
        .status;
  };
  CHECK(part("1000-2000000", "tail -c +1001 " + file + " | head -c 1999001") == 0);
  CHECK(part("-500", "tail -c 500 " + file) == 0);
  CHECK(run(curl + "-r 2999999- " + kStatus + url).out == "206");
  CHECK(run(curl + "-r 3000000- " + kStatus + url).out == "416");
  CHECK(run(curl + "-H 'If-None-Match: \"v1\"' " + kStatus + url).out == "304");
  CHECK(run(curl + "-H 'If-Range: \"v0\"' -r 0-9 " + kStatus + url).out == "200");
  CHECK(run(curl + "-H 'If-Range: \"v1\"' -r 0-9 " + kStatus + url).out == "206");
  CHECK(run(curl + "-I " + url).out.find("Content-Length: 3000000") != std::string::npos);
}

TEST_CASE("what a failed answer withholds from the peer, the operator is told", "[net][server]") {
  Seen seen;
  Router router;
  const auto failing = [&](const std::string& path, ErrorCode code) {
    router.add(Method::get, path, [code](const Request&) -> Reply {
      return error_response(Error(code, "disk-sad", "/secret/place"));
    });
  };
  failing("/internal", ErrorCode::internal);
  failing("/corrupt", ErrorCode::corrupt);
  failing("/unavailable", ErrorCode::unavailable);
  failing("/malformed", ErrorCode::malformed);
  // The operating system's own errors, of any kind: their context names paths.
  const std::vector<std::string> of_machine{"/os-malformed", "/os-forbidden", "/os-exhausted"};
  const std::vector<ErrorCode> codes{ErrorCode::malformed, ErrorCode::forbidden,
                                     ErrorCode::exhausted};
  for (std::size_t i = 0; i < codes.size(); ++i)
    router.add(Method::get, of_machine[i], [code = codes[i]](const Request&) -> Reply {
      return error_response(Error(code, "disk-sad", "/secret/place", ENOSPC));
    });
  RunningServer server(std::move(router), {}, &seen);
  const std::string curl = Pki::shared().curl();
  for (const char* path : {"/internal", "/corrupt", "/unavailable"})
    CHECK(run(curl + server.url(path)).out.find("/secret/place") == std::string::npos);
  for (const std::string& path : of_machine) {
    const std::string body = run(curl + server.url(path)).out;
    CHECK(body.find("/secret/place") == std::string::npos);
    CHECK(body.find("disk-sad") != std::string::npos);
  }
  CHECK(run(curl + server.url("/malformed")).out.find("/secret/place") != std::string::npos);
  server.stop();
  REQUIRE(seen.records.size() == 7);
  for (std::size_t i = 0; i < 6; ++i) {
    INFO(seen.records[i].path);
    const std::string& told = seen.records[i].failure;
    CHECK(told.find("disk-sad") != std::string::npos);
    CHECK(told.find("/secret/place") != std::string::npos);
  }
  CHECK(seen.records[6].failure.empty());
}

TEST_CASE("routes may run on a pool", "[net][server]") {
  Seen seen;
  ServerPlan plan;
  plan.route_threads = 2;
  const RunningServer server(sample_router(seen), std::move(plan));
  const std::string curl = Pki::shared().curl();
  CHECK(run(curl + "--data-binary 'abcdef' " + server.url("/upload")).out == "6");
  CHECK(run(curl + kStatus + server.url("/hello")).out == "200");
}

TEST_CASE("stopping ends idle connections and lets the server be destroyed", "[net][server]") {
  Seen seen;
  RunningServer server(sample_router(seen));
  auto idle = connect_tcp("127.0.0.1", server.port(), std::chrono::seconds(5));
  REQUIRE(idle.has_value());
  CHECK(run(Pki::shared().curl() + kStatus + server.url("/hello")).out == "200");
  server.stop();
  SUCCEED("stopped");
}

TEST_CASE("a server is not made from wrong credentials or a socket that does not listen",
          "[net][server]") {
  const auto create = [](Credentials credentials, bool listening) {
    std::vector<os::UniqueFd> listeners;
    if (listening) {
      listeners.push_back(*listen_tcp("127.0.0.1", 0));
    } else {
      listeners.emplace_back(::eventfd(0, EFD_CLOEXEC));
    }
    ServerPlan plan;
    plan.credentials = std::move(credentials);
    return Server::create(std::move(listeners), std::move(plan), Router());
  };
  const Pki& pki = Pki::shared();
  CHECK(create(pki.credentials("server"), true).has_value());
  CHECK(create(pki.credentials("server"), false).error().reason() == "server-listener");
  Credentials other = pki.credentials("server");
  other.key_pem = pki.credentials("alice").key_pem;
  CHECK(create(other, true).error().reason() == "tls-credentials");
  Credentials blind = pki.credentials("server");
  blind.trust_anchors_pem = "nothing";
  CHECK(create(blind, true).error().reason() == "tls-credentials");
}
