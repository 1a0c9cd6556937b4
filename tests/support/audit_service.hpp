#pragma once
// The audit log for tests of who uses it: the real service on real sockets, and one in front of it
// that lies.

#include <sys/eventfd.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>

#include "audit/disk_folder.hpp"
#include "audit/service.hpp"
#include "crypto/secret.hpp"
#include "tests/support/packet_server.hpp"

namespace hangu::test {

/// hangu-audit's service on a thread of the test, one socket for each program.
class AuditService {
 public:
  /// `clock` must stand still or outlive this.
  AuditService(const std::filesystem::path& folder, const std::string& origin,
               crypto::SigningKey key, const Clock& clock, const std::vector<std::string>& programs)
      : folder_(folder), stop_(::eventfd(0, EFD_CLOEXEC)) {
    std::filesystem::create_directories(folder / "log");
    std::map<std::string, os::Listener> listeners;
    for (const std::string& program : programs) {
      auto listener = os::Listener::bind(socket(program));
      if (!listener) throw std::runtime_error(listener.error().message());
      listeners.emplace(program, *std::move(listener));
    }
    auto root = audit::open_disk_folder((folder / "log").string());
    if (!root) throw std::runtime_error(root.error().message());
    auto opened = audit::Writer::open({.folder = *std::move(root),
                                       .origin = origin,
                                       .key = std::move(key),
                                       .clock = clock,
                                       .entropy = entropy_,
                                       .self = {.program = "audit"},
                                       .limits = {.disk_reserve_bytes = 0}});
    if (!opened) throw std::runtime_error(opened.error().message());
    service_ = std::make_unique<audit::Service>(
        *std::move(opened), audit::ServicePlan{.listeners = std::move(listeners),
                                               .stop = stop_.view(),
                                               .tell = [](const std::string&) {}});
    thread_ = std::thread([this] { ended_well_ = service_->run().has_value(); });
  }
  ~AuditService() {
    const std::uint64_t one = 1;
    if (::write(stop_.get(), &one, sizeof one) != sizeof one) std::abort();
    thread_.join();
  }
  AuditService(const AuditService&) = delete;
  AuditService& operator=(const AuditService&) = delete;

  [[nodiscard]] std::string socket(const std::string& program) const {
    return (folder_ / (program + ".sock")).string();
  }

 private:
  std::filesystem::path folder_;
  os::UniqueFd stop_;
  crypto::SystemEntropy entropy_;
  std::unique_ptr<audit::Service> service_;
  std::thread thread_;
  std::atomic<bool> ended_well_ = false;
};

/// LyingAudit stands between a program and the service: it passes everything on until it is told
/// how to lie.
class LyingAudit {
 public:
  /// The service's own answer; asking is what makes an append happen.
  using Honest = std::function<audit::Reply()>;
  using Lie = std::function<std::optional<Frame>(const audit::Request&, const Honest&)>;

  LyingAudit(const std::string& path, const std::string& real)
      : real_(real),
        server_(path, [this](const os::Message& request) { return answer(request.bytes); }) {}

  void lie(Lie lie) {
    const std::lock_guard lock(mutex_);
    lie_ = std::move(lie);
  }

 private:
  std::optional<Frame> answer(ByteView bytes) {
    const auto request = audit::parse_request(bytes);
    if (!request) return Frame{};
    const Honest honest = [&] { return ask(bytes); };
    const std::lock_guard lock(mutex_);
    if (lie_) return lie_(*request, honest);
    return Frame{audit::to_bytes(honest())};
  }
  audit::Reply ask(ByteView bytes) {
    if (!channel_) {
      auto made = os::Channel::connect(real_);
      if (!made) throw std::runtime_error(made.error().message());
      channel_.emplace(*std::move(made));
    }
    const auto sent = channel_->send(bytes, std::chrono::seconds(10));
    const auto message = channel_->receive(std::chrono::seconds(10));
    if (!sent || !message) throw std::runtime_error("the service does not answer");
    auto reply = audit::parse_reply(message->bytes);
    if (!reply) throw std::runtime_error(reply.error().message());
    return *std::move(reply);
  }

  std::string real_;
  std::optional<os::Channel> channel_;
  std::mutex mutex_;
  Lie lie_;
  PacketServer server_;  // last: its thread uses the rest
};

}  // namespace hangu::test
