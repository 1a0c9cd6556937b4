#pragma once
// Times as entries write them, and as cosignatures do.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hangu_verify {

/// Seconds that two clocks may differ by before it is told.
inline constexpr std::int64_t kClockSlack = 60;
inline constexpr std::uint64_t kSecondsMax = 253'402'300'799;  ///< since 1970: to the end of 9999

/// Milliseconds since 1970 of "2026-03-01T08:00:00.000Z"; nothing for any other form.
[[nodiscard]] std::optional<std::int64_t> read_time(std::string_view text);
/// "2026-03-01T08:00:00.000Z", of whole seconds; the year 9999 at most.
[[nodiscard]] std::string time_text(std::uint64_t seconds);

}  // namespace hangu_verify
