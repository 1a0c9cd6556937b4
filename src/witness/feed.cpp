#include "witness/feed.hpp"

#include "audit/witness/add_checkpoint.hpp"
#include "audit/witness/cosignature.hpp"
#include "base/text.hpp"
#include "witness/limits.hpp"

namespace hangu::witness {
namespace {

constexpr std::size_t kShownMax = 160;

FeedOutcome ended(FeedEnd end, std::string detail, std::uint64_t size = 0) {
  return {.end = end, .line = std::nullopt, .witness_size = size, .detail = std::move(detail)};
}

std::string sizes(std::uint64_t theirs, std::uint64_t ours) {
  return "it saw size " + std::to_string(theirs) + ", ours is " + std::to_string(ours);
}

}  // namespace

Result<Target> Target::read(std::string_view note, const audit::NoteKey& log) {
  HANGU_TRY(const audit::Checkpoint checkpoint, audit::open_checkpoint(note, log));
  return Target{.note = std::string(note), .text = checkpoint.to_text(), .head = checkpoint.head};
}

FeedOutcome WitnessFeed::feed(const Target& target, const Post& post, const Prove& prove) {
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    const std::uint64_t old = known_.value_or(0);
    if (old > target.head.size) {
      return ended(FeedEnd::ahead, sizes(old, target.head.size), old);
    }
    audit::AddCheckpoint request{.old_size = old, .proof = {}, .note = target.note};
    if (old > 0) {
      Result<std::vector<audit::Hash>> proof = prove(old, target.head);
      if (!proof) return ended(FeedEnd::unable, proof.error().message());
      request.proof = *std::move(proof);
    }
    const Result<Posted> answer = post(request.to_text());
    if (!answer) return ended(FeedEnd::unreachable, answer.error().message());
    const std::string said =
        "status " + std::to_string(answer->status) + " " + printable(answer->body, kShownMax);
    if (answer->status == audit::kWitnessCosigned) return take_cosignature(target, answer->body);
    if (answer->status == audit::kWitnessContradiction) {
      known_.reset();  // it is asked anew next time
      // From size 0 nothing is proved, so nothing can contradict it.
      return old > 0 ? ended(FeedEnd::forked, "from size " + std::to_string(old) + ": " + said, old)
                     : ended(FeedEnd::refused, said);
    }
    if (answer->status != audit::kWitnessOtherSize) return ended(FeedEnd::refused, said);
    const Result<std::uint64_t> theirs = audit::parse_size_answer(answer->body);
    if (!theirs || *theirs == old) return ended(FeedEnd::nonsense, said);
    known_ = *theirs;
  }
  return ended(FeedEnd::nonsense, "its size changes with each answer");
}

FeedOutcome WitnessFeed::take_cosignature(const Target& target, const std::string& body) {
  const auto lines = audit::parse_cosignature_answer(body);
  if (!lines) return ended(FeedEnd::nonsense, lines.error().message());
  for (const audit::NoteSignature& line : *lines) {
    if (!audit::claims_to_be_of(line, key_)) continue;  // unknown keys are ignored
    if (const auto time = audit::verify_cosignature(key_, target.text, line); !time) {
      return ended(FeedEnd::nonsense, time.error().message());
    }
    known_ = target.head.size;
    return {.end = FeedEnd::cosigned,
            .line = line,
            .witness_size = target.head.size,
            .detail = "size " + std::to_string(target.head.size)};
  }
  return ended(FeedEnd::nonsense, "no line of its key");
}

}  // namespace hangu::witness
