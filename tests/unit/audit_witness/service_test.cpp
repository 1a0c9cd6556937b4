// The log's program with witnesses: what the feeder hands over, what the files say then, and what
// the next start makes of it.

#include "audit/service.hpp"

#include <sys/eventfd.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include <catch2/catch.hpp>

#include "audit/witness/cosigned_note.hpp"
#include "audit/witness/quorum_watch.hpp"
#include "crypto/secret.hpp"
#include "line/audit_client.hpp"
#include "os/clock.hpp"
#include "tests/unit/audit/writer_plan.hpp"
#include "tests/unit/audit_witness/tree.hpp"

namespace hangu::audit::test {
namespace {

constexpr std::chrono::milliseconds kPatience{5000};
constexpr int kPollsMax = 500;

std::string policy_text() {
  std::string text;
  for (unsigned n = 1; n <= 2; ++n) {
    const std::string name = "w" + std::to_string(n);
    text += "witness " + name + " " + cosigner_from(0x20 + n, name).key().to_text() + "\n";
  }
  return text + "group g all w1 w2\nquorum g\n";
}

/// The log's program in a thread, with a feeder's socket and another's.
class Running {
 public:
  explicit Running(const TestFolder& folder) : stop_(::eventfd(0, EFD_CLOEXEC)) {
    std::map<std::string, os::Listener> listeners;
    for (const std::string program : {"feeder", "custodian"})
      listeners.emplace(program,
                        os::Listener::bind((folder / (program + ".sock")).string()).value());
    auto watch =
        QuorumWatch::open(*folder_at(folder / "log"), WitnessPolicy::parse(policy_text()).value(),
                          log_key_of_tests(), clock_)
            .value();
    WriterPlan plan = writer_plan(folder.path(), clock_, entropy_);
    plan.gm_key = gm_key();
    plan.witnessed = watch->head();
    auto opened = Writer::open(std::move(plan));
    if (!opened) {
      ended_ = std::unexpected(opened.error());
      return;
    }
    service_ = std::make_unique<Service>(
        *std::move(opened), ServicePlan{.listeners = std::move(listeners),
                                        .stop = stop_.view(),
                                        .tell =
                                            [this](const std::string& line) {
                                              const std::lock_guard lock(mutex_);
                                              told_ += line + "\n";
                                            },
                                        .witnessing = std::move(watch),
                                        .publish_every = std::chrono::milliseconds(20)});
    thread_ = std::thread([this] { ended_ = service_->run(); });
  }
  ~Running() { (void)stop().has_value(); }
  Done stop() {
    if (thread_.joinable()) {
      const std::uint64_t one = 1;
      if (::write(stop_.get(), &one, sizeof one) != sizeof one) std::abort();
      thread_.join();
      service_.reset();
    }
    return ended_;
  }
  [[nodiscard]] std::string told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }

 private:
  os::UniqueFd stop_;
  os::SystemClock clock_;
  crypto::SystemEntropy entropy_;
  std::mutex mutex_;
  std::string told_;
  std::unique_ptr<Service> service_;
  Done ended_;
  std::thread thread_;
};

struct Bench {
  Bench() { start(); }
  void start() {
    running = std::make_unique<Running>(folder);
    feeder = client("feeder");
  }
  line::AuditClient client(const std::string& program) {
    return line::AuditClient::connect((folder / (program + ".sock")).string(), entropy, kPatience)
        .value();
  }
  /// Appends an entry, so that the log is longer than before.
  void grow() {
    const auto reply = feeder->append(
        {.id = feeder->new_request_id(),
         .type = "witness.alarm",
         .transfer = std::nullopt,
         .keys = {},
         .kind = BodyKind::event,
         .body = R"({"witness":"w1","alarm":"ahead","size":1,"witnessSize":2,"detail":""})"});
    REQUIRE(reply);
    REQUIRE(reply->outcome == AppendOutcome::appended);
  }
  /// The published checkpoint, once it is of everything committed.
  std::string published() {
    const std::uint64_t size = feeder->checkpoint()->size;
    for (int i = 0; i < kPollsMax; ++i) {
      const std::string note(text_of(read_bytes(folder / "log/checkpoint")));
      const auto checkpoint = open_checkpoint(note, log_key_of_tests());
      if (checkpoint && checkpoint->head.size >= size) return note;
      os::pause_for(std::chrono::milliseconds(10));
    }
    FAIL("not published");
    return {};
  }
  static std::string cosigned(const std::string& note, unsigned witnesses,
                              std::chrono::seconds ago = std::chrono::seconds(0)) {
    const auto now =
        std::chrono::floor<std::chrono::seconds>(os::SystemClock().now()->since_epoch());
    std::vector<NoteSignature> lines;
    for (unsigned n = 1; n <= witnesses; ++n)
      lines.push_back(cosigner_from(0x20 + n, "w" + std::to_string(n))
                          .cosign(Note::parse(note)->text, now - ago)
                          .value());
    return with_signatures(note, lines).value();
  }
  std::size_t lines_in(const std::string& file) const {
    const auto note = Note::parse(text_of(read_bytes(folder / ("log/" + file))));
    return note ? note->signatures.size() : 0;
  }
  void wait_for_lines(const std::string& file, std::size_t count) const {
    for (int i = 0; i < kPollsMax && lines_in(file) != count; ++i)
      os::pause_for(std::chrono::milliseconds(10));
    CHECK(lines_in(file) == count);
  }

  TestFolder folder;
  crypto::SystemEntropy entropy;
  std::unique_ptr<Running> running;
  std::optional<line::AuditClient> feeder;
};

}  // namespace

TEST_CASE("what a quorum saw is told with every checkpoint and stands under its own", "[witness]") {
  Bench bench;
  CHECK(bench.feeder->checkpoint()->witnessed == Witnessed{.demanded = true});
  const std::string note = bench.published();
  CHECK(Note::parse(note)->signatures.size() == 3);
  const auto reply = bench.feeder->cosigned(Bench::cosigned(note, 2));
  REQUIRE(reply);
  CHECK(reply->witnessed.size > 0);
  CHECK(bench.feeder->checkpoint()->witnessed == reply->witnessed);
  bench.wait_for_lines("witness/checkpoint", 5);
  bench.wait_for_lines("checkpoint", 5);
  // The log goes on: its checkpoint is another, the witnessed one stays.
  bench.grow();
  CHECK(Note::parse(bench.published())->signatures.size() == 3);
  CHECK(bench.lines_in("witness/checkpoint") == 5);
  CHECK(bench.running->stop());
}

TEST_CASE("only the feeder hands over, and only what is well signed, whole, ours and published",
          "[witness]") {
  Bench bench;
  const std::string note = bench.published();
  const auto reason = [&](const std::string& text) {
    const auto reply = bench.feeder->cosigned(text);
    REQUIRE_FALSE(reply);
    CHECK(reply.error().reason() == "audit-failed");
    return reply.error().context().substr(0, reply.error().context().find(':'));
  };
  auto custodian = bench.client("custodian");
  CHECK(custodian.cosigned(Bench::cosigned(note, 2)).error().code() == ErrorCode::forbidden);
  CHECK(reason(Bench::cosigned(note, 1)) == "quorum-missing");
  CHECK(reason("nonsense") == "note-malformed");
  const TestLog other(300);
  CHECK(reason(Bench::cosigned(other.note(1), 2)) == "cosigned-other-tree");
  CHECK(reason(Bench::cosigned(other.note(1), 2)) == "cosigned-other-tree");
  CHECK(reason(Bench::cosigned(other.note(300), 2)) == "cosigned-ahead");
  std::string broken = Bench::cosigned(note, 2);
  broken[broken.size() - 10] = broken[broken.size() - 10] == 'A' ? 'B' : 'A';
  CHECK(reason(broken) == "cosignature-invalid");
  CHECK_FALSE(std::filesystem::exists(bench.folder / "log/witness"));
  const std::string told = bench.running->told();
  const auto alarm = told.find("HANGU-AUDIT-0023 ALARM");
  CHECK(alarm != std::string::npos);
  CHECK(told.find("HANGU-AUDIT-0023", alarm + 1) == std::string::npos);  // once
  const auto taken = bench.feeder->cosigned(Bench::cosigned(note, 2));
  REQUIRE(taken);
  // An older one is no trouble, and changes nothing.
  const auto older = bench.feeder->cosigned(Bench::cosigned(note, 2, std::chrono::seconds(9)));
  REQUIRE(older);
  CHECK(older->witnessed == taken->witnessed);
}

TEST_CASE("lines that no witness of the policy made never come under a checkpoint", "[witness]") {
  Bench bench;
  const std::string note = bench.published();
  std::string more = Bench::cosigned(note, 2);
  more = countersign_note(more, NoteSigner::create("gate.example/audit/epoch", key_from(9)).value())
             .value();
  CHECK(bench.feeder->cosigned(more));
  bench.wait_for_lines("checkpoint", 5);
  bench.wait_for_lines("witness/checkpoint", 5);
}

TEST_CASE("a checkpoint that comes back after a restart, when the log has grown, still counts",
          "[witness]") {
  Bench bench;
  const std::string note = bench.published();
  bench.grow();
  REQUIRE(bench.running->stop());
  bench.start();
  bench.grow();
  (void)bench.published();
  const auto taken = bench.feeder->cosigned(Bench::cosigned(note, 2));
  REQUIRE(taken);
  CHECK(taken->witnessed.size == open_checkpoint(note, log_key_of_tests())->head.size);
  bench.wait_for_lines("witness/checkpoint", 3);  // the log's own, and theirs
  CHECK(bench.lines_in("checkpoint") == 3);
  REQUIRE(bench.running->stop());
  bench.start();
  CHECK(bench.feeder->checkpoint()->witnessed == taken->witnessed);
}

TEST_CASE("a start goes on from the last quorum, and not with a log that witnesses did not see",
          "[witness]") {
  Bench bench;
  CHECK(bench.feeder->cosigned(Bench::cosigned(bench.published(), 2)));
  bench.wait_for_lines("witness/checkpoint", 5);
  const Witnessed before = bench.feeder->checkpoint()->witnessed;
  REQUIRE(bench.running->stop());
  bench.start();
  CHECK(bench.feeder->checkpoint()->witnessed == before);
  REQUIRE(bench.running->stop());
  const auto ends = [&] {
    Running again(bench.folder);
    for (int i = 0; i < 20; ++i) os::pause_for(std::chrono::milliseconds(10));
    const Done done = again.stop();
    return done ? std::string("well") : std::string(done.error().reason());
  };
  CHECK(ends() == "well");
  const TestLog other(300);
  write_bytes(bench.folder / "log/witness/checkpoint", bytes_of(Bench::cosigned(other.note(2), 2)));
  CHECK(ends() == "audit-witness-differs");
  write_bytes(bench.folder / "log/witness/checkpoint",
              bytes_of(Bench::cosigned(other.note(300), 2)));
  CHECK(ends() == "audit-witness-ahead");
}

}  // namespace hangu::audit::test
