#include "zone/links.hpp"

namespace hangu::zone {

Result<Links::Lease> Links::take() {
  {
    const std::scoped_lock lock(mutex_);
    if (!free_.empty()) {
      std::unique_ptr<LinkPair> pair = std::move(free_.back());
      free_.pop_back();
      return Lease(*this, std::move(pair));
    }
  }
  HANGU_TRY(line::CustodianClient custodian, line::CustodianClient::connect(custodian_path_));
  std::optional<line::StepLog> log;
  if (key_ != nullptr) {
    HANGU_TRY(line::AuditClient audit, line::AuditClient::connect(audit_path_, entropy_));
    log.emplace(std::move(audit), *key_);
  }
  return Lease(*this, std::make_unique<LinkPair>(std::move(custodian), std::move(log)));
}

void Links::give_back(std::unique_ptr<LinkPair> pair) {
  const std::scoped_lock lock(mutex_);
  free_.push_back(std::move(pair));
}

}  // namespace hangu::zone
