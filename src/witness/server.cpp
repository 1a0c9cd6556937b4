#include "witness/server.hpp"

#include <memory>

#include "audit/witness/limits.hpp"
#include "crypto/certificate.hpp"
#include "crypto/prepare.hpp"
#include "net/server.hpp"
#include "net/socket.hpp"
#include "os/clock.hpp"
#include "os/process.hpp"
#include "witness/limits.hpp"

namespace hangu::witness {
namespace {

constexpr std::string_view kNoteType = "text/plain; charset=utf-8";
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

/// Collects a request's body, which the route has bounded.
class RequestBody final : public net::BodySink {
 public:
  RequestBody(audit::WitnessState& state, std::shared_ptr<Teller> teller)
      : state_(state), teller_(std::move(teller)) {}
  Done write(ByteView bytes) override {
    body_ += text_of(bytes);
    return {};
  }
  net::Response finish() override {
    const audit::WitnessVerdict verdict = state_.add_checkpoint(body_);
    teller_->about(verdict);
    return response_of(verdict.answer);
  }
  void abort() override {}

 private:
  audit::WitnessState& state_;
  std::shared_ptr<Teller> teller_;  // shared by the route and the requests that run
  std::string body_;
};

net::Response latest(const audit::WitnessState& state, const net::Request& request) {
  const auto found = state.latest(request.parts.at("log"));
  if (!found) return net::text_response(500, kNoteType, "the state cannot be read\n");
  if (!*found) return net::text_response(404, kNoteType, "no such checkpoint\n");
  return net::text_response(200, kNoteType, **found);
}

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

net::Router witness_routes(audit::WitnessState& state, const Tell& tell) {
  const auto teller = std::make_shared<Teller>(tell);
  net::Router router;
  router.add(
      net::Method::post, "/add-checkpoint",
      [&state, teller](const net::Request&) -> net::Reply {
        return std::make_unique<RequestBody>(state, teller);
      },
      audit::kAddCheckpointBytesMax);
  router.add(
      net::Method::get, "/{log}/checkpoint",
      [&state](const net::Request& request) -> net::Reply { return latest(state, request); });
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
  HANGU_TRY(const os::UniqueFd stop, os::termination_signals());
  os::Readiness readiness = os::Readiness::prepare();
  HANGU_TRY(os::UniqueFd listener, net::listen_tcp(plan.address, plan.port));
  HANGU_TRY(const std::uint16_t port, net::local_port(listener.view()));
  std::vector<os::UniqueFd> listeners;
  listeners.push_back(std::move(listener));
  HANGU_TRY(net::Server server, net::Server::create(std::move(listeners), server_plan(plan, clock),
                                                    witness_routes(state, plan.tell)));
  crypto::prepare();
  HANGU_TRY(const os::SandboxReport sandbox, os::enter_sandbox(witness_profile(plan.state_folder)));
  plan.tell("HANGU-WITNESS-0001 serving: key " + state.key().to_text() + ", landlock " +
            std::to_string(sandbox.landlock_abi));
  listening(port);
  readiness.tell("serving");
  return server.run(stop.view());
}

}  // namespace hangu::witness
