#include "audit/search/index_check.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "audit/search/ahead.hpp"
#include "audit/search/prepared.hpp"

namespace hangu::audit::search {
namespace {

std::unexpected<Error> corrupt(std::string what) {
  return fail(ErrorCode::corrupt, "index-corrupt", std::move(what));
}

bool comes_before(const Value& a, const Value& b) {
  return a.field != b.field ? a.field < b.field : a.text < b.text;
}

constexpr std::size_t kPlacesOfBlockMax = 512 * kBlockEntries;  ///< values of all entries together

/// The values of each entry of one block, as the index has them.
class BlockValues {
 public:
  explicit BlockValues(SearchIndex& index) : index_(&index) {}

  [[nodiscard]] Done load(std::uint64_t block);
  /// Sorted.
  [[nodiscard]] std::vector<Value> of(std::uint64_t entry) const;

 private:
  SearchIndex* index_;
  std::vector<Value> values_;                        ///< of the block
  std::vector<std::vector<std::uint32_t>> entries_;  ///< places in values_
  std::unordered_set<std::int64_t> words_checked_;   ///< ids
};

Done BlockValues::load(std::uint64_t block) {
  values_.clear();
  entries_.assign(kBlockEntries, {});
  sqlite::Query query = index_->database().query(
      "SELECT id, field, text, words, bits FROM posting JOIN value ON value.id = posting.value "
      "WHERE block = ? ORDER BY field, text");
  query.bind(block);
  std::size_t places = 0;
  for (;;) {
    HANGU_TRY(const bool row, query.step());
    if (!row) return {};
    const std::int64_t id = query.integer();
    const std::int64_t field = query.integer();
    if (field < 1 || field > static_cast<std::int64_t>(kLastField)) return corrupt("field");
    Value value{static_cast<Field>(field), query.text()};
    const std::string words = query.text();
    if (words_checked_.insert(id).second &&
        words != joined(words_of(searched_text(value.field, value.text))))
      return corrupt("words of value " + std::to_string(id));
    Bits bits;
    HANGU_CHECK(bits.add(query.blob_view()));
    places += bits.count();
    if (places > kPlacesOfBlockMax) return corrupt("too many postings of one block");
    const auto place = static_cast<std::uint32_t>(values_.size());
    values_.push_back(std::move(value));
    for (const std::uint16_t entry : bits.places()) entries_[entry].push_back(place);
  }
}

std::vector<Value> BlockValues::of(std::uint64_t entry) const {
  std::vector<Value> out;
  for (const std::uint32_t place : entries_[entry % kBlockEntries]) out.push_back(values_[place]);
  return out;
}

/// What the entries say that the index must have. Memory: about half a KiB a transfer.
class Expected {
 public:
  struct Entry {
    std::vector<Value> values;  ///< sorted, each once
    std::optional<std::uint64_t> stated;
  };
  [[nodiscard]] Entry of(PreparedEntry entry);

 private:
  struct Stated {
    std::uint64_t entry;
    std::vector<Value> values;
  };
  std::unordered_map<std::string, Stated> stated_;
};

Expected::Entry Expected::of(PreparedEntry entry) {
  Entry out{.values = std::move(entry.values), .stated = std::nullopt};
  if (entry.is_stated)
    stated_.insert_or_assign(entry.transfer, Stated{entry.index, std::move(entry.stated)});
  const auto stated = stated_.find(entry.transfer);
  if (!entry.transfer.empty() && stated != stated_.end()) {
    out.stated = stated->second.entry;
    out.values.insert(out.values.end(), stated->second.values.begin(), stated->second.values.end());
  }
  std::ranges::sort(out.values, comes_before);
  out.values.erase(std::unique(out.values.begin(), out.values.end()), out.values.end());
  return out;
}

/// What of an index is not held against single entries.
Done check_whole(SearchIndex& index, const Mark& mark) {
  const auto number = [&index](std::string_view sql) -> Result<std::uint64_t> {
    sqlite::Query query = index.database().query(sql);
    HANGU_TRY(const bool row, query.step());
    HANGU_ASSERT(row);
    return query.number();
  };
  HANGU_TRY(const std::uint64_t rows, number("SELECT count(*) FROM entry"));
  if (rows > mark.head.size - mark.first) return corrupt("more entries than it goes over");
  HANGU_TRY(const std::uint64_t block, number("SELECT coalesce(max(block), 0) FROM posting"));
  if (mark.head.size != 0 && block > (mark.head.size - 1) / kBlockEntries)
    return corrupt("postings beyond its end");
  return index.database().execute("INSERT INTO word (word, rank) VALUES ('integrity-check', 1)");
}

}  // namespace

Result<Comparison> check_index(SearchIndex& index, const LogReader& reader,
                               const Progress& progress) {
  HANGU_TRY(const auto mark, index.mark());
  if (!mark) return fail(ErrorCode::unavailable, "index-missing");
  const std::uint64_t size = mark->head.size;
  if (size > reader.size())
    return fail(ErrorCode::corrupt, "index-ahead", std::to_string(size) + " entries were indexed");
  if (mark->first < reader.first())
    return fail(ErrorCode::unavailable, "log-pruned",
                "entries below " + std::to_string(reader.first()) + " are not here any more");
  HANGU_CHECK(reader.check_root(size, mark->head.root));
  HANGU_CHECK(check_whole(index, *mark));
  Comparison out;
  const auto tell = [&out](Fault fault, std::uint64_t entry) {
    ++out.count;
    if (out.told.size() < kDifferencesMax) out.told.push_back({fault, entry});
  };
  if (mark->first == size) return out;
  const std::uint64_t first = mark->first / kTileWidth;
  const std::uint64_t last = (size - 1) / kTileWidth;
  HANGU_TRY(Frontier frontier, Frontier::of(reader.tiles(), first * kTileWidth));
  Ahead<std::vector<PreparedEntry>> ahead(reader, first, last + 1, &prepare);
  BlockValues block(index);
  Expected expected;
  for (std::uint64_t number = first; number <= last; ++number) {
    if (number == first || number * kTileWidth % kBlockEntries == 0)
      HANGU_CHECK(block.load(number * kTileWidth / kBlockEntries));
    HANGU_TRY(std::vector<PreparedEntry> bundle, ahead.take());
    for (PreparedEntry& entry : bundle) {
      frontier.append(entry.leaf);
      if (entry.index >= size) continue;
      const std::uint64_t at = entry.index;
      const Hash leaf = entry.leaf;
      const WallTime time = entry.time;
      const Expected::Entry wanted = expected.of(std::move(entry));
      const std::vector<Value> has = block.of(at);
      HANGU_TRY(const auto row, index.entry(at));
      if (!row || !std::ranges::includes(has, wanted.values, comes_before))
        tell(Fault::hidden, at);
      else if (has.size() != wanted.values.size())
        tell(Fault::added, at);
      else if (row->leaf != leaf || row->time != time || row->stated != wanted.stated)
        tell(Fault::changed, at);
    }
    if (progress && number % 64 == 0) progress(number * kTileWidth, size);
  }
  HANGU_CHECK(reader.prove(frontier, mark->first));
  return out;
}

}  // namespace hangu::audit::search
