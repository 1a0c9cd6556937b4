// Cosigned notes read by a policy, and the watch over the last quorum's age.

#include <catch2/catch.hpp>

#include "audit/witness/cosignature.hpp"
#include "audit/witness/cosigned_note.hpp"
#include "audit/witness/limits.hpp"
#include "audit/witness/quorum_watch.hpp"
#include "tests/unit/audit_witness/tree.hpp"
#include "tests/unit/audit_witness/vectors.hpp"

namespace hangu::audit::test {
namespace {

using std::chrono::seconds;

const seconds kNow(kExampleTime);

std::string name_of(unsigned n) { return "w" + std::to_string(n); }

std::string policy_text(const std::string& end, unsigned witnesses = 3) {
  std::string text = "log " + kLogVkey + "\n";
  for (unsigned n = 1; n <= witnesses; ++n) {
    text +=
        "witness " + name_of(n) + " " + cosigner_from(0x20 + n, name_of(n)).key().to_text() + "\n";
  }
  return text + end;
}

const std::string kTwoOfThree = "group g 2 w1 w2 w3\nquorum g\n";

WitnessPolicy policy(const std::string& end) {
  return WitnessPolicy::parse(policy_text(end)).value();
}

NoteSignature line(unsigned n, const TestLog& log, std::size_t size, seconds time) {
  const Checkpoint checkpoint{.origin = kOrigin, .head = log.head(size)};
  return cosigner_from(0x20 + n, name_of(n)).cosign(checkpoint.to_text(), time).value();
}

std::string cosigned(const TestLog& log, std::size_t size,
                     const std::vector<std::pair<unsigned, seconds>>& by) {
  std::vector<NoteSignature> lines;
  for (const auto& [n, time] : by) lines.push_back(line(n, log, size, time));
  Note note = Note::parse(log.note(size)).value();
  note.signatures.insert(note.signatures.end(), lines.begin(), lines.end());
  return note.to_text();
}

Result<CosignedCheckpoint> read(const std::string& note, const WitnessPolicy& with,
                                seconds now = kNow) {
  const NoteKey key = log_key_of_tests();
  return read_cosigned(note, {&key, 1}, with, WallTime(now));
}

}  // namespace

TEST_CASE("a quorum holds as of the oldest of the newest cosignatures that make it", "[witness]") {
  const TestLog log(9);
  const auto read_it = read(
      cosigned(log, 9, {{1, kNow - seconds(5)}, {2, kNow - seconds(50)}, {3, kNow - seconds(20)}}),
      policy(kTwoOfThree));
  REQUIRE(read_it);
  CHECK(read_it->quorum);
  CHECK(read_it->quorum_time == kNow - seconds(20));
  CHECK(read_it->cosignatures.size() == 3);
  CHECK(read_it->checkpoint.head == log.head(9));
}

TEST_CASE("one witness twice is one, and its newer line counts", "[witness]") {
  const TestLog log(9);
  const auto twice =
      read(cosigned(log, 9, {{1, kNow - seconds(5)}, {1, kNow - seconds(9)}}), policy(kTwoOfThree));
  REQUIRE(twice);
  CHECK_FALSE(twice->quorum);
  CHECK(twice->cosignatures == std::vector<Cosignature>{{.witness = 0, .time = kNow - seconds(5)}});
  CHECK_FALSE(twice->quorum_time);
}

TEST_CASE("a cosignature from five minutes ahead counts, and none from further", "[witness]") {
  const TestLog log(9);
  const auto at = [&](seconds ahead) {
    return read(cosigned(log, 9, {{1, kNow}, {2, kNow + ahead}}), policy(kTwoOfThree))->quorum;
  };
  CHECK(at(kCosignatureAheadMax));
  CHECK_FALSE(at(kCosignatureAheadMax + seconds(1)));
}

TEST_CASE("unknown lines are skipped; a bad one of a known witness sinks the note", "[witness]") {
  const TestLog log(9);
  CHECK(read(cosigned(log, 9, {{1, kNow}, {2, kNow}, {7, kNow}}), policy(kTwoOfThree))->quorum);
  Note note = Note::parse(cosigned(log, 9, {{1, kNow}, {2, kNow}, {3, kNow}})).value();
  note.signatures.back().signature.back() ^= std::byte{1};
  const auto bad = read(note.to_text(), policy(kTwoOfThree));
  REQUIRE_FALSE(bad);
  CHECK(bad.error().reason() == "cosignature-invalid");
}

TEST_CASE("without the log's own signature no cosignature counts", "[witness]") {
  const TestLog log(9);
  Note note = Note::parse(cosigned(log, 9, {{1, kNow}, {2, kNow}})).value();
  note.signatures.erase(note.signatures.begin());
  CHECK(read(note.to_text(), policy(kTwoOfThree)).error().reason() == "note-unsigned");
}

TEST_CASE("a policy without a quorum is satisfied by the checkpoint alone", "[witness]") {
  const TestLog log(9);
  const auto alone = read(log.note(9), policy("quorum none\n"));
  REQUIRE(alone);
  CHECK(alone->quorum);
  CHECK_FALSE(alone->quorum_time);
}

TEST_CASE("the watch takes up later quorums and goes back to none", "[witness]") {
  const TestFolder folder;
  ManualClock clock{WallTime(kNow)};
  const auto root = folder_at(folder.path());
  const TestLog log(20);
  auto watch = QuorumWatch::open(*root, policy(kTwoOfThree), log_key_of_tests(), clock).value();
  CHECK(watch->state() == Witnessed{.demanded = true});
  const auto take = [&](std::size_t size, seconds time) {
    const auto head = watch->read(cosigned(log, size, {{1, time}, {2, time}}));
    REQUIRE(head);
    return watch->take(*head);
  };
  CHECK(take(9, kNow - seconds(30)));
  CHECK(watch->state() == Witnessed{.demanded = true, .size = 9, .time = kNow - seconds(30)});
  CHECK_FALSE(take(8, kNow));                // smaller
  CHECK_FALSE(take(9, kNow - seconds(31)));  // older
  CHECK(take(9, kNow - seconds(10)));        // the same, later
  CHECK(take(12, kNow - seconds(10)));
  CHECK(watch->state().size == 12);
  CHECK(take(13, kNow - seconds(40)));  // larger, by witnesses whose clocks are behind
  CHECK(watch->state() == Witnessed{.demanded = true, .size = 13, .time = kNow - seconds(40)});
  CHECK_FALSE(take(12, kNow));
  const auto few = watch->read(cosigned(log, 13, {{1, kNow}}));
  CHECK(few.error().reason() == "quorum-missing");
}

TEST_CASE("of each witness one line is taken up, its newest, however many stand there",
          "[witness]") {
  const TestFolder folder;
  ManualClock clock{WallTime(kNow)};
  const TestLog log(9);
  const auto watch =
      QuorumWatch::open(*folder_at(folder.path()), policy(kTwoOfThree), log_key_of_tests(), clock)
          .value();
  std::vector<std::pair<unsigned, seconds>> by(20, {1, kNow - seconds(9)});
  by.insert(by.end(), {{2, kNow}, {1, kNow - seconds(2)}, {2, kNow + kCosignatureAheadMax * 2}});
  const auto head = watch->read(cosigned(log, 9, by));
  REQUIRE(head);
  REQUIRE(head->lines.size() == 3);
  CHECK(head->lines[0].name == kOrigin);
  const Checkpoint checkpoint{.origin = kOrigin, .head = log.head(9)};
  CHECK(verify_cosignature(cosigner_from(0x21, "w1").key(), checkpoint.to_text(), head->lines[1]) ==
        kNow - seconds(2));
  CHECK(verify_cosignature(cosigner_from(0x22, "w2").key(), checkpoint.to_text(), head->lines[2]) ==
        kNow);
}

TEST_CASE("the lines of all witnesses that a policy may have stand under the log's own three",
          "[witness]") {
  const TestFolder folder;
  ManualClock clock{WallTime(kNow)};
  const TestLog log(9);
  std::string all = "group g all";
  std::vector<std::pair<unsigned, seconds>> by;
  for (unsigned n = 1; n <= kPolicyWitnessesMax; ++n) {
    all += " " + name_of(n);
    by.emplace_back(n, kNow);
  }
  const auto most =
      WitnessPolicy::parse(policy_text(all + "\nquorum g\n", kPolicyWitnessesMax)).value();
  const auto watch =
      QuorumWatch::open(*folder_at(folder.path()), most, log_key_of_tests(), clock).value();
  const auto head = watch->read(cosigned(log, 9, by));
  REQUIRE(head);
  CHECK(head->lines.size() == 1 + kPolicyWitnessesMax);
  std::string own = log.note(9);
  for (const std::string end : {"/epoch", "/gm"})
    own = countersign_note(own, NoteSigner::create(kOrigin + end, key_from(9)).value()).value();
  const auto note = with_signatures(own, head->lines);
  REQUIRE(note);
  const NoteKey key = log_key_of_tests();
  CHECK(read_cosigned(*note, {&key, 1}, most, WallTime(kNow))->quorum);
}

TEST_CASE("the watch warns after one minute, alarms after ten, and tells the end", "[witness]") {
  const TestFolder folder;
  ManualClock clock{WallTime(kNow)};
  const auto root = folder_at(folder.path());
  const TestLog log(20);
  auto watch = QuorumWatch::open(*root, policy(kTwoOfThree), log_key_of_tests(), clock).value();
  const auto told = [&](seconds at) -> std::string {
    clock.set(WallTime(kNow + at));
    const auto complaint = watch->complain();
    return complaint ? complaint->line.substr(0, 16) + (complaint->event ? "+" : "") : "";
  };
  const auto quorum = [&](seconds at) {
    clock.set(WallTime(kNow + at));
    REQUIRE(watch->take(watch->read(cosigned(log, 9, {{1, kNow + at}, {2, kNow + at}})).value()));
  };
  CHECK(told(seconds(0)).empty());
  CHECK(told(seconds(59)).empty());
  CHECK(told(seconds(60)) == "HANGU-AUDIT-0020");
  CHECK(told(seconds(61)).empty());
  CHECK(told(seconds(599)).empty());
  CHECK(told(seconds(600)) == "HANGU-AUDIT-0021+");
  CHECK(told(seconds(2000)).empty());
  quorum(seconds(2001));
  CHECK(told(seconds(2002)) == "HANGU-AUDIT-0022+");
  CHECK(told(seconds(2060)).empty());
  CHECK(told(seconds(2061)) == "HANGU-AUDIT-0020");
  quorum(seconds(2070));
  CHECK(told(seconds(2071)) == "HANGU-AUDIT-0022");
}

TEST_CASE("a policy without a quorum never complains", "[witness]") {
  const TestFolder folder;
  ManualClock clock{WallTime(kNow)};
  auto watch = QuorumWatch::open(*folder_at(folder.path()), policy("quorum none\n"),
                                 log_key_of_tests(), clock)
                   .value();
  clock.advance(std::chrono::hours(48));
  CHECK_FALSE(watch->complain());
  CHECK_FALSE(watch->state().demanded);
}

TEST_CASE(
    "the watch goes on from the kept checkpoint, and lets go of what the policy no longer "
    "takes",
    "[witness]") {
  const TestFolder folder;
  ManualClock clock{WallTime(kNow)};
  const auto root = folder_at(folder.path());
  const TestLog log(20);
  const std::string note = cosigned(log, 9, {{1, kNow}, {2, kNow - seconds(3)}});
  write_bytes(folder / "witness/checkpoint", bytes_of(note));
  const auto state_with = [&](const std::string& end) {
    return QuorumWatch::open(*root, policy(end), log_key_of_tests(), clock).value()->state();
  };
  CHECK(state_with(kTwoOfThree) ==
        Witnessed{.demanded = true, .size = 9, .time = kNow - seconds(3)});
  CHECK(state_with("group g all w1 w2 w3\nquorum g\n") == Witnessed{.demanded = true});
  write_bytes(folder / "witness/checkpoint", bytes_of(note.substr(0, note.size() / 2)));
  CHECK_FALSE(QuorumWatch::open(*root, policy(kTwoOfThree), log_key_of_tests(), clock));
}

TEST_CASE("what witnesses saw under a key before the present one is kept, and is not taken anew",
          "[witness]") {
  const TestFolder folder;
  ManualClock clock{WallTime(kNow)};
  const auto root = folder_at(folder.path());
  const TestLog log(20);
  const std::string note = cosigned(log, 9, {{1, kNow}, {2, kNow}});
  write_bytes(folder / "witness/checkpoint", bytes_of(note));
  const NoteKey present = signer_from(3).key();
  std::string text = policy_text(kTwoOfThree);
  text.replace(0, text.find('\n'), "log " + present.to_text());
  const WitnessPolicy any = WitnessPolicy::parse(text).value();
  CHECK(QuorumWatch::open(*root, any, present, clock).error().reason() == "note-unsigned");
  const std::vector<NoteKey> former{signer_from(4).key(), log_key_of_tests()};
  const auto watch = QuorumWatch::open(*root, any, present, clock, former).value();
  CHECK(watch->state().size == 9);
  CHECK(watch->read(note).error().reason() == "note-unsigned");
}

TEST_CASE("a policy of other logs only is not this log's", "[witness]") {
  const auto other = WitnessPolicy::parse("log " + kMonkeysVkey + "\nquorum none\n").value();
  CHECK(check_policy_of(other, log_key_of_tests()).error().reason() == "witness-policy-other-log");
  CHECK(check_policy_of(WitnessPolicy::parse("quorum none\n").value(), log_key_of_tests()));
  CHECK(check_policy_of(policy(kTwoOfThree), log_key_of_tests()));
}

}  // namespace hangu::audit::test
