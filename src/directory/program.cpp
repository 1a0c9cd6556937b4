#include "directory/program.hpp"

#include <span>
#include <thread>

#include "config/directory_paths.hpp"
#include "config/trust.hpp"
#include "crypto/certificate.hpp"
#include "crypto/prepare.hpp"
#include "directory/answer_service.hpp"
#include "directory/follower.hpp"
#include "directory/register_keeper.hpp"
#include "line/audit_client.hpp"
#include "line/stage_shell.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"
#include "os/process.hpp"

namespace hangu::directory {
namespace {

constexpr milliseconds kAuditPatience{1'000};  ///< freshness must not wait for the log

Result<crypto::SigningKey> stage_key(const config::Layout& layout) {
  HANGU_TRY(Bytes pem,
            os::read_file(layout.credentials("directory") + "/stage.key", kCredentialBytesMax));
  Result<crypto::SigningKey> key = crypto::read_signing_key_pem(pem);
  crypto::wipe(pem);
  return key;
}

Result<std::vector<crypto::VerifyKey>> officers_of(const config::Layout& layout) {
  HANGU_TRY(const config::StageKeys keys, config::load_stage_keys(layout.officer_keys()));
  std::vector<crypto::VerifyKey> out;
  for (const auto& [name, key] : keys) out.push_back(key);
  return out;
}

ServerPlan server_of(const config::Layout& layout, const config::DirectoryPlan& plan) {
  const std::string mine = layout.credentials("directory");
  return {.address = plan.address,
          .port = plan.port,
          .server_name = plan.server_name,
          .start_tls = plan.start_tls,
          .certificate_file = mine + "/tls.crt",
          .key_file = mine + "/tls.key",
          .authority_file = mine + "/server-ca.pem",
          .crl_file = plan.crl.empty() ? "" : layout.folder() + "/" + plan.crl};
}

/// Writes events to the log; a client is made when first needed, and again after its end.
class EventWriter {
 public:
  explicit EventWriter(std::string socket) : socket_(std::move(socket)) {}
  Done write(const std::string& type, const wire::JsonObject& event) {
    if (!audit_) {
      HANGU_TRY(audit_, line::AuditClient::connect(socket_, entropy_, kAuditPatience));
    }
    const auto entry = audit_->append({.id = audit_->new_request_id(),
                                       .type = type,
                                       .transfer = std::nullopt,
                                       .keys = {},
                                       .kind = audit::BodyKind::event,
                                       .body = wire::Json(event).to_text()});
    if (entry) return {};
    line::log_line("DIRECTORY-0007", entry.error().message());
    audit_.reset();
    return std::unexpected(entry.error());
  }

 private:
  std::string socket_;
  crypto::SystemEntropy entropy_;
  std::optional<line::AuditClient> audit_;
};

}  // namespace

os::Profile directory_profile(const config::Layout& layout, const config::DirectoryPlan& plan) {
  os::Profile profile;
  profile.name = "hangu-directory";
  profile.paths = {{layout.credentials("directory"), os::PathUse::read},
                   {layout.anchors(), os::PathUse::read},
                   {config::directory_folder(layout), os::PathUse::read_write},
                   {layout.socket("audit", "directory"), os::PathUse::connect}};
  profile.accepts = true;
  profile.tcp_ports = {plan.port};
  profile.threads = true;
  return profile;
}

Done run_directory(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  if (arguments.size() != 3 || std::string_view(arguments[1]) != "--config")
    return fail(ErrorCode::malformed, "usage", "hangu-directory --config FILE");
  HANGU_TRY(const config::Gateway gateway, config::Gateway::load(arguments[2]));
  if (!gateway.directory)
    return fail(ErrorCode::malformed, "directory-not-configured", arguments[2]);
  const config::DirectoryPlan& plan = *gateway.directory;
  const config::Layout layout(gateway.folder);
  HANGU_TRY(const crypto::SigningKey key, stage_key(layout));
  HANGU_TRY(std::vector<crypto::VerifyKey> officers, officers_of(layout));
  HANGU_TRY(auto passed, os::passed_listeners());
  const auto socket = passed.find("directory.decide");
  if (socket == passed.end())
    return fail(ErrorCode::malformed, "listener-missing", "directory.decide");
  os::Listener listener(std::move(socket->second));
  HANGU_TRY(const os::UniqueFd stop, os::termination_signals());
  os::Readiness readiness = os::Readiness::prepare();
  HANGU_CHECK(prepare_library());
  crypto::prepare();
  HANGU_TRY(const os::SandboxReport sandbox, os::enter_sandbox(directory_profile(layout, plan)));

  const os::SystemClock clock;
  Standing standing;
  EventWriter events(layout.socket("audit", "directory"));
  Follower follower(
      {.server = server_of(layout, plan),
       .base = plan.base,
       .heartbeat = plan.heartbeat,
       .officers = std::move(officers),
       .tell = line::log_line,
       .record = [&](const std::string& type,
                     const wire::JsonObject& event) { return events.write(type, event); }},
      standing, clock);
  RegisterKeeper keeper(config::directory_register(layout), key);
  const std::jthread following([&](const std::stop_token& end) { follower.run(end); });
  readiness.tell("following, landlock " + std::to_string(sandbox.landlock_abi));
  const std::array watched{stop.view(), listener.view()};
  while (true) {  // ends: by the stop descriptor
    HANGU_TRY(const auto ready, os::wait_readable(watched, kTick));
    if (!ready.empty() && ready.front() == 0) return {};
    if (!ready.empty()) answer_waiting(listener, standing, key, clock);
    if (const Done kept = keeper.refresh(standing, clock, os::monotonic_now()); !kept)
      line::log_line("DIRECTORY-0005", "node register: " + kept.error().message());
  }
}

}  // namespace hangu::directory
