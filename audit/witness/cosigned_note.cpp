#include "audit/witness/cosigned_note.hpp"

#include <algorithm>

#include "audit/witness/cosignature.hpp"
#include "audit/witness/limits.hpp"
#include "base/text.hpp"

namespace hangu::audit {
namespace {

using std::chrono::seconds;

/// The newest good cosignature of each witness under a note.
Done take_cosignatures(const Note& note, const WitnessPolicy& policy, seconds latest,
                       CosignedCheckpoint& out) {
  for (std::size_t i = 0; i < policy.witnesses().size(); ++i) {
    const NoteKey& key = policy.witnesses()[i].key;
    std::optional<seconds> newest;
    const NoteSignature* its = nullptr;
    for (const NoteSignature& line : note.signatures) {
      if (!claims_to_be_of(line, key)) continue;
      HANGU_TRY(const seconds time, verify_cosignature(key, note.text, line));
      if (time > latest || (newest && time <= *newest)) continue;
      newest = time;
      its = &line;
    }
    if (!newest) continue;
    out.cosignatures.push_back({.witness = i, .time = *newest});
    out.lines.push_back(*its);
  }
  return {};
}

/// As of when the quorum holds: cosignatures are taken up from the newest on until it does.
std::optional<seconds> quorum_time_of(std::vector<Cosignature> newest_first,
                                      const WitnessPolicy& policy) {
  std::ranges::sort(newest_first, std::ranges::greater{}, &Cosignature::time);
  std::vector<bool> cosigned(policy.witnesses().size());
  for (const Cosignature& one : newest_first) {
    cosigned[one.witness] = true;
    if (policy.satisfied_by(cosigned)) return one.time;
  }
  return std::nullopt;
}

}  // namespace

Result<CosignedCheckpoint> read_cosigned(std::string_view note, std::span<const NoteKey> log_keys,
                                         const WitnessPolicy& policy, WallTime now) {
  HANGU_TRY(const std::string text, open_note(note, log_keys));
  CosignedCheckpoint out;
  HANGU_TRY(out.checkpoint, Checkpoint::parse(text));
  if (std::ranges::none_of(
          log_keys, [&](const NoteKey& key) { return key.name() == out.checkpoint.origin; })) {
    return fail(ErrorCode::forbidden, "checkpoint-origin", printable(out.checkpoint.origin));
  }
  HANGU_TRY(const Note parsed, Note::parse(note));
  const auto latest =
      std::chrono::floor<seconds>(now.since_epoch()) + seconds(kCosignatureAheadMax);
  HANGU_CHECK(take_cosignatures(parsed, policy, latest, out));
  if (!policy.demands_witnesses()) {
    out.quorum = true;
    return out;
  }
  out.quorum_time = quorum_time_of(out.cosignatures, policy);
  out.quorum = out.quorum_time.has_value();
  return out;
}

}  // namespace hangu::audit
