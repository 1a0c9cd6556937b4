// The counter outside the log: what follows what the log told, and what was put back.

#include "audit/counter.hpp"

#include <catch2/catch.hpp>

#include "audit/writer.hpp"
#include "tests/unit/audit/writer_plan.hpp"

namespace hangu::audit::test {
namespace {

struct Box {
  TestFolder folder;
  ManualClock clock{*WallTime::parse("2026-03-01T08:00:00.000Z")};
  SeededEntropy entropy{42};
  bool counting = true;

  Result<OpenedWriter> open(std::vector<GivenOrder> orders = {}) {
    WriterPlan plan = writer_plan(folder.path(), clock, entropy);
    plan.counter = counting ? open_file_counter(folder_at(folder / "counter"))
                            : std::unique_ptr<MonotonicCounter>();
    plan.orders = std::move(orders);
    return Writer::open(std::move(plan));
  }
  void set_counter(std::uint64_t value) {
    write_bytes(folder / "counter/counter", bytes_of(std::to_string(value) + "\n"));
  }
  [[nodiscard]] std::string counter() const {
    return std::string(text_of(read_bytes(folder / "counter/counter")));
  }
  std::string reason(std::vector<GivenOrder> orders = {}) {
    const auto opened = open(std::move(orders));
    return opened ? "opened" : std::string(opened.error().reason());
  }
};

/// The newest `counter` that the entries of `type` tell.
std::optional<std::uint64_t> told_by(const Log& log, std::string_view type) {
  std::optional<std::uint64_t> out;
  for (std::uint64_t i = 0; i < log.head().size; ++i) {
    const auto entry = wire::Json::parse(text_of(*log.entry(i)), 65536);
    const wire::Json* counter = entry->find("event")->find("counter");
    if (*entry->find("type")->as_string() == type && counter != nullptr)
      out = static_cast<std::uint64_t>(*counter->find("value")->as_integer());
  }
  return out;
}

}  // namespace

TEST_CASE("a counter's file is raised durably and read strictly", "[audit][counter]") {
  const TestFolder folder;
  auto counter = open_file_counter(folder_at(folder / "c"));
  CHECK(counter->kind() == "file");
  CHECK(counter->read().value() == 0);
  CHECK(counter->raise().value() == 1);
  CHECK(counter->raise().value() == 2);
  CHECK(open_file_counter(folder_at(folder / "c"))->read().value() == 2);
  for (const char* bad :
       {"", "2", "02\n", "2\n\n", "-1\n", "x\n", " 2\n", "18446744073709551616\n"}) {
    CAPTURE(bad);
    write_bytes(folder / "c/counter", bytes_of(bad));
    CHECK_FALSE(counter->read());
    CHECK_FALSE(counter->raise());
  }
}

TEST_CASE("a counter that no entry could tell is refused, and says where", "[audit][counter]") {
  const TestFolder folder;
  auto counter = open_file_counter(folder_at(folder / "c"));
  const auto set = [&](const char* text) { write_bytes(folder / "c/counter", bytes_of(text)); };
  set("9223372036854775806\n");
  CHECK(counter->raise().value() == kCounterMax);
  CHECK(counter->read().value() == kCounterMax);
  for (const char* text : {"9223372036854775807\n", "18446744073709551615\n"}) {
    set(text);
    const auto raised = counter->raise();
    REQUIRE_FALSE(raised);
    CHECK(raised.error().code() == ErrorCode::corrupt);
    CHECK(raised.error().reason() == "counter-invalid");
    CHECK(raised.error().context().starts_with("counter: "));
  }
  CHECK(counter->read().error().reason() == "counter-invalid");
}

TEST_CASE("a counter may be where the log says or one ahead", "[audit][counter]") {
  const auto reason = [](std::optional<CounterTold> told, const CounterTold& found,
                         bool is_new = false) {
    const Done done = check_counter(told, found, is_new);
    return done ? "ok" : std::string(done.error().reason());
  };
  CHECK(reason(std::nullopt, {"none", 0}) == "ok");
  CHECK(reason(std::nullopt, {"file", 7}) == "ok");
  CHECK(reason(CounterTold{"file", 7}, {"file", 7}) == "ok");
  CHECK(reason(CounterTold{"file", 7}, {"file", 8}) == "ok");
  CHECK(reason(CounterTold{"file", 7}, {"file", 9}) == "audit-rollback-suspected");
  CHECK(reason(CounterTold{"file", 7}, {"file", 6}) == "audit-rollback-suspected");
  CHECK(reason(CounterTold{"file", 7}, {"none", 0}) == "audit-rollback-suspected");
  // A TPM takes over from a file when it begins, and not at some later time.
  CHECK(reason(CounterTold{"file", 7}, {"tpm", 1}, true) == "ok");
  CHECK(reason(CounterTold{"file", 7}, {"tpm", 1}) == "audit-rollback-suspected");
  CHECK(reason(CounterTold{"tpm", 7}, {"tpm", 1}, true) == "audit-rollback-suspected");
  CHECK(reason(CounterTold{"tpm", 7}, {"file", 7}) == "audit-rollback-suspected");
  CHECK(reason(CounterTold{"none", 0}, {"none", 0}) == "ok");
  CHECK(reason(CounterTold{"none", 0}, {"file", 7}) == "ok");
  CHECK(reason(CounterTold{"none", 0}, {"tpm", 7}) == "ok");
  CHECK(reason(CounterTold{"tpm", 7}, {"none", 0}) == "audit-rollback-suspected");
}

TEST_CASE("every epoch's end raises the counter and tells it", "[audit][counter]") {
  Box box;
  {
    auto opened = box.open();
    REQUIRE(opened);
    CHECK(told_by(opened->writer.log(), "boot") == 0);
    REQUIRE(opened->writer.close_epoch());
    REQUIRE(opened->writer.close_epoch());
    CHECK(told_by(opened->writer.log(), "epoch.close") == 2);
    CHECK(box.counter() == "2\n");
  }
  auto again = box.open();
  REQUIRE(again);
  CHECK(told_by(again->writer.log(), "epoch.close") == 3);
  CHECK(told_by(again->writer.log(), "boot") == 3);
}

TEST_CASE("a log that was put back with its keys does not go on", "[audit][counter]") {
  Box box;
  REQUIRE(box.open());
  const auto copy = box.folder / "copy";
  std::filesystem::create_directories(copy);
  std::filesystem::copy(box.folder / "log", copy / "log", std::filesystem::copy_options::recursive);
  std::filesystem::copy(box.folder / "epoch-keys", copy / "epoch-keys",
                        std::filesystem::copy_options::recursive);
  REQUIRE(box.open());
  REQUIRE(box.open());
  std::filesystem::remove_all(box.folder / "log");
  std::filesystem::remove_all(box.folder / "epoch-keys");
  std::filesystem::copy(copy / "log", box.folder / "log", std::filesystem::copy_options::recursive);
  std::filesystem::copy(copy / "epoch-keys", box.folder / "epoch-keys",
                        std::filesystem::copy_options::recursive);
  CHECK(box.reason() == "audit-rollback-suspected");
  box.counting = false;
  CHECK(box.reason() == "audit-rollback-suspected");
}

TEST_CASE("a counter that a crash left ahead is not raised twice for one end", "[audit][counter]") {
  Box box;
  REQUIRE(box.open());
  box.set_counter(1);  // raised, and the log never said so
  for (int crash = 0; crash < 3; ++crash) {
    // Each start dies before its first commit: the journal cannot be written to.
    std::filesystem::permissions(box.folder / "log/journal", std::filesystem::perms::owner_read);
    const bool root = ::geteuid() == 0;  // whom permissions do not stop
    if (root) break;
    REQUIRE_FALSE(box.open());
    std::filesystem::permissions(box.folder / "log/journal", std::filesystem::perms::owner_all);
    CHECK(box.counter() == "1\n");
  }
  std::filesystem::permissions(box.folder / "log/journal", std::filesystem::perms::owner_all);
  const auto opened = box.open();
  REQUIRE(opened);
  CHECK(told_by(opened->writer.log(), "epoch.close") == 1);
  CHECK(box.counter() == "1\n");
}

TEST_CASE("two auditors release exactly what they saw", "[audit][counter]") {
  Box box;
  TreeHead head;
  {
    auto opened = box.open();
    REQUIRE(opened);
    head = opened->writer.log().head();
  }
  box.set_counter(9);
  REQUIRE(box.reason() == "audit-rollback-suspected");
  const auto order = [&](const TreeHead& at, CounterTold found) {
    return std::vector<GivenOrder>{{{{.origin = kOrigin,
                                      .act = ReleaseOrder{.head = at, .found = std::move(found)},
                                      .reason = "restored after a fire",
                                      .expires = *WallTime::parse("2026-04-01T00:00:00.000Z")},
                                     {"wang", "li"}},
                                    "envelope"}};
  };
  CHECK(box.reason(order(head, {"file", 8})) == "audit-rollback-suspected");
  CHECK(box.reason(order({head.size + 1, head.root}, {"file", 9})) == "audit-rollback-suspected");
  const auto opened = box.open(order(head, {"file", 9}));
  REQUIRE(opened);
  CHECK(told_by(opened->writer.log(), "epoch.close") == 10);
  bool told = false;
  for (std::uint64_t i = 0; i < opened->writer.log().head().size; ++i)
    told = told || text_of(*opened->writer.log().entry(i)).find("\"counter.released\"") !=
                       std::string_view::npos;
  CHECK(told);
}

TEST_CASE("what two auditors released is what the log tells from then on", "[audit][counter]") {
  Box box;
  const auto release = [&](CounterTold found, std::string envelope = "envelope") {
    auto log = open_log(box.folder / "log");
    REQUIRE(log);
    return std::vector<GivenOrder>{
        {{{.origin = kOrigin,
           .act = ReleaseOrder{.head = log->log.head(), .found = std::move(found)},
           .reason = "restored after a fire",
           .expires = *WallTime::parse("2026-04-01T00:00:00.000Z")},
          {"wang", "li"}},
         std::move(envelope),
         "release.dsse"}};
  };
  REQUIRE(box.open());
  // To none: the next start needs no second release, and a counter may come again.
  box.counting = false;
  const auto none = release({"none", 0});
  {
    const auto opened = box.open(none);
    REQUIRE(opened);
    CHECK(opened->writer.tells_of("envelope"));
    CHECK_FALSE(opened->writer.tells_of("another"));
  }
  {
    const auto opened = box.open();
    REQUIRE(opened);
    CHECK(opened->writer.tells_of("envelope"));  // its file may have stayed
  }
  box.counting = true;
  REQUIRE(box.open());
  box.counting = false;
  CHECK(box.reason() == "audit-rollback-suspected");
  box.counting = true;
  // One that is longer than an entry is refused, and the log can still be opened.
  box.set_counter(40);
  const std::string before(
      text_of(read_bytes(box.folder / "log/journal/00000000000000000000.wal")));
  CHECK(box.reason(release({"file", 40}, std::string(36 * 1024, 'e'))) == "entry-too-long");
  CHECK(text_of(read_bytes(box.folder / "log/journal/00000000000000000000.wal")) == before);
  REQUIRE(box.open(release({"file", 40})));
}

TEST_CASE("a crash right behind a release needs no second one", "[audit][counter]") {
  EpochReader reader;
  const auto see = [&](std::uint64_t index, const std::string& type,
                       const wire::JsonObject& event) {
    Entry entry;
    entry.type = type;
    entry.boot = std::string(16, 'b');
    entry.peer.program = "audit";
    entry.body = event_body(wire::Json(event).to_text());
    const std::string text = entry.to_text();
    REQUIRE(reader.see(index, EntryHead::parse(text).value()));
  };
  see(0, "genesis", {{"origin", "o"}, {"vkey", "v"}, {"epochVkey", "e"}, {"gmVkey", nullptr}});
  see(1, "boot", {{"counter", wire::JsonObject{{"kind", "tpm"}, {"value", 7}}}});
  CHECK(reader.counter() == CounterTold{"tpm", 7});
  see(2, "counter.released",
      {{"told", 7},
       {"found", 3},
       {"kind", "file"},
       {"reason", "r"},
       {"signers", wire::JsonArray{"wang", "li"}},
       {"order", "AAAA"}});
  CHECK(reader.counter() == CounterTold{"file", 3});
}

}  // namespace hangu::audit::test
