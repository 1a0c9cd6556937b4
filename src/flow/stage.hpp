#pragma once
// Stages, verdicts and states of a transfer. docs/ARCHITECTURE.md §1 and §7.

#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace hangu::flow {

/// The steps of the line in their one order. `clear` is decide's second evaluation.
enum class Stage : std::uint8_t {
  receive,
  verify,
  inspect,
  decide,
  transform,
  check,
  approve,
  clear,
  emit,
};
inline constexpr Stage kFirstStage = Stage::receive;
inline constexpr Stage kLastStage = Stage::emit;

[[nodiscard]] std::string_view to_text(Stage stage);
/// Errors: Malformed "stage-unknown".
[[nodiscard]] Result<Stage> parse_stage(std::string_view text);
/// The program whose key signs the step: "clear" is signed by decide.
[[nodiscard]] std::string_view program_of(Stage stage);

/// An error (crash, timeout, limit, unreadable, encrypted) is never a pass.
enum class Verdict : std::uint8_t { pass, fail, error };
[[nodiscard]] std::string_view to_text(Verdict verdict);
[[nodiscard]] Result<Verdict> parse_verdict(std::string_view text);

/// State of a transfer. Everything from `emitted` on, and the four ends, is final for the line.
enum class State : std::uint8_t {
  received,
  verified,
  inspected,
  decided,
  transformed,
  checked,
  awaiting_approval,
  approved,
  cleared,
  emitted,
  acknowledged,
  refused,
  quarantined,
  withdrawn,
  expired,
};
/// "awaiting-approval", …
[[nodiscard]] std::string_view to_text(State state);
[[nodiscard]] Result<State> parse_state(std::string_view text);
/// One sentence for people.
[[nodiscard]] std::string_view sentence_in_chinese(State state);
[[nodiscard]] std::string_view sentence_in_english(State state);

/// True for emitted, acknowledged, refused, withdrawn, expired, quarantined: no stage works on it.
[[nodiscard]] bool is_end(State state);
/// The stage that works on a transfer in this state (awaiting_approval: approve; end: none).
struct NextStage {
  bool any = false;
  Stage stage = Stage::receive;
};
[[nodiscard]] NextStage next_stage(State state);
/// The state after a passing step.
[[nodiscard]] State state_after(Stage stage);

}  // namespace hangu::flow
