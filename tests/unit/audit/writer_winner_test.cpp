// One winner for each key, the same answer to the same request, and what hangs together.

#include <catch2/catch.hpp>

#include "audit/limits.hpp"
#include "base/limits.hpp"
#include "flow/receipt.hpp"
#include "tests/unit/audit/desk.hpp"

namespace hangu::audit::test {

TEST_CASE("a taken key is refused with the entry that has it", "[audit]") {
  Desk desk;
  auto opened = desk.open();
  REQUIRE(opened);
  const AppendReply winner = one(opened->writer, desk.step("emit", "emit", {"end:" + kTransfer}));
  REQUIRE(winner.outcome == AppendOutcome::appended);
  const Submission late = desk.event("transfer.withdrawn", "custodian", {"x", "end:" + kTransfer});
  const AppendReply loser = one(opened->writer, late);
  CHECK(loser.outcome == AppendOutcome::taken);
  CHECK(loser.reason == "end:" + kTransfer);
  CHECK(loser.index == winner.index);
  CHECK(loser.entry == winner.entry);
  CHECK(loser.leaf == winner.leaf);
  // Nothing of the loser remains: its other key is free.
  CHECK(one(opened->writer, desk.event("transfer.withdrawn", "custodian", {"x"})).outcome ==
        AppendOutcome::appended);
}

TEST_CASE("within one batch the first of two takes the key", "[audit]") {
  Desk desk;
  auto opened = desk.open();
  REQUIRE(opened);
  const std::vector<Submission> batch{desk.event("transfer.withdrawn", "custodian", {"k"}),
                                      desk.event("transfer.expired", "custodian", {"k"}),
                                      desk.event("transfer.expired", "custodian", {"other"})};
  const auto replies = opened->writer.append(batch);
  REQUIRE(replies);
  CHECK((*replies)[0].outcome == AppendOutcome::appended);
  CHECK((*replies)[1].outcome == AppendOutcome::taken);
  CHECK((*replies)[1].index == (*replies)[0].index);
  CHECK((*replies)[2].outcome == AppendOutcome::appended);
  CHECK(opened->writer.log().head().size == kFirst + 2);
}

TEST_CASE("the same request is answered with its entry, in the batch, later, and after a restart",
          "[audit]") {
  Desk desk;
  auto opened = desk.open();
  REQUIRE(opened);
  const Submission s = desk.step("verify", "verify", {"key"});
  const auto both = opened->writer.append(std::vector{s, s});
  REQUIRE(both);
  CHECK((*both)[0] == (*both)[1]);
  CHECK((*both)[0].outcome == AppendOutcome::appended);
  CHECK(one(opened->writer, s) == (*both)[0]);
  Submission from_new_process = s;
  from_new_process.caller.pid = 99;
  CHECK(one(opened->writer, from_new_process) == (*both)[0]);

  Submission other = s;
  other.request.keys = {"other"};
  CHECK(reason(opened->writer, other) == "request-reused");
  other = s;
  other.request.body = desk.step("verify", "verify", {}, "{\"x\":1}").request.body;
  CHECK(reason(opened->writer, other) == "request-reused");
  other = s;
  other.request.transfer = *TransferId::create(kOtherTransfer);
  CHECK(reason(opened->writer, other) == "request-reused");

  const AppendReply before = (*both)[0];
  opened = fail(ErrorCode::unavailable, "closed");
  opened = desk.open();
  REQUIRE(opened);
  CHECK(one(opened->writer, s) == before);
  CHECK(opened->writer.log().head().size == kFirst + 1 + kStart);
}

TEST_CASE("keys and transfers are known again from tiles and journal after a restart", "[audit]") {
  Desk desk;
  auto opened = desk.open();
  REQUIRE(opened);
  for (int i = 0; i < 400; ++i) {
    Submission s = desk.event("transfer.expired", "custodian", {"key:" + std::to_string(i)});
    if (i % 2 == 1) s.request.transfer = *TransferId::create(kOtherTransfer);
    REQUIRE(one(opened->writer, s).outcome == AppendOutcome::appended);
    if (i == 300) REQUIRE(opened->publisher.publish(opened->writer.log().head().size));
  }
  opened = fail(ErrorCode::unavailable, "closed");
  opened = desk.open();
  REQUIRE(opened);
  for (int i = 0; i < 400; i += 13) {
    const AppendReply reply = one(
        opened->writer, desk.event("transfer.expired", "custodian", {"key:" + std::to_string(i)}));
    CHECK(reply.outcome == AppendOutcome::taken);
    CHECK(reply.index == kFirst + static_cast<std::uint64_t>(i));
  }
  const auto found = opened->writer.find({.id = {}, .transfer = *TransferId::create(kTransfer)});
  REQUIRE(found);
  CHECK(found->indices.size() == 200);
  CHECK(found->indices.front() == kFirst);
  CHECK(found->indices.back() == kFirst + 398);
  CHECK(std::ranges::is_sorted(found->indices));
  CHECK(opened->writer.find({.id = {}, .transfer = *TransferId::create(std::string(32, '0'))})
            ->indices.empty());
}

TEST_CASE("the holder of a key is told, before and after a restart, and of a free key nobody",
          "[audit]") {
  Desk desk;
  auto opened = desk.open();
  REQUIRE(opened);
  const AppendReply held =
      one(opened->writer, desk.step("verify", "verify", {"sequence:survey:6", "other"}));
  const auto holder = [&](const std::string& key) {
    const auto reply = opened->writer.holder({.id = {}, .key = key});
    REQUIRE(reply);
    return reply->indices;
  };
  for (int start = 0; start < 2; ++start) {
    CHECK(holder("sequence:survey:6") == std::vector{held.index});
    CHECK(holder("other") == std::vector{held.index});
    CHECK(holder("sequence:survey:7").empty());
    CHECK(holder("sequence:survey:").empty());
    opened = fail(ErrorCode::unavailable, "closed");
    opened = desk.open();
    REQUIRE(opened);
  }
  for (const std::string& key :
       {std::string(), std::string("two words"), std::string(kKeyBytesMax + 1, 'k')})
    CHECK(opened->writer.holder({.id = {}, .key = key}).error().reason() == "keys-invalid");
}

TEST_CASE("a transfer's entries hang together, and find gives the newest 256, then those before",
          "[audit]") {
  Desk desk;
  auto opened = desk.open();
  REQUIRE(opened);
  std::vector<Submission> batch;
  for (std::size_t i = 0; i < kFoundMax + 1; ++i) {
    batch.push_back(desk.event("transfer.expired", "custodian"));
  }
  const auto replies = opened->writer.append(batch);
  REQUIRE(replies);
  CHECK(EntryHead::parse((*replies)[0].entry)->previous == std::nullopt);
  CHECK(EntryHead::parse((*replies)[1].entry)->previous == (*replies)[0].index);
  const auto found = opened->writer.find({.id = {}, .transfer = *TransferId::create(kTransfer)});
  REQUIRE(found);
  CHECK(found->indices.size() == kFoundMax);
  CHECK(found->indices.front() == kFirst + 1);
  const auto before = [&](std::uint64_t index) {
    return opened->writer.find(
        {.id = {}, .transfer = *TransferId::create(kTransfer), .before = index});
  };
  CHECK(before(kFirst + 1)->indices == std::vector<std::uint64_t>{kFirst});
  CHECK(before(kFirst)->indices.empty());
  CHECK(before(0).error().reason() == "find-before");  // the log's own
  CHECK(before(kFirst + kFoundMax + 1).error().reason() == "proof-range");
}

}  // namespace hangu::audit::test
