// Checkpoints that were carried to a witness without a network and back.

#include "witness/returned.hpp"

#include <catch2/catch.hpp>

#include "audit/witness/add_checkpoint.hpp"
#include "audit/witness/cosigned_note.hpp"
#include "audit/witness/limits.hpp"
#include "tests/unit/audit_witness/tree.hpp"

namespace hangu::witness::test {
namespace {

using namespace audit::test;

constexpr std::size_t kFirstSize = 3;

/// A published log, two witnesses that know it, and a folder for what comes back.
struct Bench {
  Bench() : opened(open_log(made(folder / "log")).value()) {
    for (unsigned n = 1; n <= 2; ++n) {
      const std::string name = "w" + std::to_string(n);
      witnesses.push_back(audit::WitnessState::create(folder_at(folder / name),
                                                      cosigner_from(0x20 + n, name),
                                                      {log_key_of_tests()}, clock)
                              .value());
      policy_text += "witness " + name + " " + witnesses.back()->key().to_text() + "\n";
    }
    grow(kFirstSize);
    std::filesystem::create_directories(folder / "log/witness");
  }
  static std::filesystem::path made(const std::filesystem::path& path) {
    std::filesystem::create_directories(path);
    return path;
  }
  void grow(std::size_t count) {
    std::vector<Bytes> entries(count, entry_of("entry"));
    REQUIRE(opened.log.commit(batch_with(entries)));
    REQUIRE(opened.publisher.publish(opened.log.head().size));
    opened.log.published(opened.log.head().size);
  }
  [[nodiscard]] std::string note() const {
    return std::string(text_of(read_bytes(folder / "log/checkpoint")));
  }
  /// As `hangu audit pin --request` and `hangu witness cosign` make it of the published checkpoint.
  [[nodiscard]] std::string carried(std::size_t witness, const std::string& checkpoint) {
    const auto verdict = witnesses[witness]->add_checkpoint("old 0\n\n" + checkpoint);
    REQUIRE(verdict.answer.status == audit::kWitnessCosigned);
    const auto lines = audit::parse_cosignature_answer(verdict.answer.body).value();
    return audit::with_signatures(checkpoint, lines).value();
  }
  [[nodiscard]] Result<Returned> bring(const std::string& text,
                                       const std::string& end = "quorum w1\n") const {
    return keep_returned(*folder_at(folder / "log"), log_key_of_tests(),
                         audit::WitnessPolicy::parse(policy_text + end).value(), text, kTestTime);
  }
  [[nodiscard]] std::string why(const std::string& text) const {
    const auto done = bring(text);
    return done ? "taken" : std::string(done.error().reason());
  }
  [[nodiscard]] audit::Note copy(std::size_t size) const {
    return audit::Note::parse(text_of(read_bytes(folder / ("log/witness/" + std::to_string(size)))))
        .value();
  }

  TestFolder folder;
  ManualClock clock{kTestTime};
  audit::OpenedLog opened;
  std::vector<std::unique_ptr<audit::WitnessState>> witnesses;
  std::string policy_text;
};

}  // namespace

TEST_CASE("what comes back is kept where verifiers look, with the log's line and the witness's",
          "[witness]") {
  Bench bench;
  const std::string carried = bench.carried(0, bench.note());
  bench.grow(300);  // the log went on meanwhile
  const auto kept = bench.bring(carried);
  REQUIRE(kept);
  CHECK(kept->head.size == kFirstSize);
  CHECK(kept->witnesses == std::vector<std::string>{"w1"});
  CHECK(kept->quorum);
  CHECK(kept->copy == "witness/3");
  CHECK(bench.copy(kFirstSize).signatures.size() == 2);
  CHECK_FALSE(bench.bring(carried, "group g all w1 w2\nquorum g\n")->quorum);
}

TEST_CASE("the line of a second witness comes beside the first one's, and again changes nothing",
          "[witness]") {
  Bench bench;
  const std::string note = bench.note();
  const std::string first = bench.carried(0, note);
  const std::string second = bench.carried(1, note);
  REQUIRE(bench.bring(first));
  REQUIRE(bench.bring(second));
  CHECK(bench.copy(kFirstSize).signatures.size() == 3);
  REQUIRE(bench.bring(first));
  CHECK(bench.copy(kFirstSize).signatures.size() == 3);
}

TEST_CASE("what is not well signed, not cosigned, not ours or of more than there is, is not kept",
          "[witness]") {
  Bench bench;
  const std::string note = bench.note();
  const std::string carried = bench.carried(0, note);
  CHECK(bench.why(note) == "quorum-missing");
  CHECK(bench.why("nonsense") == "note-malformed");
  std::string bad = carried;
  bad[bad.size() - 20] = bad[bad.size() - 20] == 'A' ? 'B' : 'A';
  CHECK(bench.why(bad) == "cosignature-invalid");
  audit::Note unsigned_note = audit::Note::parse(carried).value();
  unsigned_note.signatures.erase(unsigned_note.signatures.begin());
  CHECK(bench.why(unsigned_note.to_text()) == "note-unsigned");
  const TestLog other(9);  // under the log's key
  CHECK(bench.why(bench.carried(1, other.note(2))) == "cosigned-other-tree");
  Bench more;
  more.grow(9);
  CHECK(bench.why(more.carried(0, more.note())) == "cosigned-ahead");
  CHECK(std::filesystem::is_empty(bench.folder / "log/witness"));
  CHECK(bench.why(carried) == "taken");
}

TEST_CASE("a log keeps a bounded number of copies, and says when it has no room for one",
          "[witness]") {
  Bench bench;
  const std::string carried = bench.carried(0, bench.note());
  for (std::size_t i = 0; i < kReturnedMax - 1; ++i)
    write_bytes(bench.folder / ("log/witness/1" + std::to_string(i)), {});
  CHECK(bench.why(carried) == "taken");
  CHECK(bench.why(carried) == "taken");  // its own place
  std::filesystem::rename(bench.folder / "log/witness/3", bench.folder / "log/witness/x");
  CHECK(bench.why(carried) == "audit-folder-too-full");
  std::filesystem::remove_all(bench.folder / "log/witness");
  CHECK(bench.why(carried) == "file-missing");
}

}  // namespace hangu::witness::test
