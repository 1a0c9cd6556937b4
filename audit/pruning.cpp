#include "audit/pruning.hpp"

#include <algorithm>
#include <charconv>

#include "audit/tile.hpp"
#include "base/limits.hpp"
#include "crypto/hash.hpp"

namespace hangu::audit {
namespace {

constexpr const char* kFolder = "pruned";
constexpr std::string_view kStateSuffix = ".json";
constexpr std::string_view kKeysSuffix = ".keys";
constexpr const char* kTemporary = ".new";
constexpr std::size_t kPrunedNamesMax = 4096;
constexpr std::size_t kKeyRowBytes = sizeof(KeyDigest) + 8;
constexpr std::size_t kKeysBytesMax = std::size_t{4} << 30;
constexpr std::size_t kSignersMax = 8;
constexpr std::size_t kTextBytesMax = 600;

std::unexpected<Error> invalid(const std::string& what) {
  return fail(ErrorCode::corrupt, "audit-pruned-invalid", what);
}

std::string state_name(std::uint64_t before) {
  return std::to_string(before) + std::string(kStateSuffix);
}

std::string keys_name(std::uint64_t before) {
  return std::to_string(before) + std::string(kKeysSuffix);
}

Tile bundle_below(std::uint64_t before) {
  return {.level = std::nullopt, .number = before / kTileWidth - 1};
}

/// The number that a state file is named by; nothing for another name.
std::optional<std::uint64_t> number_of(std::string_view name) {
  if (!name.ends_with(kStateSuffix)) return std::nullopt;
  name.remove_suffix(kStateSuffix.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  const bool whole = error == std::errc() && end == name.data() + name.size();
  if (!whole || number == 0 || number % kTileWidth != 0) return std::nullopt;
  return number;
}

std::string sha256_hex(ByteView bytes) {
  return to_hex(crypto::hash(crypto::HashAlgorithm::sha256, bytes));
}

Result<Hash> read_chain(const std::string& digits) {
  HANGU_TRY(const Bytes bytes, from_hex(digits));
  return hash_from(bytes);
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

std::optional<std::uint64_t> PrunedKeys::find(std::string_view key) const {
  const KeyDigest digest = key_digest(key);
  const auto at = std::ranges::lower_bound(rows_, digest, {}, &Row::digest);
  if (at == rows_.end() || at->digest != digest) return std::nullopt;
  return at->index;
}

Bytes PrunedKeys::to_bytes() const {
  Bytes out;
  out.reserve(rows_.size() * kKeyRowBytes);
  for (const Row& row : rows_) {
    std::array<std::byte, sizeof row.index> index{};
    store_u64(index, row.index);
    append(out, row.digest);
    append(out, index);
  }
  return out;
}

Result<PrunedKeys> PrunedKeys::parse(ByteView bytes) {
  if (bytes.size() % kKeyRowBytes != 0) return invalid("keys");
  PrunedKeys keys;
  keys.rows_.reserve(bytes.size() / kKeyRowBytes);
  for (std::size_t at = 0; at < bytes.size(); at += kKeyRowBytes) {
    Row row{};
    std::ranges::copy(bytes.subspan(at, row.digest.size()), row.digest.begin());
    row.index = load_u64(bytes.subspan(at + row.digest.size(), sizeof row.index));
    if (!keys.rows_.empty() && row <= keys.rows_.back()) return invalid("keys");
    keys.rows_.push_back(row);
  }
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
      {"gmVkey", gm_vkey ? wire::Json(*gm_vkey) : wire::Json()},
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
  const auto chain = f.accept("sm3", read_chain(f.text("sm3", kTextBytesMax)));
  if (const std::string* vkey = f.value("gmVkey").as_string()) out.gm_vkey = *vkey;
  if (const wire::Json& counter = f.value("counter"); !counter.is_null())
    out.counter = f.accept("counter", parse_counter(counter));
  out.keys = f.text("keys", kTextBytesMax);
  out.archive = f.text("archive", kTextBytesMax);
  out.signers = f.texts("signers", kSignersMax, kTextBytesMax);
  const auto order = f.accept("order", from_base64(f.text("order", 2 * kOrderBytesMax)));
  HANGU_CHECK(f.finish());
  out.last_time = *last_time;
  out.epoch = *epoch;
  out.chain = *chain;
  out.order = text_of(*order);
  return out;
}

Result<std::optional<Pruned>> read_pruned(const Folder& log) {
  HANGU_TRY(const bool there, log.has(kFolder));
  if (!there) return std::optional<Pruned>();
  HANGU_TRY(const std::unique_ptr<Folder> folder, log.subfolder(kFolder));
  HANGU_TRY(const std::vector<std::string> names, folder->names(kPrunedNamesMax));
  std::uint64_t before = 0;
  for (const std::string& name : names) {
    const std::optional<std::uint64_t> number = number_of(name);
    if (!number || *number <= before) continue;
    HANGU_TRY(const bool kept, log.has(bundle_below(*number).path()));
    if (!kept) before = *number;
  }
  if (before == 0) return std::optional<Pruned>();
  HANGU_TRY(Pruned pruned, read_pruned_at(log, before));
  return std::optional(std::move(pruned));
}

Result<Pruned> read_pruned_at(const Folder& log, std::uint64_t before) {
  HANGU_TRY(const std::unique_ptr<Folder> folder, log.subfolder(kFolder));
  HANGU_TRY(const Bytes text, folder->read(state_name(before), kEntryBytesMax));
  Result<PrunedState> state = PrunedState::parse(text_of(text));
  if (!state || state->before != before) return invalid(state_name(before));
  HANGU_TRY(const Bytes keys, folder->read(keys_name(before), kKeysBytesMax));
  if (sha256_hex(keys) != state->keys) return invalid(keys_name(before));
  HANGU_TRY(PrunedKeys parsed, PrunedKeys::parse(keys));
  return Pruned{*std::move(state), std::move(parsed)};
}

PruneReading::PruneReading(const GivenOrder& order, const std::optional<Pruned>& before) {
  if (before) {
    state_ = before->state;
    keys_ = before->keys;
    epochs_ = EpochReader::resume(state_.epoch, state_.epoch_first, state_.chain, state_.before);
    at_ = state_.before;
  }
  const auto& act = std::get<PruneOrder>(order.signed_order.order.act);
  state_.before = act.before;
  state_.archive = act.archive;
  state_.signers = order.signed_order.signers;
  state_.order = order.envelope;
}

Result<bool> PruneReading::step(const Log& log) {
  const std::uint64_t end = std::min(state_.before, at_ + kPruneEntriesPerStep);
  for (; at_ < end; ++at_) {
    HANGU_TRY(const Bytes entry, log.entry(at_));
    const auto head = EntryHead::parse(text_of(entry));
    if (!head) return invalid_entry(at_);
    HANGU_CHECK(epochs_.see(at_, *head));
    for (const std::string_view key : head->keys) keys_.add(key, at_);
    state_.chain = chain_on(state_.chain, entry);
    state_.last_time = head->time;
  }
  return at_ == state_.before;
}

Result<Pruned> PruneReading::keep(const Folder& log) {
  HANGU_ASSERT(at_ == state_.before);
  state_.epoch = epochs_.told().value();
  state_.epoch_first = epochs_.first();
  state_.gm_vkey = epochs_.gm_vkey() ? epochs_.gm_vkey() : state_.gm_vkey;
  state_.counter = epochs_.counter() ? epochs_.counter() : state_.counter;
  keys_.sort();
  const Bytes keys = keys_.to_bytes();
  state_.keys = sha256_hex(keys);
  HANGU_TRY(const bool made, log.make_subfolder(kFolder));
  if (made) HANGU_CHECK(log.sync());
  HANGU_TRY(const std::unique_ptr<Folder> folder, log.subfolder(kFolder));
  // One that was prepared before and never begun makes way.
  HANGU_CHECK(folder->write_temporary(kTemporary, keys));
  HANGU_CHECK(folder->rename(kTemporary, keys_name(state_.before)));
  const std::string text = wire::Json(state_.to_event()).to_text();
  HANGU_CHECK(folder->write_temporary(kTemporary, bytes_of(text)));
  HANGU_CHECK(folder->rename(kTemporary, state_name(state_.before)));
  HANGU_CHECK(folder->sync());
  return Pruned{std::move(state_), std::move(keys_)};
}

Result<bool> remove_bundles(const Folder& log, std::uint64_t before, std::uint64_t& at) {
  for (std::size_t i = 0; i < kPruneFilesPerStep && at > 0; ++i, at -= kTileWidth) {
    const std::string path = bundle_below(at).path();
    const std::size_t slash = path.rfind('/');
    HANGU_TRY(const bool there, log.has(path));
    if (!there) continue;
    HANGU_TRY(const std::unique_ptr<Folder> folder, log.subfolder(path.substr(0, slash)));
    HANGU_CHECK(folder->remove(path.substr(slash + 1)));
    // That the highest is gone says that the pruning was begun: it must be so before the others.
    if (at == before) HANGU_CHECK(folder->sync());
  }
  return at == 0;
}

}  // namespace hangu::audit
