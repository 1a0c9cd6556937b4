#pragma once
// Outcome: what a stage's work on one transfer came to, before it is signed and logged.

#include <optional>
#include <string>
#include <vector>

#include "audit/messages.hpp"
#include "base/time.hpp"
#include "flow/step.hpp"
#include "ledger/work.hpp"

namespace hangu::line {

/// What else goes on the record, before the step: line/records.hpp makes them.
struct Record {
  std::string type;
  audit::BodyKind kind = audit::BodyKind::event;
  std::string body;  ///< canonical JSON object, or an envelope's text
};

struct Outcome {
  /// The core gave the work back itself (held for people, or to be cleared anew): nothing to log.
  bool handed_back = false;
  flow::Verdict verdict = flow::Verdict::error;
  std::string reason;          ///< "ok" for a pass
  std::string detail;          ///< where and what, for the sender; not signed
  crypto::ObjectDigest table;  ///< output table; the input again where nothing was made
  ledger::Evidence evidence;
  std::optional<WallTime> valid_until;      ///< clear
  std::optional<WallTime> expires;          ///< verify
  std::optional<std::uint32_t> recipients;  ///< emit
  /// More audit keys than the step's own, for which this pass competes: the submission's digest.
  std::vector<std::string> keys;
  /// The reason of the refusal when another transfer holds one of `keys`.
  std::string key_taken_reason;

  std::vector<Record> records;

  /// The step is refused: a rule said no.
  [[nodiscard]] static Outcome refused(const ledger::Work& work, std::string_view reason);
  /// The step could not be done: quarantine.
  [[nodiscard]] static Outcome failed(const ledger::Work& work, std::string_view reason);
  [[nodiscard]] static Outcome given_back();
  [[nodiscard]] static Outcome passed(const crypto::ObjectDigest& table);
  /// Adds where in the sender's package it was found, and what: printable, cut to
  /// kDetailBytesMax. The sender reads it: nothing may be in it but of the sender's own.
  [[nodiscard]] Outcome at(std::string_view object, std::string_view what = {}) &&;
  /// A failure becomes a verdict: what the input is to blame for (malformed, forbidden) is
  /// refused, all else is an error.
  [[nodiscard]] static Outcome of(const ledger::Work& work, const Error& error);
};

}  // namespace hangu::line
