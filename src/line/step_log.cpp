#include "line/step_log.hpp"

namespace hangu::line {
Result<LoggedOutcome> StepLog::append(const flow::Step& step,
                                      const std::vector<std::string>& more_keys) {
  HANGU_TRY(const flow::Envelope envelope, step.to_statement().sign(key_));
  HANGU_CHECK(flow::Step::parse(envelope));  // what nobody could read does not go on the record
  audit::AppendRequest request;
  request.id = client_.new_request_id();
  request.type = "step." + std::string(flow::to_text(step.stage));
  request.transfer = step.transfer;
  request.keys = more_keys;
  request.keys.insert(request.keys.begin(), flow::step_key(step));
  // A refusal and an emission end the transfer: they compete with withdrawal and expiry.
  if (step.verdict == flow::Verdict::fail ||
      (step.stage == flow::Stage::emit && step.verdict == flow::Verdict::pass))
    request.keys.push_back(flow::end_key(step.transfer));
  request.kind = audit::BodyKind::statement;
  request.body = envelope.to_text();
  HANGU_TRY(const audit::AppendReply reply, client_.append(request));

  if (reply.outcome == audit::AppendOutcome::appended)
    return LoggedOutcome{step, reply.index, {}, {}};
  const Result<flow::LoggedStatement> logged = flow::parse_logged_statement(reply.entry);
  if (logged && logged->type.starts_with("step.")) {
    HANGU_TRY(flow::Step earlier, flow::Step::parse(logged->statement));
    // The same work: it may differ in nothing but what the first attempt made (its outputs and
    // evidence stand, ours are thrown away).
    if (earlier.transfer == step.transfer && earlier.stage == step.stage &&
        earlier.round == step.round)
      return LoggedOutcome{std::move(earlier), reply.index, {}, {}};
    return LoggedOutcome{std::nullopt, reply.index, logged->type, logged->transfer};
  }
  return LoggedOutcome{std::nullopt, reply.index, "other", step.transfer.text()};
}

}  // namespace hangu::line
