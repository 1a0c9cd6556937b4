#include "witness/server.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

#include "audit/witness/limits.hpp"
#include "crypto/certificate.hpp"
#include "crypto/prepare.hpp"
#include "net/server.hpp"
#include "net/socket.hpp"
#include "os/clock.hpp"
#include "os/failure.hpp"
#include "os/process.hpp"
#include "witness/limits.hpp"

namespace hangu::witness {
namespace {

constexpr Milliseconds kMinute = std::chrono::minutes(1);

/// Tells what came of requests; of refusals no more than kToldRefusalsMax a minute.
class Teller {
 public:
  explicit Teller(Tell tell) : tell_(std::move(tell)) {}
  void about(const audit::WitnessVerdict& verdict) {
    switch (verdict.finding) {
      case audit::WitnessFinding::cosigned: return;
      case audit::WitnessFinding::forked: return line("0004 ALARM", verdict);
      case audit::WitnessFinding::bad_proof: return line("0004", verdict);
      case audit::WitnessFinding::unable: return line("0005", verdict);
      case audit::WitnessFinding::refused: return line("0003", verdict);
    }
  }

 private:
  void line(std::string_view id, const audit::WitnessVerdict& verdict) {
    const Milliseconds now = os::monotonic_now();
    if (now - minute_ >= kMinute) {
      minute_ = now;
      told_ = 0;
    }
    const bool rare = verdict.finding == audit::WitnessFinding::forked;
    if (!rare && ++told_ > kToldRefusalsMax) return;
    tell_("HANGU-WITNESS-" + std::string(id) + " " + std::to_string(verdict.answer.status) + " " +
          verdict.detail);
  }
  Tell tell_;
  Milliseconds minute_{0};
  int told_ = 0;
};

net::Response response_of(const audit::WitnessAnswer& answer) {
  return net::text_response(answer.status, answer.media_type, answer.body);
}

/// What the routes share.
struct Desk {
  audit::WitnessState& state;
  Teller teller;
  std::function<void()> end;

  net::Response about(const audit::WitnessVerdict& verdict) {
    teller.about(verdict);
    if (state.disk_failed()) end();
    return response_of(verdict.answer);
  }
};

/// Collects a request's body, which the route has bounded.
class RequestBody final : public net::BodySink {
 public:
  explicit RequestBody(std::shared_ptr<Desk> desk) : desk_(std::move(desk)) {}
  Done write(ByteView bytes) override {
    body_ += text_of(bytes);
    return {};
  }
  net::Response finish() override { return desk_->about(desk_->state.add_checkpoint(body_)); }
  void abort() override {}

 private:
  std::shared_ptr<Desk> desk_;  // shared by the routes and the requests that run
  std::string body_;
};

net::Response latest(Desk& desk, const net::Request& request) {
  const auto found = desk.state.latest(request.parts.at("log"));
  if (!found) {
    return desk.about({.answer = {.status = audit::kWitnessFailed,
                                  .media_type = std::string(audit::kTextMediaType),
                                  .body = "the state cannot be read\n"},
                       .finding = audit::WitnessFinding::unable,
                       .detail = found.error().message()});
  }
  if (!*found)
    return net::text_response(audit::kWitnessUnknownLog, audit::kTextMediaType,
                              "no such checkpoint\n");
  return net::text_response(audit::kWitnessCosigned, audit::kTextMediaType, **found);
}

/// Ends the server: readable on a signal, or once end() was called.
class Ending {
 public:
  static Result<Ending> create() {
    Ending out;
    HANGU_TRY(out.signals_, os::termination_signals());
    out.own_ = os::UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    out.both_ = os::UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
    for (const int fd : std::array{out.signals_.get(), out.own_.get()}) {
      epoll_event event{.events = EPOLLIN, .data = {}};
      if (::epoll_ctl(out.both_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
        return os::os_failure(errno, "poll-failed", "the server's end");
    }
    return out;
  }
  void end() const { (void)::eventfd_write(own_.get(), 1); }
  [[nodiscard]] os::FdView view() const { return both_.view(); }

 private:
  Ending() = default;
  os::UniqueFd signals_;
  os::UniqueFd own_;
  os::UniqueFd both_;
};

net::ServerPlan server_plan(const WitnessServerPlan& plan, const Clock& clock) {
  net::ServerPlan out;
  out.plain = !plan.credentials;
  if (plan.credentials) out.credentials = *plan.credentials;
  out.credentials.asks_clients = false;
  out.limits.connections_max = kConnectionsMax;
  out.limits.connections_per_address_max = kConnectionsPerAddressMax;
  out.limits.connections_per_identity_max = kConnectionsPerAddressMax;
  out.limits.requests_per_second = kRequestsPerSecond;
  out.limits.requests_burst = kRequestsBurst;
  out.clock = &clock;
  return out;
}

}  // namespace

net::Router witness_routes(audit::WitnessState& state, const Tell& tell,
                           std::function<void()> end) {
  const auto desk = std::make_shared<Desk>(state, Teller(tell), std::move(end));
  net::Router router;
  router.add(
      net::Method::post, "/add-checkpoint",
      [desk](const net::Request&) -> net::Reply { return std::make_unique<RequestBody>(desk); },
      audit::kAddCheckpointBytesMax);
  router.add(net::Method::get, "/{log}/checkpoint",
             [desk](const net::Request& request) -> net::Reply { return latest(*desk, request); });
  return router;
}

os::Profile witness_profile(const std::string& state_folder) {
  os::Profile profile;
  profile.name = "hangu-witness";
  profile.paths = {{.path = state_folder, .use = os::PathUse::read_write}};
  profile.accepts = true;
  profile.unix_sockets = false;
  profile.descriptors_max = kDescriptorsMax;
  return profile;
}

Done serve_witness(audit::WitnessState& state, WitnessServerPlan plan, const Clock& clock,
                   const std::function<void(std::uint16_t port)>& listening) {
  HANGU_TRY(const Ending ending, Ending::create());
  os::Readiness readiness = os::Readiness::prepare();
  HANGU_TRY(os::UniqueFd listener, net::listen_tcp(plan.address, plan.port));
  HANGU_TRY(const std::uint16_t port, net::local_port(listener.view()));
  std::vector<os::UniqueFd> listeners;
  listeners.push_back(std::move(listener));
  HANGU_TRY(net::Server server,
            net::Server::create(std::move(listeners), server_plan(plan, clock),
                                witness_routes(state, plan.tell, [&ending] { ending.end(); })));
  crypto::prepare();
  HANGU_TRY(const os::SandboxReport sandbox, os::enter_sandbox(witness_profile(plan.state_folder)));
  plan.tell("HANGU-WITNESS-0001 serving: key " + state.key().to_text() + ", landlock " +
            std::to_string(sandbox.landlock_abi));
  listening(port);
  readiness.tell("serving");
  HANGU_CHECK(server.run(ending.view()));
  return state.disk_failed()
             ? Done(fail(ErrorCode::internal, "witness-disk-failed", plan.state_folder))
             : Done();
}

}  // namespace hangu::witness
