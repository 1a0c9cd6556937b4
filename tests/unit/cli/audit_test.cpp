// The auditor's commands over a real log, as a person calls them.

#include <sys/stat.h>

#include <filesystem>

#include <catch2/catch.hpp>

#include "audit/search/index.hpp"
#include "os/file.hpp"
#include "tests/support/story_log.hpp"
#include "tests/unit/cli/invoke.hpp"
#include "tests/unit/cli/temporary_folder.hpp"

using namespace hangu;
using audit::test::StoryLog;
using audit::test::transfer_id;
using test::Invoked;
using test::TemporaryFolder;

namespace {

/// A gateway's folder with a log of three transfers, and an auditor's.
class Desk {
 public:
  Desk() {
    {
      StoryLog log(gateway() + "/audit");
      log.tell({.id = transfer_id(1), .approver_words = "看过,可以放行"});
      log.tell({.id = transfer_id(2), .node = "ministry", .refused_because = "policy-no-permit"});
      log.tell(
          {.id = transfer_id(3), .objects = {"上海市地形图.tif"}, .actions = {"coarsen 30 m"}});
      log.publish();
    }
    audit::test::write_bytes(gateway() + "/anchors/log.vkey",
                             bytes_of(audit::test::signer_from(0).key().to_text() + "\n"));
    REQUIRE(test::invoke({"pki", "init", pki()}).status == 0);
    for (const char* name : {"lina", "wei"})
      REQUIRE(test::invoke({"pki", "issue", "person", name, "--pki", pki(), "--human", name,
                            "--organisation", "audit office", "--role", "auditor"})
                  .status == 0);
  }
  [[nodiscard]] std::string gateway() const { return folder_.path() + "/gateway"; }
  [[nodiscard]] std::string pki() const { return folder_.path() + "/pki"; }
  [[nodiscard]] std::string person(const std::string& name) const {
    return pki() + "/people/" + name;
  }
  [[nodiscard]] std::string state() const { return folder_.path() + "/state"; }
  [[nodiscard]] std::string path(const std::string& name) const {
    return folder_.path() + "/" + name;
  }

  [[nodiscard]] std::string key() const { return gateway() + "/anchors/log.vkey"; }

  /// `hangu audit …` over this log, by its key.
  [[nodiscard]] Invoked audit(std::vector<std::string> words) const {
    words.insert(words.end(), {"--key", key()});
    return without_key(std::move(words));
  }
  [[nodiscard]] Invoked without_key(std::vector<std::string> words) const {
    words.insert(words.begin(), "audit");
    words.insert(words.end(), {"--folder", gateway()});
    return test::invoke(std::move(words));
  }
  [[nodiscard]] Invoked with_state(std::vector<std::string> words) const {
    words.insert(words.end(), {"--state", state()});
    return audit(std::move(words));
  }
  [[nodiscard]] std::string index_file() const {
    for (const auto& item : std::filesystem::recursive_directory_iterator(state()))
      if (item.path().filename() == "index.sqlite") return item.path();
    return {};
  }
  void spoil_index(const char* sql) const {
    auto index = audit::search::SearchIndex::open(index_file());
    REQUIRE(index);
    REQUIRE(index->database().execute(sql));
  }

 private:
  TemporaryFolder folder_;
};

/// The indices of "entry" events, in order.
std::vector<std::int64_t> entries_of(const Invoked& invoked) {
  std::vector<std::int64_t> out;
  for (const wire::Json& event : invoked.events())
    if (event.find("event")->as_string() != nullptr && *event.find("event")->as_string() == "entry")
      out.push_back(*event.find("index")->as_integer());
  return out;
}

std::int64_t number(const Invoked& invoked, std::string_view event_name, std::string_view member) {
  for (const wire::Json& event : invoked.events())
    if (*event.find("event")->as_string() == event_name && event.find(member) != nullptr)
      return *event.find(member)->as_integer();
  return -1;
}

}  // namespace

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

TEST_CASE("a log that was replaced by another of the same origin is told, not indexed anew",
          "[cli]") {
  const Desk desk;
  REQUIRE(desk.with_state({"index"}).status == 0);
  std::filesystem::remove_all(desk.gateway() + "/audit");
  {
    StoryLog log(desk.gateway() + "/audit");
    for (std::uint64_t i = 1; i < 5; ++i) log.tell({.id = transfer_id(i), .node = "forger"});
    log.publish();
  }
  for (const char* command : {"search", "index"}) {
    const Invoked forked = desk.with_state({command, "--json"});
    CHECK(forked.text("reason") == "index-other-past");
    CHECK(forked.status == 1);
  }
  CHECK(desk.with_state({"search", "--verified", "--json"}).status == 1);
  REQUIRE(desk.with_state({"index", "--rebuild"}).status == 0);
  CHECK(number(desk.with_state({"search", "--node", "survey", "--json"}), "search", "count") == 0);
}

TEST_CASE("what proves takes the log's key from the caller alone", "[cli]") {
  const Desk desk;
  const auto reason = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--state", desk.state(), "--json"});
    const Invoked invoked = desk.without_key(std::move(words));
    CHECK(invoked.status == 4);
    return invoked.text("reason");
  };
  CHECK(reason({"search", "--verified"}) == "log-key-not-given");
  CHECK(reason({"search", "--verified", "--certificate", desk.path("c.json"), "--sign",
                desk.person("lina")}) == "log-key-not-given");
  CHECK(reason({"verify", "index"}) == "log-key-not-given");
  const auto plain = [&](std::vector<std::string> words) {
    words.emplace_back("--json");
    const Invoked invoked = desk.without_key(std::move(words));
    CHECK(invoked.status == 4);
    return invoked.text("reason");
  };
  CHECK(plain({"verify", "full"}) == "log-key-not-given");
  CHECK(plain({"verify"}) == "log-key-not-given");
  CHECK(plain({"report", "--month", "2026-03", "--output", desk.path("r.html"), "--sign",
               desk.person("lina")}) == "log-key-not-given");
  CHECK_FALSE(std::filesystem::exists(desk.path("r.html")));
  // Who only looks is told whose word the key is.
  const Invoked shown = desk.without_key({"show", "3", "--lang", "en"});
  CHECK(shown.status == 0);
  CHECK(shown.err.find("beside the log") != std::string::npos);
  std::filesystem::remove(desk.key());
  const Invoked own = desk.without_key({"show", "3", "--json"});
  CHECK(own.text("reason") == "log-no-key");  // this log's first entry names none
  CHECK(own.status == 4);
  const Invoked wrong = test::invoke(
      {"audit", "show", "3", "--folder", desk.gateway(), "--key", "no+vkey+at-all", "--json"});
  CHECK(wrong.text("context").find("--key") != std::string::npos);
}

TEST_CASE("changed notes and checkpoints are told as tampering by every command", "[cli]") {
  const Desk desk;
  const std::string path = desk.gateway() + "/audit/checkpoint";
  const Bytes good = audit::test::read_bytes(path);
  const auto status = [&](std::string text) {
    audit::test::write_bytes(path, bytes_of(text));
    const Invoked search = desk.with_state({"search"});
    CHECK(desk.audit({"show", "3"}).status == search.status);
    CHECK(desk.audit({"export", "--format", "json"}).status == search.status);
    CHECK(desk.with_state({"search", "--verified"}).status == search.status);
    return search.status;
  };
  const std::string note(text_of(good));
  CHECK(status(note) == 0);
  CHECK(status("") == 1);
  CHECK(status(note.substr(0, note.size() / 2)) == 1);
  CHECK(status("x" + note) == 1);
  std::string other_size = note;
  other_size.replace(other_size.find("\n") + 1, 2, "42");
  CHECK(status(other_size) == 1);
  std::filesystem::remove(path);
  CHECK(desk.audit({"show", "3"}).status == 4);
}

TEST_CASE("entries that were taken away without a notice stop report and export", "[cli]") {
  const Desk desk;
  const std::string folder = desk.path("pruned");
  const auto make = [&](bool told) {
    std::filesystem::remove_all(folder);
    StoryLog log(folder);
    while (log.size() < 600) log.tell({.id = transfer_id(log.size())});
    if (told) (void)log.add_event("log.pruned", "", {{"before", 256}}, "audit");
    log.publish();
    std::filesystem::remove(folder + "/tile/entries/000");
  };
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "audit");
    words.insert(words.end(), {folder, "--key", desk.key(), "--json"});
    return test::invoke(std::move(words));
  };
  const std::vector<std::string> exporting{"export", "--format", "csv", "--output",
                                           desk.path("out.csv")};
  const std::vector<std::string> reporting{"report", "--month", "2026-03", "--output",
                                           desk.path("out.html")};
  make(false);
  CHECK(run(exporting).text("reason") == "log-bundle-missing");
  CHECK(run(exporting).status == 1);
  CHECK(run(reporting).status == 1);
  CHECK(run({"archive", "--out", desk.path("archive")}).status == 1);
  CHECK(run({"index", "--state", desk.state()}).status == 1);
  CHECK(run({"search", "--state", desk.state()}).status == 1);
  make(true);
  CHECK(number(run(exporting), "exported", "logFirst") == 256);
  const Invoked report = run(reporting);
  CHECK(number(report, "report", "first") == 256);
  CHECK(report.err.find("256") != std::string::npos);
  const Bytes html = audit::test::read_bytes(desk.path("out.html"));
  CHECK(text_of(html).find("First entry kept") != std::string_view::npos);
  std::filesystem::remove(folder + "/tile/entries/001");  // one more than was told
  CHECK(run(reporting).status == 1);
}

TEST_CASE("what an entry holds cannot speak to the terminal", "[cli]") {
  const Desk desk;
  {
    StoryLog log(desk.path("hostile"));
    log.tell({.id = transfer_id(1),
              .objects = {"a\u202e\u009b31m\u2028b\x1b[2Jc"},
              .approver_words = "x\u200by"});
    log.publish();
  }
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"show", "3"}, {"search"}, {"lineage", transfer_id(1)}, {"show", "11"}}) {
    std::vector<std::string> all{"audit"};
    all.insert(all.end(), words.begin(), words.end());
    all.insert(all.end(), {desk.path("hostile"), "--key", desk.key()});
    if (words[0] == "search" || words[0] == "lineage")
      all.insert(all.end(), {"--state", desk.state()});
    if (words[0] == "search") all.insert(all.end(), {"--type", "filter.*"});
    const Invoked shown = test::invoke(std::move(all));
    CHECK(shown.status == 0);
    for (const char* raw : {"\u202e", "\u009b", "\u2028", "\x1b", "\u200b"})
      CHECK(shown.out.find(raw) == std::string::npos);
    if (words[0] != "lineage" && words.back() != "11")
      CHECK(shown.out.find("u{202e}") != std::string::npos);
  }
}
