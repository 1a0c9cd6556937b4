#include "policy/analysis/replay.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "policy/asked.hpp"

namespace hangu::policy {
namespace {

/// Reasons of a refusal that neither policy nor catalogue has a say in: they stay.
constexpr std::array<std::string_view, 7> kBesidePolicy{
    "submitter-unknown", "submitter-key",  "submitter-zone", "link-absent",
    "recipient-unknown", "recipient-zone", "recipient-suite"};

/// Of one that the rules permitted and that was refused by what is not asked again.
constexpr std::array<std::string_view, 5> kNotAsked{"size-over-limit", "objects-over-limit",
                                                    "approvers-too-few", "policy-too-many-matches",
                                                    "policy-changed"};

template <class Reasons>
bool is_one_of(const std::string& reason, const Reasons& reasons) {
  return std::ranges::find(reasons, reason) != reasons.end();
}

std::string text_in(const wire::Json& json, std::string_view key) {
  const wire::Json* found = json.find(key);
  const std::string* text = found == nullptr ? nullptr : found->as_string();
  return text == nullptr ? std::string() : *text;
}

std::vector<std::string> texts_in(const wire::Json& json, std::string_view key) {
  std::vector<std::string> out;
  const wire::Json* found = json.find(key);
  if (found == nullptr || found->as_array() == nullptr) return out;
  for (const wire::Json& item : *found->as_array())
    if (item.as_string() != nullptr) out.push_back(*item.as_string());
  return out;
}

/// What the candidate says.
struct Answer {
  bool allowed = false;
  std::string reason;
  std::vector<std::string> rules{};
  Obligations obligations{};
};

Answer answer_of(const Policy& candidate, const Catalogue& catalogue, const Asked& asked) {
  if (!asked.unknown.empty()) return {.allowed = false, .reason = "policy-name-unknown"};
  const Request& request = asked.request;
  const Ceiling& ceiling = catalogue.ceilings[request.to];
  if (request.secrecy > ceiling.secrecy || request.grade > ceiling.grade)
    return {.allowed = false, .reason = "label-above-ceiling"};
  const Ruling ruling = candidate.book.judge(request);
  Answer out{.allowed = ruling.allowed, .reason = "ok"};
  for (const std::uint32_t number : ruling.rules)
    out.rules.push_back(candidate.book.rules()[number].id);
  std::ranges::sort(out.rules);
  out.obligations = ruling.obligations;
  if (!ruling.allowed) {
    out.reason = ruling.rules.empty() ? "policy-no-permit" : "policy-forbidden";
  } else if (const auto refusal = refusal_of(ruling.obligations)) {
    out.allowed = false;
    out.reason = *refusal;
  }
  return out;
}

/// What then was demanded, as far as the record says it.
struct Demanded {
  std::int64_t approvals = 0;
  std::vector<std::string> declassifiers;
};

Outcome compare_demands(const Demanded& then, const Answer& now, const Catalogue& catalogue) {
  std::vector<std::string> declassifiers;
  for (const NameIndex name : now.obligations.declassifiers)
    declassifiers.push_back(catalogue.declassifiers[name].id);
  std::vector<std::string> before = then.declassifiers;
  std::ranges::sort(before);
  std::ranges::sort(declassifiers);
  if (now.obligations.approvals < then.approvals || !std::ranges::includes(declassifiers, before))
    return Outcome::weakened;
  if (now.obligations.approvals > then.approvals || declassifiers != before)
    return Outcome::strengthened;
  return Outcome::same;
}

/// What becomes of a decision of which the candidate's answer is known.
Outcome outcome_of(const wire::Json& event, bool then, const Answer& now,
                   const Catalogue& catalogue) {
  const std::string reason = text_in(event, "reason");
  if (!now.allowed) return then ? Outcome::now_refused : Outcome::same;
  // Refused then by what policy has no say in: that refuses it again.
  if (!then && is_one_of(reason, kBesidePolicy)) return Outcome::same;
  if (!then && is_one_of(reason, kNotAsked)) return Outcome::unknown;
  if (!then) return Outcome::now_allowed;
  const wire::Json* approvals = event.find("approvals");
  if (approvals == nullptr || approvals->as_integer() == nullptr) return Outcome::unknown;
  return compare_demands({*approvals->as_integer(), texts_in(event, "declassifiers")}, now,
                         catalogue);
}

/// One decision, as a group of its own.
ReplayGroup group_of(const PastDecision& past, const Policy& candidate,
                     const Catalogue& catalogue) {
  ReplayGroup out{.outcome = Outcome::unknown,
                  .rules = texts_in(past.event, "rules"),
                  .reason = text_in(past.event, "reason"),
                  .example = past};
  const wire::Json* allowed = past.event.find("allowed");
  const bool* then = allowed == nullptr ? nullptr : allowed->as_bool();
  const wire::Json* asked = past.event.find("asked");
  if (then == nullptr) return out;
  if (asked == nullptr || asked->is_null()) {
    if (!*then && is_one_of(out.reason, kBesidePolicy)) out.outcome = Outcome::same;
    return out;
  }
  const Result<Asked> read = read_asked(*asked, catalogue);
  if (!read) return out;
  const Answer now = answer_of(candidate, catalogue, *read);
  out.outcome = outcome_of(past.event, *then, now, catalogue);
  if (out.outcome == Outcome::now_refused) out.reason = now.reason;
  out.of_candidate = !now.rules.empty() && out.outcome != Outcome::same;
  if (out.of_candidate) out.rules = now.rules;
  return out;
}

}  // namespace

std::string_view to_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::same: return "same";
    case Outcome::now_allowed: return "now-allowed";
    case Outcome::weakened: return "weakened";
    case Outcome::now_refused: return "now-refused";
    case Outcome::strengthened: return "strengthened";
    case Outcome::unknown: return "unknown";
  }
  return "";
}

std::size_t Replay::count(Outcome outcome) const {
  std::size_t out = 0;
  for (const ReplayGroup& group : groups)
    if (group.outcome == outcome) out += group.count;
  return out;
}

bool Replay::widens() const {
  return count(Outcome::now_allowed) + count(Outcome::weakened) + count(Outcome::unknown) > 0;
}

void Replayer::add(const PastDecision& past) {
  ++replay_.decisions;
  ReplayGroup group = group_of(past, candidate_, catalogue_);
  const auto key = [](const ReplayGroup& one) {
    return std::tie(one.outcome, one.rules, one.of_candidate, one.reason);
  };
  const auto at = std::ranges::lower_bound(replay_.groups, key(group), std::less{}, key);
  if (at == replay_.groups.end() || key(*at) != key(group)) {
    group.count = 1;
    replay_.groups.insert(at, std::move(group));
  } else {
    ++at->count;
  }
}

}  // namespace hangu::policy
