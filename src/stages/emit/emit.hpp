#pragma once
// emit: the mover. It checks the warrant, seals for the recipients, and hands over. It filters
// nothing and decides nothing.

#include "base/time.hpp"
#include "flow/warrant.hpp"
#include "line/custodian_client.hpp"
#include "line/effect.hpp"
#include "line/outcome.hpp"
#include "stages/emit/outbox.hpp"

namespace hangu::stages {

struct EmitMeans {
  const flow::WarrantTrust& trust;
  const crypto::SigningKey& key;  ///< emit's stage key; signs the release statement
  const std::string& gateway;
  const std::map<ZoneId, Outbox>& outboxes;
  const Clock& clock;
  Entropy& entropy;
};

/// Gathers the receipts of `work` from the log and the documents from the custodian. What it
/// gathers is not trusted: authorise() looks at every byte.
[[nodiscard]] Result<flow::ReceiptChain> gather_receipts(const line::Work& work,
                                                         line::CustodianClient& custodian,
                                                         line::AuditClient& audit);

/// Checks the warrant and seals the package into the destination's outbox (not yet released).
/// A stale clearance gives the transfer back to be cleared anew. Refusals: those of
/// flow::authorise. Evidence: "sealed" (digest of the sealed package).
/// When an emit step of this transfer is in the log already, that step is the outcome: the same
/// bytes are handed over again.
[[nodiscard]] Result<line::Outcome> emit(const line::Work& work, line::CustodianClient& custodian,
                                         line::StepLog& log, const EmitMeans& means);

/// Releases what the logged emission sealed, once it is proved that it is in the log: an audit that
/// only says so is not believed. May be repeated. Throws away what this attempt sealed when another
/// end of the transfer came first.
/// Errors: Corrupt "emission-not-logged", "sealed-lost", "sealed-mismatch"; Forbidden
/// "emission-not-ours", "checkpoint-…", "proof-invalid"; those of the log.
[[nodiscard]] Done hand_over(const line::Effect& effect, const EmitMeans& means);

}  // namespace hangu::stages
