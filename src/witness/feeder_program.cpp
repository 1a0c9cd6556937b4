#include "witness/feeder_program.hpp"

#include <iostream>
#include <memory>

#include "audit/disk_folder.hpp"
#include "audit/witness/files.hpp"
#include "audit/witness/quorum_watch.hpp"
#include "crypto/prepare.hpp"
#include "crypto/secret.hpp"
#include "line/audit_client.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"
#include "os/process.hpp"
#include "witness/feeder.hpp"
#include "witness/http_witness.hpp"

namespace hangu::witness {
namespace {

void tell(const std::string& line) { std::cerr << line + "\n" << std::flush; }

/// A way to each witness that has a URL.
struct Ways {
  std::vector<std::optional<Post>> posts;
  std::vector<std::uint16_t> ports;
};
Result<Ways> ways_to(const audit::WitnessPolicy& policy, const std::string& anchors_pem) {
  Ways ways;
  for (const auto& witness : policy.witnesses()) {
    ways.posts.emplace_back();
    if (!witness.url) continue;
    HANGU_TRY(WitnessUrl url, WitnessUrl::parse(*witness.url));
    ways.ports.push_back(url.port);
    HANGU_TRY(HttpWitness made, HttpWitness::create(std::move(url), anchors_pem));
    // Shared by the copies that std::function makes of it; one thread uses it.
    const auto http = std::make_shared<HttpWitness>(std::move(made));
    ways.posts.back() = [http](const std::string& body) { return http->post(body); };
  }
  return ways;
}

Done hand_over(line::AuditClient& audit, const std::string& note) {
  HANGU_TRY(const audit::CheckpointReply reply, audit.cosigned(note));
  static_cast<void>(reply);
  return {};
}

Done log_alarm(line::AuditClient& audit, const wire::JsonObject& event) {
  HANGU_CHECK(audit.append({.id = audit.new_request_id(),
                            .type = "witness.alarm",
                            .transfer = std::nullopt,
                            .keys = {},
                            .kind = audit::BodyKind::event,
                            .body = wire::Json(event).to_text()}));
  return {};
}

}  // namespace

os::Profile feeder_profile(const config::Layout& layout, std::vector<std::uint16_t> witness_ports) {
  os::Profile profile;
  profile.name = "hangu-feeder";
  profile.paths = {{layout.audit(), os::PathUse::read},
                   {layout.socket("audit", "feeder"), os::PathUse::connect}};
  profile.tcp_ports = std::move(witness_ports);
  profile.threads = true;
  return profile;
}

Done run_feeder(const std::string& config_file) {
  HANGU_TRY(const config::Gateway gateway, config::Gateway::load(config_file));
  if (!gateway.witness) return fail(ErrorCode::malformed, "witness-absent", config_file);
  const config::Layout layout(gateway.folder);
  HANGU_TRY(const os::UniqueFd stop, os::termination_signals());
  os::Readiness readiness = os::Readiness::prepare();
  HANGU_TRY(audit::NoteKey log_key, audit::load_vkey(layout.log_key()));
  HANGU_TRY(audit::WitnessPolicy policy, audit::load_witness_policy(gateway.witness_policy_file()));
  HANGU_CHECK(audit::check_policy_of(policy, log_key));
  HANGU_TRY(const Bytes anchors, os::read_file(layout.node_anchors(), config::kConfigBytesMax));
  HANGU_TRY(Ways ways, ways_to(policy, std::string(text_of(anchors))));
  HANGU_TRY(const auto folder, audit::open_disk_folder(layout.audit()));
  crypto::prepare();
  crypto::prepare_certificates();
  HANGU_TRY(const os::SandboxReport sandbox, os::enter_sandbox(feeder_profile(layout, ways.ports)));

  crypto::SystemEntropy entropy;
  std::optional<line::AuditClient> audit;  // made when first needed, and again after its end
  const auto with_audit = [&](const auto& act) -> Done {
    if (!audit) {
      HANGU_TRY(audit, line::AuditClient::connect(layout.socket("audit", "feeder"), entropy,
                                                  kAuditPatience));
    }
    return act(*audit);
  };
  tell("HANGU-FEEDER-0001 feeding " + std::to_string(policy.witnesses().size()) +
       " witnesses from zone " + gateway.witness->zone.text() + ", landlock " +
       std::to_string(sandbox.landlock_abi));
  Feeder feeder(
      {.log = folder.get(),
       .log_key = std::move(log_key),
       .policy = std::move(policy),
       .posts = std::move(ways.posts),
       .hand_over =
           [&](const std::string& note) {
             return with_audit([&](line::AuditClient& client) { return hand_over(client, note); });
           },
       .log_alarm =
           [&](const wire::JsonObject& event) {
             return with_audit([&](line::AuditClient& client) { return log_alarm(client, event); });
           },
       .tell = tell});
  readiness.tell("feeding");
  const std::array watched{stop.view()};
  while (true) {  // ends: by the stop descriptor
    feeder.tick(os::monotonic_now());
    HANGU_TRY(const auto stopped, os::wait_readable(watched, kTick));
    if (!stopped.empty()) return {};
  }
}

}  // namespace hangu::witness
