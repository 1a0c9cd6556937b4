#include "audit/pruning.hpp"

#include <algorithm>
#include <iterator>
#include <span>

#include "audit/pruned_files.hpp"
#include "audit/schema.hpp"
#include "base/limits.hpp"
#include "crypto/hash.hpp"

namespace hangu::audit {
namespace {

constexpr std::size_t kKeyRowBytes = sizeof(KeyDigest) + 8;
constexpr std::size_t kRowsPerPiece = 32 * 1024;  ///< written and read at once
constexpr std::size_t kTextBytesMax = 600;

std::unexpected<Error> invalid(const std::string& what) {
  return fail(ErrorCode::corrupt, "audit-pruned-invalid", what);
}

Result<EpochTold> read_epoch(const wire::Json& json, std::uint64_t& first) {
  wire::Fields f(json, "epoch");
  EpochTold out;
  out.number = static_cast<std::uint64_t>(f.integer("number", 0, kLogSizeMax));
  first = static_cast<std::uint64_t>(f.integer("first", 0, kLogSizeMax));
  out.vkey = f.text("vkey", kTextBytesMax);
  HANGU_CHECK(f.finish());
  return out;
}

}  // namespace

KeyDigest key_digest(std::string_view key) {
  const Hash digest = crypto::hash(crypto::HashAlgorithm::sha256, bytes_of(key));
  KeyDigest out{};
  std::ranges::copy(ByteView(digest).first(out.size()), out.begin());
  return out;
}

void PrunedKeys::sort() {
  std::ranges::sort(rows_);
  const auto twice = std::ranges::unique(rows_);
  rows_.erase(twice.begin(), twice.end());
}

PrunedKeys PrunedKeys::merged(const PrunedKeys& older, const PrunedKeys& newer) {
  PrunedKeys out;
  out.rows_.reserve(older.size() + newer.size());
  std::ranges::set_union(older.rows_, newer.rows_, std::back_inserter(out.rows_));
  return out;
}

std::optional<std::uint64_t> PrunedKeys::find(std::string_view key) const {
  const KeyDigest digest = key_digest(key);
  const auto at = std::ranges::lower_bound(rows_, digest, {}, &Row::digest);
  if (at == rows_.end() || at->digest != digest) return std::nullopt;
  return at->index;
}

Result<Hash> PrunedKeys::write(const Folder& folder, const std::string& name) const {
  HANGU_TRY(const std::unique_ptr<File> file, folder.create(name));
  crypto::Hasher hasher(crypto::HashAlgorithm::sha256);
  std::uint64_t offset = 0;
  for (std::size_t first = 0; first < rows_.size(); first += kRowsPerPiece) {
    Bytes piece;
    for (const Row& row :
         std::span(rows_).subspan(first).first(std::min(kRowsPerPiece, rows_.size() - first))) {
      std::array<std::byte, sizeof row.index> index{};
      store_u64(index, row.index);
      append(piece, row.digest);
      append(piece, index);
    }
    HANGU_CHECK(file->write_at(offset, piece));
    offset += piece.size();
    hasher.update(piece);
  }
  HANGU_CHECK(file->protect());
  HANGU_CHECK(file->sync_all());
  return hasher.finish();
}

Result<PrunedKeys> PrunedKeys::read(const Folder& folder, const std::string& name,
                                    std::string_view digest) {
  HANGU_TRY(const std::unique_ptr<File> file, folder.open_read(name));
  HANGU_TRY(const std::uint64_t size, file->size());
  if (size % kKeyRowBytes != 0 || size / kKeyRowBytes > kPrunedKeysMax) return invalid(name);
  PrunedKeys keys;
  keys.rows_.reserve(static_cast<std::size_t>(size / kKeyRowBytes));
  crypto::Hasher hasher(crypto::HashAlgorithm::sha256);
  for (std::uint64_t offset = 0; offset < size; offset += kRowsPerPiece * kKeyRowBytes) {
    Bytes piece(static_cast<std::size_t>(
        std::min<std::uint64_t>(kRowsPerPiece * kKeyRowBytes, size - offset)));
    HANGU_CHECK(file->read_at(offset, piece));
    hasher.update(piece);
    for (std::size_t at = 0; at < piece.size(); at += kKeyRowBytes) {
      const ByteView bytes = ByteView(piece).subspan(at, kKeyRowBytes);
      Row row{};
      std::ranges::copy(bytes.first(row.digest.size()), row.digest.begin());
      row.index = load_u64(bytes.subspan(row.digest.size()));
      if (!keys.rows_.empty() && row <= keys.rows_.back()) return invalid(name);
      keys.rows_.push_back(row);
    }
  }
  if (to_hex(hasher.finish()) != digest) return invalid(name);
  return keys;
}

wire::JsonObject PrunedState::to_event() const {
  wire::JsonArray names;
  for (const std::string& signer : signers) names.emplace_back(signer);
  return {
      {"before", before},
      {"lastTime", last_time.to_text()},
      {"epoch",
       wire::JsonObject{{"number", epoch.number}, {"first", epoch_first}, {"vkey", epoch.vkey}}},
      {"sm3", to_hex(chain)},
      {"vkey", log_keys.vkey},
      {"gmVkey", log_keys.gm_json()},
      {"counter", counter ? to_json(*counter) : wire::Json()},
      {"keys", keys},
      {"archive", archive},
      {"signers", std::move(names)},
      {"order", to_base64(bytes_of(order))}};
}

Result<PrunedState> PrunedState::parse(std::string_view text) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(text, kEntryBytesMax));
  wire::Fields f(json, kPrunedType);
  PrunedState out;
  out.before = static_cast<std::uint64_t>(f.integer("before", kTileWidth, kLogSizeMax));
  const auto last_time = f.accept("lastTime", WallTime::parse(f.text("lastTime", kTextBytesMax)));
  const auto epoch = f.accept("epoch", read_epoch(f.value("epoch"), out.epoch_first));
  const auto chain = f.accept("sm3", hash_from_hex(f.text("sm3", kTextBytesMax)));
  out.log_keys = LogKeysTold::read(f, "vkey", "gmVkey");
  if (const wire::Json& counter = f.value("counter"); !counter.is_null())
    out.counter = f.accept("counter", parse_counter(counter));
  out.keys = f.text("keys", kTextBytesMax);
  out.archive = f.text("archive", kTextBytesMax);
  out.signers = f.texts("signers", kOrderSignersMax, kTextBytesMax);
  const auto order = f.accept("order", from_base64(f.text("order", 2 * kOrderBytesMax)));
  (void)f.optional_value(kClockMember);
  HANGU_CHECK(f.finish());
  out.last_time = *last_time;
  out.epoch = *epoch;
  out.chain = *chain;
  out.order = text_of(*order);
  return out;
}

Result<std::optional<Pruned>> read_pruned(const Folder& log) {
  HANGU_TRY(const std::uint64_t before, pruned_before(log));
  if (before == 0) return std::optional<Pruned>();
  HANGU_TRY(Pruned pruned, read_pruned_at(log, before));
  return std::optional(std::move(pruned));
}

Result<Pruned> read_pruned_at(const Folder& log, std::uint64_t before, const PrunedState* told) {
  const std::string name = pruned_state_name(before);
  const auto folder = log.subfolder(kPrunedFolder);
  auto text = folder ? (*folder)->read(name, kEntryBytesMax)
                     : Result<Bytes>(std::unexpected(folder.error()));
  if (!text && text.error().reason() == "file-missing") return invalid(name + " is missing");
  if (!text) return std::unexpected(text.error());
  Result<PrunedState> state = PrunedState::parse(text_of(*text));
  if (!state || state->before != before) return invalid(name);
  if (told != nullptr && *state != *told) return invalid(name + " is not what the log says");
  auto keys = PrunedKeys::read(**folder, pruned_keys_name(before), state->keys);
  if (!keys && keys.error().reason() == "file-missing")
    return invalid(pruned_keys_name(before) + " is missing");
  if (!keys) return std::unexpected(keys.error());
  return Pruned{*std::move(state), std::make_shared<const PrunedKeys>(*std::move(keys))};
}

PruneReading::PruneReading(const GivenOrder& order, const std::optional<Pruned>& before,
                           std::uint64_t keys_max)
    : keys_max_(keys_max) {
  if (before) {
    state_ = before->state;
    older_ = before->keys;
    epochs_ = EpochReader::resume(state_.place());
    from_ = at_ = state_.before;
  }
  const auto& act = std::get<PruneOrder>(order.signed_order.order.act);
  state_.before = act.before;
  state_.archive = act.archive;
  state_.signers = order.signed_order.signers;
  state_.order = order.envelope;
}

Result<bool> PruneReading::step(const Log& log) {
  if (!frontier_) {
    HANGU_TRY(frontier_, log.frontier_at(from_));
  }
  const std::uint64_t end = std::min(state_.before, at_ + kPruneEntriesPerStep);
  HANGU_CHECK(log.visit(
      at_, end, [this](std::uint64_t index, ByteView entry) { return take_in(index, entry); }));
  if (at_ < state_.before) return false;
  HANGU_TRY(const bool ours, log.contains({.size = at_, .root = frontier_->root()}));
  if (!ours)
    return fail(ErrorCode::corrupt, "audit-tiles-corrupt",
                "entries " + std::to_string(from_) + ".." + std::to_string(at_) +
                    " do not lead to the log's root");
  proved_ = true;
  return true;
}

Done PruneReading::take_in(std::uint64_t index, ByteView entry) {
  const auto head = EntryHead::parse(text_of(entry));
  if (!head) return invalid_entry(index);
  HANGU_CHECK(epochs_.see(index, *head));
  const std::uint64_t held = (older_ ? older_->size() : 0) + keys_.size() + head->keys.size();
  if (held > keys_max_)
    return fail(
        ErrorCode::exhausted, "prune-too-many-keys",
        "more than " + std::to_string(keys_max_) + " keys before entry " + std::to_string(index));
  for (const std::string_view key : head->keys) keys_.add(key, index);
  state_.chain = chain_on(state_.chain, entry);
  state_.last_time = head->time;
  frontier_->append(leaf_hash(entry));
  at_ = index + 1;
  return {};
}

std::uint64_t PruneReading::bytes() const {
  const std::uint64_t held = (older_ ? older_->size() : 0) + keys_.size();
  return held * kKeyRowBytes + kEntryBytesMax;
}

Result<Pruned> PruneReading::keep(const Folder& log) {
  HANGU_ASSERT(proved_);
  state_.epoch = epochs_.told().value();
  state_.epoch_first = epochs_.first();
  state_.log_keys = epochs_.log_keys();
  state_.counter = epochs_.counter() ? epochs_.counter() : state_.counter;
  keys_.sort();
  if (older_) keys_ = PrunedKeys::merged(*older_, keys_);
  HANGU_TRY(const bool made, log.make_subfolder(kPrunedFolder));
  if (made) HANGU_CHECK(log.sync());
  HANGU_TRY(const std::unique_ptr<Folder> folder, log.subfolder(kPrunedFolder));
  // One that was prepared before and never begun makes way.
  HANGU_TRY(const Hash digest, keys_.write(*folder, kTemporaryName));
  keys_ = {};  // read back below
  state_.keys = to_hex(digest);
  // What is kept now is all that there will be: what could not be read again must not be written.
  const std::string text = wire::Json(state_.to_event()).to_text();
  HANGU_TRY(const PrunedState again, PrunedState::parse(text));
  if (again != state_)
    return fail(ErrorCode::malformed, "field-invalid", pruned_state_name(state_.before));
  HANGU_CHECK(folder->rename(kTemporaryName, pruned_keys_name(state_.before)));
  HANGU_CHECK(folder->replace(pruned_state_name(state_.before), bytes_of(text)));
  return read_pruned_at(log, state_.before, &state_);
}

Result<bool> remove_bundles(const Folder& log, std::uint64_t before, std::uint64_t& at) {
  for (std::size_t i = 0; i < kPruneFilesPerStep && at > 0; ++i, at -= kTileWidth) {
    const std::string path = last_bundle_below(at).path();
    const std::size_t slash = path.rfind('/');
    HANGU_TRY(const bool there, log.has(path));
    if (!there && at != before) continue;
    HANGU_TRY(const std::unique_ptr<Folder> folder, log.subfolder(path.substr(0, slash)));
    HANGU_CHECK(folder->remove(path.substr(slash + 1)));
    // That the highest is gone says that the pruning was begun: it must be so for good before the
    // others go, also when it was gone already; who removed it may not have come to the sync.
    if (at == before) HANGU_CHECK(folder->sync());
  }
  return at == 0;
}

}  // namespace hangu::audit
