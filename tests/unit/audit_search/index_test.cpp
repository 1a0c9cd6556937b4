// How an index grows with its log, and what it does about logs that are not what they were.

#include "audit/search/index_check.hpp"
#include "tests/unit/audit_search/support.hpp"

using namespace hangu;
using namespace hangu::audit;
using namespace hangu::audit::search;
using namespace hangu::audit::search::test;

namespace {

std::string reason_of_updating(const Archive& archive) {
  SearchIndex index = archive.index();
  const auto updated = update_index(index, archive.reader());
  return updated ? "updated" : std::string(updated.error().reason());
}

std::uint64_t differences(const Archive& archive) {
  SearchIndex index = archive.index();
  return must(check_index(index, archive.reader())).count;
}

}  // namespace

TEST_CASE("an index grows with its log, in any steps, to the same", "[audit]") {
  Archive archive;
  StoryLog log(archive.log());
  std::uint64_t told = 0;
  for (const int transfers : {1, 14, 15, 100, 1, 300}) {
    for (int i = 0; i < transfers; ++i) log.tell({.id = transfer_id(++told)});
    log.publish();
    const Updated updated = archive.update();
    CHECK(updated.mark.head == archive.reader().checkpoint().head);
    CHECK(updated.added == static_cast<std::uint64_t>(transfers) * 17);
    CHECK_FALSE(updated.begun_anew);
    CHECK(differences(archive) == 0);
  }
  CHECK(archive.update().added == 0);
  CHECK(archive.hits(query_of({{"type", "transfer.stated"}})).size() == told);
}

TEST_CASE("an index of several blocks answers as the entries do", "[audit]") {
  Archive archive;
  {
    StoryLog log(archive.log(), StoryLog::Signing::once);
    for (std::uint64_t i = 0; log.size() < 2 * kBlockEntries + 1000; ++i) {
      if (i % 100 == 99)
        log.tell({.id = transfer_id(i), .node = "rare", .refused_because = "label-x"});
      (void)log.add_event("heartbeat", "", {{"size", log.size()}}, "audit");
      (void)log.add_event("sequence.gap", transfer_id(i), {{"node", "n" + std::to_string(i % 50)}},
                          "verify");
    }
    log.publish();
  }
  archive.update();
  CHECK(archive.hits(query_of({{"type", "heartbeat"}})).size() > kBlockEntries / 2);
  CHECK(archive.hits(query_of({{"node", "rare"}, {"decision", "deny"}})).size() > 100);
  CHECK(archive.hits(query_of({{"node", "n*"}})).size() > 60'000);  // more values than lookups
  CHECK(archive.hits(query_of({{"transfer", transfer_id(70'000 / 2)}})).size() == 1);
  CHECK(differences(archive) == 0);
}

TEST_CASE("a log that grows while it is indexed is taken as its checkpoint said", "[audit]") {
  Archive archive;
  StoryLog log(archive.log());
  log.tell({.id = transfer_id(1)});
  log.publish();
  const LogReader before = archive.reader();
  while (log.size() < 1000) log.tell({.id = transfer_id(log.size())});
  log.publish();
  SearchIndex index = archive.index();
  CHECK(must(update_index(index, before)).mark.head.size == 17);
  CHECK(must(update_index(index, archive.reader())).mark.head.size == log.size());
}

TEST_CASE("nothing that the checkpoint does not cover is indexed", "[audit]") {
  Archive archive;
  {
    StoryLog log(archive.log());
    while (log.size() < 1000) log.tell({.id = transfer_id(log.size())});
    log.publish();
  }
  Bytes bundle = audit::test::read_bytes(archive.log() / "tile/entries/001");
  bundle[2] ^= std::byte{1};
  audit::test::write_bytes(archive.log() / "tile/entries/001", bundle);
  CHECK(reason_of_updating(archive) == "log-root-differs");
  SearchIndex index = archive.index();
  CHECK_FALSE(must(index.mark()));
}

TEST_CASE("a log with another past than the one that was indexed is told, and nothing is forgotten",
          "[audit]") {
  Archive archive;
  const auto make = [&](const std::string& node, int transfers) {
    std::filesystem::remove_all(archive.log());
    StoryLog log(archive.log());
    for (int i = 1; i <= transfers; ++i)
      log.tell({.id = transfer_id(static_cast<std::uint64_t>(i)), .node = node});
    log.publish();
  };
  make("survey", 1);
  archive.update();
  make("other", GENERATE(1, 3));
  CHECK(reason_of_updating(archive) == "index-other-past");
  CHECK_FALSE(archive.found(query_of({{"node", "survey"}})).empty());
  SearchIndex::remove(archive.index_path());
  archive.update();
  CHECK(archive.hits(query_of({{"node", "survey"}})).empty());
  CHECK(differences(archive) == 0);
}

TEST_CASE("an index that another command took further than one's checkpoint answers within it",
          "[audit]") {
  Archive archive;
  StoryLog log(archive.log());
  log.tell({.id = transfer_id(1)});
  log.publish();
  const LogReader before = archive.reader();
  log.tell({.id = transfer_id(2)});
  log.publish();
  archive.update();
  SearchIndex index = archive.index();
  SearchQuery query = query_of({{"type", "transfer.stated"}});
  const Asking asking = must(Asking::prepare(index, query));
  CHECK(must(asking.span(before.size())).end == before.size());
  CHECK(must(asking.answer(must(asking.span(before.size())), 10, Order::newest_first)).count == 1);
  const Evidence evidence = must(search_entries(before, query, before.size()));
  CHECK(must(compare(index, query, evidence, before.size())).count == 0);
  query.since = log.now() + std::chrono::hours(1);
  const Evidence none = must(search_entries(before, query, before.size()));
  CHECK(must(compare(index, query, none, before.size())).count == 0);
}

TEST_CASE("an index file with anything in it that we did not make is begun anew", "[audit]") {
  Archive archive;
  archive.tell({{.id = transfer_id(1)}});
  archive.update();
  const char* const more = GENERATE(
      "CREATE TABLE more (x)", "CREATE VIEW more AS SELECT 1",
      "CREATE TRIGGER more AFTER INSERT ON entry BEGIN DELETE FROM mark; END",
      "CREATE INDEX more ON entry (time)",
      "DROP TABLE stated; CREATE VIEW stated AS SELECT 1 AS transfer, 2 AS entry, 3 AS ids");
  archive.run_sql(more);
  SearchIndex index = archive.index();
  CHECK_FALSE(must(index.mark()));
  const auto asked = SearchIndex::open_made(archive.index_path());
  REQUIRE_FALSE(asked);
  CHECK(asked.error().reason() == "index-missing");
  CHECK(archive.update().added == 17);
}

TEST_CASE("a value of an index that is too long, or a posting that is, is damage", "[audit]") {
  Archive archive;
  archive.tell({{.id = transfer_id(1)}});
  archive.update();
  archive.run_sql("UPDATE posting SET bits = zeroblob(8194)");
  SearchIndex index = archive.index();
  const auto values = index.values_of(3);
  REQUIRE_FALSE(values);
  CHECK(values.error().reason() == "index-corrupt");
  CHECK_FALSE(index.database().execute("UPDATE posting SET bits = zeroblob(5000000)"));
}

TEST_CASE("times and texts of an index that no entry can have are damage", "[audit]") {
  Archive archive;
  archive.tell({{.id = transfer_id(1)}});
  archive.update();
  SearchIndex index = archive.index();
  const auto reason = [](const auto& result) {
    return result ? std::string("ok") : std::string(result.error().reason());
  };
  REQUIRE(index.database().execute("UPDATE entry SET time = 253402300799999"));
  CHECK(reason(index.entry(3)) == "ok");
  REQUIRE(index.database().execute("UPDATE entry SET time = 253402300800000"));
  CHECK(reason(index.entry(3)) == "index-corrupt");
  REQUIRE(index.database().execute("UPDATE entry SET time = -1"));
  CHECK(reason(index.entry(3)) == "index-corrupt");
  CHECK(reason(index.values_of(3)) == "ok");
  REQUIRE(index.database().execute(
      "UPDATE value SET text = CAST(x'ff' AS TEXT) WHERE text = 'filter.inspect'"));
  CHECK(reason(index.values_of(3)) == "index-corrupt");
}

TEST_CASE("a log that was cut below its index is told, not indexed", "[audit]") {
  Archive archive;
  StoryLog log(archive.log());
  log.tell({.id = transfer_id(1)});
  log.publish();
  std::filesystem::copy(archive.log(), archive / "earlier",
                        std::filesystem::copy_options::recursive);
  log.tell({.id = transfer_id(2)});
  log.publish();
  archive.update();
  SearchIndex index = archive.index();
  const auto cut = must(LogReader::open(folder_at(archive / "earlier"), signer_from(0).key()));
  const auto updated = update_index(index, cut);
  REQUIRE_FALSE(updated);
  CHECK(updated.error().reason() == "index-ahead");
  CHECK(must(index.mark())->head.size == 34);
}

TEST_CASE("a pruned log is indexed from what is left, or goes on with what was indexed",
          "[audit]") {
  Archive archive;
  StoryLog log(archive.log());
  while (log.size() < 5)  // so that the first bundle ends within a transfer
    (void)log.add_event("heartbeat", "", {{"size", log.size()}}, "audit");
  while (log.size() < 1000) log.tell({.id = transfer_id(log.size())});
  log.publish();
  const bool before = GENERATE(true, false);
  if (before) archive.update();
  std::filesystem::remove(archive.log() / "tile/entries/000");
  log.tell({.id = transfer_id(5000)});
  log.publish();
  const Updated updated = archive.update();
  CHECK(updated.mark.first == (before ? 0 : 256));
  const SearchQuery stated = query_of({{"type", "transfer.stated"}});
  const auto hits = archive.found(stated);
  CHECK((hits.front() < 256) == before);
  const LogReader reader = archive.reader();
  const Evidence evidence = must(search_entries(reader, stated, reader.size()));
  CHECK(evidence.span.first == 256);
  CHECK(hits.size() - evidence.hits.size() == (before ? 15 : 0));

  // What was stated in what is gone, nobody can tell any more of the entries that stay.
  const SearchQuery node = query_of({{"node", "survey"}, {"type", "step.*"}});
  const Evidence told = must(search_entries(reader, node, reader.size()));
  CHECK(told.undecided.size() > 0);
  CHECK(told.undecided.size() < 18);
  SearchIndex index = archive.index();
  CHECK(must(compare(index, node, told, reader.size())).count == 0);
}

TEST_CASE("entries may be missing only where a pruning tells of it", "[audit]") {
  Archive archive;
  StoryLog log(archive.log());
  while (log.size() < 1000) log.tell({.id = transfer_id(log.size())});
  (void)log.add_event("log.pruned", "", {{"before", 256}}, "audit");
  log.publish();
  archive.update();
  const auto reason = [&] {
    SearchIndex index = archive.index();
    const Done checked = check_pruning(index, archive.reader());
    return checked ? "ok" : std::string(checked.error().reason());
  };
  CHECK(reason() == "ok");
  std::filesystem::remove(archive.log() / "tile/entries/000");
  CHECK(reason() == "ok");
  std::filesystem::remove(archive.log() / "tile/entries/001");  // one too many
  CHECK(reason() == "log-bundle-missing");
}

TEST_CASE("an index that hides the notice of a pruning makes no damage of it", "[audit]") {
  Archive archive;
  StoryLog log(archive.log());
  while (log.size() < 1000) log.tell({.id = transfer_id(log.size())});
  (void)log.add_event("log.pruned", "", {{"before", 256}}, "audit");
  log.publish();
  archive.update();
  archive.run_sql(
      "DELETE FROM posting WHERE value IN (SELECT id FROM value WHERE text = 'log.pruned')");
  std::filesystem::remove(archive.log() / "tile/entries/000");
  SearchIndex index = archive.index();
  CHECK(search::check_pruning(index, archive.reader()));
}

TEST_CASE("an index that fell behind what was pruned has to be begun anew", "[audit]") {
  Archive archive;
  StoryLog log(archive.log());
  log.tell({.id = transfer_id(1)});
  log.publish();
  archive.update();
  while (log.size() < 1000) log.tell({.id = transfer_id(log.size())});
  log.publish();
  std::filesystem::remove(archive.log() / "tile/entries/000");
  CHECK(reason_of_updating(archive) == "log-pruned");
}

TEST_CASE("a damaged, foreign or older index file is begun anew", "[audit]") {
  Archive archive;
  StoryLog log(archive.log());
  log.tell({.id = transfer_id(1)});
  log.publish();
  archive.update();
  SECTION("no database") {
    REQUIRE(os::write_file_durably(archive.index_path(), Bytes(8192, std::byte{'x'})));
  }
  SECTION("another version") { archive.run_sql("PRAGMA user_version = 99"); }
  SECTION("another program's") { archive.run_sql("PRAGMA application_id = 7"); }
  CHECK_FALSE(SearchIndex::open_made(archive.index_path()));
  CHECK(archive.update().added == 17);
  CHECK(differences(archive) == 0);
}

TEST_CASE("a missing index is told by who only asks", "[audit]") {
  Archive archive;
  const auto opened = SearchIndex::open_made(archive.index_path());
  REQUIRE_FALSE(opened);
  CHECK(opened.error().reason() == "index-missing");
  CHECK_FALSE(std::filesystem::exists(archive.index_path()));
}

TEST_CASE("entries that nobody can read are indexed as such", "[audit]") {
  Archive archive;
  {
    StoryLog log(archive.log());
    log.tell({.id = transfer_id(1)});
    (void)log.add_raw("{\"what\":1}");
    (void)log.add_raw(std::string("\xff\x00\x01", 3));
    log.publish();
  }
  archive.update();
  CHECK(archive.found(query_of({{"type", "unreadable"}})) == std::vector<std::uint64_t>{17, 18});
  CHECK(differences(archive) == 0);
}
