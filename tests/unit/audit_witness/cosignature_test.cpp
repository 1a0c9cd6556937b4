#include "audit/witness/cosignature.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/audit/support.hpp"
#include "tests/unit/audit_witness/vectors.hpp"

namespace hangu::audit::test {
namespace {

using std::chrono::seconds;

NoteKey witness_key() { return NoteKey::parse(kWitnessVkey).value(); }

/// The last signature line of a note.
NoteSignature last_line(const std::string& note) {
  return Note::parse(note).value().signatures.back();
}

std::string reason_of(const Result<seconds>& time) {
  return time ? "good" : std::string(time.error().reason());
}

}  // namespace

TEST_CASE("a cosignature is byte for byte that of the worked example", "[witness]") {
  const Cosigner cosigner = Cosigner::create("directory.example/w1", key_from(0x20)).value();
  CHECK(cosigner.key().to_text() == kWitnessVkey);
  const auto line = cosigner.cosign(kExampleText, seconds(kExampleTime));
  REQUIRE(line);
  Note note = Note::parse(kExampleNote).value();
  note.signatures.push_back(*line);
  CHECK(note.to_text() == kExampleNote + kExampleWitnessLine);
}

TEST_CASE("cosignatures that other programs made are good, at the time they say", "[witness]") {
  CHECK(
      verify_cosignature(witness_key(), kExampleText, last_line(kExampleNote + kExampleWitnessLine))
          .value() == seconds(kExampleTime));
  const Note sunlight = Note::parse(kSunlightNote).value();
  CHECK(verify_cosignature(NoteKey::parse(kSunlightWitness).value(), sunlight.text,
                           sunlight.signatures.back())
            .value() == seconds(kSunlightTime));
}

TEST_CASE("a cosignature with any byte changed, or of another text or key, is none", "[witness]") {
  const NoteSignature good = last_line(kExampleNote + kExampleWitnessLine);
  for (std::size_t at = 0; at < good.signature.size(); ++at) {
    NoteSignature bad = good;
    bad.signature[at] ^= std::byte{1};
    CAPTURE(at);
    CHECK(reason_of(verify_cosignature(witness_key(), kExampleText, bad)) == "cosignature-invalid");
  }
  NoteSignature shorter = good;
  shorter.signature.pop_back();
  CHECK_FALSE(verify_cosignature(witness_key(), kExampleText, shorter));
  NoteSignature longer = good;
  longer.signature.push_back(std::byte{0});
  CHECK_FALSE(verify_cosignature(witness_key(), kExampleText, longer));
  NoteSignature renamed = good;
  renamed.name = "directory.example/w2";
  CHECK_FALSE(verify_cosignature(witness_key(), kExampleText, renamed));
  CHECK_FALSE(verify_cosignature(witness_key(), kExampleText + "x\n", good));
  // The same key as an ordinary note key does not make cosignatures.
  const NoteKey plain =
      NoteKey::create("directory.example/w1", key_from(0x20).verify_key()).value();
  CHECK_FALSE(verify_cosignature(plain, kExampleText, good));
  CHECK_FALSE(verify_cosignature(
      NoteKey::create("directory.example/w1", key_from(0x21).verify_key(), NoteKeyType::cosignature)
          .value(),
      kExampleText, good));
}

TEST_CASE("the last second of the year 9999 is a time, the next is none", "[witness]") {
  const Cosigner cosigner = Cosigner::create("w", key_from(0x20)).value();
  const seconds last(253'402'300'799);
  CHECK(
      verify_cosignature(cosigner.key(), kExampleText, cosigner.cosign(kExampleText, last).value())
          .value() == last);
  CHECK_FALSE(verify_cosignature(cosigner.key(), kExampleText,
                                 cosigner.cosign(kExampleText, last + seconds(1)).value()));
}

}  // namespace hangu::audit::test
