#include "stages/approve/approval_desk.hpp"

#include <algorithm>
#include <numeric>

#include "base/limits.hpp"
#include "base/text.hpp"

namespace hangu::stages {
namespace {

auto refuse(std::string_view reason, std::string context = {}) {
  return fail(ErrorCode::forbidden, reason, std::move(context));
}

}  // namespace

Done ApprovalDesk::give(const flow::Envelope& envelope, WallTime now) {
  if (state() != DeskState::waiting) return refuse("approval-closed");
  const Result<flow::Approval> approval = flow::Approval::parse(envelope);
  if (!approval) return refuse("approval-malformed", approval.error().message());
  if (!is_printable(approval->reason, kStatementBytesMax))
    return refuse("approval-malformed", "the reason has characters that cannot be shown");
  if (approval->transfer != case_.transfer)
    return refuse("approval-other-transfer", approval->transfer.text());
  if (approval->rendition != case_.rendition || approval->certificate != case_.certificate ||
      approval->decision != case_.decision_digest)
    return refuse("approval-other-rendition", "signed about other digests than are pending");
  if (approval->expires <= now) return refuse("approval-expired", approval->expires.to_text());

  const auto& known = case_.decision.approvers;
  const auto person = std::ranges::find(known, approval->person, &flow::Approver::person);
  if (person == known.end()) return refuse("approval-unknown-person", approval->person.text());
  if (!person->roles.contains(approval->role)) return refuse("approval-role", approval->role);
  const auto is_theirs = [&](const flow::Approver& candidate) {
    return candidate.person == approval->person && envelope.signed_by(candidate.key);
  };
  const auto signer = std::ranges::find_if(known, is_theirs);
  if (signer == known.end()) return refuse("approval-signature", approval->person.text());
  const std::string& submitter = case_.decision.submitter.text();
  if (signer->human == submitter || signer->person.text() == submitter)
    return refuse("approval-submitter", submitter);
  for (const Taken& earlier : taken_)
    if (earlier.approver.human == signer->human)
      return refuse("approval-twice", signer->person.text());

  if (approval->approved) {
    if (filled_with(&*signer) == taken_.size())
      return refuse("approval-not-needed", signer->person.text());
    taken_.push_back({*signer, envelope});
  } else {
    refused_ = true;
  }
  return {};
}

namespace {

bool serves(const flow::Approver& person, const std::string& slot) {
  if (slot.empty()) return true;
  const auto wanted = split(slot, '|');
  return std::ranges::any_of(
      wanted, [&](std::string_view role) { return person.roles.contains(std::string(role)); });
}

}  // namespace

// Of its own, so that approve and the mover do not share a mistake: one person after the other
// looks for a slot, and a slot that is taken is given up by who can have another. Nobody who has a
// slot loses all, so what a person adds can be told when he signs.
std::size_t ApprovalDesk::filled_with(const flow::Approver* further) const {
  std::vector<const flow::Approver*> people;
  for (const Taken& one : taken_) people.push_back(&one.approver);
  if (further != nullptr) people.push_back(further);
  const std::vector<std::string>& slots = case_.decision.obligations.approver_slots;
  std::vector<const flow::Approver*> holders(slots.size(), nullptr);
  std::vector<bool> asked;
  const auto find_place = [&](auto& self, const flow::Approver* person) -> bool {
    for (std::size_t slot = 0; slot < slots.size(); ++slot) {
      if (asked[slot] || !serves(*person, slots[slot])) continue;
      asked[slot] = true;
      if (holders[slot] != nullptr && !self(self, holders[slot])) continue;
      holders[slot] = person;
      return true;
    }
    return false;
  };
  std::size_t filled = 0;
  for (const flow::Approver* person : people) {
    asked.assign(slots.size(), false);
    if (find_place(find_place, person)) ++filled;
  }
  return filled;
}

DeskState ApprovalDesk::state() const {
  if (refused_) return DeskState::refused;
  const bool enough = filled_with(nullptr) == case_.decision.obligations.approver_slots.size();
  return enough ? DeskState::complete : DeskState::waiting;
}

std::vector<std::string> ApprovalDesk::signed_by() const {
  std::vector<std::string> people;
  people.reserve(taken_.size());
  for (const Taken& one : taken_) people.push_back(one.approver.person.text());
  return people;
}

std::string ApprovalDesk::to_text() const {
  const auto joined = std::accumulate(
      taken_.begin(), taken_.end(), std::string(), [](std::string text, const Taken& one) {
        return std::move(text) + (text.empty() ? "" : ",") + one.envelope.to_text();
      });
  return "[" + joined + "]";
}

}  // namespace hangu::stages
