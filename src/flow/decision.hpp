#pragma once
// Decision: what policy says of a transfer, with everything the later stages must carry out and
// the mover must check: obligations, recipients' keys, who may approve.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "crypto/sealing.hpp"
#include "crypto/signature.hpp"
#include "flow/label.hpp"

namespace hangu::flow {

/// A node that may open the package that goes out.
struct Recipient {
  NodeId node;
  crypto::RecipientKey key;
  bool operator==(const Recipient&) const = default;
};

/// A person who may approve this transfer, with the key to check the signature by. `human` tells
/// people apart (a person may hold several keys).
struct Approver {
  PersonId person;
  std::string human;
  std::string organisation;
  std::set<std::string> roles;
  crypto::VerifyKey key;
  bool operator==(const Approver&) const = default;
};

/// Joined obligations of all permits that matched (the strictest wins).
struct Obligations {
  /// Who must approve, at most kApprovalsMax: each is filled by a different human, who holds the
  /// role that it names, or one of several with '|' between; empty: any approver.
  std::vector<std::string> approver_slots;
  std::set<std::string> declassifiers;  ///< operators that must have run
  std::uint64_t bytes_max = 0;          ///< of the submission's objects together; 0 = any
  bool operator==(const Obligations&) const = default;
};

inline constexpr std::size_t kRulesNamedMax = 256;  ///< in a decision
inline constexpr std::size_t kApproversMax = 256;   ///< keys of people, in a decision

struct Decision {
  bool allowed = false;
  std::string reason;              ///< stable code: "ok", "policy-no-permit", "policy-forbidden"…
  std::vector<std::string> rules;  ///< ids of the rules that decided
  /// Sentences for people about why (nearest misses of a refusal); never rule parameters.
  std::string explanation_zh;
  std::string explanation_en;
  ZoneId origin;
  ZoneId destination;
  NodeId submitter;
  /// The submitter's key as decide's own registry has it; the mover checks the sender's envelope
  /// against this one, so that verify alone cannot vouch for a sender.
  /// Absent only when the submitter is unknown, and then the decision does not allow.
  std::optional<crypto::VerifyKey> submitter_key;
  Label output_label;
  Obligations obligations;
  std::vector<Recipient> recipients;
  std::vector<Approver> approvers;
  crypto::Suite suite = crypto::Suite::intl;
  std::string policy;  ///< "<id>@<version>"

  [[nodiscard]] wire::Json to_json() const;
  /// Errors: Malformed "field-…", "decision-invalid".
  [[nodiscard]] static Result<Decision> parse(const wire::Json& json);
  bool operator==(const Decision&) const = default;
};

}  // namespace hangu::flow
