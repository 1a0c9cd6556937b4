#pragma once
// SM2 and SM3 (GB/T 32918, 32905) by OpenSSL.

#include <string_view>

#include "audit/verifier/tree.hpp"

namespace hangu_verify {

/// A signature r ‖ s of 64 bytes, over SM3 with the identity 1234567812345678.
[[nodiscard]] bool verify_sm2(std::string_view point, std::string_view message,
                              std::string_view signature);
/// SM3(chain ‖ entry).
[[nodiscard]] Hash chain_on(const Hash& chain, std::string_view entry);

}  // namespace hangu_verify
