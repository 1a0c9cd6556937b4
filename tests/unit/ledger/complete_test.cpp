#include "tests/unit/ledger/yard.hpp"

using namespace hangu;
using namespace hangu::test;

namespace {

crypto::ObjectDigest digest(std::string_view text) {
  return crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of(text));
}

}  // namespace

TEST_CASE("a passing step hands its table and evidence on to the next", "[ledger]") {
  Yard yard;
  yard.submit("package");
  const Work work = yard.must_claim(Program::verify, Stage::verify);
  const auto object = yard.make(Program::verify, work.token, bytes_of("opened object"));
  const auto table =
      yard.put(Program::verify, work.token, text_of(table_bytes({{"a.csv", object}})));
  auto done = yard.passing(Stage::verify, table);
  done.evidence["submission"] = yard.put(Program::verify, work.token, "statement");
  done.expires = kStart + std::chrono::hours(1);
  const auto state =
      yard.get<NewState>(Program::verify, Complete{.token = work.token, .completion = done});
  CHECK(state.state == State::verified);

  const Work next = yard.must_claim(Program::inspect, Stage::inspect);
  CHECK(next.table == table);
  CHECK(next.evidence == done.evidence);
  CHECK(next.previous() == done.entry);
  const auto opened = yard.get<OpenedObject>(
      Program::inspect, Open{.token = next.token, .digest = done.evidence["submission"]});
  CHECK(text_of(opened.bytes) == "statement");
}

TEST_CASE("a completion repeated with the same entry finds itself, with another it is refused",
          "[ledger]") {
  Yard yard;
  yard.submit("package");
  const Work work = yard.must_claim(Program::verify, Stage::verify);
  auto done = yard.passing(Stage::verify, work.table);
  yard.get<NewState>(Program::verify, Complete{.token = work.token, .completion = done});
  const auto again =
      yard.get<NewState>(Program::verify, Complete{.token = work.token, .completion = done});
  CHECK(again.state == State::verified);
  done.entry += 1;
  CHECK(yard.refusal(Program::verify, Complete{.token = work.token, .completion = done}) ==
        "claim-unknown");
}

TEST_CASE("a completion that names an object which was not stored is refused whole", "[ledger]") {
  Yard yard;
  const auto id = yard.submit("package");
  const Work work = yard.must_claim(Program::verify, Stage::verify);

  auto done = yard.passing(Stage::verify, digest("no such table"));
  CHECK(yard.refusal(Program::verify, Complete{.token = work.token, .completion = done}) ==
        "object-missing");

  done.table = yard.put(Program::verify, work.token,
                        text_of(table_bytes({{"a.csv", digest("no such object")}})));
  CHECK(yard.refusal(Program::verify, Complete{.token = work.token, .completion = done}) ==
        "object-missing");

  done.table = work.table;
  done.evidence["facts"] = digest("no such facts");
  CHECK(yard.refusal(Program::verify, Complete{.token = work.token, .completion = done}) ==
        "object-missing");

  done.table = yard.put(Program::verify, work.token, "not a table");
  done.evidence.clear();
  CHECK(yard.refusal(Program::verify, Complete{.token = work.token, .completion = done}) ==
        "table-invalid");

  CHECK(yard.state_of(id) == State::received);
  CHECK(yard.book->evidence(id).value().empty());
}

TEST_CASE("a stage cannot reach or name another transfer's objects", "[ledger]") {
  Yard yard;
  yard.submit("one");
  yard.submit("two");
  const Work one = yard.must_claim(Program::verify, Stage::verify);
  const Work two = yard.must_claim(Program::verify, Stage::verify);
  const auto secret = yard.put(Program::verify, one.token, "of the first");
  CHECK(yard.refusal(Program::verify, Open{.token = two.token, .digest = secret}) ==
        "object-not-reachable");
  auto done = yard.passing(Stage::verify, two.table);
  done.evidence["facts"] = secret;
  CHECK(yard.refusal(Program::verify, Complete{.token = two.token, .completion = done}) ==
        "object-missing");
}

TEST_CASE("fail refuses the transfer, error quarantines it, and no stage works on it then",
          "[ledger]") {
  const auto [verdict, state, reason] = GENERATE(
      table<Verdict, State, std::string>({{Verdict::fail, State::refused, "replayed"},
                                          {Verdict::error, State::quarantined, "timeout"}}));
  Yard yard;
  const auto id = yard.submit("package");
  const Work work = yard.must_claim(Program::verify, Stage::verify);
  auto done = yard.passing(Stage::verify, work.table);
  done.verdict = verdict;
  done.reason = reason;
  yard.get<NewState>(Program::verify, Complete{.token = work.token, .completion = done});
  CHECK(yard.state_of(id) == state);
  const auto status =
      yard.get<StatusReply>(Program::receive, AskStatus{.transfer = id, .node = node("node-a")});
  REQUIRE(status.status);
  CHECK(status.status->reason == reason);
  CHECK(status.status->history.back() == StateChange{.state = state, .at = kStart});
  yard.clock.advance(std::chrono::hours(1));
  for (const auto& [program, stage] :
       {std::pair{Program::verify, Stage::verify}, std::pair{Program::inspect, Stage::inspect}}) {
    CHECK_FALSE(yard.claim(program, stage));
  }
}

TEST_CASE("where a verdict was found is kept for the sender, and for nobody else", "[ledger]") {
  Yard yard;
  const auto id = yard.submit("package");
  const Work work = yard.must_claim(Program::verify, Stage::verify);
  auto done = yard.passing(Stage::verify, work.table);
  done.verdict = Verdict::fail;
  done.reason = "geometry-ring";
  done.detail = "map.gpkg: roads, feature 7 \\u{202e}";
  yard.get<NewState>(Program::verify, Complete{.token = work.token, .completion = done});
  yard.restart();
  const auto ask = [&](const char* name) {
    return yard.get<StatusReply>(Program::receive, AskStatus{.transfer = id, .node = node(name)})
        .status;
  };
  REQUIRE(ask("node-a"));
  CHECK(ask("node-a")->detail == done.detail);
  CHECK_FALSE(ask("node-b"));
  const auto list =
      yard.get<Listing>(Program::receive, ListOfNode{.node = node("node-a"), .rows_max = 9});
  REQUIRE(list.rows.size() == 1);
  CHECK(list.rows[0].detail == done.detail);
}

TEST_CASE("a detail that a terminal could not show, or of a pass, is refused", "[ledger]") {
  Yard yard;
  yard.submit("package");
  const Work work = yard.must_claim(Program::verify, Stage::verify);
  auto done = yard.passing(Stage::verify, work.table);
  done.verdict = Verdict::fail;
  done.reason = "geometry-ring";
  for (const char* detail : {"two\nlines", "\x1b[2J", "\xe2\x80\xae", "\xff"}) {
    done.detail = detail;
    CHECK(yard.refusal(Program::verify, Complete{.token = work.token, .completion = done}) ==
          "reason-invalid");
  }
  done.detail = "map.gpkg";
  done.verdict = Verdict::pass;
  CHECK(yard.refusal(Program::verify, Complete{.token = work.token, .completion = done}) ==
        "reason-invalid");
}

TEST_CASE("a completion for a stage whose turn it is not is refused", "[ledger]") {
  Yard yard;
  yard.submit("package");
  yard.pass_until(Stage::decide);
  const Work work = yard.must_claim(Program::decide, Stage::decide);
  CHECK(yard.refusal(Program::decide, Complete{.token = work.token,
                                               .completion = yard.passing(
                                                   Stage::clear, work.table)}) == "stage-wrong");
  auto done = yard.passing(Stage::decide, work.table);
  done.expires = kStart;
  CHECK(yard.refusal(Program::decide, Complete{.token = work.token, .completion = done}) ==
        "stage-wrong");
  done.expires.reset();
  done.recipients = 1;
  CHECK(yard.refusal(Program::decide, Complete{.token = work.token, .completion = done}) ==
        "recipients-invalid");
  done.recipients.reset();
  done.reason = "";
  CHECK(yard.refusal(Program::decide, Complete{.token = work.token, .completion = done}) ==
        "reason-invalid");
}

TEST_CASE("a dead stage's drafts stay for the one that takes up its step, and go when it is done",
          "[ledger]") {
  Yard yard;
  yard.submit("package");
  const Work dead = yard.must_claim(Program::verify, Stage::verify);
  const auto kept = yard.put(Program::verify, dead.token, "named by the entry in the log");
  const auto other = yard.put(Program::verify, dead.token, "named by nothing");
  yard.clock.advance(std::chrono::seconds(60));
  const Work alive = yard.must_claim(Program::verify, Stage::verify);
  auto done = yard.passing(Stage::verify, alive.table);
  done.evidence["facts"] = kept;
  yard.get<NewState>(Program::verify, Complete{.token = alive.token, .completion = done});
  yard.tick();
  CHECK(yard.book->find_object(kept).value());
  CHECK_FALSE(yard.book->find_object(other).value());
}

TEST_CASE("what the sender sent goes once its plain form has its receipt", "[ledger]") {
  Yard yard;
  yard.submit("package");
  const Work verify = yard.must_claim(Program::verify, Stage::verify);
  const auto opened = yard.make(Program::verify, verify.token, bytes_of("in the clear"));
  const auto opened_table =
      yard.put(Program::verify, verify.token, text_of(table_bytes({{"a", opened}})));
  yard.get<NewState>(
      Program::verify,
      Complete{.token = verify.token, .completion = yard.passing(Stage::verify, opened_table)});
  yard.tick();
  CHECK(yard.store->open_object(opened));

  const Work inspect = yard.must_claim(Program::inspect, Stage::inspect);
  const auto plain = yard.make(Program::inspect, inspect.token, bytes_of("plain form"));
  const auto plain_table =
      yard.put(Program::inspect, inspect.token, text_of(table_bytes({{"a", plain}})));
  yard.get<NewState>(
      Program::inspect,
      Complete{.token = inspect.token, .completion = yard.passing(Stage::inspect, plain_table)});
  yard.tick();
  CHECK(yard.store->open_object(opened).error().reason() == "object-lost");
  const Work next = yard.must_claim(Program::decide, Stage::decide);
  CHECK(yard.refusal(Program::decide, Open{.token = next.token, .digest = opened}) ==
        "object-not-reachable");
  auto given = yard.ask(Program::decide, Open{.token = next.token, .digest = plain});
  REQUIRE(given);
  CHECK(given->descriptors.size() == 1);
  // The table that names them stays: the mover compares it.
  yard.get<OpenedObject>(Program::decide, Open{.token = next.token, .digest = opened_table});
}
