#include "audit/witness/witness_state.hpp"

#include <catch2/catch.hpp>

#include "audit/witness/limits.hpp"
#include "tests/unit/audit_witness/tree.hpp"
#include "tests/unit/audit_witness/vectors.hpp"

namespace hangu::audit::test {
namespace {

/// A witness of some logs in a folder of the test.
struct Witness {
  explicit Witness(std::vector<NoteKey> logs = {log_key_of_tests()})
      : state(WitnessState::create(folder_at(folder.path()), cosigner_from(0x20), std::move(logs),
                                   clock)
                  .value()) {}
  int ask(const std::string& body) {
    last = state->add_checkpoint(body);
    return last.answer.status;
  }
  TestFolder folder;
  ManualClock clock{kTestTime};
  std::unique_ptr<WitnessState> state;
  WitnessVerdict last;
};

/// The note `text` signed by the key of key_from(first) under the name of `origin`.
std::string signed_text(const std::string& text, unsigned first = 0,
                        const std::string& name = kOrigin) {
  const NoteSigner signer = NoteSigner::create(name, key_from(first)).value();
  const NoteSigner* const one = &signer;
  return sign_note(text, {&one, 1}).value();
}

std::string checkpoint_text(std::uint64_t size, const Hash& root,
                            const std::string& origin = kOrigin) {
  return origin + "\n" + std::to_string(size) + "\n" + to_base64(root) + "\n";
}

}  // namespace

TEST_CASE("a witness answers the worked example with its very line", "[witness]") {
  Witness witness;
  const Hash one = leaf_hash(entry_of("one"));
  const Hash two = node_hash(one, leaf_hash(entry_of("two")));
  CHECK(to_hex(two) == "4f55f619d9215235778b2b9f17d6f4915b16171214d152381293669764de722e");
  CHECK(witness.ask("old 0\n\n" + signed_text(checkpoint_text(2, two))) == 200);
  CHECK(witness.ask(kExampleRequest) == 200);
  CHECK(witness.last.answer.body == kExampleWitnessLine);
  CHECK(witness.last.answer.media_type == "text/plain; charset=utf-8");
  CHECK(witness.last.finding == WitnessFinding::cosigned);
  // Read back: the checkpoint with both lines.
  CHECK(witness.state->latest(origin_hash_of(kOrigin)).value() ==
        kExampleNote + kExampleWitnessLine);
  CHECK(witness.state->latest(origin_hash_of("gate.example/other")).value() == std::nullopt);
  CHECK(witness.state->latest("checkpoint").value() == std::nullopt);
}

// FiloSottile/torchwood, cmd/litewitness: the dialogue, in its order.
TEST_CASE("litewitness's dialogue has the same answers", "[witness]") {
  const auto point = from_hex(kSigsumKey).value();
  Witness witness(
      {NoteKey::create(
           kSigsumOrigin,
           crypto::VerifyKey::create(crypto::SignatureAlgorithm::ed25519, point).value())
           .value()});
  const std::string two = "KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
  const std::string three = "KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
  CHECK(witness.ask("old 0\n\n" + kSigsumOne) == 200);
  std::string forged = kSigsumThree;  // a digit in the middle of the signature
  const std::size_t middle = forged.size() - 20;
  forged[middle] = forged[middle] == 'A' ? 'B' : 'A';
  CHECK(witness.ask("old 1\n" + two + three + "\n" + forged) == 403);
  std::string unknown = kSigsumThree;  // ends in …563
  unknown[kSigsumOrigin.size() - 1] = '3';
  CHECK(witness.ask("old 1\n" + two + three + "\n" + unknown) == 404);
  CHECK(witness.ask("old 1\n\n" + kSigsumThree) == 422);
  CHECK(witness.ask("old 1\n" + two + "KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABAA=\n\n" +
                    kSigsumThree) == 422);
  CHECK(witness.last.finding == WitnessFinding::bad_proof);
  CHECK(witness.ask("old 1\n" + two + three + "\n" + kSigsumThree) == 200);
  CHECK(witness.ask("old 1\n" + two +
                    "+fUDV+k970B4I3uKrqJM4aP1lloPZP8mvr2Z4wRw2LI=\n"
                    "KgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n" +
                    kSigsumFive) == 409);
  CHECK(witness.last.answer.body == "3\n");
  CHECK(witness.last.answer.media_type == "text/x.tlog.size");
  CHECK(witness.ask("old 3\n" + three +
                    "KgMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
                    "wgiIFdZfYNv6WU1OllBKsWnLYIS/DBMqt8Uh/S4OukE=\n"
                    "KgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n" +
                    kSigsumFive) == 200);
  CHECK(witness.ask("old 0\n\n" + kSigsumFive) == 409);
  CHECK(witness.last.answer.body == "5\n");
}

// transparency-dev/witness, witness_test.go: TestUpdate.
TEST_CASE("the dialogues of transparency-dev's witness have the same answers", "[witness]") {
  const auto started = [] {
    Witness witness({NoteKey::parse(kMonkeysVkey).value()});
    CHECK(witness.ask("old 0\n\n" + kMonkeysFive) == 200);
    return witness.state->latest(origin_hash_of("monkeys")).value().has_value();
  };
  CHECK(started());
  Witness witness({NoteKey::parse(kMonkeysVkey).value()});
  REQUIRE(witness.ask("old 0\n\n" + kMonkeysFive) == 200);
  CHECK(witness.ask("old 5\n\n" + kMonkeysFive) == 200);                        // resubmitted
  CHECK(witness.ask("old 2\n" + kMonkeysProof + "\n" + kMonkeysEight) == 409);  // another state
  CHECK(witness.ask("old 5\n\n" + kMonkeysEight) == 422);                       // no proof
  CHECK(witness.ask("old 5\naaaa\n\n" + kMonkeysEight) == 400);                 // hashes of 3 bytes
  CHECK(witness.ask("old 5\n" + kMonkeysProof + "\n" + kMonkeysEight) == 200);
  CHECK(witness.ask("old 8\n" + kMonkeysProof + "\n" + kMonkeysFive) == 400);  // smaller
  CHECK(witness.ask("old 8\n\n" + kMonkeysEight) == 200);
  CHECK(witness.ask("monkeys\n") == 400);
}

TEST_CASE("each row of the table is answered with its status, in its order", "[witness]") {
  const TestLog log(20);
  const TestLog fork(20, 3);
  Witness witness;
  const Hash other = leaf_hash(entry_of("x"));

  // 400 before 404: what cannot be read is not looked up.
  CHECK(witness.ask("old 0\n\nno note\n") == 400);
  CHECK(witness.ask("old 0\n\n" + checkpoint_text(1, other)) == 400);  // unsigned
  CHECK(witness.ask("old 0\n\n" + signed_text(kOrigin + "\nnot-a-size\nnot-a-hash\n")) == 400);
  CHECK(witness.ask("old 0\n\n" + signed_text(checkpoint_text(1, other) + "extension\n")) == 400);
  // 404 before 403: whose signature would count is not known.
  CHECK(witness.ask("old 9\n\n" + signed_text(checkpoint_text(1, other, "else"), 1, "else")) ==
        404);
  // 403 before 400 of sizes and 409.
  CHECK(witness.ask("old 9\n\n" + signed_text(checkpoint_text(1, other), 1)) == 403);
  CHECK(witness.ask("old 9\n\n" + signed_text(checkpoint_text(1, other), 0, "someone")) == 403);
  // 400 before 409: the old size is above the checkpoint's and not what is recorded.
  CHECK(witness.ask(AddCheckpoint{.old_size = 9, .proof = {}, .note = log.note(8)}.to_text()) ==
        400);
  // 409 before 422.
  CHECK(witness.ask(log.request(3, 8)) == 409);
  CHECK(witness.last.answer.body == "0\n");
  // 422, each of its reasons; then still nothing is recorded.
  CHECK(witness.ask(
            AddCheckpoint{.old_size = 0, .proof = {other}, .note = log.note(8)}.to_text()) == 422);
  CHECK(witness.ask("old 0\n\n" + signed_text(checkpoint_text(0, other))) == 422);
  CHECK(witness.ask(log.request(3, 8)) == 409);
  // 200 from nothing, and on.
  CHECK(witness.ask(log.request(0, 8)) == 200);
  CHECK(witness.ask(log.request(8, 8)) == 200);
  CHECK(witness.ask(
            AddCheckpoint{.old_size = 8, .proof = {other}, .note = log.note(8)}.to_text()) == 422);
  CHECK(witness.ask(log.request(8, 13)) == 200);
  CHECK(witness.ask(log.request(8, 20)) == 409);
  CHECK(witness.last.answer.body == "13\n");
  // A fork of the same size is proof of misbehaviour; of a larger one the proof fails.
  CHECK(witness.ask(fork.request(13, 13)) == 422);
  CHECK(witness.last.finding == WitnessFinding::forked);
  CHECK(witness.ask(fork.request(13, 20)) == 422);
  CHECK(witness.last.finding == WitnessFinding::bad_proof);
  CHECK(text_of(read_bytes(witness.folder / (origin_hash_of(kOrigin) + ".conflict"))) ==
        fork.note(13));
  CHECK(witness.ask(log.request(13, 20)) == 200);
}

TEST_CASE("a log may begin empty and grow from there", "[witness]") {
  const TestLog log(5);
  Witness witness;
  CHECK(witness.ask("old 0\n\n" + signed_text(checkpoint_text(0, empty_root()))) == 200);
  CHECK(witness.ask(
            AddCheckpoint{.old_size = 0, .proof = {empty_root()}, .note = log.note(5)}.to_text()) ==
        422);
  CHECK(witness.ask(log.request(0, 5)) == 200);
  CHECK(witness.ask("old 0\n\n" + signed_text(checkpoint_text(0, empty_root()))) == 409);
}

TEST_CASE("of several keys of one origin any counts, and unknown lines are not kept", "[witness]") {
  const TestLog log(5);
  Witness witness({log_key_of_tests(), NoteKey::create(kOrigin, key_from(7).verify_key()).value()});
  std::string newer = signed_text(checkpoint_text(3, log.head(3).root), 7);
  newer = countersign_note(newer, NoteSigner::create("unknown", key_from(9)).value()).value();
  CHECK(witness.ask("old 0\n\n" + newer) == 200);
  CHECK(witness.ask(log.request(3, 5)) == 200);
  const std::string kept = witness.state->latest(origin_hash_of(kOrigin)).value().value();
  CHECK(kept.find("unknown") == std::string::npos);
  CHECK(Note::parse(kept)->signatures.size() == 2);
}

namespace {

/// The note with its first line as often as a note may have lines.
std::string repeated(const std::string& text) {
  Note note = Note::parse(text).value();
  note.signatures.resize(kNoteSignaturesMax, note.signatures.front());
  return note.to_text();
}

}  // namespace

TEST_CASE("a line that is sent 32 times is kept once, and the witness goes on", "[witness]") {
  const TestLog log(20);
  Witness witness;
  const auto ask = [&](std::size_t from, std::size_t to) {
    AddCheckpoint request = AddCheckpoint::parse(log.request(from, to)).value();
    request.note = repeated(request.note);
    return witness.ask(request.to_text());
  };
  CHECK(ask(0, 5) == 200);
  CHECK(ask(5, 8) == 200);
  const std::string kept = witness.state->latest(origin_hash_of(kOrigin)).value().value();
  CHECK(Note::parse(kept)->signatures.size() == 2);
  const auto again = witness_in(folder_at(witness.folder.path()), witness.clock);
  CHECK(again->latest(origin_hash_of(kOrigin)).value() == kept);
  CHECK(again->add_checkpoint(log.request(8, 20)).answer.status == 200);
}

TEST_CASE("a state of more lines than a note may have, as was written before, is taken up again",
          "[witness]") {
  const TestLog log(20);
  Witness witness;
  REQUIRE(witness.ask(log.request(0, 5)) == 200);
  const auto path = witness.folder / origin_hash_of(kOrigin);
  Note state = Note::parse(text_of(read_bytes(path))).value();
  state.signatures.insert(state.signatures.begin(), kNoteSignaturesMax - 1,
                          state.signatures.front());
  REQUIRE(state.signatures.size() == kNoteSignaturesMax + 1);
  write_bytes(path, bytes_of(state.to_text()));
  const auto again = witness_in(folder_at(witness.folder.path()), witness.clock);
  CHECK(again->add_checkpoint(log.request(0, 8)).answer.body == "5\n");
  CHECK(Note::parse(again->latest(origin_hash_of(kOrigin)).value().value()));
  CHECK(again->add_checkpoint(log.request(5, 8)).answer.status == 200);
  // Of other keys' lines there are never so many, and none is dropped.
  for (std::size_t n = 0; n < state.signatures.size() - 1; ++n)
    state.signatures[n].name = "n" + std::to_string(n);
  CHECK(parse_witness_state(state.to_text()).error().reason() == "note-signatures");
  state.signatures.erase(state.signatures.begin());
  CHECK(parse_witness_state(state.to_text())->signatures.size() == kNoteSignaturesMax);
}

TEST_CASE("of one log as many keys are taken as have lines in one note, and none more",
          "[witness]") {
  const TestFolder folder;
  const ManualClock clock(kTestTime);
  const TestLog log(5);
  std::vector<NoteKey> keys;
  std::string note = log.note(5);
  for (unsigned n = 0; n < kLogKeysMax; ++n) {
    keys.push_back(NoteKey::create(kOrigin, key_from(n).verify_key()).value());
    if (n > 0) note = countersign_note(note, signer_from(n)).value();
  }
  const auto state =
      WitnessState::create(folder_at(folder.path()), cosigner_from(0x20), keys, clock).value();
  CHECK(state->add_checkpoint("old 0\n\n" + note).answer.status == 200);
  CHECK(state->add_checkpoint("old 5\n\n" + note).answer.status == 200);
  keys.push_back(NoteKey::create(kOrigin, key_from(kLogKeysMax).verify_key()).value());
  CHECK_FALSE(WitnessState::create(folder_at(folder.path()), cosigner_from(0x20), keys, clock));
}

TEST_CASE("without a clock nothing is cosigned nor kept", "[witness]") {
  class NoClock final : public Clock {
    Result<WallTime> now() const override { return fail(ErrorCode::unavailable, "time-unknown"); }
  };
  const TestFolder folder;
  const NoClock clock;
  const TestLog log(5);
  const auto state = witness_in(folder_at(folder.path()), clock);
  const WitnessVerdict verdict = state->add_checkpoint(log.request(0, 5));
  CHECK(verdict.answer.status == 503);
  CHECK(verdict.finding == WitnessFinding::unable);
  CHECK(verdict.answer.body == "try again later\n");
  CHECK(state->latest(origin_hash_of(kOrigin)).value() == std::nullopt);
}

TEST_CASE("a changed bit in the state is never another size", "[witness]") {
  const TestLog log(8);
  Witness witness;
  REQUIRE(witness.ask(log.request(0, 5)) == 200);
  const auto path = witness.folder / origin_hash_of(kOrigin);
  const Bytes good = read_bytes(path);
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes bad = good;
    bad[at] ^= std::byte{4};
    write_bytes(path, bad);
    const int status = witness.ask(log.request(5, 8));
    CAPTURE(at, status);
    // In the log's own line: the state is what we cosigned, and is believed by our line alone.
    CHECK((status == 500 || status == 200));
    if (status == 200) CHECK(text_of(bad).substr(0, 60) == text_of(good).substr(0, 60));
    CHECK(witness.ask(log.request(0, 8)) != 200);
    write_bytes(path, good);
  }
}

TEST_CASE("a witness without logs, or with a witness's key for one, is not made", "[witness]") {
  const TestFolder folder;
  const ManualClock clock(kTestTime);
  const auto made = [&](std::vector<NoteKey> logs) {
    return WitnessState::create(folder_at(folder.path()), cosigner_from(1), std::move(logs), clock)
        .has_value();
  };
  CHECK(made({log_key_of_tests()}));
  CHECK_FALSE(made({}));
  CHECK_FALSE(made({NoteKey::parse(kWitnessVkey).value()}));
}

}  // namespace hangu::audit::test
