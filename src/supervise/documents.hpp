#pragma once
// Documents: what officers sign (policy, catalogue, people, node register), and the witness policy
// that stands beside.

#include "cli/pki.hpp"
#include "config/gateway.hpp"
#include "config/layout.hpp"

namespace hangu::supervise {

/// Signs people.json (and policy and catalogue, when their .toml lies beside) of a running gateway
/// anew: decide reads them at its next evaluation.
/// Errors: Malformed "people-older" (its version is below the one that was signed last, or the same
/// with another text), "witness-undemanded"; those of the documents' parsers, and of
/// check_folder_is_ours.
[[nodiscard]] Done publish_documents(const config::Layout& layout, const config::Gateway& gateway,
                                     const cli::Pki& pki);

/// Whether the witness policy, where one is named, can be used: the log would not start with it.
/// Errors: those of load_witness_policy(), check_policy_of() and of its URLs.
[[nodiscard]] Done check_witness_policy(const config::Gateway& gateway,
                                        const config::Layout& layout);

}  // namespace hangu::supervise
