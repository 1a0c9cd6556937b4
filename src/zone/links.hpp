#pragma once
// Links of a zone half to the middle: a few pairs of clients, handed out one a request, since a
// client carries one request at a time.

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "crypto/signature.hpp"
#include "line/custodian_client.hpp"
#include "line/step_log.hpp"

namespace hangu::zone {

/// The two clients of one request.
struct LinkPair {
  line::CustodianClient custodian;
  std::optional<line::StepLog> log;  ///< receive only
};

/// Links makes pairs when none is free and keeps them after. Thread: any.
class Links {
 public:
  /// receive: custodian and log; its steps are signed with `key`, which must outlive this.
  Links(std::string custodian_path, std::string audit_path, const crypto::SigningKey& key)
      : custodian_path_(std::move(custodian_path)),
        audit_path_(std::move(audit_path)),
        key_(&key) {}
  /// deliver: the custodian only.
  explicit Links(std::string custodian_path) : custodian_path_(std::move(custodian_path)) {}

  /// A pair for as long as the lease lives. Errors: Unavailable "peer-absent".
  class Lease {
   public:
    Lease(Links& home, std::unique_ptr<LinkPair> pair) : home_(&home), pair_(std::move(pair)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) noexcept = default;
    ~Lease() {
      if (pair_) home_->give_back(std::move(pair_));
    }
    LinkPair* operator->() { return pair_.get(); }

   private:
    Links* home_;
    std::unique_ptr<LinkPair> pair_;
  };
  [[nodiscard]] Result<Lease> take();

 private:
  void give_back(std::unique_ptr<LinkPair> pair);

  std::string custodian_path_;
  std::string audit_path_;
  const crypto::SigningKey* key_ = nullptr;
  crypto::SystemEntropy entropy_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<LinkPair>> free_;
};

}  // namespace hangu::zone
