#pragma once
// Reasons: what a stable reason code means and what to do about it, in both languages. Where it
// happened (file, field, rule) comes with the code, as its context.

#include <array>
#include <span>
#include <string_view>

#include "cli/run.hpp"
#include "flow/stage.hpp"

namespace hangu::cli {

/// Explanation of one code, or of a family ("sqlite-": every code that starts so).
struct Explanation {
  std::string_view reason;
  Bilingual what;
  Bilingual remedy;
};

/// All of them, by theme.
[[nodiscard]] std::array<std::span<const Explanation>, 9> explanations();
/// The entry of this code, else of its longest family; nullptr when there is none.
[[nodiscard]] const Explanation* explain(std::string_view reason);
/// The words for a reason of another version's.
[[nodiscard]] const Explanation& explain_unknown();

/// Exit status of a transfer's end (or of one that has not ended: pending).
[[nodiscard]] Exit exit_of(flow::State state, std::string_view reason);
/// True for the reasons of rules and people; other refusals come from looking at the content.
[[nodiscard]] bool is_policy_reason(std::string_view reason);
/// Exit status for an HTTP refusal.
[[nodiscard]] Exit exit_of_http(int status);

}  // namespace hangu::cli
