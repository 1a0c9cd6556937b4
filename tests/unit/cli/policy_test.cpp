// hangu policy: what is said of a policy file, and its exit statuses.

#include <filesystem>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include "os/file.hpp"
#include "policy/asked.hpp"
#include "tests/support/must.hpp"
#include "tests/support/story_log.hpp"
#include "tests/unit/cli/invoke.hpp"
#include "tests/unit/cli/temporary_folder.hpp"

using namespace hangu;
using test::invoke;

namespace {

const std::string kExamples = std::string(HANGU_SOURCE_DIR) + "/policy/examples/";
const std::string kCatalogue = kExamples + "demo.catalogue.toml";

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// The shipped policy with one text for another, in a file.
std::string changed(const test::TemporaryFolder& folder, const std::string& from,
                    const std::string& to) {
  std::string text = test::source_file("policy/examples/demo.policy.toml");
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  const std::string path = folder.path() + "/changed.toml";
  std::ofstream(path) << text;
  return path;
}

test::Invoked check(const std::string& path, std::vector<std::string> more = {}) {
  std::vector<std::string> words{"policy", "check", path, "--catalogue", kCatalogue};
  words.insert(words.end(), more.begin(), more.end());
  return invoke(words);
}

}  // namespace

TEST_CASE("policy check says where each fault stands, all of them, in both languages",
          "[cli][policy]") {
  const test::TemporaryFolder folder;
  CHECK(check(kExamples + "demo.policy.toml").status == 0);
  const std::string path =
      changed(folder, "from = [\"电子政务网\"]", "from = [\"电子政务往\"]\ncolour = 1");
  const auto english = check(path, {"--lang", "en"});
  CHECK(english.status == 5);
  CHECK(has(english.out, path +
                             ":13:9: error: from: the catalogue does not know \"电子政务往\"; did "
                             "you mean \"电子政务网\"? [policy-name-unknown]"));
  CHECK(has(english.out, path + ":14:1: error: unknown key permit.colour [config-unknown-key]"));
  CHECK(has(check(path, {"--lang", "zh"}).out, ":13:9: 错误: "));
  const auto json = check(path, {"--json"});
  CHECK(json.text("code") == "policy-name-unknown");
  CHECK(json.text("place") == "line 13:9");
  CHECK(json.events().size() == 3);
}

TEST_CASE("policy check tells a rule that has no effect and a test that is not met",
          "[cli][policy]") {
  const test::TemporaryFolder folder;
  const std::string path = changed(folder, "scale = { coarsest = 4999 }", "");
  const auto done = check(path, {"--lang", "en"});
  CHECK(done.status == 5);
  CHECK(has(done.out, "T-013: Expected permit, rules P-001, 2 approvals; got deny, rules F-001."));
  CHECK_FALSE(has(done.out, "rule-under-forbid"));  // other datasets still go
  const std::string all =
      changed(folder, "dataset = [\"base-map\"]\nscale = { coarsest = 4999 }", "");
  CHECK(has(check(all, {"--lang", "en"}).out, "warning: P-001: F-001 forbids all that it permits"));
}

TEST_CASE("policy test runs the file's tests and names those that fail", "[cli][policy]") {
  const test::TemporaryFolder folder;
  const auto run = [&](const std::string& path, std::vector<std::string> more) {
    std::vector<std::string> words{"policy",   "test",   path, "--catalogue",
                                   kCatalogue, "--lang", "en"};
    words.insert(words.end(), more.begin(), more.end());
    return invoke(words);
  };
  const auto good = run(kExamples + "demo.policy.toml", {"--mutants"});
  CHECK(good.status == 0);
  CHECK(has(good.out,
            "tests, 0 failures; 4 of 4 rules reached; 10 of 10 rule ends covered; 37 of 37 "
            "mutants noticed, mutation score 1.00"));
  const std::string path = changed(folder, "count = 2", "count = 1");
  const auto bad = run(path, {});
  CHECK(bad.status == 5);
  CHECK(has(bad.out,
            "T-001: expected permit, rules P-001, 2 approvals; got permit, rules P-001, 1 "
            "approvals"));
  CHECK(run(changed(folder, "outcome = \"permit\"", "outcome = \"allow\""), {}).status == 5);
}

TEST_CASE("policy explain says permit, forbid or nearly, with the status that a sender gets",
          "[cli][policy]") {
  const auto ask = [](std::vector<std::string> more) {
    std::vector<std::string> words{"policy",      "explain",  kExamples + "demo.policy.toml",
                                   "--catalogue", kCatalogue, "--lang",
                                   "en"};
    words.insert(words.end(), more.begin(), more.end());
    return invoke(words);
  };
  const std::vector<std::string> open{"--from",    "egov", "--to",    "互联网",
                                      "--secrecy", "公开", "--grade", "general"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), open.begin(), open.end());
    return ask(more);
  };
  const auto permitted = with({"--dataset", "imagery"});
  CHECK(permitted.status == 0);
  CHECK(has(permitted.out, "demands: approved by 2 people, one of them as data reviewer"));
  CHECK(has(permitted.out, "not said, and so not known: administrative area"));
  const auto forbidden = with({"--dataset", "base-map"});
  CHECK(forbidden.status == 10);
  CHECK(has(forbidden.out, "F-001"));
  CHECK(with({"--dataset", "base-map", "--scale", "5000"}).status == 0);
  const auto nearly = ask({"--from", "egov", "--to", "classified", "--dataset", "imagery",
                           "--secrecy", "open", "--grade", "core", "--json"});
  CHECK(nearly.status == 10);
  CHECK(has(nearly.out, R"("nearest":[{"rule":"P-003","column":"data grade"}])"));
  const auto wrong = with({"--dataset", "imagry"});
  CHECK(wrong.status == 2);
  CHECK(has(wrong.err, "did you mean \"imagery\"?"));
  for (const char* scale : {"0", "x", "1e4", "1000000001"})
    CHECK(with({"--dataset", "imagery", "--scale", scale}).status == 2);
}

TEST_CASE("policy render shows the matrix and a sentence a rule, as text or a page",
          "[cli][policy]") {
  const test::TemporaryFolder folder;
  const auto text = invoke({"policy", "render", kExamples + "demo.policy.toml", "--catalogue",
                            kCatalogue, "--lang", "zh"});
  CHECK(text.status == 0);
  CHECK(has(text.out, "P-001 ✗F-001"));
  CHECK(has(text.out, "由【电子政务网】送往【互联网】;由数据审核员各一人、共2人批准"));
  const std::string path = folder.path() + "/policy.html";
  const auto page = invoke({"policy", "render", changed(folder, "公开成果:", "<b>公开&amp;"),
                            "--catalogue", kCatalogue, "--output", path});
  CHECK(page.status == 0);
  const std::string html(text_of(test::must(os::read_file(path, 1 << 20))));
  CHECK(has(html, "&lt;b&gt;公开&amp;amp;"));
  CHECK_FALSE(has(html, "<b>"));
  CHECK(invoke({"policy", "render", kExamples + "demo.policy.toml", "--catalogue", kCatalogue,
                "--output", path})
            .status == 2);  // nothing is overwritten
}

TEST_CASE("policy prove tells the path of a broken promise, and ends with 5", "[cli][policy]") {
  const test::TemporaryFolder folder;
  const auto run = [&](const std::string& path, const char* how) {
    return invoke({"policy", "prove", path, "--catalogue", kCatalogue, "--lang", "en", how});
  };
  const auto good = run(kExamples + "demo.policy.toml", "--no-color");
  CHECK(good.status == 0);
  CHECK(has(good.out, "landspace-crossnet@1: 3 of 3 promises hold"));
  const std::string path = changed(folder, "count = 2", "count = 1");
  const auto broken = run(path, "--no-color");
  CHECK(broken.status == 5);
  CHECK(has(broken.out, "N-003: broken"));
  CHECK(has(broken.out, "e-government network → internet: P-001 (" + path + ":10:1)"));
  const auto json = run(path, "--json");
  CHECK(json.status == 5);
  CHECK(has(json.out,
            R"("hops":[{"rule":"P-001","place":"line 10:1","from":"egov","to":"internet"}])"));
}

TEST_CASE("policy contains says whether a child only narrows, and names what does not",
          "[cli][policy]") {
  const test::TemporaryFolder folder;
  const std::string parent = kExamples + "demo.policy.toml";
  const auto run = [&](const std::string& child) {
    return invoke({"policy", "contains", parent, child, "--catalogue", kCatalogue, "--lang", "en"});
  };
  const std::string head = "catalogue = \"landspace@1\"";
  const std::string of_parent = head + "\nparent = \"landspace-crossnet@1\"";
  CHECK(run(changed(folder, head, of_parent)).status == 0);
  const auto orphan = run(parent);
  CHECK(orphan.status == 5);
  CHECK(has(orphan.out, "[child-parent]"));
  const auto wider = run(changed(folder, "count = 2", "count = 1"));
  CHECK(wider.status == 5);
  CHECK(has(wider.out, ":10:1: P-001: Where it overlaps the parent's P-001"));
}

TEST_CASE(
    "policy diff says what is newly allowed or demanded less, with an example, and ends with 5",
    "[cli][policy]") {
  const test::TemporaryFolder folder;
  const std::string old = kExamples + "demo.policy.toml";
  const auto run = [&](const std::string& path, std::vector<std::string> more = {}) {
    std::vector<std::string> words{"policy",      "diff",     old,      path,
                                   "--catalogue", kCatalogue, "--lang", "en"};
    words.insert(words.end(), more.begin(), more.end());
    return invoke(words);
  };
  const auto same = run(old);
  CHECK(same.status == 0);
  CHECK(has(same.out, "no difference"));
  const std::string path = changed(folder, "count = 2", "count = 1");
  const auto weaker = run(path);
  CHECK(weaker.status == 5);
  CHECK(has(weaker.out, old + ":10:1: weakened: No longer demanded, as P-001 did (approved by 2 "
                              "people): "));
  CHECK(has(weaker.out, "before: permitted (P-001): approved by 2 people"));
  CHECK(has(weaker.out, "after: permitted (P-001): approved by 1 person"));
  const auto json = run(path, {"--json"});
  CHECK(json.status == 5);
  CHECK(has(json.out, R"("kind":"weakened","code":"approve.count")"));
  CHECK(has(json.out, R"("widens":true)"));
  const std::string stricter = changed(folder, "count = 2", "count = 3");
  const auto narrower = run(stricter);
  CHECK(narrower.status == 0);
  CHECK(has(narrower.out, "strengthened: "));
  CHECK(has(narrower.out, "nothing newly allowed, nothing weakened"));
  CHECK(invoke({"policy", "diff", old, "--catalogue", kCatalogue}).status == 2);
  CHECK(run(changed(folder, "count = 2", "count = \"two\"")).status == 5);
}

TEST_CASE("policy diff takes the old policy's own catalogue, and tells what changed in it",
          "[cli][policy]") {
  const test::TemporaryFolder folder;
  std::string text = test::source_file("policy/examples/demo.catalogue.toml");
  const std::string ceiling = "ceiling_secrecy = \"";
  const std::size_t at = text.rfind(ceiling) + ceiling.size();
  text.replace(at, text.find('"', at) - at, "绝密");
  const std::string path = folder.path() + "/catalogue.toml";
  std::ofstream(path) << text;
  const std::string policy = kExamples + "demo.policy.toml";
  const auto raised = invoke({"policy", "diff", policy, policy, "--catalogue", path,
                              "--old-catalogue", kCatalogue, "--lang", "en"});
  CHECK(raised.status == 5);
  CHECK(has(raised.out, "weakened: Zones with a higher ceiling: "));
  const auto lowered = invoke({"policy", "diff", policy, policy, "--catalogue", kCatalogue,
                               "--old-catalogue", path, "--lang", "en"});
  CHECK(lowered.status == 0);
  CHECK(has(lowered.out, "strengthened: Zones with a lower ceiling: "));
}

TEST_CASE("policy replay asks a candidate the log's last decisions again, from a verified log",
          "[cli][policy]") {
  const test::TemporaryFolder folder;
  const std::string log = folder.path() + "/audit";
  const auto catalogue = test::must(
      policy::Catalogue::parse(test::source_file("policy/examples/demo.catalogue.toml")));
  policy::Request request;
  request.from = *catalogue.zones.find("egov");
  request.to = *catalogue.zones.find("internet");
  request.classes = {*catalogue.datasets.find("imagery")};
  request.secrecy = flow::Secrecy::open;
  request.grade = flow::DataGrade::general;
  request.at = test::must(WallTime::parse("2026-03-03T09:00:00+08:00"));
  {
    audit::test::StoryLog story(log);
    for (unsigned i = 1; i <= 3; ++i)
      (void)story.add_event("transfer.decided", audit::test::transfer_id(i),
                            {{"stage", "decide"},
                             {"decision", "d"},
                             {"allowed", true},
                             {"reason", "ok"},
                             {"rules", wire::JsonArray{"P-001"}},
                             {"policy", "landspace-crossnet@1"},
                             {"approvals", 2},
                             {"declassifiers", wire::JsonArray{}},
                             {"secrecy", "open"},
                             {"grade", "general"},
                             {"asked", asked_json(request, catalogue)}},
                            "decide");
    story.publish();
  }
  const std::string key = folder.path() + "/log.vkey";
  std::ofstream(key) << audit::test::signer_from(0).key().to_text() << "\n";
  const auto run = [&](const std::string& path, std::vector<std::string> more = {}) {
    std::vector<std::string> words{"policy", "replay", path, "--catalogue", kCatalogue, "--log",
                                   log,      "--key",  key,  "--lang",      "en"};
    words.insert(words.end(), more.begin(), more.end());
    return invoke(words);
  };
  const auto same = run(kExamples + "demo.policy.toml");
  CHECK(same.status == 0);
  CHECK(has(same.out, "landspace-crossnet@1: 3 decisions; the same 3"));
  const auto weaker = run(changed(folder, "count = 2", "count = 1"), {"--last", "2"});
  CHECK(weaker.status == 5);
  CHECK(has(weaker.out, "less would be demanded now: 2 (rules P-001, ok; such as transfer "));
  const auto narrower = run(changed(folder, "from = [\"电子政务网\"]", "from = [\"涉密内网\"]"));
  CHECK(narrower.status == 0);
  CHECK(has(narrower.out, "allowed then, refused now: 3 (rules then P-001, policy-no-permit; "));
  // The log's own word is no proof, and a log that is not there none at all.
  CHECK(invoke({"policy", "replay", kExamples + "demo.policy.toml", "--catalogue", kCatalogue,
                "--log", log})
            .status != 0);
  CHECK(invoke({"policy", "replay", kExamples + "demo.policy.toml", "--catalogue", kCatalogue})
            .status == 2);
  // A byte of an entry that is otherwise: nothing is said of the candidate.
  for (const auto& item : std::filesystem::recursive_directory_iterator(log)) {
    const std::string path = item.path();
    if (!item.is_regular_file() || path.find("entries") == std::string::npos) continue;
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(file)), {});
    const std::size_t at = bytes.find("P-001");
    if (at == std::string::npos) continue;
    file.clear();
    file.seekp(static_cast<std::streamoff>(at));
    file << "P-002";
  }
  const auto tampered = run(kExamples + "demo.policy.toml");
  CHECK(tampered.status != 0);
  CHECK_FALSE(has(tampered.out, "3 decisions"));
}

TEST_CASE("policy commands without files, or with one that is not there, say so", "[cli][policy]") {
  CHECK(invoke({"policy", "check"}).status == 2);
  CHECK(invoke({"policy", "check", kExamples + "demo.policy.toml"}).status == 2);
  const auto none = check("/nowhere/policy.toml", {"--lang", "en"});
  CHECK(none.status == 2);
  CHECK(has(none.err, "/nowhere/policy.toml"));
  CHECK(check(kCatalogue).status == 5);  // a catalogue is no policy
}
