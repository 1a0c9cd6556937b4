#include "stages/verify/turn.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "flow/step.hpp"

namespace hangu::stages {
namespace {

/// True when the entry at `index` holds `key` too.
Result<bool> holds_too(line::AuditClient& audit, std::uint64_t index, const std::string& key) {
  HANGU_TRY(const audit::ProveReply reply, audit.prove(index, index + 1));
  HANGU_TRY(const wire::Json entry, wire::Json::parse(reply.entry, kEntryBytesMax));
  const wire::Json* keys = entry.find("keys");
  if (keys == nullptr || keys->as_array() == nullptr)
    return fail(ErrorCode::malformed, "audit-reply-invalid", "an entry without keys");
  return std::ranges::find(*keys->as_array(), wire::Json(key)) != keys->as_array()->end();
}

Done note_gap(const flow::Submission& submission, const TransferId& transfer,
              line::AuditClient& audit) {
  const std::string& node = submission.origin_node.text();
  audit::AppendRequest request;
  request.id = audit.new_request_id();
  request.type = "sequence.gap";
  request.transfer = transfer;
  request.keys = {"gap:" + node + ":" + std::to_string(submission.sequence)};
  request.kind = audit::BodyKind::event;
  request.body = wire::Json(wire::JsonObject{{"node", node},
                                             {"sequence", submission.sequence},
                                             {"missing", submission.sequence - 1}})
                     .to_text();
  HANGU_TRY(const audit::AppendReply reply, audit.append(request));
  if (reply.outcome == audit::AppendOutcome::refused)
    return fail(ErrorCode::internal, "audit-refused", reply.reason);
  return {};  // taken: it was told before
}

}  // namespace

std::string sequence_key(const NodeId& node, std::uint64_t sequence) {
  return "sequence:" + node.text() + ":" + std::to_string(sequence);
}

Result<std::optional<std::string>> check_turn(const flow::Submission& submission,
                                              const TransferId& transfer,
                                              line::AuditClient& audit) {
  using Problem = std::optional<std::string>;
  if (submission.sequence == 1) return Problem();
  HANGU_TRY(const std::optional<std::uint64_t> before,
            audit.holder(sequence_key(submission.origin_node, submission.sequence - 1)));
  if (!before) {
    HANGU_CHECK(note_gap(submission, transfer, audit));
    return Problem();
  }
  HANGU_TRY(const bool follows,
            holds_too(audit, *before, flow::submission_key(submission.previous.value())));
  return follows ? Problem() : Problem("submission-previous");
}

}  // namespace hangu::stages
