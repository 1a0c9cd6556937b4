#pragma once
// Warrant: the right to release one rendition to its recipients. Nothing else can be emitted, and
// only authorise() makes one. It trusts no stage, neither custodian nor audit: it recomputes every
// digest, proof and signature from what it is given. docs/protocols/receipts.md §4.

#include <map>
#include <string>

#include "base/time.hpp"
#include "flow/approval.hpp"
#include "flow/receipt.hpp"
#include "flow/release_certificate.hpp"
#include "flow/submission.hpp"

namespace hangu::flow {

/// What the mover knows beforehand: the log and each stage program's key.
struct WarrantTrust {
  LogIdentity log;
  /// By program name; "receive.<zone>" for each zone's receive.
  std::map<std::string, crypto::VerifyKey, std::less<>> stage_keys;
};

class Warrant {
 public:
  [[nodiscard]] const TransferId& transfer() const { return transfer_; }
  [[nodiscard]] const ObjectTable& rendition() const { return rendition_; }
  [[nodiscard]] const Submission& submission() const { return submission_; }
  /// The second decision: recipients, obligations, output label.
  [[nodiscard]] const Decision& decision() const { return decision_; }
  /// Index of the clearing step's entry: the emit step's `previous`.
  [[nodiscard]] std::uint64_t cleared_index() const { return cleared_index_; }
  [[nodiscard]] WallTime valid_until() const { return valid_until_; }
  [[nodiscard]] std::uint32_t round() const { return round_; }

 private:
  friend Result<Warrant> authorise(const ReceiptChain&, const WarrantTrust&, const TransferId&,
                                   WallTime);
  Warrant(TransferId transfer, ObjectTable rendition, Submission submission, Decision decision)
      : transfer_(std::move(transfer)),
        rendition_(std::move(rendition)),
        submission_(std::move(submission)),
        decision_(std::move(decision)) {}
  TransferId transfer_;
  ObjectTable rendition_;
  Submission submission_;
  Decision decision_;
  std::uint64_t cleared_index_ = 0;
  std::uint32_t round_ = 1;
  WallTime valid_until_;
};

/// authorise checks the whole chain for `transfer` at `now`.
///
/// Errors, all Forbidden, each its own reason: "checkpoint-…", "proof-invalid", "warrant-steps"
/// (a step is missing, twice or out of order), "warrant-stage-signature", "warrant-transfer",
/// "warrant-link" (previous entry), "warrant-tables" (an output is not the next input),
/// "warrant-verdict", "warrant-document" (a document is not what a step names),
/// "warrant-sender", "warrant-label", "warrant-destination", "warrant-decision",
/// "policy-changed", "warrant-certificate", "warrant-approvals", "warrant-stale" (clearance over),
/// "warrant-expired" (the submission's own expiry).
/// With `now` inside the clearance it is the mover's check; `hangu open` checks a delivered story
/// with the emission's time.
[[nodiscard]] Result<Warrant> authorise(const ReceiptChain& chain, const WarrantTrust& trust,
                                        const TransferId& transfer, WallTime now);

}  // namespace hangu::flow
