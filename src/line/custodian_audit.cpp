#include "line/custodian_audit.hpp"

#include "audit/entry.hpp"
#include "base/text.hpp"
#include "flow/receipt.hpp"
#include "flow/step.hpp"
#include "wire/json.hpp"

namespace hangu::line {

Result<flow::State> end_of_entry(std::string_view entry) {
  const auto unexpected = [](std::string_view what) {
    return fail(ErrorCode::corrupt, "audit-entry-unexpected", printable(what));
  };
  const auto head = audit::EntryHead::parse(entry);
  if (!head) return unexpected("under a transfer's end");
  if (head->type == "transfer.withdrawn") return flow::State::withdrawn;
  if (head->type == "transfer.expired") return flow::State::expired;
  if (!head->type.starts_with("step.")) return unexpected(head->type);
  const auto logged = flow::parse_logged_statement(entry);
  if (!logged) return unexpected(head->type);
  const auto step = flow::Step::parse(logged->statement);
  if (!step) return unexpected(head->type);
  if (step->verdict == flow::Verdict::fail) return flow::State::refused;
  if (step->stage == flow::Stage::emit && step->verdict == flow::Verdict::pass) {
    return flow::State::emitted;
  }
  return unexpected(head->type);
}

Result<audit::AppendReply> CustodianAudit::append(const TransferId& transfer, std::string type,
                                                  std::string key, std::string body) {
  const std::lock_guard lock(mutex_);
  if (!client_) {
    HANGU_TRY(auto client, AuditClient::connect(socket_, entropy_));
    client_ = std::move(client);
  }
  audit::AppendRequest request;
  request.id = client_->new_request_id();
  request.type = std::move(type);
  request.transfer = transfer;
  request.keys = {std::move(key)};
  request.kind = audit::BodyKind::event;
  request.body = std::move(body);
  return client_->append(request);
}

Result<flow::State> CustodianAudit::end_transfer(const TransferId& transfer, flow::State end,
                                                 const std::optional<NodeId>& asked_by) {
  wire::JsonObject body;
  if (asked_by) body.emplace_back("node", asked_by->text());
  HANGU_TRY(const auto reply,
            append(transfer, "transfer." + std::string(flow::to_text(end)), flow::end_key(transfer),
                   wire::Json(std::move(body)).to_text()));
  if (reply.outcome == audit::AppendOutcome::appended) return end;
  return end_of_entry(reply.entry);
}

Done CustodianAudit::acknowledge(const TransferId& transfer, const NodeId& node,
                                 const crypto::ObjectDigest& sealed) {
  const wire::JsonObject body{{"node", node.text()}, {"sealed", sealed.to_text()}};
  HANGU_CHECK(append(transfer, "transfer.acknowledged",
                     "acknowledged:" + transfer.text() + ":" + node.text(),
                     wire::Json(body).to_text()));  // taken: by the same act, earlier
  return {};
}

Done CustodianAudit::quarantine(const TransferId& transfer, std::uint32_t round, flow::Stage stage,
                                std::uint32_t attempts) {
  const wire::JsonObject body{{"attempts", attempts},
                              {"reason", "stage-crashed"},
                              {"round", round},
                              {"stage", flow::to_text(stage)}};
  HANGU_CHECK(append(transfer, "transfer.quarantined",
                     "quarantined:" + transfer.text() + ":" + std::to_string(round) + ":" +
                         std::string(flow::to_text(stage)),
                     wire::Json(body).to_text()));
  return {};
}

}  // namespace hangu::line
