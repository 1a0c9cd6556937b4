#pragma once
// Dates and times of attribute values as text, by the proleptic Gregorian calendar.

#include <string>
#include <string_view>

#include "plain/schema.hpp"

namespace hangu::plain {

/// "2019-08-15". Errors of reading: Malformed "date-invalid".
[[nodiscard]] std::string to_text(Date date);
[[nodiscard]] Result<Date> parse_date(std::string_view text);

/// "2019-08-15T21:28:22.000Z". Reading takes "T" or a space between date and time, hours and
/// minutes with or without seconds, up to nine fraction digits (cut to milliseconds), and "Z",
/// "+hh:mm" or nothing (read as UTC) at the end. Errors: Malformed "date-time-invalid".
[[nodiscard]] std::string to_text(DateTime time);
[[nodiscard]] Result<DateTime> parse_date_time(std::string_view text);

/// True within years 1..9999.
[[nodiscard]] bool in_range(Date date);
[[nodiscard]] bool in_range(DateTime time);

}  // namespace hangu::plain
