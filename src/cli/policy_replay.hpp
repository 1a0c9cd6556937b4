#pragma once
// Policy replay: decisions on record, asked again of a candidate, for commands.

#include "cli/command.hpp"
#include "cli/published_log.hpp"
#include "policy/analysis/replay.hpp"

namespace hangu::cli {

inline constexpr std::size_t kReplayedAtGate = 1000;

/// Asks `candidate` the last decisions of a log, at most `last`. Errors: those of LogReader.
[[nodiscard]] Result<policy::Replay> replay_last(const PublishedLog& log,
                                                 const policy::Policy& candidate,
                                                 const policy::Catalogue& catalogue,
                                                 std::size_t last);
/// What would be otherwise, by rules, and how many of each kind. `policy`: the candidate's name.
void tell_replay(Console& console, const std::string& policy, const policy::Replay& replay);

}  // namespace hangu::cli
