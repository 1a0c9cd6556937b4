#include "audit/decimal.hpp"

#include <charconv>

namespace hangu::audit {

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc{} || stop != end || (text.size() > 1 && text[0] == '0'))
    return std::nullopt;
  return value;
}

}  // namespace hangu::audit
