#include "audit/witness/quorum_watch.hpp"

#include <algorithm>

#include "audit/witness/cosignature.hpp"
#include "audit/witness/cosigned_note.hpp"
#include "audit/witness/limits.hpp"
#include "base/text.hpp"

namespace hangu::audit {
namespace {

using std::chrono::seconds;

Result<CosignedHead> head_of(std::string_view note, const WitnessPolicy& policy,
                             std::span<const NoteKey> keys, const Clock& clock) {
  HANGU_TRY(const WallTime now, clock.now());
  HANGU_TRY(const CosignedCheckpoint cosigned, read_cosigned(note, keys, policy, now));
  if (!cosigned.quorum) {
    return fail(ErrorCode::forbidden, "quorum-missing",
                std::to_string(cosigned.cosignatures.size()) + " cosignatures");
  }
  HANGU_TRY(const Note parsed, Note::parse(note));
  const auto own = std::ranges::find_if(parsed.signatures, [&](const NoteSignature& line) {
    return std::ranges::any_of(keys,
                               [&](const NoteKey& key) { return claims_to_be_of(line, key); });
  });
  HANGU_ASSERT(own != parsed.signatures.end());  // the note was opened with one of them
  CosignedHead out{.head = cosigned.checkpoint.head,
                   .time = cosigned.quorum_time.value_or(seconds(0)),
                   .lines = {*own}};
  out.lines.insert(out.lines.end(), cosigned.lines.begin(), cosigned.lines.end());
  return out;
}

wire::JsonObject age_event(std::string_view state, const Witnessed& last) {
  return {
      {"state", std::string(state)},
      {"size", last.size},
      {"time", last.size == 0 ? wire::Json(nullptr) : wire::Json(WallTime(last.time).to_text())}};
}

std::string last_text(const Witnessed& last) {
  if (last.size == 0) return "no quorum of witnesses has seen the log yet";
  return "last seen by a quorum: size " + std::to_string(last.size) + " at " +
         WallTime(last.time).to_text();
}

}  // namespace

QuorumLevel level_of(seconds age) {
  if (age >= kUnwitnessedAlarm) return QuorumLevel::alarm;
  return age >= kUnwitnessedWarning ? QuorumLevel::late : QuorumLevel::fine;
}

seconds age_of(seconds time, WallTime now) {
  return std::max(seconds(0), std::chrono::floor<seconds>(now.since_epoch()) - time);
}

Done check_policy_of(const WitnessPolicy& policy, const NoteKey& log) {
  const auto& logs = policy.logs();
  const bool named = std::ranges::any_of(
      logs, [&](const auto& one) { return one.key.to_text() == log.to_text(); });
  if (logs.empty() || named) return {};
  return fail(ErrorCode::malformed, "witness-policy-other-log", log.to_text());
}

Result<std::optional<CosignedHead>> kept_quorum(const Folder& log_folder,
                                                const WitnessPolicy& policy,
                                                std::span<const NoteKey> keys, const Clock& clock) {
  const std::string path(kWitnessedCheckpoint);
  HANGU_TRY(const bool there, log_folder.has(path));
  if (!there) return std::optional<CosignedHead>();
  HANGU_TRY(const Bytes note, log_folder.read(path, kNoteBytesMax));
  Result<CosignedHead> head = head_of(text_of(note), policy, keys, clock);
  if (head) return std::optional(*std::move(head));
  if (head.error().reason() == "quorum-missing") return std::optional<CosignedHead>();
  return std::unexpected(head.error().within(path));
}

Result<std::unique_ptr<Witnessing>> QuorumWatch::open(const Folder& log_folder,
                                                      WitnessPolicy policy, NoteKey log,
                                                      const Clock& clock,
                                                      std::span<const NoteKey> former) {
  HANGU_CHECK(check_policy_of(policy, log));
  HANGU_TRY(const WallTime now, clock.now());
  std::vector<NoteKey> keys{log};
  keys.insert(keys.end(), former.begin(), former.end());
  HANGU_TRY(std::optional<CosignedHead> last, kept_quorum(log_folder, policy, keys, clock));
  return std::unique_ptr<Witnessing>(
      new QuorumWatch(std::move(policy), std::move(log), std::move(last), now, clock));
}

Witnessed QuorumWatch::state() const {
  Witnessed state{.demanded = policy_.demands_witnesses()};
  if (last_) {
    state.size = last_->head.size;
    state.time = last_->time;
  }
  return state;
}

std::optional<TreeHead> QuorumWatch::head() const {
  return last_ ? std::optional(last_->head) : std::nullopt;
}

Result<CosignedHead> QuorumWatch::read(std::string_view note) const {
  return head_of(note, policy_, {&log_, 1}, clock_);
}

bool QuorumWatch::take(const CosignedHead& head) {
  // A larger tree is news whatever the clocks of those who saw it say.
  const auto order = [](const CosignedHead& one) { return std::pair(one.head.size, one.time); };
  if (last_ && order(head) < order(*last_)) return false;
  last_ = head;
  return true;
}

std::optional<WitnessComplaint> QuorumWatch::complain() {
  if (!policy_.demands_witnesses()) return std::nullopt;
  const Result<WallTime> now = clock_.now();
  if (!now || *now - started_ < kUnwitnessedWarning) return std::nullopt;
  const Witnessed last = state();
  const seconds age =
      last.size > 0 ? age_of(last.time, *now) : std::chrono::floor<seconds>(*now - started_);
  const QuorumLevel level = level_of(age);
  if (level == level_) return std::nullopt;
  const QuorumLevel before = std::exchange(level_, level);
  const std::string since = std::to_string(age.count()) + " s; " + last_text(last);
  switch (level) {
    case QuorumLevel::fine:
      return WitnessComplaint{
          .line = "HANGU-AUDIT-0022 witnessed again: size " + std::to_string(last.size),
          .event =
              before == QuorumLevel::alarm ? std::optional(age_event("over", last)) : std::nullopt};
    case QuorumLevel::late:
      return WitnessComplaint{.line = "HANGU-AUDIT-0020 warning: not witnessed for " + since,
                              .event = std::nullopt};
    case QuorumLevel::alarm: break;
  }
  return WitnessComplaint{.line = "HANGU-AUDIT-0021 ALARM: not witnessed for " + since,
                          .event = age_event("alarm", last)};
}

}  // namespace hangu::audit
