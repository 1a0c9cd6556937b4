#pragma once
// Texts of the reasons, a table for each theme. reasons.hpp finds the one that fits.

#include "cli/reasons.hpp"

namespace hangu::cli {

[[nodiscard]] std::span<const Explanation> texts_of_rules();
[[nodiscard]] std::span<const Explanation> texts_of_packages();
[[nodiscard]] std::span<const Explanation> texts_of_content();
[[nodiscard]] std::span<const Explanation> texts_of_systems();
[[nodiscard]] std::span<const Explanation> texts_of_machines();
[[nodiscard]] std::span<const Explanation> texts_of_auditing();
[[nodiscard]] std::span<const Explanation> texts_of_witnesses();
[[nodiscard]] std::span<const Explanation> texts_of_releases();
[[nodiscard]] std::span<const Explanation> texts_of_labels();

}  // namespace hangu::cli
