#include "tests/unit/ledger/yard.hpp"

using namespace hangu;
using namespace hangu::test;
using std::chrono::seconds;

TEST_CASE("work goes to the stage whose turn it is, with what the step before handed on",
          "[ledger]") {
  Yard yard;
  const auto id = yard.submit("sealed bytes");
  CHECK_FALSE(yard.claim(Program::inspect, Stage::inspect));

  const Work work = yard.must_claim(Program::verify, Stage::verify);
  CHECK(work.transfer == id);
  CHECK(work.state == State::received);
  CHECK(work.stage == Stage::verify);
  CHECK(work.zone == zone("egov"));
  CHECK(work.node == node("node-a"));
  CHECK(work.bytes == 12);
  CHECK(work.steps == std::vector<LoggedStep>{{.stage = Stage::receive, .entry = 100}});
  CHECK(work.previous() == 100);
  CHECK(work.claim_lasts == seconds(60));
}

TEST_CASE("two claimers never get the same work", "[ledger]") {
  Yard yard;
  const auto first = yard.submit("one");
  const auto second = yard.submit("two");
  const auto a = yard.claim(Program::verify, Stage::verify);
  const auto b = yard.claim(Program::verify, Stage::verify);
  const auto c = yard.claim(Program::verify, Stage::verify);
  REQUIRE(a);
  REQUIRE(b);
  CHECK(std::set{a->transfer, b->transfer} == std::set{first, second});
  CHECK(a->token != b->token);
  CHECK_FALSE(c);
}

TEST_CASE("a claim that is not renewed is taken up by another after its time, not before",
          "[ledger]") {
  Yard yard;
  yard.submit("package");
  const Work dead = yard.must_claim(Program::verify, Stage::verify);
  yard.clock.advance(seconds(59));
  CHECK_FALSE(yard.claim(Program::verify, Stage::verify));
  yard.get<Nothing>(Program::verify, Renew{.token = dead.token});
  yard.clock.advance(seconds(59));
  CHECK_FALSE(yard.claim(Program::verify, Stage::verify));
  yard.clock.advance(seconds(1));
  const Work alive = yard.must_claim(Program::verify, Stage::verify);
  CHECK(alive.transfer == dead.transfer);
  CHECK(alive.token != dead.token);

  CHECK(yard.refusal(Program::verify, Renew{.token = dead.token}) == "claim-unknown");
  CHECK(yard.refusal(Program::verify, Complete{.token = dead.token,
                                               .completion = yard.passing(
                                                   Stage::verify, dead.table)}) == "claim-unknown");
}

TEST_CASE("a claim that nobody else took up still completes after its time", "[ledger]") {
  Yard yard;
  const auto id = yard.submit("package");
  const Work work = yard.must_claim(Program::verify, Stage::verify);
  yard.clock.advance(seconds(600));
  yard.get<NewState>(
      Program::verify,
      Complete{.token = work.token, .completion = yard.passing(Stage::verify, work.table)});
  CHECK(yard.state_of(id) == State::verified);
}

TEST_CASE("a stage asks for its own work only", "[ledger]") {
  Yard yard;
  yard.submit("package");
  CHECK(yard.refusal(Program::inspect, Claim{.stages = {Stage::verify}, .transfer = {}}) ==
        "stage-wrong");
  CHECK(yard.refusal(Program::decide, Claim{.stages = {Stage::receive}, .transfer = {}}) ==
        "stage-wrong");
  const Work work = yard.must_claim(Program::verify, Stage::verify);
  CHECK(yard.refusal(Program::inspect, Renew{.token = work.token}) == "stage-wrong");
  CHECK(yard.refusal(Program::inspect, Open{.token = work.token, .digest = work.table}) ==
        "stage-wrong");
}

TEST_CASE("work given back is offered again after the delay", "[ledger]") {
  Yard yard;
  yard.submit("package");
  const Work work = yard.must_claim(Program::verify, Stage::verify);
  yard.get<Nothing>(Program::verify, Release{.token = work.token, .delay = seconds(5)});
  CHECK_FALSE(yard.claim(Program::verify, Stage::verify));
  yard.clock.advance(seconds(5));
  CHECK(yard.claim(Program::verify, Stage::verify));
}

TEST_CASE("work given back may say what it waits for, until the next step", "[ledger]") {
  Yard yard;
  const auto id = yard.submit("package");
  const Work work = yard.must_claim(Program::verify, Stage::verify);
  CHECK(yard.refusal(Program::verify, Release{.token = work.token, .reason = "two\nlines"}) ==
        "reason-invalid");
  yard.get<Nothing>(Program::verify, Release{.token = work.token, .reason = "log-unwitnessed"});
  const auto row = yard.book->find(id).value().value();
  CHECK(row.reason == "log-unwitnessed");
  CHECK(row.state == State::received);
  CHECK(yard.claim(Program::verify, Stage::verify));
}

TEST_CASE("a transfer of which every claim died is quarantined, on the record first", "[ledger]") {
  Yard yard({.attempts_max = 3});
  const auto id = yard.submit("poison");
  for (int i = 0; i < 3; ++i) {
    yard.must_claim(Program::verify, Stage::verify);
    yard.clock.advance(seconds(60 * (i + 1)));
  }
  CHECK_FALSE(yard.claim(Program::verify, Stage::verify));
  CHECK(yard.state_of(id) == State::received);
  yard.audit.down = true;
  yard.tick();
  CHECK(yard.state_of(id) == State::received);
  yard.audit.down = false;
  yard.tick();
  CHECK(yard.audit.quarantined.at(id) == Stage::verify);
  CHECK(yard.state_of(id) == State::quarantined);
}

TEST_CASE("a stage that is killed fourteen times loses nobody, and the tries take ever longer",
          "[ledger]") {
  Yard yard;
  const auto id = yard.submit("innocent");
  seconds spent(0);
  for (int i = 0; i < 14; ++i) {
    CHECK(yard.must_claim(Program::verify, Stage::verify).transfer == id);
    for (int k = 0; k < 60 * 15 && !yard.is_free(id); ++k) {
      yard.clock.advance(seconds(1));
      spent += seconds(1);
    }
  }
  CHECK(spent > 14 * seconds(60) * 2);
  CHECK(yard.pass(Program::verify, Stage::verify).transfer == id);
  CHECK(yard.state_of(id) == State::verified);
}

TEST_CASE("transfers that died together come apart before they are tried a third time",
          "[ledger]") {
  Yard yard;
  for (const char* name : {"one", "two", "three", "four"}) yard.submit(name);
  const auto claim_all = [&] {
    int claimed = 0;
    while (yard.claim(Program::verify, Stage::verify)) ++claimed;
    return claimed;
  };
  CHECK(claim_all() == 4);
  yard.clock.advance(seconds(60));
  CHECK(claim_all() == 4);  // once more together: it may have been the machine
  yard.clock.advance(seconds(60));
  const int first = claim_all();
  CHECK(first < 4);
  yard.clock.advance(seconds(60));
  CHECK(claim_all() >= 4 - first);
}

TEST_CASE("claims are given out again after the custodian was started anew", "[ledger]") {
  Yard yard;
  yard.submit("package");
  const Work work = yard.must_claim(Program::verify, Stage::verify);
  yard.restart();
  CHECK_FALSE(yard.claim(Program::verify, Stage::verify));
  yard.get<Nothing>(Program::verify, Renew{.token = work.token});
  yard.clock.advance(seconds(60));
  CHECK(yard.claim(Program::verify, Stage::verify));
}

TEST_CASE("a held transfer waits until a document is attached", "[ledger]") {
  Yard yard;
  const auto id = yard.submit("package");
  yard.pass_until(Stage::approve);
  CHECK(yard.refusal(Program::approve,
                     Attach{.transfer = id, .name = "approval.li", .bytes = to_bytes("x")}) ==
        "request-not-in-this-state");
  const Work first = yard.must_claim(Program::approve, Stage::approve);
  yard.get<Nothing>(Program::approve, Hold{.token = first.token});
  CHECK(yard.state_of(id) == State::awaiting_approval);
  yard.clock.advance(std::chrono::hours(24));
  CHECK_FALSE(yard.claim(Program::approve, Stage::approve));

  const auto document = yard.get<StoredObject>(
      Program::approve, Attach{.transfer = id, .name = "approval.li", .bytes = to_bytes("yes")});
  const Work second = yard.must_claim(Program::approve, Stage::approve);
  CHECK(second.state == State::awaiting_approval);
  CHECK(second.evidence.at("approval.li") == document.digest);

  // One that comes while approve looks at the first is not lost.
  yard.get<StoredObject>(Program::approve,
                         Attach{.transfer = id, .name = "approval.wang", .bytes = to_bytes("yes")});
  yard.get<Nothing>(Program::approve, Hold{.token = second.token});
  const Work third = yard.must_claim(Program::approve, Stage::approve);
  CHECK(third.evidence.size() == 2);
  CHECK(yard.refusal(Program::approve,
                     Attach{.transfer = id, .name = "decision", .bytes = to_bytes("x")}) ==
        "evidence-name-invalid");
}

TEST_CASE("a lapsed approval goes back to people and is approved a round later", "[ledger]") {
  Yard yard;
  const auto id = yard.submit("package");
  yard.pass_until(Stage::emit);
  const Work lapsed = yard.must_claim(Program::emit, Stage::emit);
  CHECK(lapsed.round == 1);
  yard.get<Nothing>(Program::emit, Reclear{.token = lapsed.token, .approve_anew = true});
  CHECK(yard.state_of(id) == State::awaiting_approval);
  CHECK(yard.refusal(Program::emit, Reclear{.token = lapsed.token, .approve_anew = true}) ==
        "claim-unknown");
  // approve looks at once: those that are left may be enough.
  const Work again = yard.must_claim(Program::approve, Stage::approve);
  CHECK(again.round == 2);
  CHECK(again.steps.size() == 6);
  CHECK(again.steps.back().stage == Stage::check);
  yard.get<Nothing>(Program::approve, Hold{.token = again.token});
  yard.get<StoredObject>(Program::approve,
                         Attach{.transfer = id, .name = "approval.li", .bytes = to_bytes("yes")});
  const Work enough = yard.must_claim(Program::approve, Stage::approve);
  CHECK(enough.evidence.contains("approval.li"));
  const auto pass = [&](Program program, const Work& work, Stage stage) {
    yard.get<NewState>(
        program, Complete{.token = work.token, .completion = yard.passing(stage, work.table)});
  };
  pass(Program::approve, enough, Stage::approve);
  pass(Program::decide, yard.must_claim(Program::decide, Stage::clear), Stage::clear);
  const Work fresh = yard.must_claim(Program::emit, Stage::emit);
  CHECK(fresh.round == 2);
  CHECK(fresh.steps.size() == 8);
  CHECK(fresh.steps[6].entry > lapsed.steps[7].entry);
}

TEST_CASE("a stale clearance goes back to approved and is cleared anew", "[ledger]") {
  Yard yard;
  const auto id = yard.submit("package");
  yard.pass_until(Stage::emit);
  const Work stale = yard.must_claim(Program::emit, Stage::emit);
  CHECK(stale.steps.size() == 8);
  yard.get<Nothing>(Program::emit, Reclear{.token = stale.token});
  CHECK(yard.state_of(id) == State::approved);
  const Work again = yard.must_claim(Program::decide, Stage::clear);
  CHECK(again.steps.size() == 7);
  CHECK(again.steps.back().stage == Stage::approve);
  yard.get<NewState>(
      Program::decide,
      Complete{.token = again.token, .completion = yard.passing(Stage::clear, again.table)});
  const Work fresh = yard.must_claim(Program::emit, Stage::emit);
  CHECK(fresh.steps.size() == 8);
  CHECK(fresh.steps.back().entry > stale.steps.back().entry);
}
