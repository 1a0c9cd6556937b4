#include "audit/pruned_files.hpp"

#include <charconv>
#include <optional>

#include "audit/limits.hpp"

namespace hangu::audit {
namespace {

constexpr std::string_view kStateSuffix = ".json";
constexpr std::string_view kKeysSuffix = ".keys";
constexpr std::size_t kPrunedNamesMax = 4096;

/// The number that a file with this suffix is named by; nothing for another name.
std::optional<std::uint64_t> number_of(std::string_view name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return std::nullopt;
  name.remove_suffix(suffix.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  const bool whole = error == std::errc() && end == name.data() + name.size();
  if (!whole || number == 0 || number % kTileWidth != 0) return std::nullopt;
  return number;
}

}  // namespace

std::string pruned_state_name(std::uint64_t before) {
  return std::to_string(before) + std::string(kStateSuffix);
}

std::string pruned_keys_name(std::uint64_t before) {
  return std::to_string(before) + std::string(kKeysSuffix);
}

Tile last_bundle_below(std::uint64_t before) {
  return {.level = std::nullopt, .number = before / kTileWidth - 1};
}

Result<std::uint64_t> pruned_before(const Folder& log) {
  HANGU_TRY(const bool there, log.has(kPrunedFolder));
  if (!there) return std::uint64_t{0};
  HANGU_TRY(const std::unique_ptr<Folder> folder, log.subfolder(kPrunedFolder));
  HANGU_TRY(const std::vector<std::string> names, folder->names(kPrunedNamesMax));
  std::uint64_t before = 0;
  for (const std::string& name : names) {
    const std::optional<std::uint64_t> number = number_of(name, kStateSuffix);
    if (!number || *number <= before) continue;
    HANGU_TRY(const bool kept, log.has(last_bundle_below(*number).path()));
    if (!kept) before = *number;
  }
  return before;
}

Done remove_superseded(const Folder& log, std::uint64_t before) {
  HANGU_TRY(const std::unique_ptr<Folder> folder, log.subfolder(kPrunedFolder));
  HANGU_TRY(const std::vector<std::string> names, folder->names(kPrunedNamesMax));
  for (const std::string& name : names) {
    const auto number = number_of(name, kStateSuffix);
    const auto keys = number_of(name, kKeysSuffix);
    if ((number && *number != before) || (keys && *keys != before))
      HANGU_CHECK(folder->remove(name));
  }
  return folder->sync();
}

}  // namespace hangu::audit
