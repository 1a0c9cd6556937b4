#pragma once
// What every check of a folder begins and ends with: its checkpoint, and the time since when.

#include <optional>

#include "audit/verifier/log_files.hpp"
#include "audit/verifier/report.hpp"

namespace hangu_verify {

/// The folder's checkpoint; nothing when it cannot be used, which is remarked. It is remembered for
/// Report::checkpoint, and a missing key is remarked.
[[nodiscard]] std::optional<Note> read_head(const Request& request, const LogFiles& files,
                                            Report& report);
/// The time of an entry of a log of `size`; empty when it cannot be read.
[[nodiscard]] std::string time_of(const LogFiles& files, std::uint64_t size, std::uint64_t entry);
/// Report::since, by Report::first_bad.
void tell_since(const LogFiles& files, std::uint64_t size, Report& report);

}  // namespace hangu_verify
