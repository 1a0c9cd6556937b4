#include "cli/pki.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "base/text.hpp"
#include "cli/folder_lock.hpp"
#include "os/file.hpp"
#include "wire/json.hpp"

namespace hangu::cli {
namespace {

using crypto::HolderKind;
using crypto::KeyUse;
using crypto::SignatureAlgorithm;
using crypto::Suite;

constexpr std::size_t kPemBytesMax = 64 * 1024;
constexpr std::array<const char*, 2> kAuditors{"auditor-1", "auditor-2"};  ///< names of keys
constexpr std::array<std::pair<const char*, policy::Duty>, 4> kSigners{
    {{"authority", policy::Duty::classification_authority},
     {"data-owner", policy::Duty::data_owner},
     {"officer-1", policy::Duty::policy_officer},
     {"officer-2", policy::Duty::policy_officer}}};
constexpr std::string_view kIntlAuthority = "authority-intl";
constexpr std::string_view kGmAuthority = "authority-gm";

Result<std::string> read_text(const std::string& path) {
  HANGU_TRY(const Bytes bytes, os::read_file(path, kPemBytesMax));
  return std::string(text_of(bytes));
}

template <class Key>
Done write_key(const std::string& path, const Key& key) {
  HANGU_TRY(Bytes pem, crypto::write_key_pem(key));
  const Done written = os::write_file_durably(path, pem, 0600);
  crypto::wipe(pem);
  return written;
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

/// The key in the file, which is made when it is missing.
Result<crypto::SigningKey> kept_key(const std::string& path, Entropy& entropy) {
  if (!exists(path)) {
    HANGU_TRY(const crypto::SigningKey made,
              crypto::SigningKey::generate(SignatureAlgorithm::ed25519, entropy));
    HANGU_CHECK(write_key(path, made));
  }
  HANGU_TRY(Bytes pem, os::read_file(path, kPemBytesMax));
  Result<crypto::SigningKey> key = crypto::read_signing_key_pem(pem);
  crypto::wipe(pem);
  if (!key) return std::unexpected(key.error().within(printable(path)));
  return key;
}

Result<crypto::Authority> load_authority(const std::string& stem) {
  HANGU_TRY(const std::string certificate, read_text(stem + ".crt"));
  HANGU_TRY(Bytes key, os::read_file(stem + ".key", kPemBytesMax));
  Result<crypto::Authority> authority = crypto::Authority::load(certificate, text_of(key));
  crypto::wipe(key);
  return authority;
}

Result<crypto::Authority> make_authority(const std::string& folder, Suite suite,
                                         std::string_view name, WallTime now, Entropy& entropy) {
  HANGU_TRY(crypto::Authority authority,
            crypto::Authority::create(suite, name, now, kAuthorityDays, entropy));
  const std::string stem = folder + "/" + std::string(name);
  HANGU_CHECK(write_key(stem + ".key", authority.key()));
  HANGU_CHECK(os::write_file_durably(stem + ".crt", bytes_of(authority.certificate().pem()), 0644));
  return authority;
}

Suite suite_of(SignatureAlgorithm algorithm) {
  return algorithm == SignatureAlgorithm::sm2 ? Suite::gm : Suite::intl;
}

wire::Json to_json(const std::set<std::string>& texts) {
  wire::JsonArray out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

/// `list` with `record` in the place of an entry of the same id, which a crash may have left.
template <class Record, class Id>
std::vector<Record> with_record(std::vector<Record> list, Record record, Id Record::* id) {
  std::erase_if(list, [&](const Record& r) { return r.*id == record.*id; });
  list.push_back(std::move(record));
  return list;
}

}  // namespace

/// Batch is one name's files in the making: a hidden folder that takes its name at the end, under
/// the lock of the whole PKI.
class Pki::Batch {
 public:
  static Result<Batch> begin(const Pki& pki, const std::string& kind, const std::string& name) {
    HANGU_CHECK(check_id(IdForm::name, name));
    HANGU_TRY(FolderLock lock, FolderLock::take(pki.folder_));
    HANGU_TRY(const WallTime now, pki.clock_.now());
    const std::string parent = pki.folder_ + "/" + kind;
    HANGU_CHECK(os::make_folders(parent, 0700));
    if (exists(parent + "/" + name))
      return fail(ErrorCode::forbidden, "pki-already-issued", kind + "/" + name);
    Batch batch(pki, std::move(lock), now, parent, name);
    std::error_code failed;
    std::filesystem::remove_all(batch.draft_, failed);
    HANGU_CHECK(os::make_folders(batch.draft_, 0700));
    return batch;
  }

  Result<crypto::VerifyKey> signer(const std::string& stem, SignatureAlgorithm algorithm,
                                   const crypto::Subject& subject, const std::set<KeyUse>& uses) {
    HANGU_TRY(const crypto::SigningKey key, crypto::SigningKey::generate(algorithm, pki_.entropy_));
    HANGU_CHECK(certify(stem, suite_of(algorithm), key.verify_key(), subject, uses));
    HANGU_CHECK(write_key(draft_ + "/" + stem + ".key", key));
    return key.verify_key();
  }

  Result<crypto::RecipientKey> opener(const std::string& stem, Suite suite,
                                      const crypto::Subject& subject) {
    HANGU_TRY(const crypto::OpeningKey key, crypto::OpeningKey::generate(suite, pki_.entropy_));
    HANGU_CHECK(certify(stem, suite, key.recipient_key(), subject, {KeyUse::seal}));
    HANGU_CHECK(write_key(draft_ + "/" + stem + ".key", key));
    return key.recipient_key();
  }

  Done file(const std::string& name, std::string_view text) {
    return os::write_file_durably(draft_ + "/" + name, bytes_of(text), 0644);
  }

  /// Replaces people.json by what `change` makes of its lists, one version higher.
  template <class Change>
  Done registry(const Change& change) {
    HANGU_TRY(const policy::PeopleFile old, pki_.people());
    std::vector<policy::NodeRecord> nodes = old.nodes();
    std::vector<policy::PersonRecord> people = old.people();
    change(nodes, people);
    const policy::PeopleFile next(old.version() + 1, std::move(nodes), std::move(people));
    const std::string text = next.to_text();
    if (auto whole = policy::PeopleFile::parse(text); !whole)
      return std::unexpected(whole.error().within("people.json"));
    return os::write_file_durably(pki_.folder_ + "/people.json", bytes_of(text), 0644);
  }

  Result<std::string> finish() {
    std::string made = parent_ + "/" + name_;
    if (std::rename(draft_.c_str(), made.c_str()) != 0)
      return fail(ErrorCode::internal, "pki-rename-failed", made, errno);
    HANGU_TRY(const os::UniqueFd parent, os::open_folder(parent_));
    HANGU_CHECK(os::sync_all(parent.view()));
    return made;
  }

  [[nodiscard]] WallTime now() const { return now_; }

 private:
  Batch(const Pki& pki, FolderLock lock, WallTime now, std::string parent, std::string name)
      : pki_(pki),
        lock_(std::move(lock)),
        now_(now),
        parent_(std::move(parent)),
        name_(std::move(name)),
        draft_(parent_ + "/.new-" + name_) {}

  Done certify(const std::string& stem, Suite suite, const crypto::PublicKey& key,
               const crypto::Subject& subject, const std::set<KeyUse>& uses) {
    HANGU_TRY(const crypto::Certificate certificate,
              pki_.authority(suite).issue(key, subject, uses, now_, kLeafDays, pki_.entropy_));
    return file(stem + ".crt", certificate.pem());
  }

  const Pki& pki_;
  FolderLock lock_;
  WallTime now_;
  std::string parent_;
  std::string name_;
  std::string draft_;
};

Result<Pki> Pki::init(const std::string& folder, const Clock& clock, Entropy& entropy) {
  HANGU_CHECK(os::make_folders(folder, 0700));
  HANGU_TRY(const FolderLock lock, FolderLock::take(folder));
  if (exists(folder + "/people.json"))
    return fail(ErrorCode::forbidden, "pki-exists", printable(folder));
  HANGU_TRY(const WallTime now, clock.now());
  HANGU_TRY(crypto::Authority intl,
            make_authority(folder, Suite::intl, kIntlAuthority, now, entropy));
  HANGU_TRY(crypto::Authority gm, make_authority(folder, Suite::gm, kGmAuthority, now, entropy));
  HANGU_TRY(const crypto::SigningKey officer,
            crypto::SigningKey::generate(SignatureAlgorithm::ed25519, entropy));
  HANGU_CHECK(write_key(folder + "/officer.key", officer));
  Pki pki(folder, std::move(intl), std::move(gm), clock, entropy);
  HANGU_TRY(const config::StageKeys auditors, pki.auditors());
  static_cast<void>(auditors);
  HANGU_CHECK(os::write_file_durably(folder + "/anchors.pem", bytes_of(pki.anchors_pem()), 0644));
  // Last: its presence says that all the rest is there.
  HANGU_CHECK(os::write_file_durably(folder + "/people.json",
                                     bytes_of(policy::PeopleFile(1, {}, {}).to_text()), 0644));
  return pki;
}

Result<Pki> Pki::open(const std::string& folder, const Clock& clock, Entropy& entropy) {
  if (!exists(folder + "/people.json"))
    return fail(ErrorCode::unavailable, "pki-absent", printable(folder));
  HANGU_TRY(crypto::Authority intl, load_authority(folder + "/" + std::string(kIntlAuthority)));
  HANGU_TRY(crypto::Authority gm, load_authority(folder + "/" + std::string(kGmAuthority)));
  return Pki(folder, std::move(intl), std::move(gm), clock, entropy);
}

Result<std::string> Pki::issue_node(const NodeId& node, const std::set<std::string>& zones,
                                    const std::string& organisation) {
  for (const std::string& zone : zones) HANGU_CHECK(check_id(IdForm::zone, zone));
  HANGU_TRY(Batch batch, Batch::begin(*this, "nodes", node.text()));
  const crypto::Subject subject{HolderKind::node, node.text(), organisation, zones, {}, {}};
  HANGU_TRY(crypto::VerifyKey intl, batch.signer("node", SignatureAlgorithm::ed25519, subject,
                                                 {KeyUse::sign, KeyUse::tls_client}));
  HANGU_TRY(crypto::VerifyKey gm,
            batch.signer("node-gm", SignatureAlgorithm::sm2, subject, {KeyUse::sign}));
  HANGU_TRY(crypto::RecipientKey open_intl, batch.opener("open-intl", Suite::intl, subject));
  HANGU_TRY(crypto::RecipientKey open_gm, batch.opener("open-gm", Suite::gm, subject));
  HANGU_CHECK(batch.file("anchors.pem", anchors_pem()));
  HANGU_CHECK(batch.file(
      "node.json",
      wire::Json(wire::JsonObject{{"node", node.text()}, {"zones", to_json(zones)}}).to_text()));
  policy::NodeRecord record{node,
                            organisation,
                            zones,
                            {std::move(intl), std::move(gm)},
                            {std::move(open_intl), std::move(open_gm)}};
  HANGU_CHECK(batch.registry([&](auto& nodes, auto&) {
    const auto before = std::ranges::find(nodes, node, &policy::NodeRecord::node);
    if (before != nodes.end()) {  // new keys change nothing of what the officer entered
      record.level = before->level;
      record.roles = before->roles;
    }
    nodes = with_record(std::move(nodes), std::move(record), &policy::NodeRecord::node);
  }));
  return batch.finish();
}

Result<std::string> Pki::issue_person(const PersonPlan& plan) {
  HANGU_TRY(Batch batch, Batch::begin(*this, "people", plan.person.text()));
  const crypto::Subject subject{
      HolderKind::person, plan.person.text(), plan.organisation, {}, plan.roles, {}};
  HANGU_TRY(crypto::VerifyKey key, batch.signer("person", plan.algorithm, subject, {KeyUse::sign}));
  HANGU_CHECK(batch.file("person.json", wire::Json(wire::JsonObject{{"person", plan.person.text()},
                                                                    {"roles", to_json(plan.roles)}})
                                            .to_text()));
  const WallTime not_after = batch.now() + std::chrono::hours(24 * kLeafDays);
  policy::PersonRecord record{
      plan.person,          plan.human, plan.organisation, plan.roles, plan.clearance_secrecy,
      plan.clearance_grade, not_after,  {std::move(key)}};
  HANGU_CHECK(batch.registry([&](auto&, auto& people) {
    people = with_record(std::move(people), std::move(record), &policy::PersonRecord::person);
  }));
  return batch.finish();
}

Result<std::string> Pki::issue_zone(const ZoneId& zone, const std::set<std::string>& names) {
  HANGU_TRY(Batch batch, Batch::begin(*this, "zones", zone.text()));
  const crypto::Subject subject{HolderKind::gateway, zone.text(), "", {zone.text()}, {}, names};
  HANGU_CHECK(batch.signer("tls", SignatureAlgorithm::ed25519, subject,
                           {KeyUse::sign, KeyUse::tls_server}));
  return batch.finish();
}

Result<std::string> Pki::issue_gateway(const std::string& name) {
  HANGU_TRY(Batch batch, Batch::begin(*this, "gateways", name));
  const crypto::Subject subject{HolderKind::gateway, name, "", {}, {}, {}};
  for (const Suite suite : {Suite::intl, Suite::gm})
    HANGU_CHECK(batch.opener("opening-" + std::string(crypto::to_text(suite)), suite, subject));
  return batch.finish();
}

std::string Pki::node_folder(const NodeId& node) const { return folder_ + "/nodes/" + node.text(); }
std::string Pki::person_folder(const PersonId& person) const {
  return folder_ + "/people/" + person.text();
}
std::string Pki::zone_folder(const ZoneId& zone) const { return folder_ + "/zones/" + zone.text(); }
std::string Pki::gateway_folder(const std::string& name) const {
  return folder_ + "/gateways/" + name;
}

std::string Pki::anchors_pem() const { return intl_.certificate().pem() + gm_.certificate().pem(); }

Result<policy::PeopleFile> Pki::people() const {
  HANGU_TRY(const Bytes text, os::read_file(folder_ + "/people.json", policy::kPeopleBytesMax));
  return policy::PeopleFile::parse(text_of(text));
}

Result<crypto::SigningKey> Pki::officer() const {
  HANGU_TRY(Bytes pem, os::read_file(folder_ + "/officer.key", kPemBytesMax));
  Result<crypto::SigningKey> key = crypto::read_signing_key_pem(pem);
  crypto::wipe(pem);
  return key;
}

Result<crypto::SigningKey> Pki::signer(const std::string& human) const {
  HANGU_CHECK(os::make_folders(folder_ + "/signers", 0700));
  return kept_key(folder_ + "/signers/" + human + ".key", entropy_);
}

Result<policy::Signers> Pki::signers() const {
  std::vector<policy::Signer> out;
  for (const auto& [human, duty] : kSigners) {
    HANGU_TRY(const crypto::SigningKey key, signer(human));
    out.push_back({human, "development", duty, {key.verify_key()}});
  }
  return policy::Signers::create(std::move(out));
}

Result<config::StageKeys> Pki::auditors() const {
  config::StageKeys keys;
  for (const char* name : kAuditors) {
    HANGU_TRY(const crypto::SigningKey key, kept_key(folder_ + "/" + name + ".key", entropy_));
    keys.emplace(name, key.verify_key());
  }
  return keys;
}

Result<crypto::RecipientKey> Pki::gateway_recipient(const std::string& name, Suite suite) const {
  HANGU_CHECK(check_id(IdForm::name, name));
  HANGU_TRY(const std::string pem, read_text(gateway_folder(name) + "/opening-" +
                                             std::string(crypto::to_text(suite)) + ".crt"));
  HANGU_TRY(const crypto::Certificate certificate, crypto::Certificate::parse_pem(pem));
  if (certificate.recipient_key() == nullptr)
    return fail(ErrorCode::malformed, "certificate-wrong-kind", printable(name));
  return *certificate.recipient_key();
}

}  // namespace hangu::cli
