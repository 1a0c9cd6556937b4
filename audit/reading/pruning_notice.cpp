#include "audit/reading/pruning_notice.hpp"

namespace hangu::audit {
namespace {

constexpr std::string_view kType = "log.pruned";

/// Whether a bundle that was not proved may hold a notice; cheaper than reading every entry's
/// facts.
bool may_hold_notice(const Bundle& bundle) {
  for (const StoredEntry& entry : bundle.entries())
    if (entry.text.find("\"type\":\"log.pruned\"") != std::string_view::npos) return true;
  return false;
}

}  // namespace

bool covers_pruning(const EntryFacts& facts, std::uint64_t first) {
  return facts.readable && facts.type == kType && facts.count && *facts.count >= 0 &&
         static_cast<std::uint64_t>(*facts.count) >= first;
}

Result<std::uint64_t> find_pruning_notice(const LogReader& reader, std::uint64_t first,
                                          std::uint64_t size) {
  HANGU_ASSERT(first > 0 && size <= reader.size());
  const std::uint64_t oldest = reader.first() / kTileWidth;
  for (std::uint64_t end = (size + kTileWidth - 1) / kTileWidth; end > oldest; --end) {
    HANGU_TRY(const Bundle seen, reader.bundle(end - 1));
    if (!may_hold_notice(seen)) continue;
    HANGU_TRY(const Bundle proved, reader.authentic_bundle(end - 1));
    for (auto entry = proved.entries().rbegin(); entry != proved.entries().rend(); ++entry)
      if (entry->index < size && covers_pruning(facts_of(*entry), first)) return entry->index;
  }
  return fail(ErrorCode::corrupt, "log-bundle-missing",
              "entries below " + std::to_string(first) + ", and no log.pruned tells of it");
}

Done check_pruning(const LogReader& reader) {
  if (reader.first() == 0) return {};
  HANGU_TRY(const std::uint64_t notice, find_pruning_notice(reader, reader.first(), reader.size()));
  (void)notice;
  return {};
}

}  // namespace hangu::audit
