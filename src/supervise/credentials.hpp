#pragma once
// Credentials: the keys of a gateway's programs, and the anchors by which they know each other.
// Internal to supervise.

#include "base/entropy.hpp"
#include "cli/pki.hpp"
#include "config/gateway.hpp"
#include "config/layout.hpp"

namespace hangu::supervise {

/// Makes what keys are missing, each readable by its program alone, copies those of the PKI, and
/// writes the public halves into anchors/. Errors: those of files, keys and ownership.hpp.
[[nodiscard]] Done make_credentials(const config::Layout& layout, const config::Gateway& gateway,
                                    cli::Pki& pki, Entropy& entropy);

}  // namespace hangu::supervise
