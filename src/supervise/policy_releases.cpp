#include "supervise/policy_releases.hpp"

#include "base/limits.hpp"
#include "config/trust.hpp"
#include "os/file.hpp"
#include "supervise/credentials.hpp"
#include "supervise/documents.hpp"
#include "supervise/ownership.hpp"

namespace hangu::supervise {
namespace {

using policy::ReleaseMode;

/// Nothing when the file is not there.
Result<std::optional<std::string>> read_if_there(const std::string& path, std::size_t bytes_max) {
  if (!exists(path)) return std::nullopt;
  HANGU_TRY(const Bytes bytes, os::read_file(path, bytes_max));
  return std::string(text_of(bytes));
}

/// Removes a file of the policy folder; missing is fine.
Done remove(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  HANGU_TRY(const os::UniqueFd folder, os::open_folder(path.substr(0, slash)));
  HANGU_CHECK(os::remove_file(folder.view(), path.substr(slash + 1)));
  return os::sync_all(folder.view());
}

}  // namespace

Error refusal_of(const policy::Finding& obstacle) {
  return {
      ErrorCode::forbidden, "policy-refused",
      obstacle.code + (obstacle.place.empty() ? "" : " at " + obstacle.place) + ": " + obstacle.en};
}

Result<PolicyReleases> PolicyReleases::open(const config::Layout& layout,
                                            const config::Gateway& gateway) {
  HANGU_TRY(policy::Signers signers,
            policy::Signers::load(layout.signers(), layout.auditor_keys()));
  std::optional<policy::Signers> above;
  if (exists(layout.parent_signers())) {
    HANGU_TRY(above, policy::Signers::load(layout.parent_signers()));
  }
  HANGU_TRY(const config::StageKeys keys, config::load_stage_keys(layout.stage_keys()));
  const auto gate = keys.find(std::string(kGate));
  if (gate == keys.end()) return fail(ErrorCode::malformed, "trust-incomplete", std::string(kGate));
  return PolicyReleases(layout, gateway, std::move(signers), std::move(above), gate->second);
}

Result<std::optional<policy::Release>> PolicyReleases::standing(ReleaseMode mode) const {
  const std::string path =
      mode == ReleaseMode::enforced ? layout_.policy_in_force() : layout_.policy_shadow();
  HANGU_TRY(const std::optional<std::string> text, read_if_there(path, policy::kReleaseBytesMax));
  if (!text) return std::nullopt;
  Result<policy::Release> release = policy::Release::open(*text, mode, signers_, gate_);
  if (!release) return std::unexpected(release.error().within(path));
  return *std::move(release);
}

Result<std::optional<policy::Candidate>> PolicyReleases::parent_of(const policy::Bundle& bundle,
                                                                   std::string_view names) const {
  if (bundle.parent.empty()) return std::nullopt;
  if (!parent_signers_)
    return fail(ErrorCode::forbidden, "parent-signers-missing", layout_.parent_signers());
  HANGU_TRY(const flow::Envelope envelope, flow::Envelope::parse(bundle.parent));
  HANGU_TRY(const policy::Bundle parent, policy::bundle_in(envelope));
  if (const Done backed = policy::check_signatures(envelope, *parent_signers_, true); !backed)
    return std::unexpected(backed.error().within("parent"));
  HANGU_TRY(const std::string catalogue,
            policy::open_catalogue(parent.catalogue, *parent_signers_));
  if (catalogue != names)
    return fail(ErrorCode::forbidden, "parent-catalogue", "parent and child are of one catalogue");
  HANGU_TRY(policy::Candidate candidate, policy::read_candidate(parent, catalogue));
  if (!candidate.reading.problems.empty())
    return std::unexpected(candidate.reading.problems.front().within("parent"));
  return candidate;
}

Result<policy::GateChain> PolicyReleases::chain() const {
  HANGU_TRY(const std::optional<std::string> lying,
            read_if_there(layout_.policy_in_force(), policy::kReleaseBytesMax));
  if (lying) {
    Result<policy::GateChain> chain = policy::chain_in(*lying, gate_);
    if (!chain) return std::unexpected(chain.error().within(layout_.policy_in_force()));
    return chain;
  }
  // Nothing could follow what is gone: the log knows that something was there.
  if (exists(layout_.former_policies()))
    return fail(ErrorCode::malformed, "policy-lost", layout_.policy_in_force());
  return policy::GateChain();
}

/// What it is held against of the release in force: where that has not the right signatures any
/// more it is no measure, and all is new.
Result<Measure> PolicyReleases::measure() const {
  Measure out;
  HANGU_TRY(out.chain, chain());
  const auto release = standing(ReleaseMode::enforced);
  if (!release || !*release) return out;
  const policy::Release& in_force = **release;
  if (auto read = policy::read_candidate(in_force.bundle, in_force.catalogue))
    out.in_force = *std::move(read);
  if (in_force.bundle.parent.empty()) return out;
  HANGU_TRY(const flow::Envelope parent, flow::Envelope::parse(in_force.bundle.parent));
  HANGU_TRY(const policy::Bundle bundle, policy::bundle_in(parent));
  out.parent_release = bundle.release;
  out.parent_digest = policy::digest_of(parent);
  return out;
}

Result<Consideration> PolicyReleases::consider(const flow::Envelope& envelope, WallTime now) const {
  HANGU_TRY(Measure by, measure());
  return consider_by(envelope, std::move(by), now);
}

Result<Consideration> PolicyReleases::consider_after(const flow::Envelope& envelope,
                                                     const Consideration& found,
                                                     WallTime now) const {
  Measure by;
  by.chain.bundle = policy::digest_of(found.envelope);
  by.chain.release = found.bundle.release;
  by.in_force = found.candidate;
  if (!found.bundle.parent.empty()) {
    HANGU_TRY(const flow::Envelope parent, flow::Envelope::parse(found.bundle.parent));
    HANGU_TRY(const policy::Bundle bundle, policy::bundle_in(parent));
    by.parent_release = bundle.release;
    by.parent_digest = policy::digest_of(parent);
  }
  return consider_by(envelope, std::move(by), now);
}

Result<Consideration> PolicyReleases::consider_by(const flow::Envelope& envelope, Measure by,
                                                  WallTime now) const {
  Consideration out;
  out.envelope = envelope;
  // Before anything in it is read: how many it takes in the end is known only after that.
  HANGU_CHECK(policy::check_signatures(envelope, signers_, false));
  HANGU_TRY(out.bundle, policy::bundle_in(envelope));
  HANGU_TRY(const std::string names, policy::open_catalogue(out.bundle.catalogue, signers_));
  HANGU_TRY(out.candidate, policy::read_candidate(out.bundle, names));
  HANGU_TRY(const std::optional<policy::Candidate> parent, parent_of(out.bundle, names));
  out.policy = out.candidate.reading.policy.name();
  out.ruling = policy::examine(out.candidate,
                               {.in_force = by.in_force ? &*by.in_force : nullptr,
                                .parent = parent ? &*parent : nullptr,
                                .parent_demanded = parent_signers_.has_value(),
                                .released = by.chain.release,
                                .parent_release = by.parent_release,
                                .parent_digest = by.parent_digest},
                               now);
  if (const Done seen = check_unwitnessed(out.candidate.reading.policy, gateway_); !seen)
    out.ruling.obstacles.push_back(
        {.severity = policy::Severity::error,
         .code = std::string(seen.error().reason()),
         .rule = {},
         .place = {},
         .zh = "策略要求见证者,网关却没有要求任何见证者:会一直等下去",
         .en = "the policy waits for witnesses, and the gateway demands none: it would wait for "
               "ever"});
  out.widens = !by.in_force || out.ruling.changes.widens();
  out.signatures = policy::check_signatures(envelope, signers_, out.widens);
  out.before = std::move(by.chain);
  return out;
}

Done PolicyReleases::activate(const Consideration& found, ReleaseMode mode, WallTime now) const {
  if (!found.ruling.passes()) return std::unexpected(refusal_of(found.ruling.obstacles.front()));
  HANGU_CHECK(found.signatures);
  if (mode == ReleaseMode::shadow && found.before.bundle.empty())
    return fail(ErrorCode::forbidden, "shadow-of-nothing", found.policy);
  HANGU_TRY(const crypto::SigningKey key, gate_key(layout_));
  std::vector<std::string> humans;
  for (const policy::Signer* signer : signers_.of(found.envelope)) humans.push_back(signer->human);
  const policy::GateReport report{.at = now,
                                  .bundle = policy::digest_of(found.envelope),
                                  .policy = found.policy,
                                  .previous = found.before.bundle,
                                  .release = found.bundle.release,
                                  .mode = mode,
                                  .signers = std::move(humans),
                                  .widens = found.widens};
  HANGU_TRY(const std::string text,
            policy::release_text(found.envelope, report,
                                 mode == ReleaseMode::enforced ? found.before : policy::GateChain(),
                                 key));
  // What its readers would not take does not replace what they have.
  if (const auto opened = policy::Release::open(text, mode, signers_, gate_); !opened)
    return std::unexpected(opened.error());
  if (mode == ReleaseMode::shadow)
    return write_for(layout_.policy_shadow(), text, gateway_, "decide", kKeyFileMode);
  HANGU_CHECK(os::make_folders(layout_.former_policies(), kOwnMode));
  HANGU_CHECK(os::write_file_durably(
      layout_.former_policies() + "/" + std::to_string(report.release) + ".json", bytes_of(text),
      kKeyFileMode));
  HANGU_CHECK(write_for(layout_.policy_in_force(), text, gateway_, "decide", kKeyFileMode));
  return end_shadow();
}

Done PolicyReleases::end_shadow() const { return remove(layout_.policy_shadow()); }

Done PolicyReleases::drop_rollback() const { return remove(layout_.policy_rollback()); }

Result<std::optional<flow::Envelope>> PolicyReleases::rollback_bundle() const {
  HANGU_TRY(const std::optional<std::string> text,
            read_if_there(layout_.policy_rollback(), kStatementBytesMax));
  if (!text) return std::nullopt;
  HANGU_TRY(flow::Envelope envelope, flow::Envelope::parse(*text));
  return envelope;
}

Done PolicyReleases::keep_rollback(const flow::Envelope& bundle) const {
  return os::write_file_durably(layout_.policy_rollback(), bytes_of(bundle.to_text()),
                                kKeyFileMode);
}

}  // namespace hangu::supervise
