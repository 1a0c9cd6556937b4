#include "loopback.hpp"

#include <sys/wait.h>

#include <array>
#include <cstdio>

#include <catch2/catch.hpp>

#include "os/clock.hpp"

namespace hangu::net::test {
namespace {

constexpr int kSettlePollsMax = 400;

void must(const std::string& command) {
  const Ran ran = run(command + " 2>&1");
  INFO(command << "\n" << ran.out);
  REQUIRE(ran.status == 0);
}

}  // namespace

Folder::Folder() {
  std::string pattern = "/tmp/hangu-net-XXXXXX";
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  root_ = pattern;
}

Folder::~Folder() { (void)run("rm -rf '" + root_ + "'"); }

Ran run(const std::string& command) {
  Ran ran;
  std::FILE* pipe = ::popen(command.c_str(), "re");
  if (pipe == nullptr) return ran;
  std::array<char, 4096> buffer{};
  std::size_t got = 0;
  while ((got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0) {
    ran.out.append(buffer.data(), got);
  }
  const int status = ::pclose(pipe);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return ran;
}

const Pki& Pki::shared() {
  static const Pki kPki;
  return kPki;
}

Pki::Pki() {
  const auto authority = [&](const std::string& name) {
    must("openssl req -x509 -newkey ed25519 -nodes -days 2 -subj /CN=" + name + " -keyout " +
         file(name + ".key") + " -out " + file(name + ".pem") +
         " -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign");
  };
  const auto leaf = [&](const std::string& name, const std::string& ca, const std::string& use,
                        const std::string& names) {
    must("openssl req -x509 -newkey ed25519 -nodes -days 2 -subj /CN=" + name + " -CA " +
         file(ca + ".pem") + " -CAkey " + file(ca + ".key") + " -keyout " + file(name + ".key") +
         " -out " + file(name + ".pem") +
         " -addext basicConstraints=critical,CA:FALSE -addext keyUsage=critical,digitalSignature"
         " -addext extendedKeyUsage=" +
         use + " -addext subjectAltName=" + names);
  };
  authority("ca");
  authority("otherca");
  leaf("server", "ca", "serverAuth", "DNS:localhost,IP:127.0.0.1");
  leaf("elsewhere", "ca", "serverAuth", "DNS:elsewhere.example");
  leaf("alice", "ca", "clientAuth", "URI:hangu:node:alice");
  leaf("bob", "ca", "clientAuth", "URI:hangu:node:bob");
  leaf("mallory", "otherca", "clientAuth", "URI:hangu:node:alice");
}

std::string Pki::text(const std::string& name) const {
  const auto bytes = os::read_file(file(name), 1 << 16);
  REQUIRE(bytes.has_value());
  return std::string(text_of(*bytes));
}

Credentials Pki::credentials(const std::string& name, const std::string& anchors) const {
  const std::lock_guard lock(mutex_);
  keys_.push_back(std::make_unique<std::string>(text(name + ".key")));
  return Credentials{text(name + ".pem"), bytes_of(*keys_.back()), text(anchors + ".pem")};
}

std::string Pki::curl(const std::string& client) const {
  return "curl --noproxy '*' -sS --max-time 60 --tlsv1.3 --http1.1 --cacert " + file("ca.pem") +
         " --cert " + file(client + ".pem") + " --key " + file(client + ".key") + " ";
}

bool Seen::settled(int expected_begun) {
  for (int i = 0; i < kSettlePollsMax; ++i) {
    {
      const std::lock_guard lock(mutex);
      if (begun >= expected_begun && static_cast<int>(finished.size()) + aborted == begun) {
        return true;
      }
    }
    os::pause_for(std::chrono::milliseconds(25));
  }
  return false;
}

Done RecordingSink::write(ByteView bytes) {
  size_ += bytes.size();
  if (keep_) body_.append(text_of(bytes));
  const std::lock_guard lock(seen_.mutex);
  seen_.bytes += bytes.size();
  return {};
}

Response RecordingSink::finish() {
  const std::lock_guard lock(seen_.mutex);
  seen_.finished.push_back(body_);
  return text_response(201, "text/plain", std::to_string(size_));
}

void RecordingSink::abort() {
  const std::lock_guard lock(seen_.mutex);
  ++seen_.aborted;
}

Router sample_router(Seen& seen) {
  Router router;
  router.add(Method::get, "/hello", [](const Request& request) -> Reply {
    return text_response(200, "text/plain", "hello " + request.identity);
  });
  router.add(Method::get, "/items/{id}", [](const Request& request) -> Reply {
    return text_response(200, "text/plain", request.parts.at("id"));
  });
  router.add(
      Method::post, "/upload",
      [&seen](const Request&) -> Reply { return std::make_unique<RecordingSink>(seen, true); },
      1 << 20);
  router.add(
      Method::post, "/count",
      [&seen](const Request&) -> Reply { return std::make_unique<RecordingSink>(seen, false); },
      1 << 30);
  return router;
}

RunningServer::RunningServer(Router router, ServerPlan plan, Seen* seen) {
  auto listener = listen_tcp("127.0.0.1", 0);
  REQUIRE(listener.has_value());
  port_ = *local_port(listener->view());
  if (plan.credentials.certificate_pem.empty()) {
    plan.credentials = Pki::shared().credentials("server");
  }
  if (seen != nullptr) {
    plan.observe = [seen](const AccessRecord& record) {
      const std::lock_guard lock(seen->mutex);
      seen->records.push_back(record);
    };
  }
  std::vector<os::UniqueFd> listeners;
  listeners.push_back(*std::move(listener));
  auto server = Server::create(std::move(listeners), std::move(plan), std::move(router));
  INFO((server ? "" : server.error().message()));
  REQUIRE(server.has_value());
  server_ = std::make_unique<Server>(*std::move(server));
  stop_ = os::UniqueFd(::eventfd(0, EFD_CLOEXEC));
  thread_ = std::thread([this] {
    const Done ran = server_->run(stop_.view());
    HANGU_ASSERT(ran.has_value());
  });
}

void RunningServer::stop() {
  if (!thread_.joinable()) return;
  const std::uint64_t one = 1;
  HANGU_ASSERT(::write(stop_.get(), &one, sizeof one) == sizeof one);
  thread_.join();
}

RunningServer::~RunningServer() { stop(); }

}  // namespace hangu::net::test
