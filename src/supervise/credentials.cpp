#include "supervise/credentials.hpp"

#include <set>

#include "config/trust.hpp"
#include "os/file.hpp"
#include "supervise/key_rollover.hpp"
#include "supervise/ownership.hpp"
#include "supervise/roster.hpp"

namespace hangu::supervise {
namespace {

Done copy_credential(const std::string& from, const config::Layout& layout,
                     const config::Gateway& gateway, const std::string& member,
                     const std::string& name) {
  const std::string to = layout.credentials(member) + "/" + name;
  HANGU_TRY(Bytes bytes, os::read_file(from, config::kConfigBytesMax));
  const Done written = os::write_file_durably(to, bytes, kKeyFileMode);
  crypto::wipe(bytes);
  HANGU_CHECK(written);
  return let_read(to, gateway, member, kKeyFileMode);
}

/// A certificate, its key and an authority, as a program finds them that is a client of others.
struct ClientFiles {
  const std::string& certificate;
  const std::string& key;
  const std::string& authority;
  const char* authority_name;
};

Done copy_client_files(const ClientFiles& files, const config::Layout& layout,
                       const config::Gateway& gateway, const std::string& member) {
  HANGU_CHECK(copy_credential(files.certificate, layout, gateway, member, "tls.crt"));
  HANGU_CHECK(copy_credential(files.key, layout, gateway, member, "tls.key"));
  return copy_credential(files.authority, layout, gateway, member, files.authority_name);
}

/// TLS names of a zone: its address and a name for each half.
std::set<std::string> tls_names(const config::Zone& zone) {
  return {"ip:" + zone.address, "localhost", zone.id.text() + ".hangu.internal"};
}

std::string gate_key_file(const config::Layout& layout) {
  return layout.credentials(std::string(kGate)) + "/stage.key";
}

/// Who signs policies, unless somebody has: a site that has its own people puts them there.
Done write_signers(const config::Layout& layout, const cli::Pki& pki) {
  if (!exists(layout.signers())) {
    HANGU_TRY(const policy::Signers signers, pki.signers());
    HANGU_CHECK(
        os::write_file_durably(layout.signers(), bytes_of(signers.to_text()), kPublicFileMode));
  }
  HANGU_CHECK(check_ours(layout.signers()));
  HANGU_TRY(const policy::Signers signers,
            policy::Signers::load(layout.signers(), layout.auditor_keys()));
  (void)signers;
  return {};
}

/// The gate's key, made with the folder. Another one could not go on where the first left off: what
/// is in force would count no more, and nothing could follow it.
Result<crypto::VerifyKey> make_gate_key(const config::Layout& layout,
                                        const config::Gateway& gateway, Entropy& entropy) {
  const std::string gate(kGate);
  const std::string path = gate_key_file(layout);
  if (!exists(path) && exists(layout.policy_in_force()))
    return fail(ErrorCode::malformed, "gate-key-missing", path);
  HANGU_CHECK(os::make_folders(layout.credentials(gate), kOwnMode));
  return make_signing_key(path, gateway, gate, crypto::SignatureAlgorithm::ed25519, entropy);
}

}  // namespace

Result<crypto::VerifyKey> make_signing_key(const std::string& path, const config::Gateway& gateway,
                                           const std::string& member,
                                           crypto::SignatureAlgorithm algorithm, Entropy& entropy) {
  if (!exists(path)) {
    HANGU_TRY(const crypto::SigningKey made, crypto::SigningKey::generate(algorithm, entropy));
    HANGU_TRY(Bytes pem, crypto::write_key_pem(made));
    const Done written = os::write_file_durably(path, pem, kKeyFileMode);
    crypto::wipe(pem);
    HANGU_CHECK(written);
  }
  HANGU_CHECK(let_read(path, gateway, member, kKeyFileMode));
  HANGU_TRY(Bytes pem, os::read_file(path, config::kConfigBytesMax));
  const Result<crypto::SigningKey> key = crypto::read_signing_key_pem(pem);
  crypto::wipe(pem);
  if (!key) return std::unexpected(key.error().within(path));
  return key->verify_key();
}

Result<crypto::SigningKey> gate_key(const config::Layout& layout) {
  const std::string path = gate_key_file(layout);
  HANGU_TRY(Bytes pem, os::read_file(path, config::kConfigBytesMax));
  Result<crypto::SigningKey> key = crypto::read_signing_key_pem(pem);
  crypto::wipe(pem);
  if (!key) return std::unexpected(key.error().within(path));
  return key;
}

Done make_credentials(const config::Layout& layout, const config::Gateway& gateway, cli::Pki& pki,
                      Entropy& entropy) {
  config::StageKeys keys;
  for (const Member& member : roster(gateway)) {
    const std::string folder = layout.credentials(member.name);
    HANGU_CHECK(os::make_folders(folder, kOwnMode));
    HANGU_CHECK(let_read(folder, gateway, member.name, kOwnMode));
    if (member.name == "custodian" || member.name == "worker" || member.name == "mosaic" ||
        member.network)
      continue;                      // they sign nothing
    if (member.name == "forward") {  // signs nothing of ours either
      const config::Forwarding& to = *gateway.forward;
      HANGU_CHECK(copy_client_files({to.certificate, to.key, to.authority, "receiver-ca.pem"},
                                    layout, gateway, member.name));
      continue;
    }
    if (member.name == "directory") {
      const config::DirectoryPlan& to = *gateway.directory;
      HANGU_CHECK(copy_client_files({to.certificate, to.key, to.authority, "server-ca.pem"}, layout,
                                    gateway, member.name));
    }
    if (member.name == "audit") {
      HANGU_TRY(const LogVkeys made, make_log_keys(layout, gateway, entropy));
      keys.insert_or_assign(member.name, made.log.key());
    } else if (!member.name.starts_with("deliver")) {
      HANGU_TRY(const crypto::VerifyKey key,
                make_signing_key(folder + "/stage.key", gateway, member.name,
                                 crypto::SignatureAlgorithm::ed25519, entropy));
      keys.insert_or_assign(member.name, key);
    }
    if (!member.zone) continue;
    const config::Zone& zone = *gateway.zone(*member.zone);
    if (!exists(pki.zone_folder(zone.id))) {
      HANGU_TRY(const std::string made, pki.issue_zone(zone.id, tls_names(zone)));
      (void)made;
    }
    for (const char* name : {"tls.crt", "tls.key"})
      HANGU_CHECK(copy_credential(pki.zone_folder(zone.id) + "/" + name, layout, gateway,
                                  member.name, name));
  }
  if (!exists(pki.gateway_folder(gateway.name))) {
    HANGU_TRY(const std::string made, pki.issue_gateway(gateway.name));
    (void)made;
  }
  for (const char* name : {"opening-intl.key", "opening-gm.key"})
    HANGU_CHECK(copy_credential(pki.gateway_folder(gateway.name) + "/" + name, layout, gateway,
                                "verify", name));
  HANGU_TRY(const crypto::VerifyKey gate, make_gate_key(layout, gateway, entropy));
  keys.insert_or_assign(std::string(kGate), gate);
  HANGU_TRY(const crypto::SigningKey officer, pki.officer());
  HANGU_CHECK(os::write_file_durably(layout.stage_keys(),
                                     bytes_of(config::stage_keys_to_text(keys)), kPublicFileMode));
  HANGU_CHECK(os::write_file_durably(
      layout.officer_keys(),
      bytes_of(config::stage_keys_to_text({{"officer", officer.verify_key()}})), kPublicFileMode));
  HANGU_TRY(const config::StageKeys auditors, pki.auditors());
  HANGU_CHECK(os::write_file_durably(
      layout.auditor_keys(), bytes_of(config::stage_keys_to_text(auditors)), kPublicFileMode));
  HANGU_CHECK(write_signers(layout, pki));
  return os::write_file_durably(layout.node_anchors(), bytes_of(pki.anchors_pem()),
                                kPublicFileMode);
}

}  // namespace hangu::supervise
