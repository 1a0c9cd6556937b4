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
  const policy::Catalogue& catalogue = means.catalogue;
  return wire::JsonObject{{"policy", means.policy.name()},
                          {"catalogue", catalogue.id + "@" + std::to_string(catalogue.version)},
                          {"documents", std::move(documents)}};
}

/// The place behind a release in the order in which they came into force; one alone may take it.
std::string after(const std::string& bundle) {
  return "policy.after." + (bundle.empty() ? "none" : bundle);
}

/// Holds the release to the log: it follows the one that it says, and none has followed it. Told
/// once, by the first that reads it.
Done tell_release(const DecideMeans& means, line::AuditClient& audit) {
  const policy::GateReport& release = means.release;
  HANGU_TRY(const auto follower, audit.holder(after(release.bundle)));
  if (follower)
    return fail(ErrorCode::unavailable, "policy-superseded",
                release.policy + "; see entry " + std::to_string(*follower));
  wire::JsonArray humans;
  for (const std::string& human : means.humans) humans.emplace_back(human);
  audit::AppendRequest request;
  request.id = audit.new_request_id();
  request.type = "policy.released";
  request.kind = audit::BodyKind::event;
  request.keys = {after(release.previous), "policy.release." + std::to_string(release.release)};
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
  HANGU_TRY(const audit::EntryHead head, audit::EntryHead::parse(reply.entry));
  if (head.body == audit::event_body(request.body)) return {};
  return fail(ErrorCode::unavailable, "policy-superseded",
              release.policy + "; see entry " + std::to_string(reply.index));
}

}  // namespace

Done PolicyRecord::tell(const std::shared_ptr<const DecideMeans>& means, line::AuditClient& audit) {
  const std::lock_guard lock(mutex_);
  if (told_ == means) return {};
  HANGU_CHECK(tell_release(*means, audit));
  audit::AppendRequest request;
  request.id = audit.new_request_id();
  request.type = "policy.changed";
  request.kind = audit::BodyKind::event;
  request.body = event_of(*means).to_text();
  HANGU_CHECK(audit.append(request));
  told_ = means;
  return {};
}

}  // namespace hangu::stages
