#include "audit/note.hpp"

#include <catch2/catch.hpp>

#include "audit/checkpoint.hpp"
#include "audit/proof_text.hpp"
#include "tests/unit/audit/support.hpp"

namespace hangu::audit::test {
namespace {

// The worked example of the log's reference: made with an independent implementation.
const std::string kLogVkey =
    "gate.example/audit+af47b622+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
const std::string kWitnessVkey =
    "directory.example/w1+eaa234b4+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X";
const std::string kText = "gate.example/audit\n3\nWqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=\n";
const std::string kLogLine =
    "\xe2\x80\x94 gate.example/audit r0e2IuHd8WfcgFGAmd98iZ/mQQG4+ha/tbPktWIhEpMWa0VGf/Zq1SR7wmrTwE"
    "uSolg0VH0ZIXPS+wMbLo+w/EqAxwg=\n";
const std::string kWitnessLine =
    "\xe2\x80\x94 directory.example/w1 "
    "6qI0tAAAAABo53gAXFpSZuLxEaxVscCQvq/9s7+HOGMxafN+af0K/r2IWxP4h"
    "F/iEe8oa1PfnHUjnUMeHKEeu0XEuCz0sUCEz3X+Cw==\n";

Result<std::string> sign_as(std::string text, const std::string& name, crypto::SigningKey key) {
  HANGU_TRY(const NoteSigner signer, NoteSigner::create(name, std::move(key)));
  const NoteSigner* const one = &signer;
  return sign_note(std::move(text), {&one, 1});
}

NoteKey log_key() { return *NoteKey::parse(kLogVkey); }

std::string reason_of(const std::string& note) {
  const auto opened = open_checkpoint(note, log_key());
  return opened ? "accepted" : std::string(opened.error().reason());
}

}  // namespace

TEST_CASE("keys have the published vkey text, and the text gives the key back", "[audit]") {
  const auto made = NoteKey::create(kOrigin, key_from(0).verify_key());
  REQUIRE(made);
  CHECK(made->to_text() == kLogVkey);
  CHECK(log_key().id() == 0xaf47b622);
  CHECK(NoteKey::parse(kWitnessVkey)->to_text() == kWitnessVkey);
  CHECK(
      NoteKey::create("directory.example/w1", key_from(0x20).verify_key(), NoteKeyType::cosignature)
          ->to_text() == kWitnessVkey);
  // golang.org/x/mod/sumdb/note, note_test.go.
  CHECK(NoteKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"));
}

TEST_CASE("a mangled vkey is refused", "[audit]") {
  for (const std::string& bad : std::vector<std::string>{
           std::string(),
           kLogVkey.substr(0, 30),
           "x" + kLogVkey,
           kLogVkey + "A",
           kLogVkey + "=",
           "gate.example/audit+AF47B622" + kLogVkey.substr(27),
           "gate.example/audit+bf47b622" + kLogVkey.substr(27),
           "gate.example/audit+af47b62" + kLogVkey.substr(27),
           std::string("+af47b622+AQ=="),
           // Types 02 and 07 of the same key.
           std::string("gate.example/audit+af47b622+AgOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"),
           std::string("gate.example/audit+af47b622+BwOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"),
       }) {
    CAPTURE(bad);
    CHECK_FALSE(NoteKey::parse(bad));
  }
}

TEST_CASE("names with white space, plus signs, control bytes or bad UTF-8 are no names",
          "[audit]") {
  const auto key = key_from(0).verify_key();
  CHECK(NoteKey::create("函谷/audit", key));
  CHECK(NoteKey::create(std::string(255, 'a'), key));
  for (const std::string& bad :
       std::vector<std::string>{std::string(), std::string("a b"), std::string("a+b"),
                                std::string("a\nb"), std::string("a\tb"), std::string("a\0b", 3),
                                std::string("a\xff"), std::string("a\xe2\x80\xa8") + "b",
                                std::string("a\xc2\xa0") + "b", std::string(256, 'a')}) {
    CAPTURE(bad);
    CHECK_FALSE(NoteKey::create(bad, key));
  }
}

TEST_CASE("signing the worked example gives its note byte for byte", "[audit]") {
  const auto note = sign_as(kText, kOrigin, key_from(0));
  REQUIRE(note);
  CHECK(*note == kText + "\n" + kLogLine);
  CHECK(reason_of(*note) == "accepted");
  CHECK(sign_as("no newline", kOrigin, key_from(0)).error().reason() == "note-malformed");
}

TEST_CASE("a checkpoint with a witness's line too is the log's checkpoint", "[audit]") {
  const std::string note = kText + "\n" + kLogLine + kWitnessLine;
  const auto opened = open_checkpoint(note, log_key());
  REQUIRE(opened);
  CHECK(opened->head.size == 3);
  CHECK(to_hex(opened->head.root) ==
        "5aac771c899ac292e74bf1afe2e6e302f8b55883b2d1bf197b46a6bea6dabca9");
  CHECK(Note::parse(note)->to_text() == note);
}

TEST_CASE("a note without the log's good signature is refused", "[audit]") {
  CHECK(reason_of(kText + "\n" + kWitnessLine) == "note-unsigned");
  std::string other = kText;
  other[19] = '4';
  CHECK(reason_of(other + "\n" + kLogLine) == "note-signature-invalid");
  // A bad line of a known key sinks the note even beside a good one.
  std::string bad_line = kLogLine;
  bad_line[bad_line.find("HWfcg") == std::string::npos ? 40 : bad_line.find("HWfcg")] = 'A';
  CHECK(reason_of(kText + "\n" + kLogLine + bad_line) != "accepted");
}

TEST_CASE("lines are put under a note as long as a note has room, and none is left out in silence",
          "[audit]") {
  Note note{.text = "a\n", .signatures = {}};
  const auto line = [](std::size_t n) {
    return NoteSignature{.name = "n" + std::to_string(n), .key_id = 1, .signature = Bytes(8)};
  };
  for (std::size_t n = 0; n < kNoteSignaturesMax - 1; ++n) note.signatures.push_back(line(n));
  const std::vector<NoteSignature> one_new{line(0), line(99)};  // and one that is there
  const auto full = with_signatures(note.to_text(), one_new);
  REQUIRE(full);
  CHECK(Note::parse(*full)->signatures.size() == kNoteSignaturesMax);
  const std::vector<NoteSignature> two_new{line(98), line(99)};
  CHECK(with_signatures(note.to_text(), two_new).error().reason() == "note-signatures");
}

TEST_CASE("flipping any bit of a signed checkpoint is noticed", "[audit]") {
  const std::string note = kText + "\n" + kLogLine;
  for (std::size_t i = 0; i < note.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string changed = note;
      changed[i] = static_cast<char>(static_cast<unsigned char>(changed[i]) ^ (1U << bit));
      REQUIRE(reason_of(changed) != "accepted");
    }
  }
  for (std::size_t i = 0; i < note.size(); ++i) REQUIRE(reason_of(note.substr(0, i)) != "accepted");
}

TEST_CASE("notes keep to their form and bounds", "[audit]") {
  const auto parsed_reason = [](const std::string& note) {
    const auto parsed = Note::parse(note);
    return parsed ? "accepted" : std::string(parsed.error().reason());
  };
  std::string many = "text\n\n";
  for (int i = 0; i < 32; ++i) many += kWitnessLine;
  CHECK(parsed_reason(many) == "accepted");
  CHECK(parsed_reason(many + kWitnessLine) == "note-signatures");
  CHECK(parsed_reason(std::string(20'000, 'a')) == "note-too-long");
  for (const std::string& bad : std::vector<std::string>{
           std::string(), std::string("\n"), std::string("text\n"), std::string("text\n\n"),
           "text\n" + kWitnessLine, "text\n\n" + kWitnessLine.substr(0, kWitnessLine.size() - 1),
           "te\rxt\n\n" + kWitnessLine, std::string("te\0xt\n\n", 7) + kWitnessLine,
           "te\xff\n\n" + kWitnessLine, "text\n\n- name AAAAAAA=\n",
           std::string("text\n\n\xe2\x80\x94 name AAAAAA==\n"),
           std::string("text\n\n\xe2\x80\x94 name  AAAAAAAA\n"),
           std::string("text\n\n\xe2\x80\x94 na+me AAAAAAAA\n")}) {
    CAPTURE(bad);
    CHECK(parsed_reason(bad) == "note-malformed");
  }
  // The last empty line divides.
  CHECK(Note::parse("a\n\nb\n\n" + kWitnessLine)->text == "a\n\nb\n");
}

TEST_CASE("checkpoint texts keep to three lines, plain numbers and whole roots", "[audit]") {
  CHECK(Checkpoint::parse(kText)->to_text() == kText);
  CHECK(Checkpoint::parse("o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"));
  CHECK(Checkpoint::parse("o\n18446744073709551615\n" + std::string(43, 'A') + "=\n"));
  for (const std::string& bad : std::vector<std::string>{
           std::string(), std::string("o\n3\n"), kText + "extension\n", kText.substr(0, 60),
           "\n3" + kText.substr(20), std::string("o\n03\n" + std::string(43, 'A') + "=\n"),
           std::string("o\n+3\n" + std::string(43, 'A') + "=\n"),
           std::string("o\n-3\n" + std::string(43, 'A') + "=\n"),
           std::string("o\n 3\n" + std::string(43, 'A') + "=\n"),
           std::string("o\n\n" + std::string(43, 'A') + "=\n"),
           std::string("o\n18446744073709551616\n" + std::string(43, 'A') + "=\n"),
           std::string("o\n3\n" + std::string(42, 'A') + "==\n"),
           std::string("o\n3\n" + std::string(44, 'A') + "\n"),
           std::string("o\n0\n" + std::string(43, 'A') + "=\n")}) {
    CAPTURE(bad);
    CHECK_FALSE(Checkpoint::parse(bad));
  }
}

TEST_CASE("random bytes and mangled texts never pass a parser", "[audit]") {
  SeededEntropy chance(7);
  const std::string note = kText + "\n" + kLogLine + kWitnessLine;
  const std::string proof = LogProof{.index = 1, .path = {Hash{}}, .checkpoint = note}.to_text();
  for (int round = 0; round < 20'000; ++round) {
    Bytes bytes = to_bytes(round % 2 == 0 ? note : proof);
    const std::size_t cuts = chance.below(4);
    for (std::size_t i = 0; i < cuts; ++i) {
      const std::size_t at = chance.below(bytes.size());
      const std::size_t length = chance.below(8);
      Bytes piece(length);
      chance.fill(piece);
      const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
      bytes.insert(place, piece.begin(), piece.end());
    }
    const std::string text(text_of(bytes));
    if (const auto parsed = Note::parse(text)) REQUIRE(Note::parse(parsed->to_text()));
    if (const auto parsed = LogProof::parse(text)) {
      REQUIRE(LogProof::parse(parsed->to_text())->path == parsed->path);
    }
    (void)Checkpoint::parse(text);
    (void)NoteKey::parse(text);
  }
}

TEST_CASE("a .tlog-proof text carries index, path and checkpoint", "[audit]") {
  const std::string note = kText + "\n" + kLogLine;
  const LogProof proof{.index = 2, .path = {Hash{}, leaf_hash({})}, .checkpoint = note};
  const std::string text = proof.to_text();
  CHECK(
      text.starts_with("c2sp.org/tlog-proof@v1\nindex 2\n"
                       "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"));
  CHECK(text.ends_with("\n\n" + note));
  CHECK(*LogProof::parse(text) == proof);
  // An extra line is read over.
  std::string with_extra = text;
  with_extra.insert(with_extra.find("index"), "extra AAAA\n");
  CHECK(*LogProof::parse(with_extra) == proof);

  std::string many = "c2sp.org/tlog-proof@v1\nindex 0\n";
  for (int i = 0; i < 63; ++i) many += to_base64(Hash{}) + "\n";
  CHECK(LogProof::parse(many + "\n" + note));
  CHECK_FALSE(LogProof::parse(many + to_base64(Hash{}) + "\n\n" + note));
  for (const std::string& bad : std::vector<std::string>{
           std::string(), std::string("c2sp.org/tlog-proof@v2\nindex 2\n\n") + note,
           std::string("c2sp.org/tlog-proof@v1\nindex 02\n\n") + note,
           std::string("c2sp.org/tlog-proof@v1\nindex 2\nAAAA\n\n") + note,
           std::string("c2sp.org/tlog-proof@v1\nindex 2\n\n"), many}) {
    CAPTURE(bad);
    CHECK_FALSE(LogProof::parse(bad));
  }
}

}  // namespace hangu::audit::test
