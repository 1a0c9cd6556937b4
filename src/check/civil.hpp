#pragma once
// Dates and times as a rendition spells them, by the calendar of the standard library.

#include <optional>
#include <string_view>

#include "plain/schema.hpp"

namespace hangu::check {

/// Exactly "YYYY-MM-DD", a day that exists.
[[nodiscard]] std::optional<plain::Date> read_date(std::string_view text);
/// Exactly "YYYY-MM-DDThh:mm:ss.sssZ".
[[nodiscard]] std::optional<plain::DateTime> read_date_time(std::string_view text);

}  // namespace hangu::check
