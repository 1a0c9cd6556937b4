// The log's own keys roll over: the former ones say which come next, sign their last, and whatever
// happens on the way the next start finishes it.

#include <catch2/catch.hpp>

#include "audit/checkpoint.hpp"
#include "audit/schema.hpp"
#include "tests/unit/audit/faulty_disk.hpp"
#include "tests/unit/audit/pruning_box.hpp"
#include "tests/unit/audit/writer_plan.hpp"

namespace hangu::audit::test {
namespace {

/// The keys that a run is given, by the numbers of key_from() and gm_key().
struct Given {
  unsigned present = 0;
  std::optional<unsigned> former{};
  std::optional<unsigned> gm{};  ///< another SM2 key than goes with the present one
};

LogSecrets secrets(unsigned number) {
  return {.key = key_from(number), .gm_key = gm_key(number + 1)};
}

LogKeysTold told(unsigned number) { return LogSigners::create(kOrigin, secrets(number))->told(); }

struct Box {
  UnsureClock clock;
  SeededEntropy entropy{42};

  Result<OpenedWriter> open(const Folder& root, const Given& given) {
    for (const char* name : {"log", "epoch-keys"}) {
      HANGU_TRY(const bool made, root.make_subfolder(name));
      if (made) HANGU_CHECK(root.sync());
    }
    HANGU_TRY(auto log, root.subfolder("log"));
    HANGU_TRY(auto epoch_keys, root.subfolder("epoch-keys"));
    WriterPlan plan = writer_plan(std::move(log), std::move(epoch_keys), clock, entropy);
    LogSecrets present = secrets(given.present);
    plan.key = std::move(present.key);
    plan.gm_key = std::move(present.gm_key);
    if (given.gm) plan.gm_key = gm_key(*given.gm);
    if (given.former) plan.former = secrets(*given.former);
    return Writer::open(std::move(plan));
  }
};

wire::Json event_at(const Log& log, std::uint64_t index) {
  const Bytes entry = log.entry(index).value();
  return *wire::Json::parse(text_of(entry), 65536)->find("event");
}

/// The size of the tree that ends with the roll-over; 0: there was none.
std::uint64_t rolled_at(const Log& log) {
  std::uint64_t found = 0;
  for (std::uint64_t i = 0; i < log.head().size; ++i) {
    const Bytes entry = log.entry(i).value();
    if (EntryHead::parse(text_of(entry))->type != kEpochClose) continue;
    if (event_at(log, i).find("logKeys") == nullptr) continue;
    CHECK(found == 0);
    found = i + 1;
  }
  return found;
}

bool signed_by(std::string_view note, const std::string& vkey) {
  const NoteKey key = NoteKey::parse(vkey).value();
  return open_note(note, {&key, 1}).has_value();
}

/// Every checkpoint that the folder keeps bears the lines of the keys of its size, and of no other.
void check_lines(const Folder& root, std::uint64_t rolled) {
  const auto check = [&](const std::string& path) {
    INFO(path);
    const std::string note(text_of(root.read("log/" + path, kNoteBytesMax).value()));
    const std::uint64_t size = Checkpoint::parse(Note::parse(note)->text)->head.size;
    const LogKeysTold by = told(size <= rolled ? 0 : 1);
    const LogKeysTold other = told(size <= rolled ? 1 : 0);
    CHECK(signed_by(note, by.vkey));
    CHECK(signed_by(note, *by.gm_vkey));
    CHECK_FALSE(signed_by(note, other.vkey));
    CHECK_FALSE(signed_by(note, *other.gm_vkey));
  };
  check("checkpoint");
  for (const std::string folder : {"epoch", "checkpoints"}) {
    const auto names = root.subfolder("log/" + folder).value()->names(64).value();
    for (const std::string& name : names) check(std::string(folder).append("/").append(name));
  }
}

}  // namespace

TEST_CASE("the end of an epoch says under the former keys which come next", "[audit][roll]") {
  const TestFolder folder;
  const auto root = folder_at(folder.path());
  Box box;
  {
    auto opened = box.open(*root, {.present = 0});
    REQUIRE(opened);
    REQUIRE(opened->writer.note_event("heartbeat", heartbeat()));
  }
  {
    auto opened = box.open(*root, {.present = 1, .former = 0});
    REQUIRE(opened);
    const Log& log = opened->writer.log();
    CHECK(event_at(log, 3).find("logKeys")->to_text() ==
          KeyRollover{.former = told(0), .next = told(1)}.to_json().to_text());
    CHECK(log.key().to_text() == told(1).vkey);
    CHECK(log.published_size() == log.head().size);  // nothing waits for the former keys
    REQUIRE(opened->writer.note_event("heartbeat", heartbeat()));
    REQUIRE(opened->writer.close_epoch());
    REQUIRE(opened->publisher.publish(log.head().size));
    CHECK(rolled_at(log) == 4);
    check_lines(*root, 4);
    const std::string last(text_of(read_bytes(folder / "log/epoch/0.checkpoint")));
    CHECK(signed_by(last, told(0).vkey));
  }
  {
    const auto opened = box.open(*root, {.present = 1});  // the former ones are erased by now
    REQUIRE(opened);
    CHECK(rolled_at(opened->writer.log()) == 4);
  }
}

TEST_CASE("keys that have rolled over already do so no second time", "[audit][roll]") {
  const TestFolder folder;
  const auto root = folder_at(folder.path());
  Box box;
  REQUIRE(box.open(*root, {.present = 0}));
  REQUIRE(box.open(*root, {.present = 1, .former = 0}));
  const auto again = box.open(*root, {.present = 1, .former = 0});
  REQUIRE(again);
  CHECK(rolled_at(again->writer.log()) == 3);
  check_lines(*root, 3);
}

TEST_CASE("former keys are nothing to a log that has no entry yet", "[audit][roll]") {
  const TestFolder folder;
  const auto root = folder_at(folder.path());
  Box box;
  const auto opened = box.open(*root, {.present = 1, .former = 0});
  REQUIRE(opened);
  CHECK(*event_at(opened->writer.log(), 0).find("vkey")->as_string() == told(1).vkey);
  CHECK(rolled_at(opened->writer.log()) == 0);
}

TEST_CASE("a log whose entries name another key is not taken up", "[audit][roll]") {
  const TestFolder folder;
  const auto root = folder_at(folder.path());
  Box box;
  REQUIRE(box.open(*root, {.present = 0}));
  const auto before = files_below(folder.path());
  const auto reason = [&](const Given& given) {
    const auto opened = box.open(*root, given);
    return opened ? std::string() : std::string(opened.error().reason());
  };
  // Neither of the two has signed: that shows before any entry is read.
  CHECK(reason({.present = 1}) == "audit-log-key");
  CHECK(reason({.present = 1, .former = 2}) == "audit-log-key");
  // The line of SM2 is no less the log's than the other.
  CHECK(reason({.present = 0, .gm = 9}) == "audit-log-key");
  CHECK(files_below(folder.path()) == before);
  REQUIRE(box.open(*root, {.present = 1, .former = 0}));
  CHECK(reason({.present = 0}) == "audit-log-key");
  CHECK(reason({.present = 0, .former = 2}) == "audit-log-key");
}

TEST_CASE("keys roll over again, each time from the present ones", "[audit][roll]") {
  const TestFolder folder;
  const auto root = folder_at(folder.path());
  Box box;
  REQUIRE(box.open(*root, {.present = 0}));
  REQUIRE(box.open(*root, {.present = 1, .former = 0}));
  CHECK(box.open(*root, {.present = 2, .former = 0}).error().reason() == "audit-log-key");
  const auto opened = box.open(*root, {.present = 2, .former = 1});
  REQUIRE(opened);
  const Log& log = opened->writer.log();
  CHECK(log.key().to_text() == told(2).vkey);
  CHECK(event_at(log, 4).find("logKeys")->to_text() ==
        KeyRollover{.former = told(1), .next = told(2)}.to_json().to_text());
}

TEST_CASE("keys roll over while the time is unknown", "[audit][roll]") {
  const TestFolder folder;
  const auto root = folder_at(folder.path());
  Box box;
  REQUIRE(box.open(*root, {.present = 0}));
  box.clock.known = false;
  {
    const auto opened = box.open(*root, {.present = 1, .former = 0});
    REQUIRE(opened);
    CHECK(event_at(opened->writer.log(), 2).find(kClockMember) != nullptr);
  }
  const auto again = box.open(*root, {.present = 1});
  REQUIRE(again);
  CHECK(rolled_at(again->writer.log()) == 3);
}

TEST_CASE("what is kept of pruned entries names the keys in force there", "[audit][roll][prune]") {
  const auto vkey = [](unsigned number) { return signer_from(number).key().to_text(); };
  PruningBox box;
  box.fill(700);
  box.close();
  box.log_key = 1;
  box.former = 0;
  box.open();
  box.publish();
  REQUIRE(box.take(512) == "ok");
  box.run();
  CHECK(box.writer().pruned()->state.log_keys == LogKeysTold{.vkey = vkey(0), .gm_vkey = {}});
  box.close();
  box.former.reset();  // the roll-over lies behind what was pruned, and is followed from there
  box.fill(700, "more:");
  CHECK(box.writer().log().key().to_text() == vkey(1));
  REQUIRE(box.pruner->step(box.writer()));  // a start looks whether any removal is left
  box.run();
  REQUIRE(box.take(1280) == "ok");
  box.run();
  CHECK(box.writer().pruned()->state.log_keys == LogKeysTold{.vkey = vkey(1), .gm_vkey = {}});
  box.close();
  box.open();
  box.close();
  box.log_key = 0;
  CHECK(box.try_open().error().reason() == "audit-log-key");
}

TEST_CASE("wherever a roll-over is broken off, the next start finishes it", "[audit][roll]") {
  const Fault fault = GENERATE(Fault::error, Fault::full, Fault::stop);
  const bool power = GENERATE(false, true);
  bool struck = true;
  std::uint64_t stories = 0;
  for (std::uint64_t after = 0; struck; ++after) {  // ends: opening has so many operations
    REQUIRE(after < 5000);
    FaultyDisk disk(after);
    Box box;
    {
      auto opened = box.open(*disk.root(), {.present = 0});
      REQUIRE(opened);
      REQUIRE(opened->writer.note_event("heartbeat", heartbeat()));
    }
    disk.restart();
    disk.plan(after, fault);
    (void)box.open(*disk.root(), {.present = 1, .former = 0});
    struck = disk.struck();
    if (power) disk.power_cut();
    disk.restart();
    INFO("after " << after);
    {
      const auto opened = box.open(*disk.root(), {.present = 1, .former = 0});
      REQUIRE(opened);
      const std::uint64_t rolled = rolled_at(opened->writer.log());
      CHECK(rolled > 0);
      check_lines(*disk.root(), rolled);
    }
    disk.restart();
    const auto alone = box.open(*disk.root(), {.present = 1});
    REQUIRE(alone);
    ++stories;
  }
  CHECK(stories > 50);
}

}  // namespace hangu::audit::test
