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
  const policy::Catalogue& catalogue = means.catalogue;
  return wire::JsonObject{{"policy", means.policy.name()},
                          {"catalogue", catalogue.id + "@" + std::to_string(catalogue.version)},
                          {"documents", std::move(documents)}};
}

}  // namespace

Done PolicyRecord::tell(const std::shared_ptr<const DecideMeans>& means, line::AuditClient& audit) {
  const std::lock_guard lock(mutex_);
  if (told_ == means) return {};
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
