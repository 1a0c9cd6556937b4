#pragma once
// Sizes and indices as the texts of C2SP spell them.

#include <cstdint>
#include <optional>
#include <string_view>

namespace hangu::audit {

/// ASCII decimal of 64 bits without leading zeros; nothing when it is none.
[[nodiscard]] std::optional<std::uint64_t> parse_decimal(std::string_view text);

}  // namespace hangu::audit
