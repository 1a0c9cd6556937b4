#include "line/records.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "crypto/hash.hpp"

namespace hangu::line {
namespace {

/// Of an entry's 48 KiB; what is around the body takes less than the rest.
constexpr std::size_t kEventBytesMax = kEntryBytesMax - 4096;
/// A statement stands in its entry as base64.
constexpr std::size_t kEnvelopeBytesMax = kEventBytesMax / 4 * 3;
constexpr std::size_t kActionsShownMax = 2000;   ///< bytes of one object's actions
constexpr std::size_t kRulesShownMax = 64;       ///< of a decision
constexpr std::size_t kRecipientsShownMax = 64;  ///< of a submission
constexpr std::size_t kAreasShownMax = 256;      ///< of a submission

template <class Range, class Text>
wire::JsonArray texts(const Range& range, std::size_t most, Text text) {
  wire::JsonArray out;
  for (const auto& item : range) {
    if (out.size() == most) break;
    out.emplace_back(std::string(text(item)));
  }
  return out;
}

Record event(std::string type, wire::JsonObject members) {
  return {std::move(type), audit::BodyKind::event, wire::Json(std::move(members)).to_text()};
}

wire::Json action_json(const FilterAction& action) {
  wire::JsonArray actions;
  if (!action.actions.empty()) actions.emplace_back(printable(action.actions, kActionsShownMax));
  return wire::JsonObject{
      {"name", action.name},
      {"object", action.object.to_text()},
      {"output", action.output ? wire::Json(action.output->to_text()) : wire::Json()},
      {"verdict", flow::to_text(action.verdict)},
      {"reason", action.reason},
      {"actions", std::move(actions)}};
}

/// Under this key the log keeps the record once.
std::string record_key(const TransferId& transfer, const Record& record) {
  const crypto::Hash digest = crypto::Hasher(crypto::HashAlgorithm::sha256)
                                  .update(bytes_of(record.type + "\n"))
                                  .update(bytes_of(record.body))
                                  .finish();
  return "record:" + transfer.text() + ":" + to_hex(ByteView(digest).first(16));
}

}  // namespace

Record received_record(const ZoneId& zone, const NodeId& node,
                       const crypto::ObjectDigest& package) {
  return event("transfer.received", {{"zone", zone.text()},
                                     {"node", node.text()},
                                     {"package", package.to_text()},
                                     {"bytes", package.size}});
}

std::vector<Record> submission_records(const flow::Envelope& envelope,
                                       const flow::Submission& submission) {
  std::uint64_t bytes = 0;
  for (const flow::ObjectRow& row : submission.objects.rows()) bytes += row.digest.size;
  const crypto::HashAlgorithm algorithm = crypto::hash_of(submission.suite);
  const auto as_is = [](const std::string& text) -> const std::string& { return text; };
  std::vector<Record> out{event(
      "transfer.stated", {{"submission", crypto::digest_of(algorithm, envelope.payload).to_text()},
                          {"node", submission.origin_node.text()},
                          {"from", submission.origin_zone.text()},
                          {"to", submission.destination_zone.text()},
                          {"recipients", texts(submission.destination_nodes, kRecipientsShownMax,
                                               [](const NodeId& node) { return node.text(); })},
                          {"product", submission.facts.product},
                          {"areas", texts(submission.facts.areas, kAreasShownMax, as_is)},
                          {"secrecy", flow::to_text(submission.label.secrecy)},
                          {"grade", flow::to_text(submission.label.grade)},
                          {"owner", submission.label.owner},
                          {"suite", crypto::to_text(submission.suite)},
                          {"sequence", submission.sequence},
                          {"objects", submission.objects.rows().size()},
                          {"bytes", bytes},
                          {"key", envelope.signatures.front().key_id}})};
  if (std::string text = envelope.to_text(); text.size() <= kEnvelopeBytesMax)
    out.push_back({"document.submission", audit::BodyKind::statement, std::move(text)});
  return out;
}

Record decision_record(flow::Stage stage, const flow::Decision& decision,
                       const crypto::ObjectDigest& document, wire::Json asked,
                       const std::optional<DirectoryAge>& directory) {
  const auto as_is = [](const std::string& text) -> const std::string& { return text; };
  wire::JsonObject members{
      {"stage", flow::to_text(stage)},
      {"decision", document.to_text()},
      {"allowed", decision.allowed},
      {"reason", decision.reason},
      {"rules", texts(decision.rules, kRulesShownMax, as_is)},
      {"policy", decision.policy},
      {"approvals", decision.obligations.approver_slots.size()},
      {"declassifiers", texts(decision.obligations.declassifiers, kRulesShownMax, as_is)},
      {"secrecy", flow::to_text(decision.output_label.secrecy)},
      {"grade", flow::to_text(decision.output_label.grade)}};
  if (directory) {
    members.emplace_back("directoryCookie", directory->cookie);
    members.emplace_back("directorySnapshot", directory->snapshot);
    members.emplace_back("directoryAge", directory->age.count());
  }
  members.emplace_back("asked", std::move(asked));
  return event("transfer.decided", std::move(members));
}

FilterAction stopped_action(const flow::ObjectRow& object, const Outcome& outcome) {
  return {.name = object.name,
          .object = object.digest,
          .output = std::nullopt,
          .verdict = outcome.verdict,
          .reason = outcome.reason,
          .actions = outcome.detail};
}

std::vector<Record> filter_records(flow::Stage stage, std::span<const FilterAction> actions) {
  std::vector<wire::JsonArray> parts;
  std::size_t bytes = 0;
  for (const FilterAction& action : actions) {
    wire::Json json = action_json(action);
    const std::size_t more = json.to_text().size() + 1;
    if (parts.empty() || bytes + more > kEventBytesMax) {
      parts.emplace_back();
      bytes = 0;
    }
    bytes += more;
    parts.back().push_back(std::move(json));
  }
  std::vector<Record> out;
  for (wire::JsonArray& part : parts)
    out.push_back(
        event("filter." + std::string(flow::to_text(stage)),
              {{"part", out.size() + 1}, {"of", parts.size()}, {"objects", std::move(part)}}));
  return out;
}

Done append_records(const TransferId& transfer, std::span<const Record> records,
                    AuditClient& audit) {
  for (const Record& record : records) {
    audit::AppendRequest request;
    request.id = audit.new_request_id();
    request.type = record.type;
    request.transfer = transfer;
    request.keys = {record_key(transfer, record)};
    request.kind = record.kind;
    request.body = record.body;
    HANGU_CHECK(audit.append(request));  // taken: it was told before
  }
  return {};
}

Result<Outcome> recorded(const ledger::Work& work, Result<Outcome> outcome, AuditClient& audit) {
  if (outcome) HANGU_CHECK(append_records(work.transfer, outcome->records, audit));
  return outcome;
}

}  // namespace hangu::line
