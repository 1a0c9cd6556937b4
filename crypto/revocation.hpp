#pragma once
// Revocation lists (OpenSSL): only when one ends. Who checks certificates against it is the TLS
// library that is given the file; none that we use there refuses a list which is over.

#include <string_view>

#include "base/time.hpp"

namespace hangu::crypto {

inline constexpr std::size_t kRevocationListsMax = 16;  ///< in one file

/// When the first of the lists in `pem` is over: its nextUpdate. Errors: Malformed "crl-invalid"
/// (no list, more than kRevocationListsMax, one without a nextUpdate).
[[nodiscard]] Result<WallTime> next_update(std::string_view pem);

}  // namespace hangu::crypto
