#pragma once
// Bundles that two auditors' word has removed: which, and how to go on behind them.
// docs/protocols/audit-log.md §7.

#include <optional>
#include <string>

#include "audit/verifier/bundles.hpp"
#include "audit/verifier/epochs.hpp"

namespace hangu_verify {

/// What a `log.pruned` entry tells.
struct Pruning {
  std::uint64_t index = 0;   ///< of that entry
  std::uint64_t before = 0;  ///< entries below are gone; whole bundles
  std::string last_time;     ///< of the last of them
  std::string archive;       ///< SHA-256 of the manifest of what they were kept in
  std::string order;         ///< that it stands on: a DSSE envelope
  EpochState epoch;
};

/// How many of the auditors, by different keys, signed the order to prune exactly this of the log
/// `origin`.
[[nodiscard]] std::size_t count_auditors(const Pruning& pruning, const std::string& origin,
                                         const StageKeys& auditors);
inline constexpr std::size_t kAuditorsWanted = 2;

/// Nothing when the event is not in the form of one.
[[nodiscard]] std::optional<Pruning> read_pruning(std::uint64_t index, std::string_view entry);

/// The newest `log.pruned` entry of a log of `size`, if bundles are missing and it covers them all.
[[nodiscard]] std::optional<Pruning> find_pruning(const LogFiles& files, const FileIndex& index,
                                                  std::uint64_t size);

}  // namespace hangu_verify
