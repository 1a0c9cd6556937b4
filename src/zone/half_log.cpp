#include "zone/half_log.hpp"

namespace hangu::zone {

Done HalfLog::append(std::string type, const std::optional<TransferId>& transfer,
                     std::vector<std::string> keys, const wire::Json& event) {
  const std::lock_guard lock(mutex_);
  if (!client_) {
    HANGU_TRY(client_, line::AuditClient::connect(audit_path_, entropy_, kHalfLogPatience));
  }
  HANGU_CHECK(client_->append({.id = client_->new_request_id(),
                               .type = std::move(type),
                               .transfer = transfer,
                               .keys = std::move(keys),
                               .kind = audit::BodyKind::event,
                               .body = event.to_text()}));
  return {};
}

}  // namespace hangu::zone
