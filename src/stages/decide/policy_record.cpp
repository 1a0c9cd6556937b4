#include "stages/decide/policy_record.hpp"

#include "crypto/hash.hpp"
#include "wire/json.hpp"

namespace hangu::stages {
namespace {

wire::Json event_of(const DecideMeans& means) {
  wire::JsonArray documents;
  for (const auto& [name, bytes] : means.documents)
    documents.emplace_back(wire::JsonObject{
        {"name", name}, {"sha256", to_hex(crypto::hash(crypto::HashAlgorithm::sha256, bytes))}});
  if (means.shadow)
    documents.emplace_back(wire::JsonObject{{"name", "shadow:" + means.shadow->report.policy},
                                            {"sha256", means.shadow->report.bundle}});
  for (const auto& [name, digest] : means.anchors)
    documents.emplace_back(wire::JsonObject{{"name", name}, {"sha256", digest}});
  const policy::Catalogue& catalogue = means.catalogue;
  return wire::JsonObject{{"policy", means.policy.name()},
                          {"catalogue", catalogue.id + "@" + std::to_string(catalogue.version)},
                          {"documents", std::move(documents)}};
}

/// The place behind a release in the order in which they came into force; one alone may take it.
std::string after(const std::string& bundle) {
  return "policy.after." + (bundle.empty() ? "none" : bundle);
}

std::string number(const policy::GateReport& release) {
  return "policy.release." + std::to_string(release.release);
}

/// Names the entry of this very bundle also when what it says is deleted.
std::string bundle_key(const policy::GateReport& release) {
  return "policy.bundle." + release.bundle;
}

std::unexpected<Error> superseded(const policy::GateReport& release, std::uint64_t entry) {
  return fail(ErrorCode::unavailable, "policy-superseded",
              release.policy + "; see entry " + std::to_string(entry));
}

/// Whether its entry stands in its place behind the one before, perhaps deleted since.
Result<bool> is_told(const policy::GateReport& release, line::AuditClient& audit) {
  HANGU_TRY(const auto place, audit.holder(after(release.previous)));
  HANGU_TRY(const auto by_number, audit.holder(number(release)));
  HANGU_TRY(const auto by_bundle, audit.holder(bundle_key(release)));
  return place && place == by_number && place == by_bundle;
}

/// Writes "policy.released", in its place behind the one before; or it stands there already.
Done tell_release(const policy::GateReport& release, line::AuditClient& audit) {
  HANGU_TRY(const bool told, is_told(release, audit));
  if (told) return {};
  wire::JsonArray humans;
  for (const std::string& human : release.signers) humans.emplace_back(human);
  audit::AppendRequest request;
  request.id = audit.new_request_id();
  request.type = "policy.released";
  request.kind = audit::BodyKind::event;
  request.keys = {after(release.previous), number(release), bundle_key(release)};
  request.body = wire::Json(wire::JsonObject{{"policy", release.policy},
                                             {"release", release.release},
                                             {"bundle", release.bundle},
                                             {"previous", release.previous},
                                             {"widens", release.widens},
                                             {"signers", std::move(humans)},
                                             {"passed", release.at.to_text()}})
                     .to_text();
  HANGU_TRY(const audit::AppendReply reply, audit.append(request));
  if (reply.outcome == audit::AppendOutcome::appended) return {};
  return superseded(release, reply.index);
}

/// Holds the release in force to the log: none has followed it, and it and those before it that
/// the log does not know yet follow the last one that it does.
Done hold_to_log(const DecideMeans& means, line::AuditClient& audit) {
  HANGU_TRY(const auto follower, audit.holder(after(means.release.bundle)));
  if (follower) return superseded(means.release, *follower);
  std::vector<const policy::GateReport*> untold{&means.release};
  for (std::size_t i = means.releases.size();; --i) {
    HANGU_TRY(const auto told, audit.holder(number(*untold.back())));
    if (told) break;  // tell_release() sees whether it is this one
    if (i == 0) {
      if (untold.back()->previous.empty()) break;
      return fail(ErrorCode::unavailable, "policy-chain-broken",
                  untold.back()->policy + ": the log does not know what was in force before");
    }
    untold.push_back(&means.releases[i - 1]);
  }
  for (; !untold.empty(); untold.pop_back()) HANGU_CHECK(tell_release(*untold.back(), audit));
  return {};
}

}  // namespace

Done PolicyRecord::tell(const std::shared_ptr<const DecideMeans>& means, line::AuditClient& audit) {
  const std::lock_guard lock(mutex_);
  if (told_ == means) return {};
  const auto say = [&]() -> Done {
    HANGU_CHECK(hold_to_log(*means, audit));
    audit::AppendRequest request;
    request.id = audit.new_request_id();
    request.type = "policy.changed";
    request.kind = audit::BodyKind::event;
    request.body = event_of(*means).to_text();
    HANGU_TRY(const audit::AppendReply reply, audit.append(request));
    (void)reply;
    return {};
  };
  if (const Done said = say(); !said)  // whatever it is, nothing is decided until it is mended
    return fail(ErrorCode::unavailable, said.error().reason(), said.error().context());
  told_ = means;
  return {};
}

}  // namespace hangu::stages
