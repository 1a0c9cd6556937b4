#include "audit/reading/entry_event.hpp"

#include "audit/entry.hpp"
#include "base/limits.hpp"

namespace hangu::audit {

std::optional<wire::Json> event_of(const StoredEntry& entry, std::string_view type) {
  constexpr std::string_view kEventStart = "\"statement\":null,\"event\":";
  const auto head = EntryHead::parse(entry.text);
  if (!head || head->type != type || !head->body.starts_with(kEventStart)) return std::nullopt;
  auto event = wire::Json::parse(head->body.substr(kEventStart.size()), kEntryBytesMax);
  if (!event || event->as_object() == nullptr) return std::nullopt;
  return *std::move(event);
}

}  // namespace hangu::audit
