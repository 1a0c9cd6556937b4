#pragma once
// The shipped example configuration, policy and catalogue, as text.

#include <string_view>

namespace hangu::supervise {

[[nodiscard]] std::string_view example_gateway();
[[nodiscard]] std::string_view example_policy();
[[nodiscard]] std::string_view example_catalogue();

}  // namespace hangu::supervise
