#pragma once
// Entry event: the whole event of an entry, for who needs more of it than its facts.

#include <optional>
#include <string_view>

#include "audit/reading/log_reader.hpp"
#include "wire/json.hpp"

namespace hangu::audit {

/// The event of an entry of `type`; nothing when it is none, or cannot be read. Thread: any.
[[nodiscard]] std::optional<wire::Json> event_of(const StoredEntry& entry, std::string_view type);

}  // namespace hangu::audit
