// The feeder over several witnesses, some of which lie, are slow, or are not there.

#include "witness/feeder.hpp"

#include <atomic>

#include <catch2/catch.hpp>

#include "audit/witness/cosigned_note.hpp"
#include "audit/witness/published_proof.hpp"
#include "os/clock.hpp"
#include "tests/unit/audit_witness/tree.hpp"

namespace hangu::witness::test {
namespace {

using namespace audit::test;

/// A published log that grows.
class Log {
 public:
  Log() : opened_(open_log(folder_.path()).value()) { grow(3); }
  void grow(std::size_t count) {
    audit::EntryBatch entries;
    for (std::size_t i = 0; i < count; ++i) entries.add(bytes_of("e" + std::to_string(next_++)));
    const auto leaves = opened_.log.commit(std::move(entries));
    REQUIRE(leaves);
    REQUIRE(opened_.publisher.publish(opened_.log.head().size));
    opened_.log.published(opened_.log.head().size);
  }
  [[nodiscard]] std::unique_ptr<audit::Folder> folder() const { return folder_at(folder_.path()); }
  [[nodiscard]] std::uint64_t size() const { return opened_.log.head().size; }
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

 private:
  TestFolder folder_;
  std::size_t next_ = 0;
  audit::OpenedLog opened_;
};

/// True witnesses of a policy, each of which can be told to misbehave.
struct Witness {
  explicit Witness(unsigned n)
      : state(audit::WitnessState::create(folder_at(folder.path()),
                                          cosigner_from(0x20 + n, "w" + std::to_string(n)),
                                          {log_key_of_tests()}, clock)
                  .value()) {}
  Post post() {
    return [this](const std::string& body) -> Result<Posted> {
      ++asked;
      while (stuck) os::pause_for(Milliseconds(5));
      if (away) return fail(ErrorCode::unavailable, "network-unreachable");
      if (lie) return *lie;
      if (lies) return lies();
      const audit::WitnessAnswer answer = state->add_checkpoint(body).answer;
      return Posted{.status = answer.status, .body = answer.body};
    };
  }
  TestFolder folder;
  os::SystemClock clock;
  std::unique_ptr<audit::WitnessState> state;
  std::atomic<int> asked = 0;
  std::atomic<bool> away = false;
  std::atomic<bool> stuck = false;
  std::optional<Posted> lie;     // set before the feeder runs
  std::function<Posted()> lies;  // the same, one after the other
};

/// A feeder of three witnesses, driven by hand: time is the test's.
struct Bench {
  explicit Bench(const std::string& end) {
    std::string text;
    for (unsigned n = 1; n <= 3; ++n) {
      witnesses.push_back(std::make_unique<Witness>(n));
      text +=
          "witness w" + std::to_string(n) + " " + witnesses.back()->state->key().to_text() + "\n";
    }
    policy = audit::WitnessPolicy::parse(text + end).value();
  }
  void start() {
    folder = log.folder();
    std::vector<std::optional<Post>> posts;
    posts.reserve(witnesses.size());
    for (const auto& witness : witnesses) posts.emplace_back(witness->post());
    feeder = std::make_unique<Feeder>(
        FeederPlan{.log = folder.get(),
                   .log_key = log_key_of_tests(),
                   .policy = *policy,
                   .posts = std::move(posts),
                   .hand_over = [this](const std::string& note) -> Done {
                     handed.push_back(note);
                     return {};
                   },
                   .log_alarm = [this](wire::JsonObject event) -> Done {
                     alarms.push_back(wire::Json(std::move(event)).to_text());
                     return {};
                   },
                   .tell = [this](const std::string& line) { told.push_back(line); }});
  }
  /// Lets `time` pass in ticks, giving the threads a moment at each.
  void pass(Milliseconds time) {
    for (const Milliseconds until = now + time; now < until; now += kTick) {
      feeder->tick(now);
      os::pause_for(Milliseconds(8));
    }
  }
  /// The newest note that was handed over, as the policy reads it.
  [[nodiscard]] audit::CosignedCheckpoint last() const {
    const audit::NoteKey key = log_key_of_tests();
    return audit::read_cosigned(handed.back(), {&key, 1}, *policy, *os::SystemClock().now())
        .value();
  }
  [[nodiscard]] long told_of(const std::string& id) const {
    return std::ranges::count_if(told, [&](const auto& line) { return line.starts_with(id); });
  }

  Log log;
  std::vector<std::unique_ptr<Witness>> witnesses;
  std::optional<audit::WitnessPolicy> policy;
  std::unique_ptr<audit::Folder> folder;
  std::vector<std::string> handed;
  std::vector<std::string> alarms;
  std::vector<std::string> told;
  Milliseconds now{0};
  std::unique_ptr<Feeder> feeder;  // last: its threads end before what they use
};

}  // namespace

TEST_CASE("the feeder hands over what a quorum cosigned, as the log grows", "[witness]") {
  Bench bench("group g 2 w1 w2 w3\nquorum g\n");
  bench.start();
  bench.pass(Milliseconds(2000));
  REQUIRE_FALSE(bench.handed.empty());
  CHECK(bench.last().quorum);
  CHECK(bench.last().checkpoint.head.size == 3);
  bench.log.grow(300);
  bench.pass(Milliseconds(3000));
  CHECK(bench.last().quorum);
  CHECK(bench.last().checkpoint.head.size == 303);
  CHECK(bench.last().cosignatures.size() == 3);
  CHECK(bench.told_of("HANGU-FEEDER-0002") == 3);
  CHECK(bench.alarms.empty());
}

TEST_CASE("a log that rests is shown again, and no more often than that", "[witness]") {
  Bench bench("quorum w1\n");
  bench.start();
  bench.pass(kRefreshEvery);
  CHECK(bench.witnesses[0]->asked == 1);
  bench.pass(2 * kRefreshEvery);
  CHECK(bench.witnesses[0]->asked >= 2);
  CHECK(bench.witnesses[0]->asked <= 4);
}

TEST_CASE("witnesses that are away, stuck or lie keep no quorum from the others", "[witness]") {
  Bench bench("group g 1 w1 w2 w3\nquorum g\n");
  bench.witnesses[0]->away = true;
  bench.witnesses[1]->lie = Posted{.status = 200, .body = std::string(10'000, 'x')};
  bench.start();
  bench.pass(Milliseconds(3000));
  REQUIRE_FALSE(bench.handed.empty());
  CHECK(bench.last().checkpoint.head.size == 3);
  bench.witnesses[2]->stuck = true;
  bench.witnesses[0]->away = false;
  bench.log.grow(4);
  bench.pass(Milliseconds(6000));
  CHECK(bench.last().checkpoint.head.size == 7);
  bench.witnesses[2]->stuck = false;
  bench.log.grow(4);
  bench.pass(Milliseconds(6000));
  CHECK(bench.last().checkpoint.head.size == 11);
  // Who fails is asked less and less often, and told of once.
  CHECK(bench.witnesses[1]->asked <= 5);
  CHECK(bench.told_of("HANGU-FEEDER-0003 w2") == 1);
}

TEST_CASE("a stuck witness that the quorum needs ends no more than its round", "[witness]") {
  Bench bench("group g 2 w1 w2\nquorum g\n");
  bench.witnesses[1]->stuck = true;
  bench.start();
  bench.pass(kRoundTimeMax + Milliseconds(2000));
  CHECK(bench.handed.empty());
  CHECK(bench.witnesses[1]->asked == 1);
  bench.witnesses[1]->stuck = false;
  bench.log.grow(2);
  bench.pass(Milliseconds(5000));
  REQUIRE_FALSE(bench.handed.empty());
  CHECK(bench.last().quorum);
  CHECK(bench.last().checkpoint.head.size == 5);
}

TEST_CASE("a witness that was shown a fork raises an alarm once, in the log too", "[witness]") {
  Bench bench("quorum w1\n");
  const TestLog other(3, 0);  // under the same key
  REQUIRE(bench.witnesses[0]->state->add_checkpoint(other.request(0, 2)).answer.status == 200);
  bench.start();
  bench.pass(Milliseconds(4000));
  CHECK(bench.handed.empty());
  CHECK(bench.told_of("HANGU-FEEDER-0004 ALARM") == 1);
  REQUIRE(bench.alarms.size() == 1);
  CHECK(bench.alarms[0].find("\"alarm\":\"forked\"") != std::string::npos);
  CHECK(bench.alarms[0].find("\"witness\":\"w1\"") != std::string::npos);
}

TEST_CASE("a witness whose answers alternate raises each alarm once in ten minutes", "[witness]") {
  Bench bench("quorum w1\n");
  Witness& liar = *bench.witnesses[0];
  int turn = 0;
  // It saw two entries; no, the proof is wrong; and then nothing of the kind.
  liar.lies = [&turn]() -> Posted {
    switch (turn++ % 3) {
      case 0: return {.status = 409, .body = "2\n"};
      case 1: return {.status = 422, .body = "no\n"};
      default: return {.status = 500, .body = "no\n"};
    }
  };
  bench.start();
  bench.pass(std::chrono::minutes(3));
  CHECK(turn >= 9);
  CHECK(bench.alarms.size() == 1);
  CHECK(bench.told_of("HANGU-FEEDER-0004 ALARM w1: forked") == 1);
  CHECK(bench.told_of("HANGU-FEEDER-0003 w1: refused") == 1);
  bench.now += kTroubleEvery;
  bench.pass(std::chrono::minutes(2));
  CHECK(bench.alarms.size() == 2);
  CHECK(bench.told_of("HANGU-FEEDER-0004 ALARM w1: forked") == 2);
  CHECK(bench.told_of("HANGU-FEEDER-0003 w1: refused") == 2);
}

TEST_CASE("a witness that comes and goes is told as coming once in ten minutes", "[witness]") {
  Bench bench("quorum w1\n");
  bench.start();
  for (int i = 0; i < 4; ++i) {
    bench.witnesses[0]->away = i % 2 == 1;
    bench.log.grow(1);
    bench.pass(Milliseconds(6000));
  }
  CHECK(bench.told_of("HANGU-FEEDER-0002 w1") == 1);
  CHECK(bench.told_of("HANGU-FEEDER-0003 w1") == 1);
  // What is so in the end is told, once there has been silence for long enough.
  bench.witnesses[0]->away = false;
  bench.now += kTroubleEvery;
  bench.log.grow(1);
  bench.pass(Milliseconds(6000));
  CHECK(bench.told_of("HANGU-FEEDER-0002 w1") == 2);
}

TEST_CASE("a witness that saw more than is published raises an alarm", "[witness]") {
  Bench bench("quorum w1\n");
  const TestLog more(9, 0);
  REQUIRE(bench.witnesses[0]->state->add_checkpoint(more.request(0, 9)).answer.status == 200);
  bench.start();
  bench.pass(Milliseconds(2000));
  REQUIRE(bench.alarms.size() == 1);
  CHECK(bench.alarms[0].find("\"alarm\":\"ahead\"") != std::string::npos);
  CHECK(bench.alarms[0].find("\"witnessSize\":9") != std::string::npos);
}

TEST_CASE("a checkpoint that is not the log's is shown to nobody", "[witness]") {
  Bench bench("quorum w1\n");
  const Bytes good = read_bytes(bench.log.path() / "checkpoint");
  Bytes bad = good;
  bad[bad.size() - 20] ^= std::byte{1};
  write_bytes(bench.log.path() / "checkpoint", bad);
  bench.start();
  bench.pass(Milliseconds(2000));
  CHECK(bench.witnesses[0]->asked == 0);
  CHECK(bench.told_of("HANGU-FEEDER-0005") == 1);
  write_bytes(bench.log.path() / "checkpoint", good);
  bench.pass(Milliseconds(2000));
  CHECK(bench.handed.size() == 1);
}

TEST_CASE("proofs from published tiles are those of the tree, at every pair of sizes",
          "[witness]") {
  Log log;
  log.grow(600);
  const auto folder = log.folder();
  std::vector<audit::Hash> leaves;
  leaves.reserve(log.size());
  for (std::size_t i = 0; i < log.size(); ++i)
    leaves.push_back(audit::leaf_hash(entry_of("e" + std::to_string(i))));
  const PlainTree tree(leaves);
  const auto head = [&](std::uint64_t size) {
    return audit::TreeHead{.size = size, .root = tree.root(0, static_cast<std::size_t>(size))};
  };
  for (const std::uint64_t first : {1U, 2U, 3U, 255U, 256U, 257U, 300U, 511U, 512U, 600U, 603U}) {
    CAPTURE(first);
    const auto path = audit::published_consistency(*folder, first, head(603));
    REQUIRE(path);
    CHECK(*path == audit::consistency_path(tree, first, 603).value());
    CHECK(audit::is_start_of(*folder, head(first), head(603)).value());
    audit::TreeHead wrong = head(first);
    wrong.root[0] ^= std::byte{1};
    CHECK_FALSE(audit::is_start_of(*folder, wrong, head(603)).value());
  }
  CHECK(audit::is_start_of(*folder, head(0), head(603)).value());
  CHECK_FALSE(audit::is_start_of(*folder, {.size = 604, .root = {}}, head(603)).value());
  // A changed hash is the tiles' fault, not a fork.
  Bytes tile = read_bytes(log.path() / "tile/0/001");
  tile[5] ^= std::byte{1};
  write_bytes(log.path() / "tile/0/001", tile);
  CHECK(audit::published_consistency(*folder, 300, head(603)).error().reason() ==
        "audit-tiles-corrupt");
}

}  // namespace hangu::witness::test
