// Service: checkpoints that witnesses have cosigned, and the age of the last one.

#include "audit/service.hpp"

namespace hangu::audit {
namespace {

constexpr std::string_view kFeeder = "feeder";

std::unexpected<Error> refused(std::string_view reason) {
  return fail(ErrorCode::forbidden, reason);
}

}  // namespace

wire::Json witnessed_event(const Witnessed& witnessed) {
  if (witnessed.size == 0) return nullptr;
  return wire::JsonObject{{"size", witnessed.size}, {"time", WallTime(witnessed.time).to_text()}};
}

Witnessed Service::witnessed() const {
  return plan_.witnessing ? plan_.witnessing->state() : Witnessed();
}

CheckpointReply Service::checkpoint(const RequestId& id) const {
  CheckpointReply reply = writer_.checkpoint({.id = id});
  reply.witnessed = witnessed();
  return reply;
}

/// Refusals: "request-not-permitted", "cosigned-ahead", "cosigned-other-tree", and those of reading
/// the note. One that is older than what is known is no refusal: the answer has the later.
Result<CheckpointReply> Service::take_cosigned(const CosignedRequest& request,
                                               const Caller& caller) {
  if (caller.program != kFeeder || !plan_.witnessing) return refused("request-not-permitted");
  HANGU_TRY(const CosignedHead head, plan_.witnessing->read(request.note));
  // Published is what its feeder read; that the publisher is through is learned a moment later.
  if (head.head.size > writer_.log().head().size) return refused("cosigned-ahead");
  HANGU_TRY(const bool ours, writer_.log().contains(head.head));
  if (!ours) {
    // Our own key signed it, and witnesses saw it: somebody else has the key. Told once.
    if (other_tree_ != head.head) HANGU_CHECK(tell_other_tree(head.head));
    return refused("cosigned-other-tree");
  }
  if (plan_.witnessing->take(head)) publishing_.cosign(head);
  return checkpoint(request.id);
}

Done Service::tell_other_tree(const TreeHead& head) {
  other_tree_ = head;
  plan_.tell("HANGU-AUDIT-0023 ALARM: witnesses cosigned another tree of size " +
             std::to_string(head.size) + " under this log's key");
  return writer_.note_event(
      kWitnessAge, {{"state", "other-tree"}, {"size", head.size}, {"root", to_hex(head.root)}});
}

Done Service::complain_of_age() {
  if (!plan_.witnessing) return {};
  std::optional<WitnessComplaint> complaint = plan_.witnessing->complain();
  if (!complaint) return {};
  plan_.tell(complaint->line);
  return complaint->event ? writer_.note_event(kWitnessAge, *std::move(complaint->event)) : Done();
}

}  // namespace hangu::audit
