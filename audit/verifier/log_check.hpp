#pragma once
// The check of a whole log folder: every entry hashed again, every file compared, every entry's
// links, times and keys followed, every signature checked by the key of its time.

#include "audit/verifier/listing.hpp"
#include "audit/verifier/report.hpp"

namespace hangu_verify {

/// Thread: one; it starts up to Request::threads others. `listing` says what else to tell of.
[[nodiscard]] Report check_log(const Request& request, Listing listing = Listing::nothing);

}  // namespace hangu_verify
