// Whatever the disk does: what was acknowledged stays, and the log opens again.

#include <cstdlib>

#include <catch2/catch.hpp>

#include "audit/limits.hpp"
#include "audit/writer.hpp"
#include "tests/unit/audit/faulty_disk.hpp"
#include "tests/unit/audit/writer_plan.hpp"

namespace hangu::audit::test {
namespace {

constexpr std::uint64_t kRuns = 1500;
constexpr int kLives = 4;

/// HANGU_FAULT_RUNS stories, from the seed HANGU_FAULT_FIRST on.
std::uint64_t asked(const char* name, std::uint64_t otherwise) {
  const char* const value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

/// One disk, and the writers that live on it one after the other.
class Story {
 public:
  explicit Story(std::uint64_t seed) : chance_(seed), disk_(seed ^ 0x5eedU), entropy_(seed + 1) {
    limits_.disk_reserve_bytes = 0;
    if (chance_.below(2) == 0) limits_.segment_bytes_max = 2000 + chance_.below(20'000);
    busy_ = chance_.below(4) == 0;
  }

  void run() {
    for (int life = 0; life < kLives; ++life) {
      if (chance_.below(8) > 0)
        disk_.plan(chance_.below(chance_.below(2) == 0 ? 60 : 600),
                   static_cast<Fault>(chance_.below(3)));
      live();
      clock_.set(*clock_.now() + std::chrono::seconds(1));
      if (chance_.below(2) == 0) {
        disk_.restart();
      } else {
        disk_.power_cut();
      }
    }
    look_back();
  }

 private:
  Result<std::unique_ptr<Folder>> opened_below(const std::string& name) {
    const std::unique_ptr<Folder> root = disk_.root();
    HANGU_TRY(const bool made, root->make_subfolder(name));
    static_cast<void>(made);
    HANGU_CHECK(root->sync());
    return root->subfolder(name);
  }

  Result<OpenedWriter> open() {
    HANGU_TRY(std::unique_ptr<Folder> log, opened_below("log"));
    HANGU_TRY(std::unique_ptr<Folder> keys, opened_below("epoch-keys"));
    WriterPlan plan = writer_plan(std::move(log), std::move(keys), clock_, entropy_);
    plan.limits = limits_;
    return Writer::open(std::move(plan));
  }

  Submission event() {
    Submission s;
    s.request.id = new_request_id(entropy_);
    s.request.type = "transfer.withdrawn";
    s.request.transfer = *TransferId::create("00112233445566778899aabbccddeeff");
    s.request.kind = BodyKind::event;
    s.request.keys = {"k" + std::to_string(made_++)};
    s.request.body = "{\"node\":\"" + std::string(chance_.below(1200), 'x') + "\"}";
    s.caller = {.program = "custodian", .uid = 1001, .pid = 4321};
    return s;
  }

  /// Appends and publishes until a fault, or enough.
  void live() {
    auto opened = open();
    if (!opened) {
      INFO(opened.error().message());
      REQUIRE(disk_.struck());
      return;
    }
    for (std::uint64_t acts = chance_.below(25); acts > 0; --acts) {
      const std::uint64_t what = chance_.below(10);
      if (what < 3) {
        if (!publish(*opened)) return;
      } else if (what == 3) {
        if (!close_epoch(opened->writer)) return;
      } else if (!append(opened->writer)) {
        return;
      }
    }
  }

  bool close_epoch(Writer& writer) {
    const Done closed = writer.close_epoch();
    if (closed) return true;
    INFO(closed.error().message());
    REQUIRE(disk_.struck());
    return false;
  }

  bool publish(OpenedWriter& opened) {
    const auto published = opened.publisher.publish(opened.writer.log().head().size);
    if (!published) {
      INFO(published.error().message());
      REQUIRE(disk_.struck());
      return false;
    }
    opened.writer.published(published->size);
    if (const Done ahead = opened.publisher.look_ahead([this] { return chance_.below(2) == 0; });
        !ahead) {
      INFO(ahead.error().message());
      REQUIRE(disk_.struck());
      return false;
    }
    return true;
  }

  /// A batch of what was not answered and of new requests.
  bool append(Writer& writer) {
    std::vector<Submission> batch = std::exchange(unanswered_, {});
    const std::uint64_t more = 1 + chance_.below(busy_ ? 90 : 4);
    for (std::uint64_t i = 0; i < more; ++i) batch.push_back(event());
    const auto replies = writer.append(batch);
    if (!replies) {
      INFO(replies.error().message());
      REQUIRE(disk_.struck());
      unanswered_ = std::move(batch);
      return false;
    }
    for (std::size_t i = 0; i < replies->size(); ++i) {
      const AppendReply& reply = (*replies)[i];
      if (reply.outcome == AppendOutcome::refused) {
        INFO(reply.reason);
        REQUIRE(disk_.struck());
        unanswered_.push_back(batch[i]);
        continue;
      }
      REQUIRE(reply.outcome == AppendOutcome::appended);
      REQUIRE(acknowledged_.emplace(reply.index, reply.entry).second);
    }
    return true;
  }

  /// The chain of SM3, as each end of an epoch tells it.
  void check_chain(std::uint64_t index, ByteView stored) {
    if (index == 0) chain_ = {};
    const auto head = EntryHead::parse(text_of(stored));
    REQUIRE(head);
    if (head->type == kEpochClose)
      REQUIRE(*event_of(*head)->find("sm3")->as_string() == to_hex(chain_));
    chain_ = chain_on(chain_, stored);
  }

  /// With nothing broken any more.
  void look_back() {
    chain_ = {};
    auto opened = open();
    if (!opened) FAIL(opened.error().message());
    Log& log = const_cast<Log&>(opened->writer.log());
    std::vector<Hash> leaves;
    for (std::uint64_t i = 0; i < log.head().size; ++i) {
      const auto stored = log.entry(i);
      REQUIRE(stored);
      leaves.push_back(leaf_hash(*stored));
      check_chain(i, *stored);
      if (const auto found = acknowledged_.find(i); found != acknowledged_.end())
        REQUIRE(text_of(*stored) == found->second);
    }
    if (!acknowledged_.empty()) REQUIRE(acknowledged_.rbegin()->first < log.head().size);
    REQUIRE(PlainTree(leaves).root(0, leaves.size()) == log.head().root);
    REQUIRE(publish(*opened));
    REQUIRE(append(opened->writer));
  }

  SeededEntropy chance_;
  FaultyDisk disk_;
  SeededEntropy entropy_;
  ManualClock clock_{*WallTime::parse("2026-03-01T08:00:00.000Z")};
  LogLimits limits_;
  bool busy_ = false;  ///< batches that fill tiles
  Hash chain_{};
  std::uint64_t made_ = 0;
  std::vector<Submission> unanswered_;
  std::map<std::uint64_t, std::string> acknowledged_;
};

}  // namespace

TEST_CASE(
    "through any fault of the disk and any power cut no acknowledged entry is lost and the "
    "log opens again",
    "[audit][fault]") {
  const std::uint64_t first = asked("HANGU_FAULT_FIRST", 0);
  for (std::uint64_t seed = first; seed < first + asked("HANGU_FAULT_RUNS", kRuns); ++seed) {
    INFO("seed " << seed);
    Story(seed).run();
  }
}

}  // namespace hangu::audit::test
