#pragma once
// Policy releases: what a gateway's folder holds of them, and how one takes the place of another:
// every signature, then the gate, then one file. docs/protocols/policy-release.md.

#include <optional>

#include "config/gateway.hpp"
#include "config/layout.hpp"
#include "policy/analysis/gate.hpp"
#include "policy/release.hpp"

namespace hangu::supervise {

/// What was found of a bundle before it may count.
struct Consideration {
  flow::Envelope envelope;
  policy::Bundle bundle;
  policy::Candidate candidate;
  policy::GateRuling ruling;
  std::string policy;        ///< "<id>@<version>"; empty when it cannot be read
  policy::GateChain before;  ///< of what is in force; empty: nothing is
  bool widens = true;        ///< against that
  Done signatures;           ///< check_signatures()
};

/// What a bundle is held against.
struct Measure {
  policy::GateChain chain;
  std::optional<policy::Candidate> in_force;  ///< none: all is new
  std::uint32_t parent_release = 0;           ///< of the parent in force; 0: there is none
  std::string parent_digest;
};

/// Thread: one. Who changes anything holds the gateway's folder as its owner, or root.
class PolicyReleases {
 public:
  /// Errors: those of the anchors' files.
  [[nodiscard]] static Result<PolicyReleases> open(const config::Layout& layout,
                                                   const config::Gateway& gateway);

  /// The release of that mode, all its signatures checked; none when there is no file.
  /// Errors: those of policy::Release::open.
  [[nodiscard]] Result<std::optional<policy::Release>> standing(policy::ReleaseMode mode) const;

  /// The releases of this gateway so far. Errors: Malformed "policy-lost" (there were some, and
  /// what was in force is gone: put policy/former/<newest>.json back); those of policy::chain_in.
  [[nodiscard]] Result<policy::GateChain> chain() const;

  /// Runs the gate on a bundle that at least two of the right people have signed, against what is
  /// in force and the parent that it carries. Errors: those of chain(), policy::check_signatures,
  /// bundle_in, open_catalogue and read_candidate; Forbidden "parent-signers-missing" (a parent,
  /// and no anchors/parent-signers.json).
  [[nodiscard]] Result<Consideration> consider(const flow::Envelope& bundle, WallTime now) const;
  /// The same as if `found` were in force: of what stands by to follow it.
  [[nodiscard]] Result<Consideration> consider_after(const flow::Envelope& bundle,
                                                     const Consideration& found,
                                                     WallTime now) const;

  /// Puts it in force, or in the shadow of what is. Errors: Forbidden "policy-refused" (the gate's
  /// first obstacle), "policy-signatures-few", "shadow-of-nothing"; those of policy::Release::open,
  /// by which it is read before it replaces anything; of files.
  [[nodiscard]] Done activate(const Consideration& found, policy::ReleaseMode mode,
                              WallTime now) const;
  /// Takes the shadow away.
  [[nodiscard]] Done end_shadow() const;

  /// The bundle that is signed and waits to take the place of what is in force; none: no file.
  [[nodiscard]] Result<std::optional<flow::Envelope>> rollback_bundle() const;
  [[nodiscard]] Done keep_rollback(const flow::Envelope& bundle) const;
  /// It has been used.
  [[nodiscard]] Done drop_rollback() const;

  [[nodiscard]] const policy::Signers& signers() const { return signers_; }

 private:
  PolicyReleases(config::Layout layout, const config::Gateway& gateway, policy::Signers signers,
                 std::optional<policy::Signers> parent_signers, crypto::VerifyKey gate)
      : layout_(std::move(layout)),
        gateway_(gateway),
        signers_(std::move(signers)),
        parent_signers_(std::move(parent_signers)),
        gate_(std::move(gate)) {}
  [[nodiscard]] Result<Measure> measure() const;
  [[nodiscard]] Result<Consideration> consider_by(const flow::Envelope& bundle, Measure by,
                                                  WallTime now) const;
  [[nodiscard]] Result<std::optional<policy::Candidate>> parent_of(const policy::Bundle& bundle,
                                                                   std::string_view names) const;

  config::Layout layout_;
  const config::Gateway& gateway_;
  policy::Signers signers_;
  std::optional<policy::Signers> parent_signers_;
  crypto::VerifyKey gate_;
};

/// The gate's obstacle as an error: "policy-refused", "CODE at line 12:1: what".
[[nodiscard]] Error refusal_of(const policy::Finding& obstacle);

}  // namespace hangu::supervise
