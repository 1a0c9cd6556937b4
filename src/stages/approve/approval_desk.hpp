#pragma once
// The approval desk: pure rules about whose signature counts for one transfer.
//
// It shares no code with the mover's own count (flow/approval_quorum), on purpose: two codes
// must agree before anything leaves.

#include <string>
#include <vector>

#include "flow/approval.hpp"

namespace hangu::stages {

/// What a signature must be about, and by whom it may be.
struct ApprovalCase {
  TransferId transfer;
  crypto::ObjectDigest rendition;
  crypto::ObjectDigest certificate;
  crypto::ObjectDigest decision_digest;
  flow::Decision decision;
};

/// Where a case stands.
enum class DeskState : std::uint8_t { waiting, complete, refused };

class ApprovalDesk {
 public:
  explicit ApprovalDesk(ApprovalCase about) : case_(std::move(about)) {}

  /// Takes one signed envelope at `now`.
  ///
  /// Errors, all Forbidden: "approval-malformed", "approval-other-transfer",
  /// "approval-other-rendition" (rendition, certificate or decision differ), "approval-expired",
  /// "approval-unknown-person", "approval-role", "approval-signature", "approval-submitter",
  /// "approval-twice" (the same human), "approval-not-needed" (others are wanted, no more of their
  /// roles), "approval-closed" (nothing is awaited any more).
  [[nodiscard]] Done give(const flow::Envelope& envelope, WallTime now);

  [[nodiscard]] DeskState state() const;
  [[nodiscard]] const ApprovalCase& about() const { return case_; }
  /// Persons who signed, in order.
  [[nodiscard]] std::vector<std::string> signed_by() const;
  /// The envelopes taken, as the canonical JSON array that the mover reads.
  [[nodiscard]] std::string to_text() const;

 private:
  struct Taken {
    flow::Approver approver;
    flow::Envelope envelope;
  };
  /// How many slots the people who signed fill together, and `further` where there is one.
  [[nodiscard]] std::size_t filled_with(const flow::Approver* further) const;

  ApprovalCase case_;
  std::vector<Taken> taken_;
  bool refused_ = false;
};

}  // namespace hangu::stages
