#pragma once
// A verified search: the query is held against the entries themselves, each proved to the log's
// signed root, and what the index says against that. What an index hides, changes or makes up
// shows. docs/protocols/audit-search.md §3.

#include "audit/search/asking.hpp"
#include "audit/search/builder.hpp"

namespace hangu::audit::search {

inline constexpr std::size_t kDifferencesMax = 1000;  ///< told one by one; more are counted

struct Hit {
  std::uint64_t index = 0;
  Hash leaf{};
  WallTime time;
};

/// What the entries say.
struct Evidence {
  Span span;              ///< of the query's time, by proved entries; all of it was read
  std::vector<Hit> hits;  ///< ascending
  /// Entries that would need a `transfer.stated` which was pruned: nobody can tell any more.
  std::vector<std::uint64_t> undecided;

  [[nodiscard]] std::uint64_t scanned() const { return span.end - span.first; }
  /// SHA-256 over "<index> <leaf hash in hex>\n" of each hit.
  [[nodiscard]] Hash list_digest() const;
};

/// Reads every entry of the query's time below `size`, proves them, and keeps those that match.
/// `size` is the log's, or a smaller one of an earlier checkpoint that the caller has checked.
/// Errors: those of LogReader ("log-root-differs", "log-bundle-missing", …); Malformed
/// "entry-invalid" (an entry without a time).
[[nodiscard]] Result<Evidence> search_entries(const LogReader& reader, const SearchQuery& query,
                                              std::uint64_t size, const Progress& progress = {});
/// The same as if the log held the entries of `part` and no others: those before it count as
/// pruned, also where this copy still has them. `part` lies within [0, reader.size()).
[[nodiscard]] Result<Evidence> search_entries(const LogReader& reader, const SearchQuery& query,
                                              const Span& part, const Progress& progress = {});

/// That what is missing of the log was pruned: a proved `log.pruned` entry covers it. The index
/// only proposes where that stands; what it does not know is looked for in the log. Errors: Corrupt
/// "log-bundle-missing"; those of reading.
[[nodiscard]] Done check_pruning(SearchIndex& index, const LogReader& reader);

/// What is wrong with the index's answer.
enum class Fault : std::uint8_t {
  hidden,   ///< the entry matches, the index does not say so
  added,    ///< the index says so, the entry does not match
  changed,  ///< the index has another leaf hash or time for it
};
[[nodiscard]] std::string_view to_text(Fault fault);
struct Difference {
  Fault fault;
  std::uint64_t index = 0;
};
struct Comparison {
  std::uint64_t count = 0;
  std::vector<Difference> told;  ///< the first kDifferencesMax, ascending within a block
};

/// Holds the index's answer against that of the first `size` entries, as far as the index must go.
/// Errors: those of SearchIndex.
[[nodiscard]] Result<Comparison> compare(SearchIndex& index, const SearchQuery& query,
                                         const Evidence& evidence, std::uint64_t size);

}  // namespace hangu::audit::search
