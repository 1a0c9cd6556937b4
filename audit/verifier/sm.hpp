#pragma once
// SM2 (GB/T 32918) by OpenSSL.

#include <string_view>

namespace hangu_verify {

/// A signature r ‖ s of 64 bytes, over SM3 with the identity 1234567812345678.
[[nodiscard]] bool verify_sm2(std::string_view point, std::string_view message,
                              std::string_view signature);

}  // namespace hangu_verify
