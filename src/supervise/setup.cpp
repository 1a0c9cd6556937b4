#include "supervise/setup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "audit/epochs.hpp"
#include "audit/witness/files.hpp"
#include "audit/witness/quorum_watch.hpp"
#include "audit/witnessing.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"
#include "config/trust.hpp"
#include "flow/node_register.hpp"
#include "os/file.hpp"
#include "policy/policy.hpp"
#include "policy/signed_document.hpp"
#include "supervise/examples.hpp"
#include "supervise/roster.hpp"
#include "witness/witness_url.hpp"

namespace hangu::supervise {
namespace {

constexpr unsigned kOpenMode = 0755;  // traversed by every program; holds no secret
constexpr unsigned kOwnMode = 0700;
constexpr unsigned kPublicFileMode = 0644;
constexpr unsigned kLogMode = 0750;  // the published log is read through the group
constexpr unsigned kKeyFileMode = 0400;
constexpr unsigned kOutboxMode = 02750;  // emit writes, deliver reads through the group

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

auto foreign(const std::string& what) { return fail(ErrorCode::forbidden, "folder-foreign", what); }

/// Whether what `status` is of belongs to this user or root, and nobody else may write it.
Done check_ours(const struct stat& status, const std::string& path) {
  if (status.st_uid != ::geteuid() && status.st_uid != 0)
    return foreign(path + " belongs to uid " + std::to_string(status.st_uid));
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return foreign(path + " can be written by group or others");
  return {};
}

/// The same of a path, whose last part may be no symbolic link, or not be there.
Done check_ours(const std::string& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return fail(ErrorCode::internal, "setup-failed", path, errno);
  }
  if (S_ISLNK(status.st_mode)) return foreign(path + " is a symbolic link");
  return check_ours(status, path);
}

Done make_our_folder(const std::string& path) {
  HANGU_CHECK(os::make_folders(path, kOpenMode));
  return check_ours(path);
}

using Id = std::optional<std::uint32_t>;

/// Sets owner, group and mode of the file or folder that stands at `path` itself.
Done settle(const std::string& path, Id uid, Id gid, unsigned mode) {
  const os::UniqueFd file(
      ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (!file.valid() && errno == ELOOP) return foreign(path + " is a symbolic link");
  if (!file.valid()) return fail(ErrorCode::internal, "setup-failed", "open " + path, errno);
  constexpr auto kSame = static_cast<std::uint32_t>(-1);
  if ((uid || gid) && ::fchown(file.get(), uid.value_or(kSame), gid.value_or(kSame)) != 0)
    return fail(ErrorCode::internal, "setup-failed", "chown " + path, errno);
  if (::fchmod(file.get(), mode) != 0)
    return fail(ErrorCode::internal, "setup-failed", "chmod " + path, errno);
  return {};
}

/// Gives a path to a member's uid (and group), where programs have uids of their own.
Done own(const std::string& path, const config::Gateway& gateway, const std::string& member,
         unsigned mode) {
  const Id uid = uid_of(gateway, member);
  return settle(path, uid, uid, mode);
}

/// Lets a member read a path and no more: where programs have uids of their own, the setup stays
/// its owner, so that the member cannot change it, remove it, or open it to others.
Done let_read(const std::string& path, const config::Gateway& gateway, const std::string& member,
              unsigned mode) {
  const Id gid = uid_of(gateway, member);
  return settle(path, gid ? Id(::geteuid()) : Id(), gid, gid ? mode | (mode & 0500U) >> 3U : mode);
}

/// Replaces every `key = "…"` line's value in the example.
std::string with_line(std::string text, const std::string& start, const std::string& line) {
  for (std::size_t at = text.find(start); at != std::string::npos; at = text.find(start, at + 1)) {
    if (at > 0 && text[at - 1] != '\n') continue;
    const std::size_t end = text.find('\n', at);
    text.replace(at, end - at, line);
    at += line.size();
  }
  return text;
}

std::string adapted_example(const SetupPlan& plan) {
  std::string text =
      with_line(std::string(example_gateway()), "folder = ", "folder = \"" + plan.folder + "\"");
  if (::geteuid() != 0) text = with_line(text, "uid_base = ", "uid_base = 0");
  if (!plan.loopback) return text;
  text = with_line(text, "address = ", "address = \"127.0.0.1\"");
  text = with_line(text, "receive_port = ", "receive_port = 0");
  text = with_line(text, "deliver_port = ", "deliver_port = 0");
  return with_line(text, "network_namespace = ", "");
}

Result<std::string> config_text(const std::string& path) {
  HANGU_TRY(const Bytes bytes, os::read_file(path, config::kConfigBytesMax));
  return std::string(text_of(bytes));
}

Result<config::Gateway> make_configuration(const SetupPlan& plan) {
  const config::Layout layout(plan.folder);
  std::optional<std::string> given;
  if (!plan.config_file.empty()) {
    HANGU_TRY(given, config_text(plan.config_file));
  }
  if (exists(plan.folder)) HANGU_CHECK(check_folder_is_ours(layout));
  if (exists(layout.configuration())) {
    HANGU_TRY(const std::string text, config_text(layout.configuration()));
    if (given && *given != text)
      return fail(ErrorCode::malformed, "config-differs",
                  printable(plan.config_file) + ", " + printable(layout.configuration()));
    return config::Gateway::load(layout.configuration());
  }
  const std::string text = given.value_or(adapted_example(plan));
  const Result<config::Gateway> checked = config::Gateway::parse(text);
  if (!checked) return std::unexpected(checked.error().within(printable(plan.config_file)));
  if (checked->folder != plan.folder)
    return fail(ErrorCode::malformed, "config-value",
                printable(plan.config_file) + ": folder must be " + printable(plan.folder));
  HANGU_CHECK(os::make_folders(plan.folder, kOpenMode));
  HANGU_CHECK(check_folder_is_ours(layout));
  HANGU_CHECK(os::write_file_durably(layout.configuration(), bytes_of(text), kPublicFileMode));
  return config::Gateway::load(layout.configuration());
}

/// A program's own signing key; made once. Returns its public half.
Result<crypto::VerifyKey> make_signing_key(const config::Layout& layout,
                                           const config::Gateway& gateway,
                                           const std::string& member, const std::string& file,
                                           crypto::SignatureAlgorithm algorithm, Entropy& entropy) {
  const std::string path = layout.credentials(member) + "/" + file;
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

/// The log's keys: that of its checkpoints' first line goes into `keys` too.
Done make_log_keys(const config::Layout& layout, const config::Gateway& gateway,
                   config::StageKeys& keys, Entropy& entropy) {
  HANGU_TRY(const crypto::VerifyKey log,
            make_signing_key(layout, gateway, "audit", "log.key",
                             crypto::SignatureAlgorithm::ed25519, entropy));
  HANGU_TRY(const crypto::VerifyKey gm, make_signing_key(layout, gateway, "audit", "log-gm.key",
                                                         crypto::SignatureAlgorithm::sm2, entropy));
  keys.insert_or_assign("audit", log);
  HANGU_TRY(const audit::NoteKey log_key, audit::NoteKey::create(gateway.log_origin(), log));
  HANGU_TRY(const audit::NoteKey gm_key,
            audit::NoteKey::create(audit::gm_key_name(gateway.log_origin()), gm));
  HANGU_CHECK(make_our_folder(layout.anchors()));
  HANGU_CHECK(os::write_file_durably(layout.log_key(), bytes_of(log_key.to_text() + "\n"),
                                     kPublicFileMode));
  return os::write_file_durably(layout.log_gm_key(), bytes_of(gm_key.to_text() + "\n"),
                                kPublicFileMode);
}

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

/// TLS names of a zone: its address and a name for each half.
std::set<std::string> tls_names(const config::Zone& zone) {
  return {"ip:" + zone.address, "localhost", zone.id.text() + ".hangu.internal"};
}

Done make_credentials(const config::Layout& layout, const config::Gateway& gateway, cli::Pki& pki,
                      Entropy& entropy) {
  config::StageKeys keys;
  for (const Member& member : roster(gateway)) {
    const std::string folder = layout.credentials(member.name);
    HANGU_CHECK(os::make_folders(folder, kOwnMode));
    HANGU_CHECK(let_read(folder, gateway, member.name, kOwnMode));
    if (member.name == "custodian" || member.name == "worker" || member.network)
      continue;                      // they sign nothing
    if (member.name == "forward") {  // signs nothing of ours either
      for (const auto& [from, name] : {std::pair{&gateway.forward->certificate, "tls.crt"},
                                       std::pair{&gateway.forward->key, "tls.key"},
                                       std::pair{&gateway.forward->authority, "receiver-ca.pem"}})
        HANGU_CHECK(copy_credential(*from, layout, gateway, member.name, name));
      continue;
    }
    if (member.name == "audit") HANGU_CHECK(make_log_keys(layout, gateway, keys, entropy));
    if (member.name != "audit" && !member.name.starts_with("deliver")) {
      HANGU_TRY(const crypto::VerifyKey key,
                make_signing_key(layout, gateway, member.name, "stage.key",
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
  HANGU_TRY(const crypto::SigningKey officer, pki.officer());
  HANGU_CHECK(os::write_file_durably(layout.stage_keys(),
                                     bytes_of(config::stage_keys_to_text(keys)), kPublicFileMode));
  HANGU_CHECK(os::write_file_durably(
      layout.officer_keys(),
      bytes_of(config::stage_keys_to_text({{"officer", officer.verify_key()}})), kPublicFileMode));
  HANGU_TRY(const config::StageKeys auditors, pki.auditors());
  HANGU_CHECK(os::write_file_durably(
      layout.auditor_keys(), bytes_of(config::stage_keys_to_text(auditors)), kPublicFileMode));
  return os::write_file_durably(layout.node_anchors(), bytes_of(pki.anchors_pem()),
                                kPublicFileMode);
}

Done make_working_folders(const config::Layout& layout, const config::Gateway& gateway) {
  for (const std::string& folder : {layout.folder() + "/run", layout.folder() + "/credentials",
                                    layout.zones(), layout.folder() + "/log"})
    HANGU_CHECK(make_our_folder(folder));
  for (const LocalSocket& socket : local_sockets(gateway))
    HANGU_CHECK(make_our_folder(layout.socket_folder(socket.server)));
  HANGU_CHECK(os::make_folders(layout.store(), kOwnMode));
  HANGU_CHECK(own(layout.store(), gateway, "custodian", kOwnMode));
  HANGU_CHECK(os::make_folders(layout.audit(), kOwnMode));
  HANGU_CHECK(settle(layout.audit(), uid_of(gateway, "audit"),
                     uid_of(gateway, std::string(kLogReaders)),
                     uid_of(gateway, "audit") ? kLogMode : kOwnMode));
  HANGU_CHECK(os::make_folders(layout.epoch_keys(), kOwnMode));
  HANGU_CHECK(own(layout.epoch_keys(), gateway, "audit", kOwnMode));
  HANGU_CHECK(os::make_folders(layout.audit_counter(), kOwnMode));
  HANGU_CHECK(own(layout.audit_counter(), gateway, "audit", kOwnMode));
  HANGU_CHECK(os::make_folders(layout.audit_orders(), kOpenMode));
  HANGU_CHECK(own(layout.audit_orders(), gateway, "audit", kOpenMode));
  if (gateway.witness) {  // into which `hangu witness return` writes too
    const std::string cosigned = layout.audit() + "/" + std::string(audit::kWitnessFolder);
    HANGU_CHECK(os::make_folders(cosigned, kOpenMode));
    HANGU_CHECK(own(cosigned, gateway, "audit", kOpenMode));
  }
  if (gateway.forward) {
    HANGU_CHECK(os::make_folders(layout.forward(), kOpenMode));
    HANGU_CHECK(own(layout.forward(), gateway, "forward", kOpenMode));
  }
  for (const config::Zone& zone : gateway.zones) {
    HANGU_CHECK(make_our_folder(layout.zones() + "/" + zone.id.text()));
    HANGU_CHECK(os::make_folders(layout.spool(zone.id), kOwnMode));
    HANGU_CHECK(own(layout.spool(zone.id), gateway, "receive." + zone.id.text(), kOwnMode));
    const std::string outbox = layout.outbox(zone.id);
    HANGU_CHECK(os::make_folders(outbox, kOwnMode));
    HANGU_CHECK(settle(outbox, uid_of(gateway, "emit"),
                       uid_of(gateway, "deliver." + zone.id.text()), kOutboxMode));
  }
  return {};
}

/// Signs `text` into the file at `path`. What its readers would not take does not replace what they
/// have.
Done sign_into(const std::string& path, unsigned mode, std::string_view type, std::string_view text,
               const crypto::SigningKey& officer) {
  HANGU_TRY(const std::string envelope, policy::sign_document(type, text, officer));
  if (envelope.size() > kStatementBytesMax)
    return fail(ErrorCode::exhausted, "file-too-long", printable(path));
  return os::write_file_durably(path, bytes_of(envelope), mode);
}

/// Signs `text` into policy/`name`.dsse.
Done publish(const config::Layout& layout, const config::Gateway& gateway, const std::string& name,
             std::string_view type, std::string_view text, const crypto::SigningKey& officer) {
  const std::string path = layout.policy() + "/" + name + ".dsse";
  HANGU_CHECK(sign_into(path, kKeyFileMode, type, text, officer));
  return let_read(path, gateway, "decide", kKeyFileMode);
}

/// What programs that need no more may know of the people file: nodes, zones, ids of keys.
flow::NodeRegister register_of(const policy::PeopleFile& people) {
  flow::NodeRegister::Nodes nodes;
  for (const policy::NodeRecord& record : people.nodes()) {
    flow::RegisteredNode one{record.zones, {}};
    for (const crypto::VerifyKey& key : record.signing_keys) one.key_ids.insert(key.id());
    nodes.emplace(record.node, std::move(one));
  }
  return flow::NodeRegister(std::move(nodes));
}

/// Signs the node register into the anchors.
Done publish_nodes(const config::Layout& layout, const policy::PeopleFile& people,
                   const crypto::SigningKey& officer) {
  return sign_into(layout.node_register(), kPublicFileMode, flow::kNodesPayloadType,
                   register_of(people).to_text(), officer);
}

/// The officer's own text beside the signed one, or the shipped example.
Result<std::string> source_text(const config::Layout& layout, const std::string& name,
                                std::string_view example) {
  const std::string path = layout.policy() + "/" + name;
  if (!exists(path)) HANGU_CHECK(os::write_file_durably(path, bytes_of(example), kPublicFileMode));
  HANGU_CHECK(check_ours(path));
  HANGU_TRY(const Bytes bytes, os::read_file(path, kStatementBytesMax));
  return std::string(text_of(bytes));
}

/// Whether the witness policy, where one is named, can be used: the log would not start with it.
Done check_witness_policy(const config::Gateway& gateway, const config::Layout& layout) {
  if (!gateway.witness) return {};
  const std::string path = gateway.witness_policy_file();
  HANGU_CHECK(check_ours(path));
  HANGU_TRY(const audit::WitnessPolicy policy, audit::load_witness_policy(path));
  if (exists(layout.log_key())) {  // else nobody can have named it yet
    HANGU_TRY(const audit::NoteKey log, audit::load_vkey(layout.log_key()));
    HANGU_CHECK(audit::check_policy_of(policy, log));
  }
  for (const auto& witness : policy.witnesses()) {
    if (!witness.url) continue;
    if (const auto url = witness::WitnessUrl::parse(*witness.url); !url)
      return std::unexpected(url.error().within(printable(path)));
  }
  return {};
}

/// Whether somebody can see the log where `rules` limit what flows unseen: all above the limit
/// would wait for ever.
Done check_unwitnessed(const policy::Policy& rules, const config::Gateway& gateway) {
  if (!rules.unwitnessed) return {};
  const std::string path = gateway.witness ? gateway.witness_policy_file() : std::string();
  if (!path.empty()) {
    HANGU_TRY(const auto policy, audit::load_witness_policy(path));
    if (policy.demands_witnesses()) return {};
  }
  return fail(ErrorCode::malformed, "witness-undemanded", printable(path));
}

/// Whether `people` may take the place of what this officer signed last.
Done check_newer(const config::Layout& layout, const policy::PeopleFile& people,
                 const crypto::SigningKey& officer) {
  const auto old = os::read_file(layout.policy() + "/people.json.dsse", kStatementBytesMax);
  if (!old) return {};
  const std::array officers{officer.verify_key()};
  const auto text = policy::open_signed(text_of(*old), policy::kPeoplePayloadType, officers);
  const auto before = text ? policy::PeopleFile::parse(*text)
                           : Result<policy::PeopleFile>(std::unexpected(text.error()));
  if (!before) return {};  // decide does not go by it either
  const bool same = before->to_text() == people.to_text();
  if (people.version() > before->version() || same) return {};
  return fail(ErrorCode::malformed, "people-older",
              "version " + std::to_string(people.version()) + "; " +
                  std::to_string(before->version()) + " was signed");
}

}  // namespace

Done check_folder_is_ours(const config::Layout& layout) {
  struct stat status{};
  if (::stat(layout.folder().c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return fail(ErrorCode::internal, "setup-failed", layout.folder(), errno);
  }
  if (!S_ISDIR(status.st_mode)) return {};  // whose it is does not matter: it is no folder
  HANGU_CHECK(check_ours(status, layout.folder()));
  for (const std::string& path :
       {layout.configuration(), layout.anchors(), layout.policy(), layout.folder() + "/run",
        layout.folder() + "/run/gateway.json", layout.folder() + "/credentials", layout.zones(),
        layout.folder() + "/log"})
    HANGU_CHECK(check_ours(path));
  return {};
}

Done publish_documents(const config::Layout& layout, const config::Gateway& gateway,
                       const cli::Pki& pki) {
  HANGU_CHECK(make_our_folder(layout.policy()));
  HANGU_TRY(const crypto::SigningKey officer, pki.officer());
  HANGU_TRY(const std::string catalogue,
            source_text(layout, "catalogue.toml", example_catalogue()));
  HANGU_TRY(const std::string rules, source_text(layout, "policy.toml", example_policy()));
  const auto in_file = [&](const Error& error, const std::string& name) {
    return std::unexpected(error.within(printable(layout.policy() + "/" + name)));
  };
  const Result<policy::Catalogue> names = policy::Catalogue::parse(catalogue);
  if (!names) return in_file(names.error(), "catalogue.toml");
  const auto checked = policy::Policy::parse(rules, *names);
  if (!checked) return in_file(checked.error(), "policy.toml");
  if (const Done seen = check_unwitnessed(*checked, gateway); !seen)
    return in_file(seen.error(), "policy.toml");
  HANGU_TRY(const policy::PeopleFile people, pki.people());
  HANGU_CHECK(check_newer(layout, people, officer));
  // First, so that what was taken out ends at the edge before anywhere else.
  HANGU_CHECK(publish_nodes(layout, people, officer));
  HANGU_CHECK(publish(layout, gateway, "catalogue.toml", policy::kCataloguePayloadType, catalogue,
                      officer));
  HANGU_CHECK(publish(layout, gateway, "policy.toml", policy::kPolicyPayloadType, rules, officer));
  return publish(layout, gateway, "people.json", policy::kPeoplePayloadType, people.to_text(),
                 officer);
}

Done check_way_is_open(const std::string& path) {
  for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    const std::string folder = path.substr(0, at);
    struct stat status{};
    if (::stat(folder.c_str(), &status) != 0) return {};  // from here on it is made, and open
    if ((status.st_mode & S_IXOTH) == 0) return fail(ErrorCode::forbidden, "folder-closed", folder);
  }
  return {};
}

Result<config::Gateway> set_up(const SetupPlan& plan, const Clock& clock, Entropy& entropy) {
  HANGU_TRY(config::Gateway gateway, make_configuration(plan));
  const config::Layout layout(gateway.folder);
  HANGU_CHECK(check_witness_policy(gateway, layout));
  Result<cli::Pki> pki = exists(plan.pki_folder + "/anchors.pem")
                             ? cli::Pki::open(plan.pki_folder, clock, entropy)
                             : cli::Pki::init(plan.pki_folder, clock, entropy);
  if (!pki) return std::unexpected(pki.error());
  HANGU_CHECK(make_working_folders(layout, gateway));
  HANGU_CHECK(make_credentials(layout, gateway, *pki, entropy));
  HANGU_CHECK(publish_documents(layout, gateway, *pki));
  return gateway;
}

}  // namespace hangu::supervise
