// The program itself, locked in: what its sandbox permits must be what the log needs.

#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>

#include <catch2/catch.hpp>

#include "audit/writer.hpp"
#include "crypto/certificate.hpp"
#include "crypto/secret.hpp"
#include "line/audit_client.hpp"
#include "os/file.hpp"
#include "os/process.hpp"
#include "tests/unit/audit/writer_plan.hpp"

namespace hangu::audit::test {
namespace {

constexpr std::chrono::milliseconds kPatience{10'000};

/// hangu-audit over a folder of the test, with a listener for the custodian.
class Program {
 public:
  explicit Program(const TestFolder& folder, const std::string& origin = kOrigin) {
    const std::string root = folder.path().string();
    REQUIRE(os::make_folders(root + "/log"));
    if (!std::filesystem::exists(root + "/key.pem")) {
      const auto pem = crypto::write_key_pem(key_from(0));
      REQUIRE(pem);
      write_bytes(root + "/key.pem", *pem);
      ::chmod((root + "/key.pem").c_str(), 0600);
    }
    if (!std::filesystem::exists(root + "/gm.pem"))
      write_bytes(root + "/gm.pem", crypto::write_key_pem(gm_key()).value());
    REQUIRE(os::make_folders(root + "/epoch-keys"));
    auto listener = os::Listener::bind(root + "/custodian.sock");
    REQUIRE(listener);
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const os::UniqueFd read_end(ends[0]);
    os::UniqueFd write_end(ends[1]);
    const auto child = os::spawn(
        {.program = std::string(HANGU_BIN_DIR) + "/hangu-audit",
         .arguments = {"--folder", root + "/log", "--epoch-keys", root + "/epoch-keys", "--origin",
                       origin, "--key", root + "/key.pem", "--gm-key", root + "/gm.pem"},
         .environment = {},
         .uid = std::nullopt,
         .groups = {},
         .network_namespace = std::nullopt,
         .listeners = {{"audit.custodian", listener->view()}},
         .ready = write_end.view(),
         .log_path = root + "/audit.log"});
    REQUIRE(child);
    child_ = *child;
    write_end.reset();
    const std::vector<os::FdView> waited{read_end.view()};
    REQUIRE(os::wait_readable(waited, kPatience)->size() == 1);
    Bytes told(64);
    ready_ = os::read_some(read_end.view(), told).value_or(0) > 0;
  }
  ~Program() { end(SIGKILL); }
  [[nodiscard]] bool ready() const { return ready_; }
  /// The wait status after `signal`.
  int end(int signal) {
    if (child_ < 0) return 0;
    if (signal != 0) ::kill(child_, signal);
    int status = 0;
    ::waitpid(child_, &status, 0);
    child_ = -1;
    return status;
  }

 private:
  pid_t child_ = -1;
  bool ready_ = false;
};

AppendRequest event(line::AuditClient& client, const std::string& key) {
  return {.id = client.new_request_id(),
          .type = "transfer.expired",
          .transfer = *TransferId::create("00112233445566778899aabbccddeeff"),
          .keys = {key},
          .kind = BodyKind::event,
          .body = "{}"};
}

/// What the stand-alone verifier says about a log: its exit status.
int verify(const TestFolder& folder) {
  const auto child =
      os::spawn({.program = std::string(HANGU_BIN_DIR) + "/hangu-audit-verify",
                 .arguments = {(folder / "log").string(), "--key",
                               NoteKey::create(kOrigin, key_from(0).verify_key())->to_text()},
                 .environment = {},
                 .uid = std::nullopt,
                 .groups = {},
                 .network_namespace = std::nullopt,
                 .listeners = {},
                 .ready = std::nullopt,
                 .log_path = (folder / "verify.log").string()});
  REQUIRE(child);
  const auto status = os::wait_for(*child, kPatience);
  REQUIRE(status);
  REQUIRE(*status);
  INFO(text_of(read_bytes(folder / "verify.log")));
  REQUIRE(WIFEXITED(**status));
  return WEXITSTATUS(**status);
}

}  // namespace

TEST_CASE("hangu-audit serves, fills bundles and rotates inside its sandbox, and ends when told",
          "[audit]") {
  const TestFolder folder;
  crypto::SystemEntropy entropy;
  std::vector<AppendReply> acknowledged;
  for (int round = 0; round < 3; ++round) {
    Program program(folder);
    REQUIRE(program.ready());
    auto client =
        line::AuditClient::connect((folder / "custodian.sock").string(), entropy, kPatience);
    INFO(round << ": " << text_of(read_bytes(folder / "audit.log")));
    if (!client) FAIL(client.error().message());
    for (int i = 0; i < 150; ++i) {
      const auto reply =
          client->append(event(*client, "key:" + std::to_string(round) + ":" + std::to_string(i)));
      REQUIRE(reply);
      REQUIRE(reply->outcome == AppendOutcome::appended);
      acknowledged.push_back(*reply);
    }
    if (round == 1) {
      CHECK(WIFSIGNALED(program.end(SIGKILL)));
    } else {
      const int status = program.end(SIGTERM);
      CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
      CHECK(std::filesystem::exists(folder / "log/checkpoint"));
    }
  }
  CHECK(std::filesystem::exists(folder / "log/tile/entries/000"));
  // Code that shares nothing with the writer agrees, and sees one changed byte.
  CHECK(verify(folder) == 0);
  const Bytes bundle = read_bytes(folder / "log/tile/entries/000");
  Bytes changed = bundle;
  changed[1000] ^= std::byte{1};
  write_bytes(folder / "log/tile/entries/000", changed);
  CHECK(verify(folder) == 1);
  write_bytes(folder / "log/tile/entries/000", bundle);

  const auto opened = open_log(folder / "log");
  REQUIRE(opened);
  for (const AppendReply& reply : acknowledged) {
    REQUIRE(text_of(*opened->log.entry(reply.index)) == reply.entry);
  }
}

TEST_CASE("hangu-audit does not start over a damaged log, and says why", "[audit]") {
  const TestFolder folder;
  {
    Program program(folder);
    REQUIRE(program.ready());
    program.end(SIGTERM);
  }
  const auto journal = folder / "log/journal/00000000000000000000.wal";
  Bytes bytes = read_bytes(journal);
  bytes[200] ^= std::byte{1};
  write_bytes(journal, bytes);
  Program program(folder);
  CHECK_FALSE(program.ready());
  const int status = program.end(0);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 1));
  const std::string log(text_of(read_bytes(folder / "audit.log")));
  CHECK(log.find("HANGU-AUDIT-0003 the log cannot be kept: audit-") != std::string::npos);
}

TEST_CASE("the verifier lists gaps in a sender's numbers and calls the log good", "[audit]") {
  const TestFolder folder;
  std::filesystem::create_directories(folder / "log");
  const ManualClock clock(*WallTime::parse("2026-03-01T08:00:00.000Z"));
  crypto::SystemEntropy entropy;
  WriterPlan plan = writer_plan(folder.path(), clock, entropy);
  plan.gm_key = gm_key();
  auto opened = Writer::open(std::move(plan));
  REQUIRE(opened);
  const auto append = [&](const std::string& type, const std::string& key,
                          const std::string& event) {
    const Submission submission{
        .request = {.id = new_request_id(entropy),
                    .type = type,
                    .transfer = *TransferId::create("00112233445566778899aabbccddeeff"),
                    .keys = {key},
                    .kind = BodyKind::event,
                    .body = event},
        .caller = {.program = type == "sequence.gap" ? "verify" : "custodian"}};
    const auto replies = opened->writer.append({&submission, 1});
    REQUIRE(replies);
    REQUIRE(replies->front().outcome == AppendOutcome::appended);
  };
  append("sequence.gap", "gap:survey:3", R"({"node":"survey","sequence":3,"missing":2})");
  append("sequence.gap", "gap:survey:9", R"({"node":"survey","sequence":9,"missing":8})");
  append("transfer.expired", "sequence:survey:2", "{}");
  REQUIRE(opened->publisher.publish(opened->writer.log().head().size));
  CHECK(verify(folder) == 0);
  const Bytes bytes = read_bytes(folder / "verify.log");
  const std::string said(text_of(bytes));
  CHECK(said.find("worth a look: 2\n") != std::string::npos);
  CHECK(said.find("no stages' keys given") != std::string::npos);
  CHECK(said.find("number 2 of survey") == std::string::npos);  // it came later
  CHECK(said.find("entry 3: number 8 of survey was never taken\n") != std::string::npos);
  CHECK(said.find("good: 5 entries") != std::string::npos);
}

}  // namespace hangu::audit::test
