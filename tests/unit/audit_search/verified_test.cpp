// What a spoiled index hides, changes or makes up is named; and certificates of what was found.

#include "audit/search/certificate.hpp"
#include "audit/search/index_check.hpp"
#include "tests/unit/audit_search/support.hpp"

using namespace hangu;
using namespace hangu::audit;
using namespace hangu::audit::search;
using namespace hangu::audit::search::test;

namespace {

/// Three transfers of two nodes: 0..16 and 34..50 of "survey", 17..33 of "other".
void fill(const Archive& archive) {
  StoryLog log(archive.log());
  log.tell({.id = transfer_id(1)});
  log.tell({.id = transfer_id(2), .node = "other"});
  log.tell({.id = transfer_id(3)});
  log.publish();
  archive.update();
}

std::vector<std::pair<Fault, std::uint64_t>> faults_of(const Comparison& comparison) {
  std::vector<std::pair<Fault, std::uint64_t>> out;
  for (const Difference& difference : comparison.told)
    out.emplace_back(difference.fault, difference.index);
  CHECK(comparison.count == out.size());
  return out;
}

using Faults = std::vector<std::pair<Fault, std::uint64_t>>;

Faults faults(const Archive& archive, const SearchQuery& query) {
  const LogReader reader = archive.reader();
  const Evidence evidence = must(search_entries(reader, query, reader.size()));
  SearchIndex index = archive.index();
  return faults_of(must(compare(index, query, evidence, reader.size())));
}

Faults whole(const Archive& archive) {
  SearchIndex index = archive.index();
  return faults_of(must(check_index(index, archive.reader())));
}

/// Takes entry `place` out of the postings of a value, or puts it in.
void turn(const Archive& archive, Field field, const std::string& text, std::uint16_t place) {
  SearchIndex index = archive.index();
  const auto id = must(index.find_value(field, text));
  REQUIRE(id);
  Bits bits;
  {
    sqlite::Query look = index.database().query("SELECT bits FROM posting WHERE value = ?");
    look.bind(*id);
    REQUIRE(must(look.step()));
    REQUIRE(bits.add(look.blob_view()));
  }
  std::vector<std::uint16_t> places = bits.places();
  if (bits.has(place)) {
    std::erase(places, place);
  } else {
    places.push_back(place);
    std::ranges::sort(places);
  }
  const Bytes packed = pack(places);
  sqlite::Query put = index.database().query("UPDATE posting SET bits = ? WHERE value = ?");
  put.bind(ByteView(packed)).bind(*id);
  REQUIRE(put.run());
}

const SearchQuery kSurveyApprovals = query_of({{"node", "survey"}, {"type", "approval.given"}});

std::string reason_of(const Done& done) { return done ? "ok" : std::string(done.error().reason()); }

}  // namespace

TEST_CASE("an index that hides an entry is caught, and the entry named", "[audit]") {
  Archive archive;
  fill(archive);
  REQUIRE(archive.hits(kSurveyApprovals) == std::vector<std::uint64_t>{11, 45});
  CHECK(faults(archive, kSurveyApprovals).empty());
  CHECK(whole(archive).empty());
  SECTION("by its value") { turn(archive, Field::node, "survey", 45); }
  SECTION("by its type") { turn(archive, Field::type, "approval.given", 45); }
  SECTION("by its row") { archive.run_sql("DELETE FROM entry WHERE id = 45"); }
  CHECK(faults(archive, kSurveyApprovals) == Faults{{Fault::hidden, 45}});
  CHECK(whole(archive) == Faults{{Fault::hidden, 45}});
  CHECK(faults(archive, query_of({{"type", "step.emit"}})).empty());
}

TEST_CASE("an index that makes up an entry is caught", "[audit]") {
  Archive archive;
  fill(archive);
  turn(archive, Field::node, "survey", 28);  // an approval of the other node's transfer
  CHECK(faults(archive, kSurveyApprovals) == Faults{{Fault::added, 28}});
  CHECK(whole(archive) == Faults{{Fault::added, 28}});
}

TEST_CASE("an index that changes an entry is caught", "[audit]") {
  Archive archive;
  fill(archive);
  SECTION("its leaf hash") {
    archive.run_sql("UPDATE entry SET leaf = zeroblob(32) WHERE id = 11");
  }
  SECTION("its time") { archive.run_sql("UPDATE entry SET time = time + 1 WHERE id = 11"); }
  CHECK(faults(archive, kSurveyApprovals) == Faults{{Fault::changed, 11}});
  CHECK(whole(archive) == Faults{{Fault::changed, 11}});
}

TEST_CASE("an index that moves times, so that a search begins too late, is caught", "[audit]") {
  Archive archive;
  fill(archive);
  archive.run_sql("UPDATE entry SET time = time - 1000000 WHERE id BETWEEN 0 AND 40");
  SearchQuery query = query_of({{"node", "survey"}, {"type", "approval.given"}});
  query.since = *WallTime::parse("2026-03-01T08:00:05.000Z");
  CHECK(archive.found(query) == std::vector<std::uint64_t>{45});
  CHECK(faults(archive, query) == Faults{{Fault::changed, 5}, {Fault::changed, 11}});
}

TEST_CASE("full-text words that were taken out or swapped are caught", "[audit]") {
  Archive archive;
  fill(archive);
  const SearchQuery query = query_of({{"text", "通过"}, {"type", "step.check"}});
  REQUIRE(archive.hits(query).size() == 3);
  const auto whole_fails = [&] {
    SearchIndex index = archive.index();
    const auto checked = check_index(index, archive.reader());
    return !checked && checked.error().reason() == "index-corrupt";
  };
  SECTION("in the full-text index") {
    archive.run_sql("INSERT INTO word (word) VALUES ('delete-all')");
  }
  SECTION("and in the words it is made of") {
    archive.run_sql(
        "UPDATE value SET words = 'nothing'; INSERT INTO word (word) VALUES ('rebuild')");
  }
  CHECK(faults(archive, query).size() == 3);
  CHECK(whole_fails());
}

TEST_CASE("entries that were changed on disk fail the search itself", "[audit]") {
  Archive archive;
  fill(archive);
  const auto bundle = archive.log() / "tile/entries/000.p/51";
  Bytes bytes = audit::test::read_bytes(bundle);
  const std::string text(text_of(bytes));
  const std::size_t at = text.find("4711");
  REQUIRE(at != std::string::npos);
  bytes[at] = std::byte{'5'};
  audit::test::write_bytes(bundle, bytes);
  const LogReader reader = archive.reader();
  const auto found = search_entries(reader, kSurveyApprovals, reader.size());
  REQUIRE_FALSE(found);
  CHECK(found.error().reason() == "log-root-differs");
  CHECK(found.error().context() == "from entry 0");
}

TEST_CASE("a transfer stated before the time asked for is still known, by proof", "[audit]") {
  Archive archive;
  {
    StoryLog log(archive.log());
    log.tell({.id = transfer_id(1), .acknowledged = false});
    while (log.size() < 3000) (void)log.add_event("heartbeat", "", {{"size", log.size()}}, "audit");
    log.publish();
  }
  // The transfer's last entry, long after: it says where the one before is.
  {
    StoryLog log(archive.log());
    log.advance(std::chrono::hours(24));
    log.go_on(transfer_id(1), 15);
    (void)log.add_event("transfer.acknowledged", transfer_id(1), {{"node", "portal"}});
    log.publish();
  }
  archive.update();
  SearchQuery query = query_of({{"dataset", "world-map"}});
  query.since = *WallTime::parse("2026-03-02T00:00:00.000Z");
  CHECK(archive.hits(query) == std::vector<std::uint64_t>{3000});
}

TEST_CASE("a certificate under a key before the log's present one holds, where that is known",
          "[audit]") {
  Archive archive;
  fill(archive);
  const LogReader reader = archive.reader();
  const Evidence evidence = must(search_entries(reader, kSurveyApprovals, reader.size()));
  Certificate certificate = make_certificate(reader, kSurveyApprovals, evidence,
                                             *WallTime::parse("2026-03-05T00:00:00.000Z"));
  const NoteSigner before = audit::test::signer_from(7);
  const NoteSigner* const one = &before;
  certificate.checkpoint = must(sign_note(reader.checkpoint().to_text(), {&one, 1}));
  CHECK(reason_of(check_certificate(reader, certificate)) == "certificate-checkpoint");
  const std::vector<NoteKey> former{before.key()};
  CHECK(check_certificate(reader, certificate, {}, former));
}

TEST_CASE("a certificate holds for its log, also after that has grown", "[audit]") {
  Archive archive;
  fill(archive);
  const auto key = audit::test::key_from(90);
  std::string text;
  {
    const LogReader reader = archive.reader();
    const Evidence evidence = must(search_entries(reader, kSurveyApprovals, reader.size()));
    text = must(make_certificate(reader, kSurveyApprovals, evidence,
                                 *WallTime::parse("2026-03-05T00:00:00.000Z"))
                    .sign(key));
  }
  const Certificate opened = must(Certificate::open(text, key.verify_key()));
  CHECK(opened.hits == 2);
  CHECK(opened.span.end == 51);
  CHECK(check_certificate(archive.reader(), opened));
  {
    StoryLog log(archive.log());
    log.advance(std::chrono::hours(1));
    log.tell({.id = transfer_id(9)});  // matches too, but came later
    log.publish();
  }
  CHECK(check_certificate(archive.reader(), opened));

  SECTION("another's signature") {
    const auto other = Certificate::open(text, audit::test::key_from(91).verify_key());
    REQUIRE_FALSE(other);
    CHECK(other.error().reason() == "certificate-unsigned");
  }
  SECTION("numbers that the entries do not bear out") {
    const auto reason_when = [&](auto change) {
      Certificate changed = opened;
      change(changed);
      return reason_of(check_certificate(archive.reader(), changed));
    };
    CHECK(reason_when([](Certificate& c) { c.hits = 1; }) == "certificate-differs");
    CHECK(reason_when([](Certificate& c) { c.list[0] ^= std::byte{1}; }) == "certificate-differs");
    CHECK(reason_when([](Certificate& c) { c.span.end = 50; }) == "certificate-differs");
    CHECK(reason_when([](Certificate& c) { c.span.first = 1; }) == "certificate-differs");
    CHECK(reason_when([](Certificate& c) { c.undecided = 1; }) == "certificate-differs");
    CHECK(reason_when([](Certificate& c) { c.head.root[0] ^= std::byte{1}; }) ==
          "certificate-checkpoint");
    CHECK(reason_when([](Certificate& c) { c.checkpoint.clear(); }) == "certificate-checkpoint");
  }
  SECTION("a log cut below it") {
    std::filesystem::remove_all(archive.log());
    StoryLog log(archive.log());
    log.tell({.id = transfer_id(1)});
    log.publish();
    CHECK(reason_of(check_certificate(archive.reader(), opened)) == "log-shorter");
  }
  SECTION("a log with another past") {
    std::filesystem::remove_all(archive.log());
    StoryLog log(archive.log());
    for (std::uint64_t i = 11; i < 15; ++i) log.tell({.id = transfer_id(i)});
    log.publish();
    CHECK(reason_of(check_certificate(archive.reader(), opened)) == "log-root-differs");
  }
}

TEST_CASE("certificates that contradict themselves are refused", "[audit]") {
  Archive archive;
  fill(archive);
  const LogReader reader = archive.reader();
  const Evidence evidence = must(search_entries(reader, kSurveyApprovals, reader.size()));
  const Certificate good = make_certificate(reader, kSurveyApprovals, evidence, WallTime());
  CHECK(Certificate::parse(good.to_json()));
  const auto refuses = [&](auto change) {
    Certificate changed = good;
    change(changed);
    return !Certificate::parse(changed.to_json());
  };
  CHECK(refuses([](Certificate& c) { c.span.end = 52; }));  // beyond its size
  CHECK(refuses([](Certificate& c) {
    c.span.end = 50;
    c.hits = 51;
  }));
  CHECK(refuses([](Certificate& c) { c.hits = 52; }));
  CHECK(refuses([](Certificate& c) { c.first = 1; }));
  CHECK_FALSE(Certificate::parse(wire::JsonObject{{"v", 1}}));
}

TEST_CASE("a certificate may leave out what was pruned, and nothing else", "[audit]") {
  Archive archive;
  StoryLog log(archive.log());
  while (log.size() < 5)  // so that the first bundle ends within a transfer
    (void)log.add_event("heartbeat", "", {{"size", log.size()}}, "audit");
  while (log.size() < 600) log.tell({.id = transfer_id(log.size())});
  const bool told = GENERATE(true, false);
  if (told) (void)log.add_event("log.pruned", "", {{"before", 256}}, "audit");
  log.publish();
  std::filesystem::copy(archive.log(), archive / "whole", std::filesystem::copy_options::recursive);
  std::filesystem::remove(archive.log() / "tile/entries/000");
  const LogReader pruned = archive.reader();
  const auto whole = must(LogReader::open(folder_at(archive / "whole"), signer_from(0).key()));
  const SearchQuery query = query_of({{"node", "survey"}, {"type", "step.*"}});
  const Certificate certificate = make_certificate(
      pruned, query, must(search_entries(pruned, query, pruned.size())), log.now());
  CHECK(certificate.first == 256);
  CHECK(certificate.undecided > 0);
  const std::string wanted = told ? "ok" : "certificate-differs";
  CHECK(reason_of(check_certificate(pruned, certificate)) == wanted);
  CHECK(reason_of(check_certificate(whole, certificate)) == wanted);  // who kept the archive
  Certificate more = certificate;
  more.first = 512;
  more.span.first = 512;
  CHECK(reason_of(check_certificate(whole, more)) == "certificate-differs");
  // One over the whole log cannot be checked where its entries are gone.
  const Certificate of_whole =
      make_certificate(whole, query, must(search_entries(whole, query, whole.size())), log.now());
  CHECK(reason_of(check_certificate(whole, of_whole)) == "ok");
  CHECK(reason_of(check_certificate(pruned, of_whole)) == "log-pruned");
}
