// The custodian's ends against the real audit service: who comes first, wins.

#include <thread>

#include "audit/disk_folder.hpp"
#include "audit/service.hpp"
#include "crypto/secret.hpp"
#include "line/custodian_audit.hpp"
#include "line/step_log.hpp"
#include "os/clock.hpp"
#include "tests/unit/ledger/yard.hpp"

using namespace hangu;
using namespace hangu::test;
using std::chrono::seconds;

namespace {

const TransferId kId = TransferId::create("0123456789abcdef0123456789abcdef").value();

crypto::SigningKey new_key(Entropy& entropy) {
  return crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy).value();
}

class Auditing {
 public:
  Auditing() : key_(new_key(entropy_)) {
    for (const auto* const name : {"/log", "/epoch-keys"})
      std::filesystem::create_directories(folder_.path() + name);
    std::map<std::string, os::Listener> listeners;
    for (const auto* const program : {"emit", "verify", "custodian"}) {
      listeners.emplace(program, os::Listener::bind(socket(program)).value());
    }
    const auto opened_at = [&](const char* name) {
      return audit::open_disk_folder(folder_.path() + name).value();
    };
    auto opened = audit::Writer::open({.folder = opened_at("/log"),
                                       .epoch_keys = opened_at("/epoch-keys"),
                                       .origin = "test.example/log",
                                       .key = new_key(entropy_),
                                       .gm_key = {},
                                       .clock = clock_,
                                       .entropy = entropy_,
                                       .self = {.program = "audit"},
                                       .limits = {.disk_reserve_bytes = 0}})
                      .value();
    auto ends = os::Channel::pair().value();
    stop_read_ = std::move(ends.first).release();
    stop_write_.emplace(std::move(ends.second));
    service_ = std::make_unique<audit::Service>(
        std::move(opened), audit::ServicePlan{.listeners = std::move(listeners),
                                              .stop = stop_read_.view(),
                                              .tell = [](const std::string&) {}});
    thread_ = std::thread([this] { (void)service_->run().has_value(); });
  }
  ~Auditing() {
    (void)stop_write_->send(to_bytes("stop"), seconds(1)).has_value();
    thread_.join();
  }
  [[nodiscard]] std::string socket(const std::string& program) const {
    return folder_.path() + "/" + program;
  }
  /// What the log answers when a stage appends this step.
  line::LoggedOutcome append(Stage stage, Verdict verdict) {
    crypto::SystemEntropy entropy;
    auto client =
        line::AuditClient::connect(socket(std::string(flow::program_of(stage))), entropy).value();
    line::StepLog log(std::move(client), key_);
    const flow::Step step{.transfer = kId,
                          .round = 1,
                          .stage = stage,
                          .verdict = verdict,
                          .reason = verdict == Verdict::pass ? "ok" : "rule-1",
                          .input = {},
                          .output = {},
                          .previous = 1,
                          .evidence = {},
                          .valid_until = {}};
    return log.append(step, {}).value();
  }

 private:
  Folder folder_;
  os::SystemClock clock_;
  crypto::SystemEntropy entropy_;
  crypto::SigningKey key_;
  os::UniqueFd stop_read_;
  std::optional<os::Channel> stop_write_;
  std::unique_ptr<audit::Service> service_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("of a withdrawal and an emission the log lets exactly one win", "[ledger]") {
  Auditing auditing;
  crypto::SystemEntropy entropy;
  line::CustodianAudit log(auditing.socket("custodian"), entropy);
  SECTION("withdrawn first") {
    CHECK(log.end_transfer(kId, State::withdrawn, node("a")).value() == State::withdrawn);
    CHECK(log.end_transfer(kId, State::withdrawn, node("a")).value() == State::withdrawn);
    CHECK(log.end_transfer(kId, State::expired, {}).value() == State::withdrawn);
    const auto late = auditing.append(Stage::emit, Verdict::pass);
    CHECK_FALSE(late.step);
  }
  SECTION("emitted first") {
    CHECK(auditing.append(Stage::emit, Verdict::pass).step);
    CHECK(log.end_transfer(kId, State::withdrawn, node("a")).value() == State::emitted);
  }
  SECTION("refused first, by emit itself or by another stage") {
    const auto stage = GENERATE(Stage::verify, Stage::emit);
    CHECK(auditing.append(stage, Verdict::fail).step);
    CHECK(log.end_transfer(kId, State::expired, {}).value() == State::refused);
  }
}

TEST_CASE("acknowledgements and quarantines are logged once, however often they are told",
          "[ledger]") {
  Auditing auditing;
  crypto::SystemEntropy entropy;
  line::CustodianAudit log(auditing.socket("custodian"), entropy);
  for (int i = 0; i < 2; ++i) {
    REQUIRE(log.acknowledge(kId, node("r1"), {}));
    REQUIRE(log.acknowledge(kId, node("r2"), {}));
    REQUIRE(log.quarantine(kId, 1, Stage::inspect, 5));
  }
  auto client = line::AuditClient::connect(auditing.socket("custodian"), entropy).value();
  CHECK(client.find(kId).value().size() == 3);
}

TEST_CASE("an entry that is no end cannot stand for one", "[ledger]") {
  CHECK(line::end_of_entry("{}").error().reason() == "audit-entry-unexpected");
}
