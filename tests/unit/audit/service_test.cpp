#include "audit/service.hpp"

#include <sys/eventfd.h>

#include <atomic>
#include <map>
#include <set>
#include <thread>

#include <catch2/catch.hpp>

#include "crypto/secret.hpp"
#include "flow/log_proof.hpp"
#include "line/audit_client.hpp"
#include "os/clock.hpp"
#include "os/process.hpp"
#include "tests/unit/audit/writer_plan.hpp"

namespace hangu::audit::test {
namespace {

constexpr std::chrono::milliseconds kPatience{5000};

/// A service in a thread of the test, over sockets in the test's folder.
class Running {
 public:
  explicit Running(const TestFolder& folder,
                   const std::vector<std::string>& programs = {"emit", "custodian"})
      : stop_(::eventfd(0, EFD_CLOEXEC)) {
    std::filesystem::create_directory(folder / "log");
    std::map<std::string, os::Listener> listeners;
    for (const std::string& program : programs) {
      auto listener = os::Listener::bind((folder / (program + ".sock")).string());
      if (!listener) std::abort();
      listeners.emplace(program, *std::move(listener));
    }
    auto opened = Writer::open(writer_plan(folder.path(), clock_, entropy_));
    if (!opened) std::abort();
    service_ = std::make_unique<Service>(
        *std::move(opened), ServicePlan{.listeners = std::move(listeners),
                                        .stop = stop_.view(),
                                        .tell = [](const std::string&) {},
                                        .publish_every = std::chrono::milliseconds(20),
                                        .heartbeat_every = std::chrono::milliseconds(50)});
    thread_ = std::thread([this] { ended_well_ = service_->run().has_value(); });
  }
  ~Running() { stop(); }
  void stop() {
    if (!thread_.joinable()) return;
    const std::uint64_t one = 1;
    if (::write(stop_.get(), &one, sizeof one) != sizeof one) std::abort();
    thread_.join();
    service_.reset();
  }
  [[nodiscard]] bool ended_well() const { return ended_well_; }

 private:
  os::UniqueFd stop_;
  os::SystemClock clock_;
  crypto::SystemEntropy entropy_;
  std::unique_ptr<Service> service_;
  std::thread thread_;
  std::atomic<bool> ended_well_ = false;
};

AppendRequest event(line::AuditClient& client, std::vector<std::string> keys = {},
                    const std::string& type = "transfer.expired") {
  return {.id = client.new_request_id(),
          .type = type,
          .transfer = *TransferId::create("00112233445566778899aabbccddeeff"),
          .keys = std::move(keys),
          .kind = BodyKind::event,
          .body = "{}"};
}

}  // namespace

TEST_CASE("a client appends, proves to a checkpoint, and finds", "[audit]") {
  const TestFolder folder;
  Running service(folder);
  crypto::SystemEntropy entropy;
  auto client =
      line::AuditClient::connect((folder / "custodian.sock").string(), entropy, kPatience);
  REQUIRE(client);
  const AppendRequest request = event(*client, {"end:1"});
  const auto reply = client->append(request);
  REQUIRE(reply);
  CHECK(reply->outcome == AppendOutcome::appended);
  CHECK(*client->append(request) == *reply);
  const auto checkpoint = client->checkpoint();
  REQUIRE(checkpoint);
  const auto head = flow::check_checkpoint(checkpoint->note,
                                           {.origin = kOrigin, .key = key_from(0).verify_key()});
  REQUIRE(head);
  CHECK(head->size == checkpoint->size);
  const auto proof = client->prove(reply->index, checkpoint->size);
  REQUIRE(proof);
  CHECK(proof->entry == reply->entry);
  CHECK(flow::check_inclusion(*head, reply->index, bytes_of(proof->entry), proof->path));
  const auto found = client->find(*request.transfer);
  REQUIRE(found);
  CHECK(*found == std::vector<std::uint64_t>{reply->index});
  CHECK(client->holder("end:1").value() == reply->index);
  CHECK(client->holder("end:2").value() == std::nullopt);
  CHECK(client->holder("no key").error().code() == ErrorCode::malformed);
  const auto beyond = client->prove(reply->index, 1'000'000);
  CHECK(beyond.error().reason() == "audit-failed");
  CHECK(beyond.error().code() == ErrorCode::malformed);
  service.stop();
  CHECK(service.ended_well());
  // Everything committed is published at the end, a heartbeat included at the latest by then.
  const auto published = open_checkpoint(text_of(read_bytes(folder / "log/checkpoint")),
                                         *NoteKey::create(kOrigin, key_from(0).verify_key()));
  REQUIRE(published);
  CHECK(published->head.size >= checkpoint->size);
}

TEST_CASE("the program is the socket's, whatever the client asks for", "[audit]") {
  const TestFolder folder;
  const Running service(folder);
  crypto::SystemEntropy entropy;
  auto emit = line::AuditClient::connect((folder / "emit.sock").string(), entropy, kPatience);
  REQUIRE(emit);
  const auto reply = emit->append(event(*emit));
  REQUIRE_FALSE(reply);
  CHECK(reply.error().reason() == "audit-refused");
  CHECK(reply.error().context() == "type-forbidden");
}

TEST_CASE("heartbeats count what was appended and refused, and no key that was taken", "[audit]") {
  const TestFolder folder;
  {
    Running service(folder);
    crypto::SystemEntropy entropy;
    auto client =
        line::AuditClient::connect((folder / "custodian.sock").string(), entropy, kPatience);
    REQUIRE(client);
    CHECK(client->append(event(*client, {"end:1"}))->outcome == AppendOutcome::appended);
    for (int i = 0; i < 3; ++i)
      CHECK(client->append(event(*client, {"end:1"}))->outcome == AppendOutcome::taken);
    for (int i = 0; i < 2; ++i) CHECK_FALSE(client->append(event(*client, {}, "step.emit")));
    os::pause_for(std::chrono::milliseconds(120));
  }
  const auto opened = open_log(folder / "log");
  REQUIRE(opened);
  std::int64_t appended = 0;
  std::int64_t refused = 0;
  for (std::uint64_t i = 0; i < opened->log.head().size; ++i) {
    const auto entry = wire::Json::parse(text_of(*opened->log.entry(i)), 65536);
    const std::string& type = *entry->find("type")->as_string();
    if (type != "heartbeat" && type != "stop") continue;  // each counts since the one before
    appended += *entry->find("event")->find("appended")->as_integer();
    refused += *entry->find("event")->find("refused")->as_integer();
  }
  CHECK(appended == 1);
  CHECK(refused == 2);
}

TEST_CASE("of many that want one key at once exactly one wins", "[audit]") {
  constexpr int kClients = 8;
  constexpr int kRounds = 25;
  const TestFolder folder;
  const Running service(folder);
  std::vector<std::vector<AppendReply>> replies(kClients);
  std::vector<std::thread> threads;
  for (int c = 0; c < kClients; ++c) {
    threads.emplace_back([&, c] {
      crypto::SystemEntropy entropy;
      auto client =
          line::AuditClient::connect((folder / "custodian.sock").string(), entropy, kPatience);
      for (int round = 0; client && round < kRounds; ++round) {
        auto reply = client->append(event(*client, {"race:" + std::to_string(round)}));
        if (reply) replies[static_cast<std::size_t>(c)].push_back(*std::move(reply));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t round = 0; round < kRounds; ++round) {
    int winners = 0;
    std::set<std::uint64_t> indices;
    for (const auto& mine : replies) {
      REQUIRE(mine.size() == kRounds);
      winners += mine[round].outcome == AppendOutcome::appended ? 1 : 0;
      indices.insert(mine[round].index);
    }
    CHECK(winners == 1);
    CHECK(indices.size() == 1);
  }
}

TEST_CASE("several requests may be under way on one connection", "[audit]") {
  constexpr std::size_t kRequests = 50;
  const TestFolder folder;
  const Running service(folder);
  crypto::SystemEntropy entropy;
  auto client =
      line::AuditClient::connect((folder / "custodian.sock").string(), entropy, kPatience);
  REQUIRE(client);
  auto channel = os::Channel::connect((folder / "custodian.sock").string());
  REQUIRE(channel);
  std::vector<RequestId> ids;
  for (std::size_t i = 0; i < kRequests; ++i) {
    const AppendRequest request = event(*client);
    ids.push_back(request.id);
    REQUIRE(channel->send(to_bytes(Request(request)), kPatience));
  }
  std::vector<RequestId> answered;
  for (std::size_t i = 0; i < kRequests; ++i) {
    const auto message = channel->receive(kPatience);
    REQUIRE(message);
    const auto reply = parse_reply(message->bytes);
    REQUIRE(reply);
    const auto* append = std::get_if<AppendReply>(&*reply);
    REQUIRE(append != nullptr);
    CHECK(append->outcome == AppendOutcome::appended);
    answered.push_back(append->id);
  }
  CHECK(answered == ids);
}

TEST_CASE("a program that opens too many connections keeps nobody else out", "[audit]") {
  const TestFolder folder;
  const Running service(folder);
  crypto::SystemEntropy entropy;
  std::vector<line::AuditClient> greedy;
  for (std::size_t i = 0; i < kConnectionsPerProgramMax; ++i) {
    auto client = line::AuditClient::connect((folder / "emit.sock").string(), entropy, kPatience);
    REQUIRE(client);
    greedy.push_back(*std::move(client));
  }
  const auto beyond = line::AuditClient::connect((folder / "emit.sock").string(), entropy,
                                                 std::chrono::milliseconds(100));
  CHECK(beyond.error().reason() == "audit-unavailable");
  auto other = line::AuditClient::connect((folder / "custodian.sock").string(), entropy, kPatience);
  REQUIRE(other);
  CHECK(other->append(event(*other))->outcome == AppendOutcome::appended);
  greedy.pop_back();
  CHECK(line::AuditClient::connect((folder / "emit.sock").string(), entropy, kPatience));
}

TEST_CASE("a malformed message ends its connection and nobody else's", "[audit]") {
  const TestFolder folder;
  const Running service(folder);
  crypto::SystemEntropy entropy;
  auto client =
      line::AuditClient::connect((folder / "custodian.sock").string(), entropy, kPatience);
  REQUIRE(client);
  auto bad = os::Channel::connect((folder / "custodian.sock").string());
  REQUIRE(bad);
  REQUIRE(bad->send(bytes_of("nonsense"), kPatience));
  CHECK(bad->receive(kPatience).error().reason() == "peer-gone");
  CHECK(client->append(event(*client))->outcome == AppendOutcome::appended);
}

TEST_CASE("a client comes back to a log that was started again, with the same answer", "[audit]") {
  const TestFolder folder;
  auto service = std::make_unique<Running>(folder);
  crypto::SystemEntropy entropy;
  auto client =
      line::AuditClient::connect((folder / "custodian.sock").string(), entropy, kPatience);
  REQUIRE(client);
  const AppendRequest request = event(*client, {"once"});
  const auto before = client->append(request);
  REQUIRE(before);
  service.reset();
  service = std::make_unique<Running>(folder);
  const auto after = client->append(request);
  REQUIRE(after);
  CHECK(*after == *before);
}

TEST_CASE("without a log a client gives up in time and says that the outcome is unknown",
          "[audit]") {
  const TestFolder folder;
  crypto::SystemEntropy entropy;
  const auto client = line::AuditClient::connect((folder / "absent.sock").string(), entropy,
                                                 std::chrono::milliseconds(60));
  CHECK(client.error().reason() == "audit-unavailable");
  CHECK(client.error().code() == ErrorCode::unavailable);
}

}  // namespace hangu::audit::test
