#include "audit/witness/add_checkpoint.hpp"

#include <catch2/catch.hpp>

#include "audit/witness/limits.hpp"
#include "tests/unit/audit_witness/vectors.hpp"

namespace hangu::audit::test {
namespace {

const std::string kHash = "Zx8UbF5HHooag6PCFM5LqQe486WIjRTMjNPOdbsS75Q=\n";

std::string said(const std::string& body) {
  const auto request = AddCheckpoint::parse(body);
  return request ? "accepted" : request.error().message();
}

std::string repeated(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += kHash;
  return text;
}

}  // namespace

TEST_CASE("the worked example's request is read and written byte for byte", "[witness]") {
  const auto request = AddCheckpoint::parse(kExampleRequest);
  REQUIRE(request);
  CHECK(request->old_size == 2);
  CHECK(to_hex(request->proof.at(0)) ==
        "671f146c5e471e8a1a83a3c214ce4ba907b8f3a5888d14cc8cd3ce75bb12ef94");
  CHECK(request->note == kExampleNote);
  CHECK(request->to_text() == kExampleRequest);
}

TEST_CASE("63 hashes and the largest size are taken, one more is not", "[witness]") {
  CHECK(said("old 18446744073709551615\n\n" + kExampleNote) == "accepted");
  CHECK(said("old 18446744073709551616\n\n" + kExampleNote).find("line 1") != std::string::npos);
  CHECK(said("old 5\n" + repeated(63) + "\n" + kExampleNote) == "accepted");
  CHECK(said("old 5\n" + repeated(64) + "\n" + kExampleNote).find("63 hashes at most") !=
        std::string::npos);
  const std::string head = "old 5\n\n";
  CHECK(said(head + std::string(kAddCheckpointBytesMax - head.size(), 'a')) == "accepted");
  CHECK(said(head + std::string(kAddCheckpointBytesMax - head.size() + 1, 'a')) ==
        "add-checkpoint-too-long");
}

TEST_CASE("a request that breaks its format is refused with its line", "[witness]") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "line 1: expected old SIZE"},
      {"old 10", "line 1: expected old SIZE"},
      {"10 stuff\n\n" + kExampleNote, "line 1: expected old SIZE"},
      {"old\n\n" + kExampleNote, "line 1: expected old SIZE"},
      {"old \n\n" + kExampleNote, "line 1: expected a decimal size"},
      {"old 01\n\n" + kExampleNote, "line 1: expected a decimal size"},
      {"old 00\n\n" + kExampleNote, "line 1: expected a decimal size"},
      {"old +1\n\n" + kExampleNote, "line 1: expected a decimal size"},
      {"old -1\n\n" + kExampleNote, "line 1: expected a decimal size"},
      {"old  1\n\n" + kExampleNote, "line 1: expected a decimal size"},
      {"old 1 \n\n" + kExampleNote, "line 1: expected a decimal size"},
      {"old 0x1\n\n" + kExampleNote, "line 1: expected a decimal size"},
      {"old 1\r\n\n" + kExampleNote, "line 1: expected a decimal size"},
      // transparency-dev/witness, http_test.go: hashes of two bytes, and of none.
      {"old 10\nabc=\ndef=\n\n" + kExampleNote, "line 2: expected base64 of 32 bytes"},
      {"old 10\nZ043\n423ed\n" + kExampleNote, "line 2: expected base64 of 32 bytes"},
      {"old 10\n" + kHash + "abc=\ndef=\n" + kExampleNote, "line 3: expected base64 of 32 bytes"},
      {"old 10\n" + kHash.substr(0, 43) + "\n\n" + kExampleNote,
       "line 2: expected base64 of 32 bytes"},
      {"old 10\n" + kHash, "line 3: expected an empty line"}};
  for (const auto& [body, expected] : cases) {
    CAPTURE(body);
    CHECK(said(body).find(expected) != std::string::npos);
  }
}

TEST_CASE("answers are read as strictly as requests", "[witness]") {
  CHECK(parse_size_answer("0\n").value() == 0);
  CHECK(parse_size_answer("18446744073709551615\n").value() == UINT64_MAX);
  for (const std::string bad : {"", "\n", "7", "07\n", "7\n\n", " 7\n", "7 \n", "-7\n",
                                "18446744073709551616\n", "seven\n"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_size_answer(bad));
  }
  const auto lines = parse_cosignature_answer(kExampleWitnessLine + kExampleLogLine);
  REQUIRE(lines);
  CHECK(lines->size() == 2);
  CHECK(to_answer(*lines) == kExampleWitnessLine + kExampleLogLine);
  std::string many;
  for (std::size_t i = 0; i < kNoteSignaturesMax; ++i) many += kExampleLogLine;
  CHECK(parse_cosignature_answer(many));
  for (const std::string& bad :
       {std::string(), std::string("\n"), kExampleNote, kExampleWitnessLine + "\n",
        "\n" + kExampleWitnessLine, kExampleWitnessLine.substr(0, 40), many + kExampleLogLine,
        std::string("<html>\n"), std::string(kWitnessAnswerBytesMax + 1, 'a')}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_cosignature_answer(bad));
  }
}

}  // namespace hangu::audit::test
