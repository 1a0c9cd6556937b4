#pragma once
// Step: the signed statement of what one stage did to a transfer; its entry in the audit log with
// a proof is the receipt. docs/protocols/receipts.md.

#include <map>
#include <optional>
#include <string>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "flow/stage.hpp"
#include "flow/statement.hpp"

namespace hangu::flow {

inline constexpr std::size_t kEvidenceMax = 12;
inline constexpr std::size_t kReasonBytesMax = 80;

/// Step holds no time, process id or salt, so that a step made again after a crash is the same
/// statement byte for byte (the entry around it tells the time).
struct Step {
  TransferId transfer;
  std::uint32_t round = 1;  ///< rises when two people retry a quarantined stage
  Stage stage = Stage::receive;
  Verdict verdict = Verdict::pass;
  std::string reason;           ///< stable code; "ok" for a pass
  crypto::ObjectDigest input;   ///< object table that the stage was given
  crypto::ObjectDigest output;  ///< object table that the stage hands on
  /// Index of the previous step's audit entry; absent for receive only.
  std::optional<std::uint64_t> previous;
  /// Named documents this step made or relied on, each an object: "submission", "facts",
  /// "decision", "certificate", "approvals", "cleared", "policy", "catalogue", "directory",
  /// "sealed".
  std::map<std::string, crypto::ObjectDigest> evidence;
  /// Only for clear: until when emit may act on it.
  std::optional<WallTime> valid_until;

  /// Subjects of the statement: "input" and "output".
  [[nodiscard]] Statement to_statement() const;
  /// Errors: those of Statement::parse, "field-…", "step-invalid",
  /// "statement-not-canonical".
  [[nodiscard]] static Result<Step> parse(const Envelope& envelope);
  bool operator==(const Step&) const = default;
};

/// "urn:hangu:step.<stage>:v1"
[[nodiscard]] std::string step_predicate(Stage stage);

/// The audit keys for which appends compete (one winner):
/// (transfer, round, stage[, valid_until of a clear]), (submission digest), (transfer, end).
[[nodiscard]] std::string step_key(const Step& step);
[[nodiscard]] std::string submission_key(const crypto::ObjectDigest& submission);
[[nodiscard]] std::string end_key(const TransferId& transfer);

}  // namespace hangu::flow
