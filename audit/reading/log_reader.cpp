#include "audit/reading/log_reader.hpp"

#include <algorithm>

#include "audit/entry.hpp"
#include "audit/epoch_entries.hpp"
#include "audit/limits.hpp"
#include "audit/pruned_files.hpp"
#include "base/text.hpp"

namespace hangu::audit {
namespace {

constexpr std::string_view kBundleMissing = "log-bundle-missing";

std::unexpected<Error> is_pruned(std::uint64_t before) {
  return fail(ErrorCode::unavailable, "log-pruned",
              "entries below " + std::to_string(before) + " are not here any more");
}

/// The bundle's file for a log of `size` entries.
Tile bundle_tile(std::uint64_t size, std::uint64_t number) {
  const std::uint64_t left = size - number * kTileWidth;
  return {.level = std::nullopt,
          .number = number,
          .width = static_cast<std::size_t>(std::min<std::uint64_t>(left, kTileWidth))};
}

Result<bool> has_bundle(const Folder& folder, std::uint64_t size, std::uint64_t number) {
  const Tile tile = bundle_tile(size, number);
  HANGU_TRY(const bool there, folder.has(tile.path()));
  if (there || tile.width == kTileWidth) return there;
  return folder.has(Tile{.level = std::nullopt, .number = number}.path());
}

/// The first bundle that stays: only a prefix ever goes. The log's own files say where it ends,
/// also while the bundles below are being removed; without them (a part of a copy) what is there
/// does.
Result<std::uint64_t> first_bundle(const Folder& folder, std::uint64_t size) {
  if (size == 0) return 0;
  HANGU_TRY(const std::uint64_t pruned, pruned_before(folder));
  if (pruned > 0 && pruned <= size) return pruned / kTileWidth;
  HANGU_TRY(const bool whole, has_bundle(folder, size, 0));
  if (whole) return 0;
  std::uint64_t missing = 0;
  std::uint64_t there = (size + kTileWidth - 1) / kTileWidth;
  while (there - missing > 1) {
    const std::uint64_t middle = missing + (there - missing) / 2;
    HANGU_TRY(const bool has, has_bundle(folder, size, middle));
    (has ? there : missing) = middle;
  }
  return there;
}

/// Entries of the bundle that a log of `size` has at `number`, with their hashes.
Result<Bundle> load_bundle(const Folder& folder, std::uint64_t size, std::uint64_t number) {
  const Tile tile = bundle_tile(size, number);
  auto bytes = read_tile_file(folder, tile, kBundleBytesMax);
  if (!bytes && bytes.error().reason() == "file-missing")
    return fail(ErrorCode::corrupt, kBundleMissing, tile.path());
  if (!bytes) return std::unexpected(bytes.error());
  std::vector<StoredEntry> entries;
  entries.reserve(tile.width);
  ByteView rest = *bytes;
  for (std::size_t i = 0; i < tile.width; ++i) {
    constexpr std::size_t kLengthBytes = 2;
    const std::size_t length = rest.size() < kLengthBytes ? 0 : load_big<std::uint16_t>(rest);
    if (rest.size() < kLengthBytes + length)
      return fail(ErrorCode::corrupt, "log-bundle-invalid", tile.path());
    const ByteView entry = rest.subspan(kLengthBytes, length);
    entries.push_back({number * kTileWidth + i, text_of(entry), leaf_hash(entry)});
    rest = rest.subspan(kLengthBytes + length);
  }
  return Bundle(*std::move(bytes), std::move(entries));
}

/// The key that the log's first entry names.
Result<NoteKey> own_key(const Folder& folder, std::string_view note) {
  const auto no_key = [] {
    return fail(ErrorCode::unavailable, "log-no-key", "genesis does not tell it");
  };
  HANGU_TRY(const Note parsed, Note::parse(note));
  HANGU_TRY(const Checkpoint claimed, Checkpoint::parse(parsed.text));
  if (claimed.head.size == 0) return no_key();
  const auto bundle = load_bundle(folder, claimed.head.size, 0);
  if (!bundle) return no_key();
  const auto entry = wire::Json::parse(bundle->entries().front().text, kBundleBytesMax);
  const wire::Json* event = entry ? entry->find("event") : nullptr;
  const wire::Json* vkey = event != nullptr ? event->find("vkey") : nullptr;
  if (vkey == nullptr || vkey->as_string() == nullptr) return no_key();
  return NoteKey::parse(*vkey->as_string());
}

/// Whether the log's name stands under the note, by another key only.
bool is_by_other_key(std::string_view note, const NoteKey& key) {
  const auto parsed = Note::parse(note);
  if (!parsed) return false;
  const auto& lines = parsed->signatures;
  return std::ranges::any_of(lines, [&](const auto& line) { return line.name == key.name(); }) &&
         std::ranges::none_of(lines, [&](const auto& line) { return claims_to_be_of(line, key); });
}

}  // namespace

LogReader::LogReader(std::unique_ptr<Folder> folder, NoteKey key, bool key_given, std::string note,
                     Checkpoint checkpoint, std::uint64_t first)
    : folder_(std::move(folder)),
      tiles_(std::make_unique<PublishedTiles>(*folder_, checkpoint.head.size)),
      key_(std::move(key)),
      key_given_(key_given),
      note_(std::move(note)),
      checkpoint_(std::move(checkpoint)),
      first_(first) {}

Result<LogReader> LogReader::open(std::unique_ptr<Folder> folder,
                                  const std::optional<NoteKey>& key) {
  auto bytes = folder->read("checkpoint", kNoteBytesMax);
  if (!bytes && bytes.error().reason() == "file-missing")
    return fail(ErrorCode::unavailable, "log-missing", "no checkpoint");
  if (!bytes) return std::unexpected(bytes.error());
  std::string note(text_of(*bytes));
  HANGU_TRY(NoteKey used, key ? Result<NoteKey>(*key) : own_key(*folder, note));
  if (is_by_other_key(note, used))
    return fail(ErrorCode::unavailable, key ? "log-key-other" : "log-no-key", used.to_text());
  HANGU_TRY(Checkpoint checkpoint, open_checkpoint(note, used));
  if (checkpoint.head.size > kLogSizeMax)
    return fail(ErrorCode::malformed, "checkpoint-malformed", "size");
  HANGU_TRY(const std::uint64_t first, first_bundle(*folder, checkpoint.head.size));
  const std::uint64_t first_entry = std::min(first * kTileWidth, checkpoint.head.size);
  return LogReader(std::move(folder), std::move(used), key.has_value(), std::move(note),
                   std::move(checkpoint), first_entry);
}

Result<Bundle> LogReader::bundle(std::uint64_t number) const {
  HANGU_ASSERT(number < bundles());
  if (number * kTileWidth < first_) return is_pruned(first_);
  Result<Bundle> here = load_bundle(*folder_, size(), number);
  if (here || here.error().reason() != kBundleMissing) return here;
  HANGU_TRY(const std::uint64_t pruned, pruned_before(*folder_));  // since the log was opened
  return number * kTileWidth < pruned ? Result<Bundle>(is_pruned(pruned)) : std::move(here);
}

Done LogReader::read(std::uint64_t first, std::uint64_t end, const VisitStored& visit) const {
  HANGU_ASSERT(first <= end && end <= size());
  for (std::uint64_t number = first / kTileWidth; number * kTileWidth < end; ++number) {
    HANGU_TRY(const Bundle here, bundle(number));
    for (const StoredEntry& entry : here.entries())
      if (entry.index >= first && entry.index < end) HANGU_CHECK(visit(entry));
  }
  return {};
}

Done LogReader::prove(const Frontier& up_to, std::uint64_t first) const {
  const TreeHead before{.size = up_to.size(), .root = up_to.root()};
  if (before == checkpoint_.head) return {};
  if (before.size == size()) return std::unexpected(where_differs(first, before.size));
  HANGU_TRY(const auto path, consistency_path(*tiles_, before.size, size()));
  if (!verify_consistency(before, checkpoint_.head, path))
    return std::unexpected(where_differs(first, before.size));
  return {};
}

/// The first bundle whose hashes are not those of the tile above it.
Error LogReader::where_differs(std::uint64_t first, std::uint64_t end) const {
  for (std::uint64_t number = first / kTileWidth; number * kTileWidth < end; ++number) {
    const auto here = bundle(number);
    if (!here) return here.error();
    const auto told = tiles_->hashes(0, number * kTileWidth, here->entries().size());
    if (!told) return told.error();
    for (std::size_t i = 0; i < told->size(); ++i) {
      const StoredEntry& entry = here->entries()[i];
      if ((*told)[i] != entry.leaf)
        return {ErrorCode::corrupt, "log-root-differs",
                "from entry " + std::to_string(entry.index)};
    }
  }
  return {ErrorCode::corrupt, "log-root-differs",
          "a hash tile beside entries " + std::to_string(first) + ".." + std::to_string(end)};
}

Done LogReader::authenticate(std::uint64_t first, std::uint64_t end,
                             const VisitStored& visit) const {
  HANGU_ASSERT(first <= end && end <= size());
  if (first == end) return {};
  const std::uint64_t from = first / kTileWidth * kTileWidth;
  HANGU_TRY(Frontier frontier, Frontier::of(*tiles_, from));
  for (std::uint64_t number = from / kTileWidth; number * kTileWidth < end; ++number) {
    HANGU_TRY(const Bundle here, bundle(number));
    for (const StoredEntry& entry : here.entries()) {
      frontier.append(entry.leaf);
      if (entry.index >= first && entry.index < end) HANGU_CHECK(visit(entry));
    }
  }
  return prove(frontier, first);
}

Result<Bundle> LogReader::authentic_bundle(std::uint64_t number) const {
  HANGU_TRY(Bundle here, bundle(number));
  HANGU_TRY(Frontier frontier, Frontier::of(*tiles_, number * kTileWidth));
  for (const StoredEntry& entry : here.entries()) frontier.append(entry.leaf);
  HANGU_CHECK(prove(frontier, number * kTileWidth));
  return here;
}

Result<std::uint64_t> LogReader::find_time(WallTime time) const {
  std::uint64_t low = first_;  // entries below are older
  std::uint64_t high = size();
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    HANGU_TRY(const Bundle here, authentic_bundle(middle / kTileWidth));
    // One proved bundle answers for all of its entries.
    const auto older = [&](const StoredEntry& entry) -> Result<bool> {
      const auto head = EntryHead::parse(entry.text);
      if (!head) return std::unexpected(head.error().within(std::to_string(entry.index)));
      return head->time < time;
    };
    HANGU_TRY(const bool first_older, older(here.entries().front()));
    HANGU_TRY(const bool last_older, older(here.entries().back()));
    if (!first_older) {
      high = std::max(low, here.entries().front().index);
      continue;
    }
    low = std::max(low, here.entries().front().index + 1);
    if (last_older) {
      low = here.entries().back().index + 1;
      continue;
    }
    for (const StoredEntry& entry : here.entries()) {
      HANGU_TRY(const bool is_older, older(entry));
      if (!is_older) return std::max(low, entry.index);
    }
  }
  return low;
}

Done LogReader::check_root(std::uint64_t size, const Hash& root) const {
  if (size > this->size())
    return fail(ErrorCode::corrupt, "log-root-differs", "the log is shorter");
  const TreeHead before{.size = size, .root = root};
  if (size == 0) {
    if (root == empty_root()) return {};
    return fail(ErrorCode::corrupt, "log-root-differs", "at 0");
  }
  HANGU_TRY(const auto path, consistency_path(*tiles_, size, this->size()));
  if (!verify_consistency(before, checkpoint_.head, path))
    return fail(ErrorCode::corrupt, "log-root-differs", "at " + std::to_string(size));
  return {};
}

}  // namespace hangu::audit
