#pragma once
// What somebody may have meant who wrote a name that nobody knows.

#include <span>
#include <string>
#include <string_view>

namespace hangu::config {

/// The one of `known` that is the least edits (of code points) away from `text`; empty when none is
/// near enough to have been meant: more than half of the longer of the two would have to change.
[[nodiscard]] std::string nearest_of(std::span<const std::string> known, std::string_view text);

/// "; did you mean \"…\"?", or nothing when no known name is near.
[[nodiscard]] std::string did_you_mean(std::span<const std::string> known, std::string_view text);

}  // namespace hangu::config
