#include "audit/search/builder.hpp"

#include <array>
#include <map>
#include <unordered_map>

#include "audit/search/ahead.hpp"
#include "audit/search/prepared.hpp"
#include "audit/search/words.hpp"

namespace hangu::audit::search {
namespace {

constexpr std::uint64_t kBlocksPerCommit = 4;
constexpr std::size_t kIdsKnownMax = 400'000;  ///< about 60 MB
constexpr std::size_t kStatedKnownMax = 100'000;
constexpr std::uint64_t kProgressEvery = 64;  ///< bundles

/// What is known of a transfer: the entry that stated it, and the ids of what that says.
struct Stated {
  std::optional<std::uint64_t> entry;
  std::vector<std::int64_t> ids;
};

Bytes to_blob(const std::vector<std::int64_t>& ids) {
  Bytes blob(ids.size() * 8);
  for (std::size_t i = 0; i < ids.size(); ++i)
    store_u64(MutableByteView(blob).subspan(i * 8), static_cast<std::uint64_t>(ids[i]));
  return blob;
}

class Filling {
 public:
  Filling(SearchIndex& index, std::uint64_t next) : index_(&index), next_(next) {}

  [[nodiscard]] Done add(const PreparedEntry& entry);
  /// Puts the postings of the block so far into the index.
  [[nodiscard]] Done flush();
  [[nodiscard]] std::uint64_t next() const { return next_; }

 private:
  [[nodiscard]] Result<std::int64_t> id_of(const Value& value);
  [[nodiscard]] Result<std::int64_t> next_id(Field field);
  [[nodiscard]] Result<std::int64_t> find_or_add(const Value& value);
  [[nodiscard]] Result<const Stated*> stated_of(const PreparedEntry& entry);
  void post(std::int64_t id, std::uint16_t place);

  SearchIndex* index_;
  std::uint64_t next_;
  std::unordered_map<std::string, std::int64_t> ids_;
  std::array<std::int64_t, static_cast<std::size_t>(kLastField) + 1> next_ids_{};
  std::unordered_map<std::string, Stated> stated_;
  std::map<std::int64_t, std::vector<std::uint16_t>> block_;  ///< postings by value
};

void Filling::post(std::int64_t id, std::uint16_t place) {
  std::vector<std::uint16_t>& places = block_[id];
  if (places.empty() || places.back() != place) places.push_back(place);
}

Result<std::int64_t> Filling::next_id(Field field) {
  std::int64_t& next = next_ids_.at(static_cast<std::size_t>(field));
  if (next == 0) {
    const std::int64_t start = first_id(field);
    sqlite::Query last = index_->database().query(
        "SELECT coalesce(max(id) + 1, ?) FROM value WHERE id >= ? AND id < ?");
    last.bind(start).bind(start).bind(start + (std::int64_t{1} << kIdBits));
    HANGU_TRY(const bool row, last.step());
    HANGU_ASSERT(row);
    next = last.integer();
  }
  return next++;
}

Result<std::int64_t> Filling::find_or_add(const Value& value) {
  HANGU_TRY(const auto there, index_->find_value(value.field, value.text));
  if (there) return *there;
  const std::string words = joined(words_of(searched_text(value.field, value.text)));
  HANGU_TRY(const std::int64_t id, next_id(value.field));
  sqlite::Query insert =
      index_->database().query("INSERT INTO value (id, field, text, words) VALUES (?, ?, ?, ?)");
  insert.bind(id).bind(static_cast<std::uint8_t>(value.field)).bind(std::string_view(value.text));
  insert.bind(std::string_view(words));
  HANGU_CHECK(insert.run());
  if (!words.empty()) {
    sqlite::Query word = index_->database().query("INSERT INTO word (rowid, words) VALUES (?, ?)");
    word.bind(id).bind(std::string_view(words));
    HANGU_CHECK(word.run());
  }
  return id;
}

Result<std::int64_t> Filling::id_of(const Value& value) {
  std::string key(1, static_cast<char>(value.field));
  key += value.text;
  const auto found = ids_.find(key);
  if (found != ids_.end()) return found->second;
  HANGU_TRY(const std::int64_t id, find_or_add(value));
  if (ids_.size() == kIdsKnownMax) ids_.clear();
  ids_.emplace(std::move(key), id);
  return id;
}

Result<const Stated*> Filling::stated_of(const PreparedEntry& entry) {
  if (stated_.size() == kStatedKnownMax) stated_.clear();
  if (entry.is_stated) {
    Stated& stated = stated_[entry.transfer];
    stated = {.entry = entry.index, .ids = {}};
    for (const Value& value : entry.stated) {
      HANGU_TRY(const std::int64_t id, id_of(value));
      stated.ids.push_back(id);
    }
    sqlite::Query keep = index_->database().query("INSERT OR REPLACE INTO stated VALUES (?, ?, ?)");
    const Bytes blob = to_blob(stated.ids);
    keep.bind(std::string_view(entry.transfer)).bind(entry.index).bind(ByteView(blob));
    HANGU_CHECK(keep.run());
    return &stated;
  }
  const auto found = stated_.find(entry.transfer);
  if (found != stated_.end()) return &found->second;
  Stated stated;
  sqlite::Query look = index_->database().query("SELECT entry, ids FROM stated WHERE transfer = ?");
  look.bind(std::string_view(entry.transfer));
  HANGU_TRY(const bool row, look.step());
  if (row) {
    stated.entry = look.number();
    const ByteView blob = look.blob_view();
    if (blob.size() % 8 != 0) return fail(ErrorCode::corrupt, "index-corrupt", "stated");
    for (std::size_t i = 0; i < blob.size(); i += 8)
      stated.ids.push_back(static_cast<std::int64_t>(load_u64(blob.subspan(i))));
  }
  return &stated_.insert_or_assign(entry.transfer, std::move(stated)).first->second;
}

Done Filling::add(const PreparedEntry& entry) {
  HANGU_ASSERT(entry.index == next_);
  const auto place = static_cast<std::uint16_t>(entry.index % kBlockEntries);
  for (const Value& value : entry.values) {
    HANGU_TRY(const std::int64_t id, id_of(value));
    post(id, place);
  }
  std::optional<std::uint64_t> stated_by;
  if (!entry.transfer.empty()) {
    HANGU_TRY(const Stated* const stated, stated_of(entry));
    for (const std::int64_t id : stated->ids) post(id, place);
    stated_by = stated->entry;
  }
  sqlite::Query row = index_->database().query("INSERT INTO entry VALUES (?, ?, ?, ?)");
  row.bind(entry.index).bind(ByteView(entry.leaf)).bind(kept_time(entry.time));
  stated_by ? row.bind(*stated_by) : row.bind_null();
  HANGU_CHECK(row.run());
  ++next_;
  return next_ % kBlockEntries == 0 ? flush() : Done();
}

Done Filling::flush() {
  if (block_.empty()) return {};
  const std::uint64_t block = (next_ - 1) / kBlockEntries;
  for (auto& [id, places] : block_) {
    // A block that was begun by an update before has places already; ours lie behind them.
    Bits there;
    {
      sqlite::Query look =
          index_->database().query("SELECT bits FROM posting WHERE block = ? AND value = ?");
      look.bind(block).bind(id);
      HANGU_TRY(const bool row, look.step());
      if (row) HANGU_CHECK(there.add(look.blob_view()));
      if (row) {
        std::vector<std::uint16_t> all = there.places();
        all.insert(all.end(), places.begin(), places.end());
        places = std::move(all);
      }
    }
    const Bytes packed = pack(places);
    sqlite::Query put = index_->database().query("INSERT OR REPLACE INTO posting VALUES (?, ?, ?)");
    put.bind(block).bind(id).bind(ByteView(packed));
    HANGU_CHECK(put.run());
  }
  block_.clear();
  return {};
}

/// A transaction that is rolled back unless it was committed.
class Transaction {
 public:
  explicit Transaction(sqlite::Database& database) : database_(&database) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() {
    if (open_) (void)database_->execute("ROLLBACK");
  }
  [[nodiscard]] Done begin() {
    HANGU_CHECK(database_->execute("BEGIN IMMEDIATE"));
    open_ = true;
    return {};
  }
  [[nodiscard]] Done commit() {
    HANGU_CHECK(database_->execute("COMMIT"));
    open_ = false;
    return {};
  }

 private:
  sqlite::Database* database_;
  bool open_ = false;
};

Done forget_all(SearchIndex& index) {
  return index.database().execute(
      "DELETE FROM mark; DELETE FROM posting; DELETE FROM entry; DELETE FROM stated;"
      "INSERT INTO word (word) VALUES ('delete-all'); DELETE FROM value;");
}

/// Where to go on, in this open transaction; what was indexed of another log is forgotten.
Result<Updated> take_up(SearchIndex& index, const LogReader& reader) {
  Updated out;
  HANGU_TRY(const auto mark, index.mark());
  const std::string& origin = reader.checkpoint().origin;
  if (mark && mark->origin == origin) {
    if (mark->head.size > reader.size())
      return fail(ErrorCode::corrupt, "index-ahead",
                  std::to_string(reader.size()) + " entries, " + std::to_string(mark->head.size) +
                      " were indexed");
    const Done same = reader.check_root(mark->head.size, mark->head.root);
    if (!same && same.error().reason() == "log-root-differs")
      return fail(ErrorCode::corrupt, "index-other-past",
                  "of " + std::to_string(mark->head.size) + " entries the log had root " +
                      to_hex(mark->head.root) + " when they were indexed");
    if (!same) return std::unexpected(same.error());
    out.mark = *mark;
    return out;
  }
  out.begun_anew = mark.has_value();
  if (mark) HANGU_CHECK(forget_all(index));
  out.mark = {
      .origin = origin, .first = reader.first(), .head = {.size = reader.first(), .root = {}}};
  return out;
}

}  // namespace

Result<Updated> update_index(SearchIndex& index, const LogReader& reader,
                             const Progress& progress) {
  Transaction transaction(index.database());
  HANGU_CHECK(transaction.begin());
  HANGU_TRY(Updated out, take_up(index, reader));
  const std::uint64_t start = out.mark.head.size;
  if (start < reader.first())
    return fail(ErrorCode::unavailable, "log-pruned",
                "entries " + std::to_string(start) + ".. were pruned before they were indexed");
  HANGU_TRY(Frontier frontier, Frontier::of(reader.tiles(), start));
  Filling filling(index, start);
  const auto commit = [&]() -> Done {
    HANGU_CHECK(filling.flush());
    out.mark.head = {.size = frontier.size(), .root = frontier.root()};
    HANGU_CHECK(reader.check_root(out.mark.head.size, out.mark.head.root));
    HANGU_CHECK(index.set_mark(out.mark));
    return transaction.commit();
  };
  Ahead<std::vector<PreparedEntry>> ahead(reader, start / kTileWidth, reader.bundles(), &prepare);
  for (std::uint64_t number = start / kTileWidth; number < reader.bundles(); ++number) {
    HANGU_TRY(const std::vector<PreparedEntry> bundle, ahead.take());
    for (const PreparedEntry& entry : bundle) {
      if (entry.index < start) continue;
      frontier.append(entry.leaf);
      HANGU_CHECK(filling.add(entry));
    }
    if (progress && number % kProgressEvery == 0) progress(filling.next(), reader.size());
    if (filling.next() % (kBlocksPerCommit * kBlockEntries) == 0) {
      HANGU_CHECK(commit());
      HANGU_CHECK(transaction.begin());
    }
  }
  HANGU_CHECK(commit());
  out.added = filling.next() - start;
  return out;
}

}  // namespace hangu::audit::search
