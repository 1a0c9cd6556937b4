#include <cerrno>
#include <cstdlib>
#include <set>

#include <catch2/catch.hpp>

#include "cli/command.hpp"
#include "cli/completion.hpp"
#include "cli/console.hpp"
#include "cli/progress.hpp"
#include "cli/reasons.hpp"
#include "cli/values.hpp"
#include "config/nearest.hpp"
#include "crypto/certificate.hpp"
#include "os/file.hpp"
#include "policy/grant.hpp"
#include "tests/unit/cli/invoke.hpp"
#include "tests/unit/cli/workshop.hpp"

using namespace hangu;
using namespace std::chrono_literals;
using cli::Exit;
using test::invoke;
using test::Invoked;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

const std::string kSomeTransfer = "00112233445566778899aabbccddeeff";

}  // namespace

TEST_CASE("an unknown option exits with 2 and names the nearest one", "[cli][usage]") {
  const Invoked done = invoke({"status", kSomeTransfer, "--idenity", "x", "--lang", "en"});
  CHECK(done.status == 2);
  CHECK(done.out.empty());
  CHECK(has(done.err, "did you mean --identity"));
  CHECK(has(done.err, "[usage-value]"));
}

TEST_CASE("an unknown command exits with 2 and names the nearest one", "[cli][usage]") {
  CHECK(has(invoke({"submitt", "--lang", "en"}).err, "did you mean submit"));
  CHECK(has(invoke({"pki", "isue", "--lang", "en"}).err, "did you mean issue"));
  CHECK(invoke({"frobnicate"}).status == 2);
  CHECK(invoke({}).status == 2);
  CHECK(invoke({"pki"}).status == 2);
}

TEST_CASE("what is missing is named in the reader's language, wherever --lang stands",
          "[cli][usage]") {
  for (const auto& words : {std::vector<std::string>{"--lang", "zh", "submit"},
                            std::vector<std::string>{"submit", "--lang", "zh"},
                            std::vector<std::string>{"--lang=zh", "submit"}}) {
    const Invoked done = invoke(words);
    CHECK(done.status == 2);
    CHECK(has(done.err, "缺少 package"));
  }
  CHECK(has(invoke({"--lang", "en", "submit"}).err, "package is required"));
}

TEST_CASE("what an option cannot mean exits with 2 before anything is done", "[cli][usage]") {
  const test::Workshop shop;
  const std::string table = shop.file("t.csv", "a\n1\n");
  for (const auto& more :
       std::vector<std::vector<std::string>>{{"--suite", "rot13"},
                                             {"--secrecy", "somewhat"},
                                             {"--term-years", "101"},
                                             {"--term-years", "5"},  // a term, but open
                                             {"--scale", "0"},
                                             {"--expires-in", "7"},
                                             {"--expires-in", "367d"},
                                             {"--area", "123"},
                                             {"--from", "Not A Zone"},
                                             {"--date-from", "2024-02-30"},
                                             {"--suite", "intl", "--suite", "gm"}}) {
    const Invoked done = shop.pack("p.hangu", {table}, more);
    INFO(more[0] << " " << more[1] << ": " << done.err);
    CHECK(done.status == 2);
    CHECK_FALSE(std::filesystem::exists(shop.path("p.hangu")));
  }
  CHECK_FALSE(std::filesystem::exists(shop.node("survey") + "/sequence.json"));
  CHECK(invoke({"status", "xyz", "--identity", shop.node("survey"), "--gateway", "h:1"}).status ==
        2);
  for (const char* endpoint : {"host", "host:0", "host:65536", ":1", "::1:5", "host:1x"}) {
    INFO(endpoint);
    CHECK(invoke({"list", "--identity", shop.node("survey"), "--gateway", endpoint}).status == 2);
  }
}

TEST_CASE("help goes to stdout with 0, in the language asked for", "[cli][usage]") {
  const Invoked english = invoke({"submit", "--help", "--lang", "en"});
  CHECK(english.status == 0);
  CHECK(has(english.out, "hand a package to the gateway"));
  CHECK(english.err.empty());
  CHECK(has(invoke({"submit", "--help", "--lang", "zh"}).out, "把数据包交给网关"));
  for (const auto& command : {std::vector<std::string>{"submit"}, {"pki", "issue", "node"}}) {
    std::vector<std::string> words = command;
    words.insert(words.end(), {"--help", "--lang", "en"});
    const std::string help = invoke(words).out;
    for (const char* option : {"--json", "--quiet", "--no-color", "--lang"})
      CHECK(has(help, option));
  }
}

TEST_CASE("nothing of a Chinese help or usage message is English but names", "[cli][usage]") {
  for (const auto& words : {std::vector<std::string>{"--help", "--lang", "zh"},
                            std::vector<std::string>{"pack", "--help", "--lang", "zh"},
                            std::vector<std::string>{"pki", "issue", "--help", "--lang", "zh"}}) {
    const Invoked help = invoke(words);
    CHECK(help.status == 0);
    for (const char* english : {"Usage", "Options", "OPTIONS", "Positionals", "REQUIRED",
                                "Subcommands", "SUBCOMMAND", "Print this"})
      CHECK_FALSE(has(help.out, english));
    CHECK(has(help.out, "用法"));
  }
  CHECK(has(invoke({"--lang", "zh"}).err, "缺少 命令"));
  CHECK(has(invoke({"--lang", "zh", "pki"}).err, "缺少 命令"));
  CHECK(has(invoke({"--lang", "zh", "version", "more"}).err, "多余的参数:more"));
  CHECK(has(invoke({"--lang", "zh", "pack", "--to"}).err, "--to:值的个数不对"));
}

TEST_CASE("with --json every line of stdout is an event, errors too", "[cli][json]") {
  const test::Workshop shop;
  const Invoked packed = shop.pack("p.hangu", {shop.file("t.csv", "a\n1\n")});
  CHECK(packed.status == 0);
  REQUIRE(packed.events().size() == 1);
  CHECK(packed.text("event") == "packed");
  CHECK(packed.text("id").size() == 32);

  const Invoked unreachable =
      invoke({"list", "--json", "--identity", shop.node("survey"), "--gateway", "127.0.0.1:1"});
  CHECK(unreachable.status == 4);
  CHECK(unreachable.text("event") == "error");
  CHECK(unreachable.text("reason") == "network-unreachable");
  const Invoked wrong = invoke({"list", "--json", "--nope"});
  CHECK(wrong.status == 2);
  CHECK(wrong.text("reason") == "usage-value");
  CHECK(invoke({"--json", "version"}).text("event") == "version");
  CHECK(invoke({"version", "--json"}).text("event") == "version");
  CHECK(invoke({"doctor", "--json"}).events().size() > 8);
}

TEST_CASE("the flag --quiet leaves results and errors and drops messages", "[cli]") {
  const test::Workshop shop;
  const Invoked done =
      invoke({"pki", "issue", "gateway", "gw-2", "--pki", shop.path("pki"), "--quiet"});
  CHECK(done.status == 0);
  CHECK(done.err.empty());
  CHECK(has(done.out, "gateways/gw-2"));
  const Invoked again =
      invoke({"pki", "issue", "gateway", "gw-2", "--pki", shop.path("pki"), "--quiet"});
  CHECK(again.status == 2);
  CHECK(has(again.err, "pki-already-issued"));
}

TEST_CASE("the command line issues nodes, people and zones", "[cli][pki]") {
  const test::Workshop shop;
  const std::string pki = shop.path("pki");
  CHECK(invoke({"pki", "init", shop.path("new")}).status == 0);
  CHECK(invoke({"pki", "init", shop.path("new")}).status == 2);
  CHECK(invoke({"pki", "issue", "node", "--pki", pki, "vault", "--zone", "classified", "--zone",
                "egov", "--organisation", "保密中心"})
            .status == 0);
  CHECK(has(shop.text_at(pki + "/nodes/vault/node.json"), R"(["classified","egov"])"));
  CHECK(invoke({"pki", "issue", "person", "--pki", pki, "li", "--organisation", "o", "--role",
                "reviewer", "--algorithm", "ecdsa-p256", "--clearance", "内部"})
            .status == 0);
  CHECK(has(shop.text_at(pki + "/people.json"), R"("secrecy":"internal")"));
  CHECK(invoke({"pki", "issue", "zone", "--pki", pki, "internet", "--address", "192.0.2.1", "--dns",
                "gw.test"})
            .status == 0);
  CHECK(
      invoke({"pki", "issue", "node", "--pki", pki, "x", "--zone", "UPPER", "--organisation", "o"})
          .status == 2);
  CHECK(invoke({"pki", "issue", "gateway", "--pki", shop.path("nowhere"), "g"}).status == 2);
  CHECK(invoke({"pki", "issue", "zone", "--pki", pki, "egov-2", "--address", "nonsense"}).status ==
        2);
  CHECK_FALSE(std::filesystem::exists(pki + "/zones/egov-2"));
}

TEST_CASE("an officer's grant comes as LDIF for one entry, and opens with the officer's key",
          "[cli][pki]") {
  const test::Workshop shop;
  const std::string pki = shop.path("pki");
  const std::string uuid = "34bfb088-8124-1041-8dd0-17cc32a24f05";
  CHECK(invoke({"pki", "issue", "person", "--pki", pki, "li", "--organisation", "o", "--role",
                "reviewer"})
            .status == 0);
  const auto grant = [&](const std::string& name, const std::string& entry,
                         const std::string& term) {
    return invoke({"pki", "grant", name, "--pki", pki, "--dn", "uid=li,dc=x", "--entry-uuid", entry,
                   "--compartment", "矿产", "--term", term, "--json"});
  };
  const Invoked made = grant("li", uuid, "7d");
  REQUIRE(made.status == 0);
  const std::string ldif = made.text("ldif");
  CHECK(ldif.starts_with("dn:: dWlkPWxpLGRjPXg=\nchangetype: modify\nreplace: hanguGrant\n"));
  CHECK(has(ldif, "replace: hanguRole\nhanguRole:: cmV2aWV3ZXI=\n-\n"));
  const std::string start = "hanguGrant:: ";
  const std::size_t at = ldif.find(start) + start.size();
  const auto envelope = from_base64(ldif.substr(at, ldif.find('\n', at) - at));
  REQUIRE(envelope);
  auto pem = os::read_file(pki + "/officer.key", 4096);
  REQUIRE(pem);
  const auto officer = crypto::read_signing_key_pem(*pem);
  REQUIRE(officer);
  const std::array officers{officer->verify_key()};
  const auto opened = policy::Grant::open(text_of(*envelope), officers);
  REQUIRE(opened);
  CHECK(opened->entry == uuid);
  CHECK(opened->compartments == std::set<std::string>{"矿产"});
  CHECK(opened->holder.people().front().person.text() == "li");
  for (const auto& [name, entry, term] : {std::array<std::string, 3>{"nobody", uuid, "7d"},
                                          {"li", "34BFB088", "7d"},
                                          {"li", uuid, "0d"}})
    CHECK(grant(name, entry, term).status == 2);
}

TEST_CASE("a command of a higher layer gets its options and its exit status is passed on",
          "[cli][extra]") {
  cli::ExtraArguments seen;
  const std::vector<cli::ExtraCommand> extras{
      {"up",
       {"启动", "start"},
       {{"--folder", "DIR", {"文件夹", "folder"}, "gateway"},
        {"--loopback", "", {"回环", "loopback"}, ""}},
       [&](const cli::ExtraArguments& arguments) {
         seen = arguments;
         return 12;
       }}};
  CHECK(invoke({"up", "--loopback", "--json", "--lang", "zh"}, extras).status == 12);
  CHECK(seen.text("folder") == "gateway");
  CHECK(seen.has("loopback"));
  CHECK(seen.json);
  CHECK(seen.chinese);
  CHECK(has(invoke({"completion", "bash"}, extras).out, "'hangu up'"));
}

TEST_CASE("each reason is explained once, and each refusal of policy has an explanation",
          "[cli][reasons]") {
  std::set<std::string_view> seen;
  for (const auto& table : cli::explanations()) {
    for (const cli::Explanation& one : table) {
      INFO(one.reason);
      CHECK(seen.insert(one.reason).second);
      CHECK_FALSE(one.what.zh.empty());
      CHECK_FALSE(one.what.en.empty());
      CHECK_FALSE(one.remedy.zh.empty());
      CHECK_FALSE(one.remedy.en.empty());
      CHECK(cli::explain(one.reason) == &one);
    }
  }
  // The evaluator's reasons, from policy/evaluate.hpp, and approve's.
  for (const char* reason : {"submitter-unknown",      "submitter-key",
                             "submitter-zone",         "link-absent",
                             "zone-unknown",           "product-unknown",
                             "label-above-ceiling",    "recipient-unknown",
                             "recipient-zone",         "recipient-suite",
                             "policy-not-effective",   "policy-expired",
                             "policy-forbidden",       "policy-no-permit",
                             "size-over-limit",        "objects-over-limit",
                             "carrier-refused",        "declassifier-missing",
                             "obligation-unavailable", "compartment-unknown",
                             "area-unknown",           "role-unknown",
                             "approvers-too-few",      "approval-refused",
                             "directory-stale",        "limit-per-day",
                             "limit-contiguous-area",  "footprint-unknown"}) {
    INFO(reason);
    CHECK(cli::explain(reason) != nullptr);
    CHECK(cli::exit_of(flow::State::refused, reason) == Exit::refused_policy);
  }
  for (const char* reason : {"format-not-supported", "csv-ragged-row", "tiff-header",
                             "sqlite-residue", "sender-signature", "chunk-not-authentic"}) {
    INFO(reason);
    CHECK(cli::explain(reason) != nullptr);
    CHECK(cli::exit_of(flow::State::refused, reason) == Exit::refused_content);
  }
  // Unlike things that look alike have texts of their own.
  for (const char* reason :
       {"plain-name", "plain-value", "plain-limit", "sqlite-wal", "csv-limit", "sqlite-damaged",
        "crs-not-supported", "date-invalid", "field-type-not-supported"})
    CHECK(cli::explain(reason)->reason == reason);
  for (const char* reason : {"submission-early", "name-collision", "name-reserved", "name-too-deep",
                             "http-connections", "withdrawn", "expired"})
    CHECK(cli::explain(reason)->reason == reason);
  CHECK(cli::explain("never-heard-of") == nullptr);
  CHECK(cli::explain("csv-ragged-row")->reason == "csv-");
}

TEST_CASE("each state of a transfer has its exit status", "[cli][exit]") {
  CHECK(cli::exit_of(flow::State::emitted, "ok") == Exit::done);
  CHECK(cli::exit_of(flow::State::acknowledged, "ok") == Exit::done);
  CHECK(cli::exit_of(flow::State::quarantined, "worker-died") == Exit::quarantined);
  CHECK(cli::exit_of(flow::State::withdrawn, "") == Exit::withdrawn);
  CHECK(cli::exit_of(flow::State::expired, "") == Exit::withdrawn);
  for (const flow::State state :
       {flow::State::received, flow::State::verified, flow::State::inspected, flow::State::decided,
        flow::State::transformed, flow::State::checked, flow::State::awaiting_approval,
        flow::State::approved, flow::State::cleared})
    CHECK(cli::exit_of(state, "") == Exit::pending);
}

TEST_CASE("each kind of error has its exit status", "[cli][exit]") {
  const auto status = [](ErrorCode code, std::string_view reason) {
    return cli::exit_of(Error(code, reason));
  };
  CHECK(status(ErrorCode::unavailable, "network-cut") == Exit::network);
  CHECK(status(ErrorCode::forbidden, "tls-untrusted") == Exit::authentication);
  CHECK(status(ErrorCode::malformed, "tls-credentials") == Exit::authentication);
  CHECK(status(ErrorCode::malformed, "package-magic") == Exit::integrity);
  CHECK(status(ErrorCode::malformed, "chunk-not-authentic") == Exit::integrity);
  CHECK(status(ErrorCode::forbidden, "warrant-steps") == Exit::integrity);
  CHECK(status(ErrorCode::forbidden, "proof-invalid") == Exit::integrity);
  CHECK(status(ErrorCode::forbidden, "package-not-for-us") == Exit::authentication);
  CHECK(status(ErrorCode::malformed, "http-malformed") == Exit::internal);
  CHECK(status(ErrorCode::unavailable, "file-missing") == Exit::usage);
  CHECK(status(ErrorCode::exhausted, "disk-full") == Exit::internal);
  CHECK(status(ErrorCode::exhausted, "objects-too-many") == Exit::usage);      // what was named
  CHECK(status(ErrorCode::malformed, "objects-too-many") == Exit::integrity);  // what came
  CHECK(status(ErrorCode::exhausted, "file-too-long") == Exit::usage);
  CHECK(status(ErrorCode::malformed, "config-differs") == Exit::usage);
  CHECK(cli::exit_of(Error(ErrorCode::internal, "file-read-failed", {}, EISDIR)) == Exit::usage);
  CHECK(cli::exit_of_http(403) == Exit::authentication);
  CHECK(cli::exit_of_http(404) == Exit::usage);
  CHECK(cli::exit_of_http(429) == Exit::network);
  CHECK(cli::exit_of_http(503) == Exit::network);
  CHECK(cli::exit_of_http(500) == Exit::internal);
  CHECK(cli::exit_of_http(400) == Exit::integrity);
}

TEST_CASE("durations, media types and near names are read as documented", "[cli][values]") {
  CHECK(*cli::parse_duration("--x", "90s") == 90s);
  CHECK(*cli::parse_duration("--x", "10m") == 600s);
  CHECK(*cli::parse_duration("--x", "7d") == std::chrono::hours(168));
  CHECK(*cli::parse_duration("--x", "3660d") == std::chrono::hours(3660 * 24));
  for (const char* text : {"", "5", "s", "0s", "-1s", "1.5h", "3661d", "99999999999999999999s"}) {
    INFO(text);
    CHECK_FALSE(cli::parse_duration("--x", text));
  }
  CHECK(cli::media_type_of("A.GPKG") == "application/geopackage+sqlite3");
  CHECK(cli::media_type_of("a.tiff") == "image/tiff");
  CHECK(cli::media_type_of("a.csv") == "text/csv");
  CHECK(cli::media_type_of("csv") == "application/octet-stream");
  const std::vector<std::string> known{"--identity", "--gateway"};
  CHECK(config::nearest_of(known, "--gatway") == "--gateway");
  CHECK(config::nearest_of(known, "--zzz").empty());
  CHECK(cli::split_lists({"33,3201", "4"}) == std::vector<std::string>{"33", "3201", "4"});
}

TEST_CASE("sizes, widths and progress are written for people", "[cli][console]") {
  CHECK(cli::bytes_text(0) == "0 B");
  CHECK(cli::bytes_text(1023) == "1023 B");
  CHECK(cli::bytes_text(1536) == "1.5 KiB");
  CHECK(cli::bytes_text(std::uint64_t{1} << 20) == "1.0 MiB");
  CHECK(cli::bytes_text(std::uint64_t{1} << 50) == "1.0 PiB");
  CHECK(cli::bytes_text(std::uint64_t{1} << 62) == "4.0 EiB");
  CHECK(cli::display_width("abc") == 3);
  CHECK(cli::display_width("函谷a") == 5);
  // 50 of 100 MiB, of which 40 MiB in 4 s: 10 MiB/s, 5 s left.
  constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
  CHECK(cli::progress_text(50 * kMiB, 100 * kMiB, 40 * kMiB, 4000ms) ==
        "50 % 50.0 MiB/100.0 MiB  10.0 MiB/s  00:05");
  CHECK(cli::progress_text(kMiB, 0, kMiB, 1000ms) == "1.0 MiB  1.0 MiB/s");
}

TEST_CASE("foreign text in an error cannot move the terminal's cursor", "[cli][console]") {
  std::ostringstream out;
  std::ostringstream err;
  cli::Console console(out, err, {});
  console.refusal("x-\x1b[2J", "evil\x1b]0;title\x07");
  CHECK_FALSE(has(err.str(), "\x1b"));
}

TEST_CASE("a reason of another version still has a message and a remedy", "[cli][console]") {
  std::ostringstream out;
  std::ostringstream err;
  cli::Console::Style style;
  style.json = true;
  cli::Console console(out, err, style);
  console.refusal("never-heard-of", "x");
  const auto event = wire::Json::parse(out.str().substr(0, out.str().find('\n')), 4096);
  REQUIRE(event);
  CHECK_FALSE(event->find("message")->as_string()->empty());
  CHECK_FALSE(event->find("remedy")->as_string()->empty());
}

TEST_CASE("an error of a file names it once", "[cli][console]") {
  const Error full(ErrorCode::exhausted, "disk-full");
  CHECK(cli::about_file(full, "/a/b").context() == "/a/b");
  CHECK(cli::about_file(full.within("/a/b"), "/a/b").context() == "/a/b");
  CHECK(cli::about_file(Error(ErrorCode::corrupt, "digest-mismatch"), "/a/b").context().empty());
}

TEST_CASE("completion scripts come from the tree and their shells accept them",
          "[cli][completion]") {
  const test::TemporaryFolder folder;
  for (const char* shell : {"bash", "zsh", "fish"}) {
    INFO(shell);
    const Invoked done = invoke({"completion", shell, "--lang", "en"});
    CHECK(done.status == 0);
    CHECK(has(done.out, "withdraw"));
    CHECK(has(done.out, "acknowledge"));
    const std::string script = folder.path() + "/" + shell;
    REQUIRE(os::write_file_durably(script, bytes_of(done.out)));
    if (std::system((std::string("command -v ") + shell + " >/dev/null").c_str()) == 0)
      CHECK(std::system((std::string(shell) + " -n " + script).c_str()) == 0);
  }
  const std::string probe =
      ". " + folder.path() +
      "/bash; COMP_WORDS=(hangu pki issue no); COMP_CWORD=3; _hangu; "
      "test \"${COMPREPLY[*]}\" = node && COMP_WORDS=(hangu status --ide); COMP_CWORD=2; _hangu; "
      "test \"${COMPREPLY[*]}\" = --identity";
  CHECK(std::system(("bash -c '" + probe + "'").c_str()) == 0);
  CHECK(invoke({"completion", "csh"}).status == 2);
}

TEST_CASE("the man page lists every command and every exit status", "[cli][man]") {
  const Invoked page = invoke({"man", "--lang", "en"});
  CHECK(page.status == 0);
  const std::vector<cli::CommandSpec> commands = cli::own_commands();
  cli::for_each_command(commands, [&](const std::string& words, const cli::CommandSpec& command) {
    INFO(words);
    std::string in_roff;
    for (const char c : words) in_roff += c == '-' ? "\\-" : std::string(1, c);
    if (command.run) CHECK(has(page.out, ".SS \"" + in_roff));
  });
  for (const char* status : {".B 0", ".B 5", ".B 10", ".B 14"}) CHECK(has(page.out, status));
}
