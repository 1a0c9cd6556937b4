#pragma once
// Documents: what officers sign (policy, catalogue, people, node register), and the witness policy
// that stands beside.

#include "cli/pki.hpp"
#include "config/gateway.hpp"
#include "config/layout.hpp"
#include "policy/policy.hpp"

namespace hangu::supervise {

/// Signs people.json of a running gateway anew, and where policy.toml or catalogue.toml differ from
/// what is in force, releases them through the gate with the signatures of all the PKI's signers:
/// decide reads them at its next evaluation. A gateway whose signers are others than the PKI's
/// keeps the policy that they have signed. Errors: Malformed "people-older" (its version is below
/// the one that was signed last, or the same with another text), "witness-undemanded"; those of the
/// documents' parsers, of PolicyReleases and of check_folder_is_ours.
[[nodiscard]] Done publish_documents(const config::Layout& layout, const config::Gateway& gateway,
                                     const cli::Pki& pki, WallTime now);

/// Whether somebody can see the log where a policy waits for witnesses ([unwitnessed], [posture]):
/// else it would wait for ever. Errors: Malformed "witness-undemanded"; those of the witness
/// policy.
[[nodiscard]] Done check_unwitnessed(const policy::Policy& rules, const config::Gateway& gateway);

/// Whether the witness policy, where one is named, can be used: the log would not start with it.
/// Errors: those of load_witness_policy(), check_policy_of() and of its URLs.
[[nodiscard]] Done check_witness_policy(const config::Gateway& gateway,
                                        const config::Layout& layout);

}  // namespace hangu::supervise
