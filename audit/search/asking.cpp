#include "audit/search/asking.hpp"

#include <algorithm>

namespace hangu::audit::search {
namespace {

/// So many values of a field are looked up one by one; for more, its postings of a block are read
/// through.
constexpr std::size_t kLookupsMax = 32;
constexpr std::string_view kLastCharacter = "\U0010ffff";  ///< behind every text that begins alike

void settle(std::vector<std::int64_t>& ids) {
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

}  // namespace

Result<Asking> Asking::prepare(SearchIndex& index, const SearchQuery& query) {
  Asking asking(index, query);
  for (const Criterion& criterion : query.criteria) HANGU_CHECK(asking.add(criterion));
  for (const std::string& text : query.text) HANGU_CHECK(asking.add(phrase_of(text)));
  // The rarest first: where it has no entry, the others need not be read.
  std::ranges::sort(asking.wanted_, {}, &Wanted::size);
  return asking;
}

Done Asking::add_like(Field field, const std::string& wanted, Wanted& ids) const {
  if (!wanted.ends_with('*')) {
    HANGU_TRY(const auto id, index_->find_value(field, wanted));
    if (id) ids.push_back(*id);
    return {};
  }
  const std::string start = wanted.substr(0, wanted.size() - 1);
  sqlite::Query query =
      index_->database().query("SELECT id FROM value WHERE field = ? AND text >= ? AND text <= ?");
  query.bind(static_cast<std::uint8_t>(field)).bind(std::string_view(start));
  query.bind(std::string_view(start + std::string(kLastCharacter)));
  for (;;) {
    HANGU_TRY(const bool row, query.step());
    if (!row) return {};
    ids.push_back(query.integer());
  }
}

Done Asking::add_areas(const std::string& wanted, Wanted& ids) const {
  HANGU_CHECK(add_like(Field::area, wanted + "*", ids));
  for (std::size_t length = 1; length < wanted.size(); ++length)
    HANGU_CHECK(add_like(Field::area, wanted.substr(0, length), ids));
  return {};
}

Done Asking::add(const Criterion& criterion) {
  Wanted ids;
  for (const std::string& wanted : criterion.wanted) {
    if (criterion.kind->likeness == Likeness::area) {
      HANGU_CHECK(add_areas(wanted, ids));
      continue;
    }
    for (const Field field : criterion.kind->fields) HANGU_CHECK(add_like(field, wanted, ids));
  }
  settle(ids);
  wanted_.push_back(std::move(ids));
  return {};
}

Done Asking::add(const Phrase& phrase) {
  Wanted ids;
  const std::string match = phrase.to_match();
  sqlite::Query query = index_->database().query("SELECT rowid FROM word WHERE word MATCH ?");
  query.bind(std::string_view(match));
  for (;;) {
    HANGU_TRY(const bool row, query.step());
    if (!row) break;
    ids.push_back(query.integer());
  }
  settle(ids);
  wanted_.push_back(std::move(ids));
  return {};
}

Result<Span> Asking::span(std::uint64_t size) const {
  HANGU_TRY(const auto mark, index_->mark());
  if (!mark) return Span{};
  Span span{.first = mark->first, .end = mark->head.size};
  if (query_->since) {
    HANGU_TRY(span.first, index_->find_time(*query_->since, *mark));
  }
  if (query_->until) {
    HANGU_TRY(span.end, index_->find_time(*query_->until, *mark));
  }
  span.first = std::min(span.first, size);
  span.end = std::clamp(span.end, span.first, std::max(span.first, size));
  return span;
}

Done Asking::gather(std::uint64_t number, const Wanted& wanted, Bits& into) const {
  for (auto first = wanted.begin(); first != wanted.end();) {
    const std::int64_t beyond = first_id(field_of(*first)) + (std::int64_t{1} << kIdBits);
    const auto end = std::lower_bound(first, wanted.end(), beyond);
    const std::span<const std::int64_t> of_field(first, end);
    HANGU_CHECK(of_field.size() <= kLookupsMax ? look_up(number, of_field, into)
                                               : read_through(number, of_field, into));
    first = end;
  }
  return {};
}

Done Asking::look_up(std::uint64_t number, std::span<const std::int64_t> wanted, Bits& into) const {
  for (const std::int64_t id : wanted) {
    sqlite::Query query =
        index_->database().query("SELECT bits FROM posting WHERE block = ? AND value = ?");
    query.bind(number).bind(id);
    HANGU_TRY(const bool row, query.step());
    if (row) HANGU_CHECK(into.add(query.blob_view()));
  }
  return {};
}

Done Asking::read_through(std::uint64_t number, std::span<const std::int64_t> wanted,
                          Bits& into) const {
  sqlite::Query query = index_->database().query(
      "SELECT value, bits FROM posting WHERE block = ? AND value BETWEEN ? AND ? ORDER BY value");
  query.bind(number).bind(wanted.front()).bind(wanted.back());
  auto next = wanted.begin();
  for (;;) {
    HANGU_TRY(const bool row, query.step());
    if (!row) return {};
    const std::int64_t id = query.integer();
    next = std::lower_bound(next, wanted.end(), id);
    if (next != wanted.end() && *next == id) HANGU_CHECK(into.add(query.blob_view()));
  }
}

Result<Bits> Asking::block(std::uint64_t number, const Span& span) const {
  const std::uint64_t start = number * kBlockEntries;
  Bits hits;
  hits.set_all();
  hits.keep(span.first > start ? std::min(span.first - start, kBlockEntries) : 0,
            span.end > start ? std::min(span.end - start, kBlockEntries) : 0);
  for (const Wanted& wanted : wanted_) {
    if (!hits.any()) break;
    Bits any;
    HANGU_CHECK(gather(number, wanted, any));
    hits &= any;
  }
  return hits;
}

Result<Answer> Asking::answer(const Span& span, std::size_t limit, Order order) const {
  Answer out;
  if (span.first >= span.end) return out;
  const std::uint64_t first = span.first / kBlockEntries;
  const std::uint64_t last = (span.end - 1) / kBlockEntries;
  for (std::uint64_t i = 0; i <= last - first; ++i) {
    const std::uint64_t number = order == Order::newest_first ? last - i : first + i;
    HANGU_TRY(const Bits hits, block(number, span));
    out.count += hits.count();
    if (out.shown.size() >= limit) continue;
    std::vector<std::uint16_t> places = hits.places();
    if (order == Order::newest_first) std::ranges::reverse(places);
    for (const std::uint16_t place : places) {
      if (out.shown.size() == limit) break;
      out.shown.push_back(number * kBlockEntries + place);
    }
  }
  return out;
}

}  // namespace hangu::audit::search
