#include "audit/verifier/tiled_keys.hpp"

#include <algorithm>
#include <iterator>
#include <map>

#include <nlohmann/json.hpp>

#include "audit/verifier/bundles.hpp"
#include "audit/verifier/tile_tree.hpp"

namespace hangu_verify {
namespace {

constexpr std::string_view kEpoch = "epoch/";

/// What the last entry of a kept checkpoint's tree tells, if it is proven.
std::optional<KeyRoll> read_roll_before(const Note& kept, const LogFiles& files,
                                        const Checkpoint& head) {
  const std::uint64_t size = kept.checkpoint.size;
  if (size == 0 || size > head.size) return std::nullopt;
  const StageKeys none;
  const FileIndex no_files({});
  const std::uint64_t number = (size - 1) / kTileWidth;
  const Bundle bundle = BundleReader(files, no_files, head.size, none).read_entries(number);
  if (bundle.state != Bundle::State::whole) return std::nullopt;
  const std::string_view entry = bundle.entries[(size - 1) % kTileWidth];
  if (read_facts(entry, none).type != "epoch.close") return std::nullopt;
  auto roll = read_roll(event_of(entry), size);
  if (!roll || check_line(kept, *roll->former.key) != LineVerdict::good) return std::nullopt;
  TileTree tiles(files, head.size);
  const auto path = tiles.path_of_bundle(number);
  const std::uint64_t bundles = (head.size + kTileWidth - 1) / kTileWidth;
  const bool proven = path && leads_to(bundle.root, number, bundles, *path, head.root) &&
                      tiles.prefix(size, head.root) == kept.checkpoint.root;
  return proven ? roll : std::nullopt;
}

bool names(const std::vector<KeyRoll>& rolls, const LogKey& key) {
  return rolls.back().next.key == key ||
         std::ranges::any_of(rolls, [&](const KeyRoll& roll) { return roll.former.key == key; });
}

bool asks_for_rolls(const Request& request, const std::vector<Note>& notes) {
  return request.key && std::ranges::any_of(notes, [&](const Note& note) {
           return has_other_line(note, *request.key) &&
                  check_line(note, *request.key) == LineVerdict::missing;
         });
}

std::vector<Note> notes_at_hand(const Request& request, const Head& head) {
  std::vector<Note> notes{head.note};
  if (head.witnessed) notes.push_back(*head.witnessed);
  for (const std::string& pin : request.pins)
    if (auto note = read_note(pin)) notes.push_back(*std::move(note));
  return notes;
}

}  // namespace

std::vector<KeyRoll> read_rolls(const LogFiles& files, const Checkpoint& head) {
  std::map<std::uint64_t, KeyRoll> by_size;
  for (const std::string& path : files.all()) {
    if (!path.starts_with(kEpoch)) continue;
    const auto bytes = files.read(path);
    const auto kept = bytes ? read_note(*bytes) : std::nullopt;
    if (auto roll = kept ? read_roll_before(*kept, files, head) : std::nullopt) {
      const std::uint64_t size = roll->size;
      by_size.emplace(size, *std::move(roll));
    }
  }
  std::vector<KeyRoll> out;
  for (auto& [size, roll] : by_size) {
    if (!out.empty() && out.back().next != roll.former) return {};
    out.push_back(std::move(roll));
  }
  return out;
}

KeyHistory keys_by_tiles(const Request& request, const std::vector<TiledFolder>& folders,
                         const std::vector<Note>& more) {
  std::vector<Note> notes = more;
  std::uint64_t longest = 0;
  for (const auto& [files, head] : folders) {
    std::ranges::move(notes_at_hand(request, head), std::back_inserter(notes));
    longest = std::max(longest, head.note.checkpoint.size);
  }
  std::vector<KeyRoll> rolls;
  if (asks_for_rolls(request, notes)) {
    for (const auto& [files, head] : folders) {
      auto told = read_rolls(files, head.note.checkpoint);
      if (told.size() > rolls.size() && names(told, *request.key)) rolls = std::move(told);
    }
  }
  KeyHistory out(request);
  if (!rolls.empty()) {
    out.begin_behind(rolls.front().size);
  } else {
    out.begin_behind(folders.empty() ? ~std::uint64_t{0} : std::max<std::uint64_t>(longest, 1) - 1);
  }
  for (KeyRoll& roll : rolls) (void)out.add(std::move(roll));
  return out;
}

}  // namespace hangu_verify
