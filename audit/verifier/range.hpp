#pragma once
// The check of some entries only, each bundle proven to the signed root by its audit path.

#include "audit/verifier/report.hpp"

namespace hangu_verify {

/// The entries [from, to), by whole bundles: hashed again, proven to the checkpoint's root, and
/// their times and links among each other followed. Nothing else is read but hash tiles.
[[nodiscard]] Report check_range(const Request& request, std::uint64_t from, std::uint64_t to);

}  // namespace hangu_verify
