// What the auditor's commands believe, and what a hostile log, copy or entry can do to them.

#include "tests/unit/cli/auditor_desk.hpp"

using namespace hangu;
using audit::test::StoryLog;
using audit::test::transfer_id;
using test::Desk;
using test::Invoked;
using test::number;

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

TEST_CASE("what proves takes the log's key from the caller or from beside the log, and says which",
          "[cli]") {
  const Desk desk;
  const std::vector<std::vector<std::string>> proving{
      {"search", "--verified", "--state", desk.state()},
      {"verify", "index", "--state", desk.state()},
      {"report", "--month", "2026-03", "--output", desk.path("r.html"), "--sign",
       desk.person("lina")}};
  REQUIRE(desk.with_state({"index"}).status == 0);
  for (auto words : proving) {
    words.insert(words.end(), {"--lang", "en"});
    const Invoked beside = desk.without_key(words);
    CHECK(beside.status == 0);
    CHECK(beside.err.find("beside the log") != std::string::npos);
    const Invoked given = desk.audit(words);
    CHECK(given.err.find("beside the log") == std::string::npos);
  }
  const Invoked shown = desk.without_key({"show", "3", "--lang", "en"});
  CHECK(shown.status == 0);
  CHECK(shown.err.find("beside the log") != std::string::npos);

  std::filesystem::remove(desk.key());
  std::filesystem::remove(desk.path("r.html"));
  for (auto words : proving) {
    words.emplace_back("--json");
    const Invoked none = desk.without_key(words);
    CHECK(none.status == 4);
    CHECK(none.text("reason") == "log-key-not-given");
  }
  CHECK_FALSE(std::filesystem::exists(desk.path("r.html")));
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
