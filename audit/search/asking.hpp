#pragma once
// Asking: a query held against the index, block by block. What the index says is quick and nobody's
// word: verified.hpp holds it against the entries.

#include <span>
#include <vector>

#include "audit/search/index.hpp"
#include "audit/search/query.hpp"

namespace hangu::audit::search {

/// Entries [first, end).
struct Span {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
};

enum class Order : std::uint8_t { newest_first, oldest_first };

struct Answer {
  std::uint64_t count = 0;           ///< all hits
  std::vector<std::uint64_t> shown;  ///< the first `limit` of them in the order asked for
};

/// A query made ready for one index. Thread: that of the index, which must outlive it.
/// Errors: those of SearchIndex.
class Asking {
 public:
  [[nodiscard]] static Result<Asking> prepare(SearchIndex& index, const SearchQuery& query);

  /// Entries of the query's time, by the index, within the first `size`: another command may have
  /// indexed more meanwhile than the caller's checkpoint covers.
  [[nodiscard]] Result<Span> span(std::uint64_t size) const;
  /// The hits of block `number` within `span`.
  [[nodiscard]] Result<Bits> block(std::uint64_t number, const Span& span) const;
  [[nodiscard]] Result<Answer> answer(const Span& span, std::size_t limit, Order order) const;

 private:
  /// Any of these values is enough; a sorted set.
  using Wanted = std::vector<std::int64_t>;
  Asking(SearchIndex& index, const SearchQuery& query) : index_(&index), query_(&query) {}
  [[nodiscard]] Done add(const Criterion& criterion);
  [[nodiscard]] Done add(const Phrase& phrase);
  [[nodiscard]] Done add_like(Field field, const std::string& wanted, Wanted& ids) const;
  [[nodiscard]] Done add_areas(const std::string& wanted, Wanted& ids) const;
  [[nodiscard]] Done gather(std::uint64_t number, const Wanted& wanted, Bits& into) const;
  [[nodiscard]] Done look_up(std::uint64_t number, std::span<const std::int64_t> wanted,
                             Bits& into) const;
  [[nodiscard]] Done read_through(std::uint64_t number, std::span<const std::int64_t> wanted,
                                  Bits& into) const;

  SearchIndex* index_;
  const SearchQuery* query_;
  std::vector<Wanted> wanted_;  ///< each must hold
};

}  // namespace hangu::audit::search
