#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include <catch2/catch.hpp>

#include "cli/draft_file.hpp"
#include "cli/identity.hpp"
#include "cli/sequence.hpp"
#include "flow/submission.hpp"
#include "package/reader.hpp"
#include "tests/unit/cli/workshop.hpp"

using namespace hangu;
using test::invoke;
using test::Invoked;
using test::Workshop;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("what pack seals, open writes again byte for byte, in both suites", "[cli][pack]") {
  const Workshop shop;
  const std::string table = shop.file("areas.csv", "code,name\n32,江苏\n");
  std::string large(3'000'000, 'x');
  for (std::size_t i = 0; i < large.size(); i += 997) large[i] = static_cast<char>('a' + i % 26);
  const std::string image = shop.file("scene.tif", large);
  for (const char* suite : {"intl", "gm"}) {
    INFO(suite);
    const std::string package = std::string(suite) + ".hangu";
    const Invoked packed = shop.pack(
        package, {table, "deep/copy.tif=" + image},
        {"--suite", suite, "--area", "32,3201", "--crs", "EPSG:4490", "--scale", "10000"});
    INFO(packed.err);
    REQUIRE(packed.status == 0);
    const std::string out = shop.path(std::string("out-") + suite);
    const Invoked opened = invoke({"open", shop.path(package), "--identity", shop.gateway(), "--to",
                                   out, "--anchors", shop.path("pki/anchors.pem"), "--json"});
    INFO(opened.err);
    CHECK(opened.status == 0);
    CHECK(shop.text_at(out + "/areas.csv") == shop.text_at(table));
    CHECK(shop.text_at(out + "/deep/copy.tif") == large);
    CHECK(opened.text("kind") == "submission");
    CHECK(has(opened.out, R"("mediaType":"image/tiff")"));
    // Without anchors the content is there, and the exit status says that the sender was not
    // checked.
    const Invoked unchecked = invoke(
        {"open", shop.path(package), "--identity", shop.gateway(), "--to", out + "-2", "--json"});
    CHECK(unchecked.status == 5);
    CHECK(unchecked.text("reason") == "not-checked");
    CHECK(std::filesystem::exists(out + "-2/areas.csv"));
    // Nothing is overwritten.
    CHECK(invoke({"open", shop.path(package), "--identity", shop.gateway(), "--to", out,
                  "--anchors", shop.path("pki/anchors.pem")})
              .status == 2);
  }
}

TEST_CASE("a sender's own package is never opened as one that a gateway let through",
          "[cli][pack]") {
  const Workshop shop;
  REQUIRE(shop.pack("p.hangu", {shop.file("t.csv", "a\n1\n")}).status == 0);
  const std::string out = shop.path("out");
  const std::vector<std::string> words{
      "open", shop.path("p.hangu"), "--identity", shop.gateway(), "--to", out, "--json"};
  for (const auto& more : std::vector<std::vector<std::string>>{
           {"--trust", shop.path("stages.json")},
           {"--log-origin", "gw/audit"},
           {"--trust", shop.path("stages.json"), "--anchors", shop.path("pki/anchors.pem")},
           {"--acknowledge", "--gateway", "127.0.0.1:1"}}) {
    std::vector<std::string> asked = words;
    asked.insert(asked.end(), more.begin(), more.end());
    const Invoked opened = invoke(asked);
    INFO(more.front());
    CHECK(opened.status == 5);
    CHECK(opened.text("reason") == "not-a-release");
    CHECK_FALSE(std::filesystem::exists(out));
  }
}

TEST_CASE("anchors that lie in an identity's folder do not make a sender's word good",
          "[cli][pack]") {
  const Workshop shop;
  REQUIRE(shop.pack("p.hangu", {shop.file("t.csv", "a\n1\n")}).status == 0);
  std::filesystem::copy_file(shop.path("pki/anchors.pem"), shop.gateway() + "/anchors.pem");
  const Invoked opened = invoke({"open", shop.path("p.hangu"), "--identity", shop.gateway(), "--to",
                                 shop.path("out"), "--json"});
  CHECK(opened.status == 5);
  CHECK(opened.text("reason") == "not-checked");
}

TEST_CASE("a folder is packed with the names below it", "[cli][pack]") {
  const Workshop shop;
  std::filesystem::create_directories(shop.path("set/sub"));
  shop.file("set/b.csv", "b\n");
  shop.file("set/sub/a.csv", "a\n");
  REQUIRE(shop.pack("set.hangu", {shop.path("set")}).status == 0);
  const std::string out = shop.path("out");
  REQUIRE(invoke({"open", shop.path("set.hangu"), "--identity", shop.gateway(), "--to", out,
                  "--anchors", shop.path("pki/anchors.pem")})
              .status == 0);
  CHECK(shop.text_at(out + "/sub/a.csv") == "a\n");
  std::filesystem::create_symlink("/etc/hostname", shop.path("set/link.csv"));
  CHECK(shop.pack("link.hangu", {shop.path("set")}).status == 2);
}

TEST_CASE("only regular files are packed, and none is waited for", "[cli][pack]") {
  const Workshop shop;
  const std::string table = shop.file("t.csv", "a\n");
  std::filesystem::create_symlink("t.csv", shop.path("link.csv"));
  std::filesystem::create_directory(shop.path("folder"));
  std::filesystem::create_directory_symlink("folder", shop.path("folder-link"));
  REQUIRE(::mkfifo(shop.path("fifo.csv").c_str(), 0600) == 0);
  for (const char* name : {"link.csv", "fifo.csv", "folder-link"}) {
    INFO(name);
    for (const std::string& word : {shop.path(name), "x.csv=" + shop.path(name)}) {
      const Invoked done = shop.pack("p.hangu", {word});
      CHECK(done.status == 2);
      CHECK(done.text("reason") == "source-not-a-file");
    }
  }
  const Invoked opened = invoke({"open", shop.path("fifo.csv"), "--identity", shop.gateway(),
                                 "--to", shop.path("out"), "--json"});
  CHECK(opened.status == 2);
  CHECK(opened.text("reason") == "source-not-a-file");
  const Invoked submitted = invoke({"submit", shop.path("fifo.csv"), "--identity",
                                    shop.node("survey"), "--gateway", "127.0.0.1:1", "--json"});
  CHECK(submitted.text("reason") == "source-not-a-file");
}

TEST_CASE("what pack is given and cannot take has a reason of its own, and exits with 2",
          "[cli][pack]") {
  const Workshop shop;
  const std::string table = shop.file("t.csv", "a\n");
  const auto refused = [&](const std::vector<std::string>& files,
                           const std::vector<std::string>& more = {}) {
    const Invoked done = shop.pack("p.hangu", files, more);
    CHECK(done.status == 2);
    CHECK_FALSE(std::filesystem::exists(shop.path("p.hangu")));
    return done.text("reason");
  };
  CHECK(refused({"-"}) == "usage-dash");
  CHECK(refused({"x.csv=-"}) == "usage-dash");
  CHECK(refused({"\xff.csv=" + table}) == "name-not-utf8");
  CHECK(refused({"a/b/c/d/e/f/g/h/i.csv=" + table}) == "name-too-deep");
  CHECK(refused({"a.csv=" + table, "A.csv=" + table}) == "name-collision");
  CHECK(refused({table}, {"--gateway-cert", shop.gateway()}) == "usage-value");
  CHECK(refused({table}, {"--gateway-cert", shop.gateway() + "/opening-gm.crt"}) ==
        "identity-suite");
  CHECK(refused({table}, {"--gateway-cert", shop.node("survey") + "/node.crt"}) ==
        "identity-no-sealing-key");
  const Invoked term = shop.pack("p.hangu", {table}, {"--term-years", "5"});
  CHECK(has(term.text("context"), "--term-years"));
  std::filesystem::create_directory(shop.path("many"));
  for (int i = 0; i <= 10'000; ++i)
    std::ofstream(shop.path("many/") + std::to_string(i) + ".csv").flush();
  CHECK(refused({shop.path("many")}) == "objects-too-many");
  CHECK(invoke({"pack", "-", table, "--to", "internet", "--to-node", "portal", "--product", "t",
                "--identity", shop.node("survey"), "--gateway-cert", shop.gateway()})
            .status == 2);
}

TEST_CASE("a name is escaped once in a message, however often it was handed on", "[cli][pack]") {
  const Workshop shop;
  const Invoked done = shop.pack("p.hangu", {shop.path("new\nline.csv")});
  CHECK(done.text("reason") == "file-missing");
  CHECK(has(done.err, "new\\u{a}line.csv"));
}

TEST_CASE("a damaged package is refused with 5 and leaves nothing behind", "[cli][pack]") {
  const Workshop shop;
  REQUIRE(shop.pack("p.hangu", {shop.file("t.csv", std::string(5000, 'q'))}).status == 0);
  std::string bytes = shop.text_at(shop.path("p.hangu"));
  constexpr std::size_t kInObject = 2000;
  bytes[kInObject] = static_cast<char>(bytes[kInObject] ^ 1);
  shop.file("bad.hangu", bytes);
  const Invoked done =
      invoke({"open", shop.path("bad.hangu"), "--identity", shop.gateway(), "--to",
              shop.path("out"), "--anchors", shop.path("pki/anchors.pem"), "--json"});
  CHECK(done.status == 5);
  CHECK(done.text("reason") == "chunk-not-authentic");
  CHECK(std::filesystem::is_empty(shop.path("out")));
  shop.file("short.hangu", bytes.substr(0, bytes.size() / 2));
  CHECK(invoke({"open", shop.path("short.hangu"), "--identity", shop.gateway(), "--to",
                shop.path("out")})
            .status == 5);
}

TEST_CASE("a package for somebody else exits with 3", "[cli][pack]") {
  const Workshop shop;
  REQUIRE(shop.pack("p.hangu", {shop.file("t.csv", "a\n")}).status == 0);
  const Invoked done = invoke({"open", shop.path("p.hangu"), "--identity", shop.node("portal"),
                               "--to", shop.path("out"), "--json"});
  CHECK(done.status == 3);
  CHECK(done.text("reason") == "package-not-for-us");
}

TEST_CASE("a submission that another authority's node signed is refused", "[cli][pack]") {
  const Workshop shop;
  const Workshop other;
  REQUIRE(shop.pack("p.hangu", {shop.file("t.csv", "a\n")}).status == 0);
  const Invoked done =
      invoke({"open", shop.path("p.hangu"), "--identity", shop.gateway(), "--to", shop.path("out"),
              "--anchors", other.path("pki/anchors.pem"), "--json"});
  CHECK(done.status == 3);
  CHECK(done.text("reason") == "certificate-untrusted");
  CHECK_FALSE(std::filesystem::exists(shop.path("out/t.csv")));
}

TEST_CASE("pack never overwrites, and a refused pack uses no number", "[cli][pack]") {
  const Workshop shop;
  const std::string table = shop.file("t.csv", "a\n");
  shop.file("p.hangu", "something of mine");
  CHECK(shop.pack("p.hangu", {table}).status == 2);
  CHECK(shop.text_at(shop.path("p.hangu")) == "something of mine");
  CHECK(shop.pack("q.hangu", {shop.path("absent.csv")}).status == 2);
  CHECK(shop.pack("q.hangu", {"../up.csv=" + table}).status == 2);
  CHECK(shop.pack("q.hangu", {"same.csv=" + table, "SAME.csv=" + table}).status == 2);
  CHECK(
      shop.pack("q.hangu", {table}, {"--gateway-cert", shop.node("survey") + "/node.crt"}).status ==
      2);
  CHECK_FALSE(std::filesystem::exists(shop.node("survey") + "/sequence.json"));
  CHECK(shop.pack("q.hangu", {table}).status == 0);
  CHECK(has(shop.text_at(shop.node("survey") + "/sequence.json"), R"("sequence":1)"));
  // No draft is left over.
  for (const auto& entry : std::filesystem::directory_iterator(shop.path("")))
    CHECK_FALSE(has(entry.path().string(), ".part"));
}

TEST_CASE("each statement carries the next number and the digest of the one before",
          "[cli][sequence]") {
  const Workshop shop;
  const std::string table = shop.file("t.csv", "a\n");
  std::optional<crypto::ObjectDigest> before;
  const auto keys = cli::load_opening_keys(shop.gateway());
  REQUIRE(keys);
  int number = 0;
  for (const char* suite : {"intl", "gm", "intl"}) {
    const std::string name = "p" + std::to_string(++number) + ".hangu";
    REQUIRE(shop.pack(name, {table}, {"--suite", suite}).status == 0);
    const auto file = os::open_read(shop.path(name));
    REQUIRE(file);
    const auto reader = package::Reader::open(file->view(), *keys);
    REQUIRE(reader);
    const flow::Submission& submission = *reader->contents().submission;
    CHECK(submission.sequence == static_cast<std::uint64_t>(number));
    CHECK(submission.previous == before);
    CHECK(submission.label.owner == "bureau");
    before =
        crypto::digest_of(crypto::hash_of(submission.suite), reader->contents().envelope.payload);
  }
}

TEST_CASE("two packs at once never use a number twice", "[cli][sequence]") {
  const Workshop shop;
  const auto identity = cli::NodeIdentity::load(shop.node("survey"));
  REQUIRE(identity);
  const auto signer = identity->signer(crypto::Suite::intl);
  REQUIRE(signer);
  constexpr int kTurns = 12;
  std::vector<std::vector<std::uint64_t>> numbers(2);
  std::vector<int> failures(2);
  const auto work = [&](std::size_t who) {
    for (int i = 0; i < kTurns; ++i) {
      const auto envelope = cli::take_turn(
          shop.node("survey"), crypto::HashAlgorithm::sha256, [&](const cli::SequenceTurn& turn) {
            numbers[who].push_back(turn.number);
            const std::string text = R"({"n":)" + std::to_string(turn.number) + "}";
            return flow::Envelope::sign("application/x", to_bytes(text), signer->key);
          });
      if (!envelope) ++failures[who];
    }
  };
  std::thread other(work, 1);
  work(0);
  other.join();
  CHECK(failures == std::vector<int>{0, 0});
  std::set<std::uint64_t> all(numbers[0].begin(), numbers[0].end());
  all.insert(numbers[1].begin(), numbers[1].end());
  CHECK(all.size() == 2 * kTurns);
  CHECK(*all.begin() == 1);
  CHECK(*all.rbegin() == 2 * kTurns);
}

TEST_CASE("a number whose signing failed is not used up; a damaged record stops packing",
          "[cli][sequence]") {
  const Workshop shop;
  const auto failing = [](const cli::SequenceTurn&) -> Result<flow::Envelope> {
    return fail(ErrorCode::internal, "sign-failed");
  };
  CHECK_FALSE(cli::take_turn(shop.node("survey"), crypto::HashAlgorithm::sha256, failing));
  const std::string table = shop.file("t.csv", "a\n");
  const Invoked first = shop.pack("p.hangu", {table});
  CHECK(has(first.out, R"("sequence":1)"));
  REQUIRE(os::write_file_durably(shop.node("survey") + "/sequence.json", bytes_of("{}")));
  const Invoked done = shop.pack("q.hangu", {table});
  CHECK(done.status == 5);
  CHECK(done.text("reason") == "sequence-invalid");
}

TEST_CASE("a draft takes its name whole, never over another, or is gone", "[cli][draft]") {
  const test::TemporaryFolder folder;
  const std::string path = folder.path() + "/x";
  {
    auto draft = cli::DraftFile::create(path);
    REQUIRE(draft);
    REQUIRE(os::write_all(draft->file(), bytes_of("half")));
    CHECK(std::filesystem::is_empty(folder.path()));  // a kill at this moment leaves nothing
  }
  CHECK(std::filesystem::is_empty(folder.path()));
  {
    auto draft = cli::DraftFile::create(folder.path() + "/whole");
    REQUIRE(draft);
    REQUIRE(os::write_all(draft->file(), bytes_of("whole")));
    REQUIRE(draft->finish());
  }
  CHECK(text_of(os::read_file(folder.path() + "/whole", 10).value()) == "whole");
  CHECK(std::filesystem::status(folder.path() + "/whole").permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  auto one = cli::DraftFile::create(path);
  REQUIRE(one);
  REQUIRE(os::write_file_durably(path, bytes_of("other")));
  CHECK(one->finish().error().reason() == "file-exists");
  CHECK(cli::DraftFile::create(path).error().reason() == "file-exists");
}
