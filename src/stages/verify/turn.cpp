#include "stages/verify/turn.hpp"

#include "flow/step.hpp"
#include "wire/json.hpp"

namespace hangu::stages {
namespace {

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
  HANGU_CHECK(audit.append(request));  // taken: it was told before
  return {};
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
  // A pass took both keys with one entry; the log knows that also of an entry that is deleted.
  HANGU_TRY(const std::optional<std::uint64_t> named,
            audit.holder(flow::submission_key(submission.previous.value())));
  return named == before ? Problem() : Problem("submission-previous");
}

}  // namespace hangu::stages
