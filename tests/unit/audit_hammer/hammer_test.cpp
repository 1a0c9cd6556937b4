// The hammer: writers, readers, a witness, an index that is rebuilt again and again, and two
// auditors who prune, all at once on one log. What must hold throughout is checked throughout:
//
//   what was acknowledged stays where it was, with its bytes, or was pruned by an order
//   a key has one winner, whoever races for it
//   checkpoints only grow, and each is the start of the next
//   the witness cosigns every checkpoint that it is shown
//   what the index was made of is what the log signed
//
//   HANGU_HAMMER_APPENDS   the goal (default 4,000); it ends there, or after kTimeMax

#include <sys/eventfd.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <unordered_map>

#include <catch2/catch.hpp>

#include "audit/reading/log_reader.hpp"
#include "audit/search/builder.hpp"
#include "audit/search/index_check.hpp"
#include "audit/service.hpp"
#include "audit/witness/published_proof.hpp"
#include "audit/witness/witness_state.hpp"
#include "crypto/secret.hpp"
#include "line/audit_client.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"
#include "os/process.hpp"
#include "tests/unit/audit/writer_plan.hpp"

namespace hangu::audit::test {
namespace {

constexpr int kWriters = 6;
constexpr int kReaders = 3;
constexpr std::chrono::seconds kTimeMax{120};
constexpr std::chrono::hours kMonth{24 * 31};

/// Time runs, so that what was written a second ago is years old. Thread: any.
class FastClock final : public Clock {
 public:
  [[nodiscard]] Result<WallTime> now() const override {
    const auto real = os::monotonic_now() - start_;
    return WallTime(std::chrono::milliseconds(1'760'000'000'000) +
                    real.count() * std::chrono::milliseconds(kMonth) / 50);
  }

 private:
  std::chrono::milliseconds start_ = os::monotonic_now();
};

/// What went wrong first, from any thread.
class Verdict {
 public:
  void fail(const std::string& what) {
    const std::lock_guard lock(mutex_);
    if (what_.empty()) what_ = what;
    failed_ = true;
  }
  /// Notes what is not so.
  bool expect(bool good, const std::string& what) {
    if (!good) fail(what);
    return good;
  }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] std::string what() const {
    const std::lock_guard lock(mutex_);
    return what_;
  }

 private:
  mutable std::mutex mutex_;
  std::string what_;
  std::atomic<bool> failed_ = false;
};

/// Everything that was acknowledged. Thread: any.
class Acknowledged {
 public:
  void add(std::uint64_t index, const Hash& leaf) {
    const std::lock_guard lock(mutex_);
    leaves_.emplace(index, leaf);
  }
  [[nodiscard]] std::optional<Hash> leaf(std::uint64_t index) const {
    const std::lock_guard lock(mutex_);
    const auto at = leaves_.find(index);
    return at == leaves_.end() ? std::nullopt : std::optional(at->second);
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return leaves_.size();
  }
  [[nodiscard]] std::unordered_map<std::uint64_t, Hash> all() const {
    const std::lock_guard lock(mutex_);
    return leaves_;
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, Hash> leaves_;
};

class Hammer {
 public:
  explicit Hammer(std::size_t goal) : goal_(goal), stop_(::eventfd(0, EFD_CLOEXEC)) {
    std::filesystem::create_directories(folder_ / "orders");
    serve();
  }
  ~Hammer() { end(); }
  Hammer(const Hammer&) = delete;
  Hammer& operator=(const Hammer&) = delete;

  void run() {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kWriters; ++i) threads.emplace_back([this, i] { write(i); });
    for (int i = 0; i < kReaders; ++i) threads.emplace_back([this, i] { read(i); });
    threads.emplace_back([this] { witness(); });
    threads.emplace_back([this] { index(); });
    threads.emplace_back([this] { prune(); });
    const auto until = os::monotonic_now() + kTimeMax;
    while (acknowledged.size() < goal_ && !verdict.failed() && os::monotonic_now() < until)
      os::pause_for(std::chrono::milliseconds(20));
    over_ = true;
    threads.clear();
    end();
    verdict.expect(acknowledged.size() >= goal_,
                   "the goal was not reached: " + std::to_string(acknowledged.size()));
  }

  /// The log as it stands at the end, read whole.
  void check_end() {
    const auto reader = LogReader::open(folder_at(folder_ / "log"), key());
    REQUIRE(reader);
    CHECK(reader->first() > 0);  // something was pruned
    std::uint64_t seen = 0;
    const auto leaves = acknowledged.all();
    REQUIRE(reader->authenticate(reader->first(), reader->size(), [&](const StoredEntry& entry) {
      const auto at = leaves.find(entry.index);
      if (at != leaves.end()) {
        ++seen;
        verdict.expect(at->second == entry.leaf, "entry " + std::to_string(entry.index));
      }
      return Done();
    }));
    std::uint64_t expected = 0;
    for (const auto& [index, leaf] : leaves) expected += index >= reader->first() ? 1U : 0U;
    CHECK(seen == expected);
    CHECK(acknowledged.size() == leaves.size());
    REQUIRE(open_writer());  // and a writer takes it up again
  }

  Verdict verdict;
  Acknowledged acknowledged;
  std::atomic<std::uint64_t> cosigned = 0;
  std::atomic<std::uint64_t> rebuilt = 0;
  std::atomic<std::uint64_t> looked = 0;

 private:
  static NoteKey key() { return NoteKey::create(kOrigin, key_from(0).verify_key()).value(); }

  Result<OpenedWriter> open_writer() {
    WriterPlan plan = writer_plan(folder_.path(), clock_, entropy_);
    plan.limits.segment_bytes_max = 256 * 1024;
    plan.counter = open_file_counter(folder_at(folder_ / "counter"));
    return Writer::open(std::move(plan));
  }

  void serve() {
    std::map<std::string, os::Listener> listeners;
    listeners.emplace("custodian", os::Listener::bind(socket()).value());
    std::vector<Auditor> auditors{{"wang", key_from(10).verify_key()},
                                  {"li", key_from(20).verify_key()}};
    service_ = std::make_unique<Service>(
        open_writer().value(), ServicePlan{.listeners = std::move(listeners),
                                           .stop = stop_.view(),
                                           .tell = [this](const std::string& line) { tell(line); },
                                           .publish_every = std::chrono::milliseconds(50),
                                           .heartbeat_every = std::chrono::milliseconds(100),
                                           .epoch_every = std::chrono::milliseconds(150),
                                           .orders = std::make_unique<OrderDesk>(
                                               folder_at(folder_ / "orders"), std::move(auditors),
                                               kOrigin, [](const std::string&) {}),
                                           .pruner = std::make_unique<Pruner>(
                                               folder_at(folder_ / "log"), kRetentionMonthsMin)});
    thread_ = std::thread([this] {
      const Done done = service_->run();
      if (!done) verdict.fail("the service ended: " + done.error().message());
    });
  }
  void end() {
    if (!thread_.joinable()) return;
    const std::uint64_t one = 1;
    if (::write(stop_.get(), &one, sizeof one) != sizeof one) std::abort();
    thread_.join();
    service_.reset();
  }
  void tell(const std::string& line) {
    if (line.starts_with("HANGU-AUDIT-0010")) verdict.fail(line);
  }
  [[nodiscard]] std::string socket() const { return (folder_ / "custodian.sock").string(); }
  [[nodiscard]] bool over() const { return over_ || verdict.failed(); }

  /// Appends under keys for which two writers race each.
  void write(int writer) {
    crypto::SystemEntropy entropy;
    auto client = line::AuditClient::connect(socket(), entropy);
    if (!verdict.expect(client.has_value(), "connect")) return;
    for (std::uint64_t n = 0; !over(); ++n) {
      const std::string key = "race:" + std::to_string(writer / 2) + ":" + std::to_string(n);
      AppendRequest request{
          .id = client->new_request_id(),
          .type = "transfer.expired",
          .transfer = TransferId::create(to_hex(client->new_request_id())).value(),
          .keys = {key},
          .kind = BodyKind::event,
          .body = "{}"};
      const auto reply = client->append(request);
      if (!reply && reply.error().context() == "key-pruned") continue;
      if (!verdict.expect(reply.has_value(), "append: " + (reply ? "" : reply.error().message())))
        return;
      if (reply->outcome == AppendOutcome::appended) {
        note_winner(key, reply->index);
        acknowledged.add(reply->index, reply->leaf);
      } else {
        verdict.expect(reply->outcome == AppendOutcome::taken, "neither appended nor taken");
      }
    }
  }
  void note_winner(const std::string& key, std::uint64_t index) {
    const std::lock_guard lock(mutex_);
    const auto [at, first] = winners_.emplace(key, index);
    verdict.expect(first || at->second == index, "two winners of " + key);
  }

  /// Looks at acknowledged entries below fresh checkpoints.
  void read(int seed) {
    SeededEntropy chance(static_cast<std::uint64_t>(seed) + 1);
    std::optional<TreeHead> before;
    while (!over()) {
      const auto root = folder_at(folder_ / "log");
      const auto reader = LogReader::open(folder_at(folder_ / "log"), key());
      if (!reader || reader->size() == 0) {
        os::pause_for(std::chrono::milliseconds(10));
        continue;
      }
      const TreeHead head = reader->checkpoint().head;
      if (before) {
        if (!verdict.expect(head.size >= before->size, "a checkpoint went back")) return;
        const auto start = is_start_of(*root, *before, head);
        verdict.expect(start && *start, "a checkpoint is not the start of the next");
      }
      before = head;
      const std::uint64_t at = chance.below(head.size);
      const auto leaf = acknowledged.leaf(at);
      bool found = false;
      const Done read = reader->authenticate(at, at + 1, [&](const StoredEntry& entry) {
        found = !leaf || entry.leaf == *leaf;
        return Done();
      });
      // Pruned, or just being so: then it must lie before what the next reader finds first.
      if (!read) {
        const auto again = LogReader::open(folder_at(folder_ / "log"), key());
        verdict.expect(again && at < again->first(),
                       "entry " + std::to_string(at) + ": " + read.error().message());
      } else {
        verdict.expect(found, "entry " + std::to_string(at) + " changed");
      }
      ++looked;
    }
  }

  /// Shows each checkpoint to a witness, with the proof from the one before.
  void witness() {
    os::SystemClock clock;
    auto state = WitnessState::create(folder_at(folder_ / "witness"),
                                      Cosigner::create("w.example/w1", key_from(30)).value(),
                                      {key()}, clock);
    if (!verdict.expect(state.has_value(), "witness")) return;
    const auto root = folder_at(folder_ / "log");
    std::uint64_t old = 0;
    while (!over()) {
      const auto note = root->read("checkpoint", kNoteBytesMax);
      const auto checkpoint = note ? open_checkpoint(text_of(*note), key())
                                   : Result<Checkpoint>(std::unexpected(note.error()));
      if (!checkpoint || checkpoint->head.size == old) {
        os::pause_for(std::chrono::milliseconds(10));
        continue;
      }
      AddCheckpoint request{.old_size = old, .proof = {}, .note = std::string(text_of(*note))};
      if (old > 0) {
        auto proof = published_consistency(*root, old, checkpoint->head);
        if (!verdict.expect(proof.has_value(), "no consistency proof")) return;
        request.proof = *std::move(proof);
      }
      const WitnessVerdict answer = (*state)->add_checkpoint(request.to_text());
      if (!verdict.expect(answer.answer.status == 200, "the witness says " + answer.detail)) return;
      old = checkpoint->head.size;
      ++cosigned;
    }
  }

  /// Brings an index up to the log, and begins it anew now and then.
  void index() {
    const std::string path = (folder_ / "index.sqlite").string();
    for (int round = 0; !over(); ++round) {
      if (round % 8 == 7) search::SearchIndex::remove(path);
      const auto reader = LogReader::open(folder_at(folder_ / "log"), key());
      if (!reader || reader->size() == 0) continue;
      auto made = search::SearchIndex::open(path);
      if (!verdict.expect(made.has_value(), "index")) return;
      const auto updated = search::update_index(*made, *reader);
      // Entries may be pruned under its hands; then it is asked again.
      if (!updated && updated.error().reason() == "log-pruned") continue;
      if (!verdict.expect(updated.has_value(),
                          "index: " + (updated ? "" : updated.error().message())))
        return;
      verdict.expect(updated->mark.head == reader->checkpoint().head, "the index's root");
      ++rebuilt;
      os::pause_for(std::chrono::milliseconds(50));
    }
  }

  /// Orders what is older than the retention away, again and again.
  void prune() {
    std::uint64_t before = 0;
    while (!over()) {
      os::pause_for(std::chrono::milliseconds(200));
      const auto reader = LogReader::open(folder_at(folder_ / "log"), key());
      if (!reader || reader->size() < 2 * kTileWidth) continue;
      const auto old = reader->find_time(clock_.now().value() + -8 * kMonth);
      if (!old) continue;
      const std::uint64_t to = *old / kTileWidth * kTileWidth;
      if (to <= before) continue;
      before = to;
      const Order order{.origin = kOrigin,
                        .act = PruneOrder{.before = to, .archive = std::string(64, 'a')},
                        .reason = "over",
                        .expires = clock_.now().value() + 2000 * kMonth};
      flow::Envelope envelope{std::string(kOrderPayloadType), hangu::to_bytes(order.to_text()), {}};
      envelope = sign_order(std::move(envelope), key_from(10)).value();
      envelope = sign_order(std::move(envelope), key_from(20)).value();
      const Done given =
          os::write_file_durably((folder_ / ("orders/" + std::to_string(to) + ".dsse")).string(),
                                 bytes_of(envelope.to_text()));
      verdict.expect(given.has_value(), "order");
      // One that another overtook is needless: whoever gave it takes it away.
      for (const std::string& name : files_below(folder_ / "orders"))
        if (std::stoull(name) < reader->first())
          std::filesystem::remove(folder_ / ("orders/" + name));
    }
  }

  std::size_t goal_;
  TestFolder folder_;
  FastClock clock_;
  crypto::SystemEntropy entropy_;
  os::UniqueFd stop_;
  std::unique_ptr<Service> service_;
  std::thread thread_;
  std::atomic<bool> over_ = false;
  std::mutex mutex_;  ///< guards what follows
  std::unordered_map<std::string, std::uint64_t> winners_;
};

std::size_t goal() {
  const auto text = os::environment("HANGU_HAMMER_APPENDS");
  return text ? std::stoul(*text) : 4'000;
}

}  // namespace

TEST_CASE("all at once: writers, readers, a witness, an index and auditors who prune",
          "[audit][hammer]") {
  Hammer hammer(goal());
  hammer.run();
  INFO(hammer.verdict.what());
  REQUIRE_FALSE(hammer.verdict.failed());
  hammer.check_end();
  INFO(hammer.verdict.what());
  CHECK_FALSE(hammer.verdict.failed());
  CHECK(hammer.cosigned > 0);
  CHECK(hammer.rebuilt > 0);
  CHECK(hammer.looked > 0);
}

}  // namespace hangu::audit::test
