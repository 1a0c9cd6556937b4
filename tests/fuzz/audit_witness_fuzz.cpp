// What witnesses, their logs and their auditors read. The first byte of an input says what the rest
// is:
//   0  a signed note: its lines, its checkpoint, a receipt that ends in it
//   1  a vkey
//   2  a witness policy
//   3  an add-checkpoint body
//   4  what a witness answers: lines, or a size
//   5  a witness's state, as it may stand on a disk
//   6  steps of clients, honest and not, whose requests the target signs itself: a witness cosigns
//      one history, its size never shrinks, and it reads what it wrote
// What is accepted is written again as the same.

#include <array>
#include <map>

#include "audit/proof_text.hpp"
#include "audit/witness/cosigned_note.hpp"
#include "audit/witness/limits.hpp"
#include "audit/witness/quorum_watch.hpp"
#include "base/text.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/unit/audit/faulty_disk.hpp"
#include "tests/unit/audit_witness/tree.hpp"

namespace {

using namespace hangu;
using namespace hangu::audit;
using namespace hangu::audit::test;

constexpr std::size_t kEntries = 24;
constexpr std::size_t kStepsMax = 8;

const NoteKey& log_key() {
  static const NoteKey key = log_key_of_tests();
  return key;
}
const Cosigner& witness() {
  static const Cosigner cosigner = cosigner_from(0x20);
  return cosigner;
}
const WitnessPolicy& policy() {
  static const WitnessPolicy one =
      WitnessPolicy::parse("witness w " + witness().key().to_text() + "\nquorum w\n").value();
  return one;
}

bool same(const Note& a, const Note& b) {
  return a.text == b.text && std::ranges::equal(a.signatures, b.signatures, [](auto& x, auto& y) {
           return x.name == y.name && x.key_id == y.key_id && x.signature == y.signature;
         });
}

void try_note(std::string_view text) {
  if (const auto proof = LogProof::parse(text)) {
    const auto again = LogProof::parse(proof->to_text());
    fuzz::must_hold(again.has_value() && *again == *proof);
  }
  const auto note = Note::parse(text);
  if (!note) return fuzz::must_hold(!note.error().reason().empty());
  fuzz::must_hold(note->to_text() == text);  // one spelling
  fuzz::must_hold(!note->signatures.empty() && note->signatures.size() <= kNoteSignaturesMax);
  const auto more = with_signatures(text, note->signatures);
  fuzz::must_hold(more && Note::parse(*more));
  const auto checkpoint = Checkpoint::parse_claim(note->text);
  if (checkpoint) fuzz::must_hold(checkpoint->to_text() == note->text);
  const auto opened = open_checkpoint(text, log_key());
  if (opened) fuzz::must_hold(opened->origin == log_key().name());
  const auto read = read_cosigned(text, {&log_key(), 1}, policy(), kTestTime);
  if (!read) return;
  fuzz::must_hold(opened.has_value() && read->lines.size() == read->cosignatures.size());
  fuzz::must_hold(read->lines.size() <= 1 && read->quorum == !read->lines.empty());
}

void try_vkey(std::string_view text) {
  const auto key = NoteKey::parse(text);
  if (key) fuzz::must_hold(key->to_text() == text);
}

void try_policy(std::string_view text) {
  const auto read = WitnessPolicy::parse(text);
  if (!read) return fuzz::must_hold(!read.error().reason().empty());
  const std::size_t count = read->witnesses().size();
  fuzz::must_hold(count <= kPolicyWitnessesMax && read->logs().size() <= kPolicyLogsMax);
  // Nobody is enough only where nobody is asked for; everybody always is.
  fuzz::must_hold(read->satisfied_by(std::vector<bool>(count, true)));
  fuzz::must_hold(read->satisfied_by(std::vector<bool>(count, false)) != read->demands_witnesses());
  (void)check_policy_of(*read, log_key()).has_value();
}

void try_request(std::string_view body) {
  const auto request = AddCheckpoint::parse(body);
  if (!request) return fuzz::must_hold(!request.error().reason().empty());
  fuzz::must_hold(request->proof.size() <= kProofHashesMax && request->to_text() == body);
}

void try_answer(std::string_view body) {
  if (const auto size = parse_size_answer(body))
    fuzz::must_hold(std::to_string(*size) + "\n" == body);
  const auto lines = parse_cosignature_answer(body);
  if (!lines) return;
  fuzz::must_hold(!lines->empty() && to_answer(*lines) == body);
  for (const NoteSignature& line : *lines)
    (void)verify_cosignature(witness().key(), "a\n1\nb\n", line).has_value();
}

void try_state(std::string_view text) {
  const auto state = parse_witness_state(text);
  if (!state) return;
  const auto again = parse_witness_state(state->to_text());
  fuzz::must_hold(again && same(*again, *state) && Note::parse(state->to_text()).has_value());
  if (const auto note = Note::parse(text)) fuzz::must_hold(note->text == state->text);
}

/// Two histories of one log, and the notes of each of their sizes.
struct Histories {
  Histories() {
    for (std::size_t size = 1; size <= kEntries; ++size)
      for (std::size_t h = 0; h < logs.size(); ++h) notes.at(h)[size] = logs.at(h).note(size);
  }
  std::array<TestLog, 2> logs{TestLog(kEntries), TestLog(kEntries, 3)};
  std::array<std::map<std::size_t, std::string>, 2> notes;
};

/// A step is four bytes: history and tricks, old size, size, and what the trick is about.
void try_steps(ByteView steps) {
  static const Histories histories;
  FaultyDisk disk(1);
  const ManualClock clock(kTestTime);
  auto state = witness_in(disk.root(), clock);
  std::array<bool, 2> cosigned{};  // sizes that only one history has
  std::uint64_t before = 0;
  for (std::size_t n = 0; n < kStepsMax && steps.size() >= 4; ++n, steps = steps.subspan(4)) {
    const auto at = [&](std::size_t i) { return std::to_integer<std::size_t>(steps[i]); };
    const std::size_t history = at(0) & 1U;
    const std::size_t size = 1 + at(2) % kEntries;
    const std::size_t old = at(1) % (kEntries + 2);
    AddCheckpoint request{
        .old_size = old, .proof = {}, .note = histories.notes.at(history).at(size)};
    if (old > 0 && old < size) request.proof = histories.logs.at(history).proof(old, size);
    if ((at(0) & 2U) != 0 && !request.proof.empty())
      request.proof[at(3) % request.proof.size()][0] ^= std::byte{1};
    if ((at(0) & 4U) != 0) {  // a good line again and again
      Note note = Note::parse(request.note).value();
      note.signatures.resize(1 + at(3) % kNoteSignaturesMax, note.signatures.front());
      request.note = note.to_text();
    }
    if ((at(0) & 8U) != 0) state = witness_in(disk.root(), clock);
    std::string body = request.to_text();
    if ((at(0) & 16U) != 0) body[at(3) % body.size()] ^= static_cast<char>(1U << (at(3) % 7));
    const WitnessVerdict verdict = state->add_checkpoint(body);
    fuzz::must_hold(verdict.answer.status != 500 && verdict.answer.status != 503);
    const auto kept = state->latest(origin_hash_of(kOrigin));
    fuzz::must_hold(kept.has_value());
    if (!*kept) continue;
    const auto read = open_checkpoint(**kept, log_key());
    fuzz::must_hold(read && read->head.size >= before);
    before = read->head.size;
    if (verdict.answer.status != 200) continue;
    if (read->head.size > 3)
      cosigned.at(read->head == histories.logs[0].head(before) ? 0 : 1) = true;
    fuzz::must_hold(!cosigned[0] || !cosigned[1]);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input = fuzz::view(data, size);
  if (input.empty()) return 0;
  const std::string_view text = text_of(input.subspan(1));
  switch (std::to_integer<unsigned>(input[0])) {
    case 0: try_note(text); break;
    case 1: try_vkey(text); break;
    case 2: try_policy(text); break;
    case 3: try_request(text); break;
    case 4: try_answer(text); break;
    case 5: try_state(text); break;
    case 6: try_steps(input.subspan(1)); break;
    default: break;
  }
  return 0;
}
