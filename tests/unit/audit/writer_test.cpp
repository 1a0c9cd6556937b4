// The writer's clock, proofs, and what it says of itself.

#include <catch2/catch.hpp>

#include "audit/limits.hpp"
#include "base/limits.hpp"
#include "flow/receipt.hpp"
#include "tests/unit/audit/desk.hpp"

namespace hangu::audit::test {

TEST_CASE("entry times never decrease and a step back of the clock is told once", "[audit]") {
  Desk desk;
  auto opened = desk.open();
  REQUIRE(opened);
  Writer& writer = opened->writer;
  const auto append_time = [&] {
    const AppendReply reply = one(writer, desk.event("transfer.expired", "custodian"));
    return EntryHead::parse(reply.entry)->time.to_text();
  };
  CHECK(append_time() == "2026-03-01T08:00:00.000Z");
  desk.clock.advance(std::chrono::seconds(10));
  CHECK(append_time() == "2026-03-01T08:00:10.000Z");
  desk.clock.advance(std::chrono::milliseconds(-999));
  CHECK(append_time() == "2026-03-01T08:00:10.000Z");
  CHECK(writer.log().head().size == kFirst + 3);  // jitter is not told
  desk.clock.advance(std::chrono::seconds(-60));
  CHECK(append_time() == "2026-03-01T08:00:10.000Z");
  CHECK(append_time() == "2026-03-01T08:00:10.000Z");
  CHECK(writer.log().head().size == kFirst + 6);
  const auto clock_entry = writer.log().entry(kFirst + 3);
  CHECK(EntryHead::parse(text_of(*clock_entry))->type == "clock");
  CHECK(
      EntryHead::parse(text_of(*clock_entry))->body ==
      R"("statement":null,"event":{"now":"2026-03-01T07:59:09.001Z","lastEntry":"2026-03-01T08:00:10.000Z"})");
  // Also over a restart.
  opened = fail(ErrorCode::unavailable, "closed");
  opened = desk.open();
  REQUIRE(opened);
  CHECK(EntryHead::parse(one(opened->writer, desk.event("transfer.expired", "custodian")).entry)
            ->time.to_text() == "2026-03-01T08:00:10.000Z");
}

namespace {

/// A clock that can lose the time.
class FadingClock final : public Clock {
 public:
  bool known = true;
  [[nodiscard]] Result<WallTime> now() const override {
    if (!known) return fail(ErrorCode::unavailable, "time-unknown");
    return WallTime(std::chrono::milliseconds(1'000'000));
  }
};

}  // namespace

TEST_CASE("without the time nothing new is appended, but what is there is still told", "[audit]") {
  Desk desk;
  FadingClock clock;
  auto opened = Writer::open(writer_plan(folder_at(desk.folder.path()),
                                         folder_at(desk.epoch_keys.path()), clock, desk.entropy));
  REQUIRE(opened);
  const Submission s = desk.event("transfer.expired", "custodian", {"k"});
  const AppendReply before = one(opened->writer, s);
  clock.known = false;
  CHECK(one(opened->writer, s) == before);
  CHECK(one(opened->writer, desk.event("transfer.expired", "custodian", {"k"})).outcome ==
        AppendOutcome::taken);
  CHECK(reason(opened->writer, desk.event("transfer.expired", "custodian")) == "time-unknown");
  CHECK(opened->writer.note_event("heartbeat", heartbeat()));
}

TEST_CASE("proofs from the writer lead to its checkpoint by the mover's own verifier", "[audit]") {
  Desk desk;
  auto opened = desk.open();
  REQUIRE(opened);
  for (int i = 0; i < 20; ++i) one(opened->writer, desk.step("verify", "verify"));
  const CheckpointReply checkpoint = opened->writer.checkpoint({});
  const auto head =
      flow::check_checkpoint(checkpoint.note, {.origin = kOrigin, .key = key_from(0).verify_key()});
  REQUIRE(head);
  CHECK(head->size == kFirst + 20);
  for (std::uint64_t i = 0; i < head->size; ++i) {
    const auto proof = opened->writer.prove({.id = {}, .index = i, .size = head->size});
    REQUIRE(proof);
    CHECK(flow::check_inclusion(*head, i, bytes_of(proof->entry), proof->path));
    CHECK_FALSE(flow::check_inclusion(*head, i, bytes_of(proof->entry + " "), proof->path));
  }
  CHECK(
      opened->writer.prove({.id = {}, .index = head->size, .size = head->size}).error().reason() ==
      "proof-range");
}

TEST_CASE("a discarded tail is told in the log", "[audit]") {
  Desk desk;
  {
    REQUIRE(desk.open());
  }
  const auto journal = desk.folder / "journal/00000000000000000000.wal";
  Bytes bytes = read_bytes(journal);
  append(bytes, bytes_of("half a record"));
  write_bytes(journal, bytes);
  const auto opened = desk.open();
  REQUIRE(opened);
  CHECK(opened->recovery.discarded_bytes == 13);
  const auto entry = opened->writer.log().entry(kFirst);
  CHECK(EntryHead::parse(text_of(*entry))->type == "recovery");
  CHECK(EntryHead::parse(text_of(*entry))->body ==
        R"("statement":null,"event":{"size":2,"discardedBytes":13})");
}

TEST_CASE("the log says nothing of itself that its schema does not know", "[audit]") {
  Desk desk;
  auto opened = desk.open();
  REQUIRE(opened);
  Writer& writer = opened->writer;
  const std::uint64_t size = writer.log().head().size;
  const auto reason = [&](std::string_view type, wire::JsonObject event) {
    const Done done = writer.note_event(type, std::move(event));
    return done ? "ok" : std::string(done.error().reason());
  };
  CHECK(reason("heartbeat", {{"n", 1}}) == "audit-event-invalid");
  wire::JsonObject twice = heartbeat();
  twice.emplace_back("size", 7);
  CHECK(reason("heartbeat", twice) == "audit-event-invalid");
  const auto witness_age = [](std::size_t bytes) {
    return wire::JsonObject{{"state", std::string(bytes, 's')}, {"size", 1}};
  };
  CHECK(reason("witness.age", witness_age(kEntryBytesMax)) == "entry-too-long");
  CHECK(writer.log().head().size == size);
  // The chain and the index know nothing of what was refused.
  CHECK(reason("witness.age", witness_age(kEntryBytesMax - 1000)) == "ok");
  CHECK(writer.close_epoch());
  opened = fail(ErrorCode::unavailable, "closed");
  REQUIRE(desk.open());
}

TEST_CASE("a log that witnesses saw otherwise is not touched", "[audit]") {
  Desk desk;
  TreeHead head;
  {
    auto opened = desk.open();
    REQUIRE(opened);
    head = opened->writer.log().head();
  }
  const auto journal = desk.folder / "journal/00000000000000000000.wal";
  const Bytes before = read_bytes(journal);
  const std::vector<std::string> keys = files_below(desk.epoch_keys.path());
  const auto reason = [&](const TreeHead& seen) {
    const auto opened = desk.open(seen);
    return opened ? "ok" : std::string(opened.error().reason());
  };
  CHECK(reason({.size = head.size + 1, .root = head.root}) == "audit-witness-ahead");
  CHECK(reason({.size = head.size, .root = empty_root()}) == "audit-witness-differs");
  CHECK(reason({.size = 1, .root = head.root}) == "audit-witness-differs");
  CHECK(read_bytes(journal) == before);
  CHECK(files_below(desk.epoch_keys.path()) == keys);
  CHECK(reason(head) == "ok");
  CHECK(reason(head) == "ok");  // it has grown since
}

}  // namespace hangu::audit::test
