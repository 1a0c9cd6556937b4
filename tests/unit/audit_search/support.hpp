#pragma once
// A log with its index, for tests of searching.

#include <stdexcept>

#include "audit/limits.hpp"
#include "audit/search/builder.hpp"
#include "audit/search/verified.hpp"
#include "tests/support/must.hpp"
#include "tests/support/story_log.hpp"

namespace hangu::audit::search::test {

using audit::test::folder_at;
using audit::test::signer_from;
using audit::test::StoryLog;
using audit::test::StoryTransfer;
using audit::test::TestFolder;
using audit::test::transfer_id;
using hangu::test::must;

/// A folder with a log and, beside it, an index.
class Archive {
 public:
  [[nodiscard]] std::filesystem::path log() const { return folder_ / "log"; }
  [[nodiscard]] std::string index_path() const { return (folder_ / "index.sqlite").string(); }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return folder_ / name;
  }
  /// A log that goes on with these transfers, published.
  void tell(std::initializer_list<StoryTransfer> stories) const {
    StoryLog log(this->log());
    for (const StoryTransfer& story : stories) log.tell(story);
    log.publish();
  }
  [[nodiscard]] LogReader reader() const {
    return must(LogReader::open(folder_at(log()), signer_from(0).key()));
  }
  [[nodiscard]] SearchIndex index() const { return must(SearchIndex::open(index_path())); }
  Updated update() const {
    SearchIndex index = this->index();
    return must(update_index(index, reader()));
  }
  /// Hits by the index, oldest first.
  [[nodiscard]] std::vector<std::uint64_t> found(const SearchQuery& query) const {
    SearchIndex index = this->index();
    const Asking asking = must(Asking::prepare(index, query));
    const Answer answer =
        must(asking.answer(must(asking.span(kLogSizeMax)), 100'000, Order::oldest_first));
    CHECK(answer.count == answer.shown.size());
    return answer.shown;
  }
  /// Hits by the proved entries; the index must agree.
  [[nodiscard]] std::vector<std::uint64_t> proved(const SearchQuery& query) const {
    const LogReader reader = this->reader();
    const Evidence evidence = must(search_entries(reader, query, reader.size()));
    SearchIndex index = this->index();
    CHECK(must(compare(index, query, evidence, reader.size())).count == 0);
    std::vector<std::uint64_t> hits;
    for (const Hit& hit : evidence.hits) hits.push_back(hit.index);
    return hits;
  }
  /// Both ways; they must agree.
  [[nodiscard]] std::vector<std::uint64_t> hits(const SearchQuery& query) const {
    const auto found = this->found(query);
    CHECK(found == proved(query));
    return found;
  }
  void run_sql(const std::string& script) const {
    SearchIndex index = this->index();
    REQUIRE(index.database().execute(script.c_str()));
  }

 private:
  TestFolder folder_;
};

/// A query of (criterion, wanted) pairs; "text" adds a phrase.
inline SearchQuery query_of(const std::vector<std::pair<std::string, std::string>>& asked) {
  SearchQuery query;
  for (const auto& [name, wanted] : asked) {
    const Done added = name == "text" ? query.add_text(wanted) : query.add(name, wanted);
    if (!added) throw std::invalid_argument(added.error().message());
  }
  return query;
}

}  // namespace hangu::audit::search::test
