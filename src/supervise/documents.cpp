#include "supervise/documents.hpp"

#include <array>

#include "audit/witness/files.hpp"
#include "audit/witness/quorum_watch.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"
#include "cli/folder_lock.hpp"
#include "flow/node_register.hpp"
#include "os/file.hpp"
#include "policy/policy.hpp"
#include "policy/signed_document.hpp"
#include "supervise/examples.hpp"
#include "supervise/ownership.hpp"
#include "supervise/policy_releases.hpp"
#include "witness/witness_url.hpp"

namespace hangu::supervise {
namespace {

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

/// The texts from which a bundle is made.
struct PolicyTexts {
  const std::string& catalogue;
  const std::string& policy;
};

/// The PKI's people all sign the next release of `texts`.
Result<flow::Envelope> bundle_of(const cli::Pki& pki, const policy::Signers& signers,
                                 const PolicyTexts& texts, std::uint32_t release) {
  HANGU_TRY(const crypto::SigningKey authority, pki.signer("authority"));
  policy::Bundle bundle;
  HANGU_TRY(bundle.catalogue,
            policy::sign_document(policy::kCataloguePayloadType, texts.catalogue, authority));
  bundle.policy = texts.policy;
  bundle.release = release;
  flow::Envelope envelope{std::string(policy::kBundlePayloadType), to_bytes(bundle.to_text()), {}};
  for (const policy::Signer& signer : signers.all()) {
    if (signer.duty == policy::Duty::classification_authority) continue;
    HANGU_TRY(const crypto::SigningKey key, pki.signer(signer.human));
    HANGU_TRY(flow::Envelope one,
              flow::Envelope::sign(envelope.payload_type, envelope.payload, key));
    envelope.signatures.push_back(std::move(one.signatures.front()));
  }
  return envelope;
}

/// Puts `texts` in force, unless they are, or this gateway goes by people who are not the PKI's.
Done release(const config::Layout& layout, const config::Gateway& gateway, const cli::Pki& pki,
             const PolicyTexts& texts, WallTime now) {
  HANGU_TRY(const PolicyReleases releases, PolicyReleases::open(layout, gateway));
  HANGU_TRY(const policy::Signers ours, pki.signers());
  if (ours.to_text() != releases.signers().to_text()) return {};
  HANGU_TRY(const cli::FolderLock lock, cli::FolderLock::take(layout.policy()));
  const auto before = releases.standing(policy::ReleaseMode::enforced);
  if (before && *before && (*before)->bundle.policy == texts.policy &&
      (*before)->catalogue == texts.catalogue)
    return {};
  HANGU_TRY(const policy::GateChain chain, releases.chain());
  HANGU_TRY(const flow::Envelope envelope, bundle_of(pki, ours, texts, chain.release + 1));
  if (envelope.to_text().size() > kStatementBytesMax)
    return fail(ErrorCode::exhausted, "file-too-long", printable(layout.policy()));
  HANGU_TRY(const Consideration found, releases.consider(envelope, now));
  return releases.activate(found, policy::ReleaseMode::enforced, now);
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

Done check_unwitnessed(const policy::Policy& rules, const config::Gateway& gateway) {
  if (!rules.unwitnessed && !rules.posture.unwitnessed_after) return {};
  const std::string path = gateway.witness ? gateway.witness_policy_file() : std::string();
  if (!path.empty()) {
    HANGU_TRY(const auto policy, audit::load_witness_policy(path));
    if (policy.demands_witnesses()) return {};
  }
  return fail(ErrorCode::malformed, "witness-undemanded", printable(path));
}

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

Done publish_documents(const config::Layout& layout, const config::Gateway& gateway,
                       const cli::Pki& pki, WallTime now) {
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
  HANGU_CHECK(publish(layout, gateway, "people.json", policy::kPeoplePayloadType, people.to_text(),
                      officer));
  // Last: a policy that the gate stops keeps nobody in who was taken out.
  if (const Done released = release(layout, gateway, pki, {catalogue, rules}, now); !released)
    return in_file(released.error(), "policy.toml");
  return {};
}

}  // namespace hangu::supervise
