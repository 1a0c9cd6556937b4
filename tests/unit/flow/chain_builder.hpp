#pragma once
// A whole, honest receipt chain made by hand, for tests that then spoil one thing in it.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "flow/approval.hpp"
#include "flow/release_certificate.hpp"
#include "flow/warrant.hpp"
#include "tests/support/seeded_entropy.hpp"

namespace hangu::test {

/// The parts of a chain; change one, then build().
class ChainBuilder {
  std::map<std::string, crypto::SigningKey> keys_;  // first: the rest is made from them

 public:
  ChainBuilder();

  /// Logs all steps into a fresh log and proves them to its checkpoint.
  [[nodiscard]] flow::ReceiptChain build();

  /// Takes a signed step into a log: the index of its entry.
  using LogStep = std::function<std::uint64_t(const flow::Step&, const flow::Envelope&)>;
  /// What was logged: the documents that the steps name, and the entry of each step not left out.
  struct Logged {
    std::map<std::string, Bytes> documents;
    std::vector<std::pair<flow::Step, std::uint64_t>> steps;
  };
  /// Makes the steps, signs each and hands it to `log`, in order.
  [[nodiscard]] Logged log_into(const LogStep& log);
  [[nodiscard]] flow::WarrantTrust trust() const;
  [[nodiscard]] Result<flow::Warrant> authorise() { return authorise(build()); }
  [[nodiscard]] Result<flow::Warrant> authorise(const flow::ReceiptChain& chain) const;

  /// An approval by a known person over the present rendition, certificate and decision.
  [[nodiscard]] flow::Envelope approval_of(const std::string& person, bool approved = true) const;
  /// The same, changed by `change` before it is signed.
  template <class Change>
  [[nodiscard]] flow::Envelope approval_of(const std::string& person, Change change) const {
    flow::Approval approval = approval_statement(person);
    change(approval);
    return sign_approval(approval, person);
  }
  [[nodiscard]] flow::Approval approval_statement(const std::string& person) const;
  [[nodiscard]] flow::Envelope sign_approval(const flow::Approval& approval,
                                             const std::string& person) const;

  const crypto::SigningKey& key(const std::string& name) const { return keys_.at(name); }

  // What the steps are made from.
  WallTime now;
  TransferId transfer;
  flow::Submission submission;
  flow::ObjectTable plain;
  flow::ObjectTable rendition;
  flow::Decision decision;                               ///< first
  std::optional<flow::Decision> cleared;                 ///< second; absent: the same again
  std::optional<flow::ReleaseCertificate> certificate;   ///< absent: passes the rendition
  std::optional<std::vector<flow::Envelope>> approvals;  ///< absent: what the decision demands
  std::string sender = "sender";                         ///< whose key signs the submission
  WallTime valid_until;
  /// Last changes to one step before it is signed.
  std::map<flow::Stage, std::function<void(flow::Step&)>> change_step;
  /// Whose key signs a step, when not its own.
  std::map<flow::Stage, std::string> signer;
  /// Steps that are left out of the chain.
  std::vector<flow::Stage> left_out;
};

}  // namespace hangu::test
