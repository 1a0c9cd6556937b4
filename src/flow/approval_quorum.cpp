#include "flow/approval_quorum.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace hangu::flow {
namespace {

auto refuse(std::string context) {
  return fail(ErrorCode::forbidden, "warrant-approvals", std::move(context));
}

/// One step of Kuhn's algorithm: finds a human for `slot`, moving others when need be.
bool place(std::size_t slot, std::span<const std::string> slots,
           std::span<const Approver* const> people, std::vector<bool>& tried,
           std::vector<std::size_t>& holder) {
  for (std::size_t p = 0; p < people.size(); ++p) {
    if (tried[p] || !fits(*people[p], slots[slot])) continue;
    tried[p] = true;
    if (holder[p] == slots.size() || place(holder[p], slots, people, tried, holder)) {
      holder[p] = slot;
      return true;
    }
  }
  return false;
}

/// The approver whose signed approval this envelope is; `lapsed` becomes true when it is over.
Result<const Approver*> check_one(const Envelope& envelope, const ApprovalSubject& subject,
                                  const Decision& decision, WallTime now, bool& lapsed) {
  const Result<Approval> approval = Approval::parse(envelope);
  if (!approval) return refuse(approval.error().message());
  if (!approval->approved) return refuse("a refusal stands among the approvals");
  if (approval->transfer != subject.transfer || approval->rendition != subject.rendition ||
      approval->certificate != subject.certificate || approval->decision != subject.decision)
    return refuse("signed about something else");
  lapsed = lapsed || now >= approval->expires;
  const Bytes signed_bytes = pre_authentication_encoding(envelope.payload_type, envelope.payload);
  for (const Approver& approver : decision.approvers) {
    if (approver.person != approval->person ||
        envelope.signatures.front().key_id != approver.key.id())
      continue;
    if (!approver.roles.contains(approval->role)) return refuse("role: " + approval->role);
    if (crypto::verify_by_other_implementation(approver.key, signed_bytes,
                                               envelope.signatures.front().signature))
      return &approver;
  }
  return refuse("not signed by an approver: " + approval->person.text());
}

}  // namespace

bool fits(const Approver& person, const std::string& slot) {
  return slot.empty() || std::ranges::any_of(person.roles, [&](const std::string& role) {
           return ("|" + slot + "|").contains("|" + role + "|");
         });
}

bool slots_can_be_filled(std::span<const std::string> slots,
                         std::span<const Approver* const> people) {
  std::vector<std::size_t> holder(people.size(), slots.size());
  for (std::size_t slot = 0; slot < slots.size(); ++slot) {
    std::vector<bool> tried(people.size(), false);
    if (!place(slot, slots, people, tried, holder)) return false;
  }
  return true;
}

Done check_approvals(std::string_view approvals, const ApprovalSubject& subject,
                     const Decision& decision, WallTime now) {
  const Result<wire::Json> json = wire::Json::parse(approvals, kStatementBytesMax);
  if (!json || json->as_array() == nullptr || json->as_array()->size() > kApprovalsMax)
    return refuse("not a short array");
  std::vector<const Approver*> people;
  bool lapsed = false;
  for (const wire::Json& item : *json->as_array()) {
    const Result<Envelope> envelope = Envelope::parse(item.to_text());
    if (!envelope) return refuse(envelope.error().message());
    HANGU_TRY(const Approver* approver, check_one(*envelope, subject, decision, now, lapsed));
    if (approver->person.text() == decision.submitter.text() ||
        approver->human == decision.submitter.text())
      return refuse("the submitter approved");
    if (std::ranges::any_of(people, [&](const Approver* p) { return p->human == approver->human; }))
      return refuse("one human twice: " + approver->person.text());
    people.push_back(approver);
  }
  if (!slots_can_be_filled(decision.obligations.approver_slots, people))
    return refuse("too few people, or a demanded role has not signed");
  if (lapsed) return fail(ErrorCode::forbidden, "warrant-lapsed");
  return {};
}

}  // namespace hangu::flow
