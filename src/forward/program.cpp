#include "forward/program.hpp"

#include <span>

#include "audit/note.hpp"
#include "crypto/prepare.hpp"
#include "crypto/secret.hpp"
#include "forward/forwarder.hpp"
#include "forward/limits.hpp"
#include "forward/log_feed.hpp"
#include "line/stage_shell.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"
#include "os/process.hpp"

namespace hangu::forward {
namespace {

Result<std::string> read_credential(const config::Layout& layout, const std::string& name) {
  HANGU_TRY(const Bytes bytes,
            os::read_file(layout.credentials("forward") + "/" + name, kCredentialBytesMax));
  return std::string(text_of(bytes));
}

Result<net::TlsContext> tls_of(const config::Layout& layout) {
  net::Credentials credentials;
  HANGU_TRY(credentials.certificate_pem, read_credential(layout, "tls.crt"));
  HANGU_TRY(credentials.trust_anchors_pem, read_credential(layout, "receiver-ca.pem"));
  HANGU_TRY(Bytes key,
            os::read_file(layout.credentials("forward") + "/tls.key", kCredentialBytesMax));
  credentials.key_pem = key;
  Result<net::TlsContext> tls = net::TlsContext::for_syslog(credentials);
  crypto::wipe(key);
  return tls;
}

Result<audit::NoteKey> log_key(const config::Layout& layout) {
  HANGU_TRY(const Bytes bytes, os::read_file(layout.log_key(), kCredentialBytesMax));
  std::string text(text_of(bytes));
  while (text.ends_with('\n')) text.pop_back();
  return audit::NoteKey::parse(text);
}

}  // namespace

os::Profile forward_profile(const config::Layout& layout, const config::Forwarding& forwarding) {
  os::Profile profile;
  profile.name = "forward";
  profile.paths = {{layout.audit(), os::PathUse::read},
                   {layout.forward(), os::PathUse::read_write}};
  profile.unix_sockets = false;
  profile.tcp_ports = {forwarding.port};
  return profile;
}

Done run_forward(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  if (arguments.size() != 3 || std::string_view(arguments[1]) != "--config")
    return fail(ErrorCode::malformed, "usage", "hangu-forward --config FILE");
  HANGU_TRY(const config::Gateway gateway, config::Gateway::load(arguments[2]));
  if (!gateway.forward) return fail(ErrorCode::malformed, "forward-not-configured", arguments[2]);
  const config::Forwarding& forwarding = *gateway.forward;
  const config::Layout layout(gateway.folder);
  HANGU_TRY(const os::UniqueFd stop, os::termination_signals());
  os::Readiness readiness = os::Readiness::prepare();
  HANGU_TRY(net::TlsContext tls, tls_of(layout));
  HANGU_TRY(const audit::NoteKey key, log_key(layout));
  crypto::prepare();
  crypto::prepare_certificates();
  HANGU_TRY(const os::SandboxReport sandbox,
            os::enter_sandbox(forward_profile(layout, forwarding)));

  const os::SystemClock clock;
  LogFeed feed(
      layout.audit(), key,
      {.origin = gateway.log_origin(),
       .size = 0,
       .root = {},
       .version = HANGU_VERSION,
       .pen = forwarding.enterprise_number,
       .language = forwarding.chinese ? audit::LineLanguage::zh : audit::LineLanguage::en});
  Forwarder forwarder({.receiver = {forwarding.address, forwarding.port, forwarding.server_name},
                       .tls = std::move(tls),
                       .origin = gateway.log_origin(),
                       .cursor_path = layout.forward_cursor(),
                       .status_path = layout.forward_state(),
                       .stop = stop.view(),
                       .tell = line::log_line},
                      feed, clock);
  readiness.tell("forwarding, landlock " + std::to_string(sandbox.landlock_abi));
  return forwarder.run();
}

}  // namespace hangu::forward
