#pragma once
// Which documents are in force, on the record: at the start, and whenever they change.

#include <memory>
#include <mutex>

#include "line/audit_client.hpp"
#include "stages/decide/decide.hpp"

namespace hangu::stages {

/// Thread: any.
class PolicyRecord {
 public:
  /// Writes "policy.released" for this release and those before that the log has not yet, and
  /// "policy.changed" when `means` are others than were told last. What is decided by them comes
  /// after. Errors: Unavailable "policy-superseded" (by the log, another release followed this one,
  /// or took its place: an older file lies there), "policy-chain-broken" (the log does not know
  /// what this one follows); Unavailable too, those of AuditClient.
  [[nodiscard]] Done tell(const std::shared_ptr<const DecideMeans>& means,
                          line::AuditClient& audit);

 private:
  std::mutex mutex_;  // guards what follows
  std::shared_ptr<const DecideMeans> told_;
};

}  // namespace hangu::stages
