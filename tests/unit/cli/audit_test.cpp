// The auditor's commands over a real log, as a person calls them.

#include "os/file.hpp"
#include "tests/unit/cli/auditor_desk.hpp"

using namespace hangu;
using audit::test::StoryLog;
using audit::test::transfer_id;
using test::Desk;
using test::entries_of;
using test::Invoked;
using test::number;

TEST_CASE("an auditor finds entries, as a table and as events", "[cli]") {
  const Desk desk;
  const Invoked refused = desk.with_state({"search", "--decision", "deny", "--json"});
  CHECK(refused.status == 0);
  CHECK(entries_of(refused) == std::vector<std::int64_t>{23, 22});  // newest first
  CHECK(number(refused, "search", "count") == 2);

  const Invoked table = desk.with_state({"search", "--node", "ministry", "--type", "transfer.*",
                                         "--lang", "zh", "--order", "oldest"});
  CHECK(table.status == 0);
  CHECK(table.out.find("发送方提交了一个数据包") != std::string::npos);
  CHECK(table.out.find("策略不允许") != std::string::npos);
  CHECK(table.out.find("命中 2") != std::string::npos);
  CHECK(table.err.find("未经核验") != std::string::npos);

  CHECK(entries_of(desk.with_state({"search", "--text", "地形图", "--limit", "1", "--json"}))
            .size() == 1);
  CHECK(number(desk.with_state({"search", "--text", "地形图 coarsen", "--json"}), "search",
               "count") == 1);
  CHECK(number(desk.with_state({"search", "--text", "海地", "--json"}), "search", "count") == 0);
  const Invoked since = desk.with_state(
      {"search", "--since", "2026-03-01T08:00:30Z", "--until", "2026-03-01", "--json"});
  CHECK(number(since, "search", "count") == 11);
}

TEST_CASE("what cannot be asked is refused with the word that is wrong", "[cli]") {
  const Desk desk;
  const auto reason = [&](std::vector<std::string> words) {
    words.emplace_back("--json");
    const Invoked invoked = desk.with_state(std::move(words));
    CHECK(invoked.status == 4);
    return invoked.text("reason");
  };
  CHECK(reason({"search", "--decision", "maybe"}) == "query-invalid");
  CHECK(reason({"search", "--area", "x"}) == "query-invalid");
  CHECK(reason({"search", "--text", ",,"}) == "query-invalid");
  CHECK(reason({"search", "--since", "yesterday"}) == "usage-value");
  CHECK(reason({"search", "--order", "best"}) == "usage-value");
  CHECK(reason({"search", "--limit", "-1"}) == "usage-value");
  CHECK(reason({"search", "--certificate", "c.json"}) == "usage-value");
  CHECK(reason({"search", "--certificate", "c.json", "--sign", "k"}) == "usage-value");
  CHECK(reason({"search", "--saved", "nothing"}) == "query-unknown");
  CHECK(reason({"lineage", "nobody"}) == "usage-value");
  CHECK(desk.audit({"show", "9999"}).status == 4);
  const Invoked inside =
      desk.audit({"search", "--state", desk.gateway() + "/audit/state", "--json"});
  CHECK(inside.text("reason") == "usage-into-log");
  CHECK(inside.status == 4);
}

TEST_CASE("an entry is shown with its sentence, its proof and as it stands", "[cli]") {
  const Desk desk;
  const Invoked shown = desk.audit({"show", "11", "--json"});
  CHECK(shown.status == 0);
  REQUIRE(shown.events().size() == 1);
  const wire::Json event = shown.events().front();
  CHECK(*event.find("type")->as_string() == "approval.given");
  CHECK(*event.find("words")->as_string() == "看过,可以放行");
  CHECK(event.find("raw")->find("statement")->as_string() != nullptr);
  CHECK(*event.find("signed")->find("predicate")->find("person")->as_string() == "lina");
  CHECK(desk.audit({"show", "11", "--lang", "en"}).out.find("a reviewer approved: lina") !=
        std::string::npos);

  Bytes bundle = audit::test::read_bytes(desk.gateway() + "/audit/tile/entries/000.p/41");
  bundle[bundle.size() - 10] ^= std::byte{1};
  audit::test::write_bytes(desk.gateway() + "/audit/tile/entries/000.p/41", bundle);
  const Invoked spoiled = desk.audit({"show", "11", "--json"});
  CHECK(spoiled.text("reason") == "log-root-differs");
  CHECK(spoiled.status == 1);
}

TEST_CASE("the lineage of a transfer and of a dataset is told from sender to recipient", "[cli]") {
  const Desk desk;
  const Invoked story = desk.with_state({"lineage", transfer_id(1), "--lang", "en"});
  CHECK(story.status == 0);
  std::size_t at = 0;
  for (const char* part :
       {"who sent it", "node survey", "what was found", "how it was decided", "policy allows",
        "what was removed", "drop-field owner_phone", "how it was checked", "who approved",
        "lina (reviewer)", "how it left", "who fetched and acknowledged it", "node portal"}) {
    CAPTURE(part);
    at = story.out.find(part, at);
    REQUIRE(at != std::string::npos);
  }
  CHECK(story.out.find("how it ended") == std::string::npos);

  const Invoked dataset = desk.with_state({"lineage", "--dataset", "world-map", "--json"});
  CHECK(dataset.events().size() == 44);
  CHECK(desk.with_state({"lineage", "--dataset", "world-map", "--limit", "1", "--json"})
            .events()
            .size() == 18);
  CHECK(desk.with_state({"lineage", transfer_id(9)}).out.find("nothing found") !=
        std::string::npos);

  desk.spoil_index(
      "UPDATE posting SET bits = x'00010002' WHERE value = (SELECT id FROM value WHERE "
      "field = 9 AND text = '00000000000000000000000000000001')");
  const Invoked hidden = desk.with_state({"lineage", transfer_id(1), "--json"});
  CHECK(hidden.text("reason") == "index-entry-differs");
  CHECK(hidden.status == 1);
}

TEST_CASE("a verified search is certified, and the certificate holds", "[cli]") {
  const Desk desk;
  const std::string file = desk.path("certificate.json");
  const Invoked search =
      desk.with_state({"search", "--node", "survey", "--type", "approval.given", "--verified",
                       "--certificate", file, "--sign", desk.person("lina"), "--json"});
  CHECK(search.status == 0);
  CHECK(entries_of(search) == std::vector<std::int64_t>{35, 11});
  CHECK(number(search, "search", "scanned") == 41);
  CHECK(number(search, "search", "differences") == 0);

  const auto check = [&](const std::string& certificate, const std::string& signer) {
    return desk.audit({"verify", "query", certificate, "--signer", signer, "--json"});
  };
  CHECK(check(file, desk.person("lina")).status == 0);
  CHECK(check(file, desk.person("lina") + "/person.crt").status == 0);
  CHECK(number(check(file, desk.person("lina")), "certificate", "hits") == 2);
  const Invoked by_other = check(file, desk.person("wei"));
  CHECK(by_other.status == 1);
  CHECK(by_other.text("reason") == "certificate-unsigned");
  CHECK(check(desk.path("none"), desk.person("lina")).status == 4);

  Bytes bytes = audit::test::read_bytes(file);
  bytes[20] = bytes[20] == std::byte{'A'} ? std::byte{'B'} : std::byte{'A'};
  audit::test::write_bytes(desk.path("changed.json"), bytes);
  CHECK(check(desk.path("changed.json"), desk.person("lina")).status == 1);

  const Invoked again = desk.with_state(
      {"search", "--verified", "--certificate", file, "--sign", desk.person("lina"), "--json"});
  CHECK(again.text("reason") == "file-exists");
}

TEST_CASE("an index that hides a row is caught by a verified search and by verify index", "[cli]") {
  const Desk desk;
  REQUIRE(desk.with_state({"index"}).status == 0);
  CHECK(desk.with_state({"verify", "index"}).status == 0);
  desk.spoil_index("DELETE FROM entry WHERE id = 11");
  const Invoked search =
      desk.with_state({"search", "--type", "approval.given", "--verified", "--json"});
  CHECK(search.status == 1);
  CHECK(search.text("fault") == "hidden");
  CHECK(number(search, "difference", "index") == 11);
  CHECK(entries_of(search) == std::vector<std::int64_t>{35, 11});  // what the entries say
  const Invoked whole = desk.with_state({"verify", "index", "--json"});
  CHECK(whole.status == 1);
  CHECK(number(whole, "difference", "index") == 11);
  REQUIRE(desk.with_state({"index", "--rebuild"}).status == 0);
  CHECK(desk.with_state({"verify", "index"}).status == 0);
}

TEST_CASE("queries are kept by name, shown, used and deleted", "[cli]") {
  const Desk desk;
  CHECK(desk.with_state({"search", "--decision", "deny", "--save", "被拒绝的"}).status == 0);
  const auto queries = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"audit", "queries", "--state", desk.state(), "--json"});
    return test::invoke(std::move(more));
  };
  CHECK(queries({}).text("name") == "被拒绝的");
  CHECK(number(desk.with_state({"search", "--saved", "被拒绝的", "--json"}), "search", "count") ==
        2);
  CHECK(number(desk.with_state({"search", "--saved", "被拒绝的", "--type", "step.*", "--json"}),
               "search", "count") == 1);
  CHECK(queries({"--delete", "被拒绝的"}).status == 0);
  CHECK(queries({"--delete", "被拒绝的"}).status == 4);
  CHECK(queries({}).events().empty());
}

TEST_CASE("a log that was cut below its index is told with its exit status", "[cli]") {
  const Desk desk;
  REQUIRE(desk.with_state({"index"}).status == 0);
  std::filesystem::remove_all(desk.gateway() + "/audit");
  {
    StoryLog log(desk.gateway() + "/audit");
    log.tell({.id = transfer_id(1)});
    log.publish();
  }
  const Invoked search = desk.with_state({"search", "--verified", "--json"});
  CHECK(search.text("reason") == "index-ahead");
  CHECK(search.status == 2);
  CHECK(desk.with_state({"verify", "index"}).status == 2);
}

TEST_CASE("audit verify still takes the log's folder beside its children", "[cli]") {
  const Desk desk;
  const Invoked help = test::invoke({"audit", "verify", "--help"});
  CHECK(help.out.find("query") != std::string::npos);
  CHECK(help.out.find("--pin") != std::string::npos);
  const Invoked stray = test::invoke({"audit", "verify", "some-folder", "--pinn", "x"});
  CHECK(stray.status == 4);
  CHECK(stray.err.find("--pin") != std::string::npos);
}
