#pragma once
// Credentials: the keys of a gateway's programs, and the anchors by which they know each other.
// Internal to supervise.

#include "base/entropy.hpp"
#include "cli/pki.hpp"
#include "config/gateway.hpp"
#include "config/layout.hpp"

namespace hangu::supervise {

/// A program's own signing key in the file `path`, made when it is missing, readable by `member`
/// alone. Returns its public half. Errors: those of files and keys.
[[nodiscard]] Result<crypto::VerifyKey> make_signing_key(const std::string& path,
                                                         const config::Gateway& gateway,
                                                         const std::string& member,
                                                         crypto::SignatureAlgorithm algorithm,
                                                         Entropy& entropy);

/// The gate's name among the keys of the gateway (anchors/stages.json). It is no program that runs:
/// who owns the folder holds its key, and lets a policy in with it.
inline constexpr std::string_view kGate = "gate";
/// Errors: those of files and keys.
[[nodiscard]] Result<crypto::SigningKey> gate_key(const config::Layout& layout);

/// Makes what keys are missing, each readable by its program alone, copies those of the PKI, and
/// writes the public halves into anchors/. Errors: those of files, keys and ownership.hpp.
[[nodiscard]] Done make_credentials(const config::Layout& layout, const config::Gateway& gateway,
                                    cli::Pki& pki, Entropy& entropy);

}  // namespace hangu::supervise
