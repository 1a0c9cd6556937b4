// Custodian: dispatch, and claims.

#include "ledger/custodian.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace hangu::ledger {
namespace {

/// The states in which a stage has work.
std::vector<flow::State> states_of(flow::Stage stage) {
  std::vector<flow::State> states;
  for (auto i = 0U; i <= static_cast<unsigned>(flow::State::cleared); ++i) {
    const auto state = static_cast<flow::State>(i);
    const auto next = flow::next_stage(state);
    if (next.any && next.stage == stage) states.push_back(state);
  }
  return states;
}

}  // namespace

Result<Answer> Custodian::answer(const Caller& caller, Request request) {
  HANGU_CHECK(check_permit(caller, request.index()));
  return std::visit([&](auto& r) { return on(caller, r); }, request);
}

Result<std::size_t> Custodian::sweep_leftovers() {
  return store_.sweep([this](const crypto::Hash& root) { return ledger_.is_file_known(root); });
}

void Custodian::committed() {
  // Before settling: an object that was stored anew in this very transaction is still protected.
  for (const auto& digest : to_remove_) {
    // A file that could not be removed is a leftover, swept at the next start.
    (void)store_.remove(digest).has_value();
  }
  to_remove_.clear();
  for (const auto& digest : to_settle_) store_.settle(digest);
  to_settle_.clear();
}

Result<TransferRow> Custodian::claimed(const Caller& caller, const Token& token, std::size_t kind) {
  HANGU_TRY(auto row, ledger_.find_by_token(token));
  if (!row) return fail(ErrorCode::forbidden, "claim-unknown");
  HANGU_CHECK(check_permit_in(kind, row->state));
  HANGU_CHECK(check_stage_of(caller, flow::next_stage(row->state).stage));
  return *std::move(row);
}

Result<std::optional<TransferRow>> Custodian::choose(const Caller& caller, const Claim& request,
                                                     WallTime now) {
  for (const auto stage : request.stages) HANGU_CHECK(check_stage_of(caller, stage));
  if (request.transfer) {
    HANGU_TRY(auto row, ledger_.find(*request.transfer));
    if (!row) return std::optional<TransferRow>();
    const auto next = flow::next_stage(row->state);
    const bool turn =
        next.any && std::ranges::find(request.stages, next.stage) != request.stages.end();
    const bool free = !row->token || row->free_from <= now;
    if (!turn || !free || row->ending) return std::optional<TransferRow>();
    return row;
  }
  for (const auto stage : request.stages) {
    for (const auto state : states_of(stage)) {
      HANGU_TRY(auto row, ledger_.find_free(state, now));
      if (row) return row;
    }
  }
  return std::optional<TransferRow>();
}

Result<Answer> Custodian::on(const Caller& caller, Claim& request) {
  HANGU_TRY(const WallTime now, clock_.now());
  constexpr int kTriesMax = 16;  // transfers that turn out to have used up their attempts
  for (int i = 0; i < kTriesMax; ++i) {
    HANGU_TRY(auto row, choose(caller, request, now));
    if (!row) break;
    if (row->attempts < settings_.attempts_max) {
      HANGU_TRY(auto work, hand_out(*row, now));
      return Answer(Outgoing{.reply = ClaimedWork{.work = std::move(work)}});
    }
    // The stages that took it died of it: tick() has the quarantine logged, then done.
    free_claim(*row, kNever);
    row->ending = flow::State::quarantined;
    HANGU_CHECK(ledger_.update(*row));
  }
  return Answer(Parked{});
}

/// One transfer that kills its stage takes those with it that the stage held beside it. From the
/// second attempt on each claim lasts longer by chance, so that they come apart and only the one is
/// quarantined.
std::chrono::milliseconds Custodian::spread(const Token& token, std::uint32_t attempts) const {
  constexpr std::int64_t kParts = 256;  // values of a byte
  return settings_.claim_lasts * attempts * std::to_integer<std::int64_t>(token[0]) / kParts;
}

Result<Work> Custodian::hand_out(TransferRow& row, WallTime now) {
  forget_outputs(row.token);
  Token token{};
  entropy_.fill(token);
  row.token = token;
  row.free_from = now + settings_.claim_lasts + spread(token, row.attempts);
  row.attention = false;
  ++row.attempts;
  HANGU_CHECK(ledger_.update(row));

  Work work{.token = token, .transfer = row.id, .zone = row.zone, .node = row.node};
  work.round = row.round;
  work.state = row.state;
  work.stage = flow::next_stage(row.state).stage;
  work.bytes = row.bytes;
  work.table = row.table;
  work.claim_lasts = settings_.claim_lasts;
  HANGU_TRY(work.evidence, ledger_.evidence(row.id));
  HANGU_TRY(const auto steps, ledger_.steps(row.id));
  for (const auto& step : steps) {
    if (step.verdict != flow::Verdict::pass) continue;
    work.steps.push_back({.stage = step.stage, .entry = step.entry});
  }
  return work;
}

void Custodian::free_claim(TransferRow& row, WallTime free_from) {
  forget_outputs(row.token);
  row.token.reset();
  row.free_from = free_from;
  if (free_from != kNever) work_came_ = true;
}

Done Custodian::enter(TransferRow& row, flow::State state, std::string reason, WallTime now) {
  row.reason = std::move(reason);
  row.detail.clear();
  if (row.state == state) return {};
  row.state = state;
  row.updated = now;
  return ledger_.note_state(row.id, state, now);
}

Result<Answer> Custodian::on(const Caller& caller, Renew& request) {
  HANGU_TRY(const WallTime now, clock_.now());
  HANGU_TRY(auto row, claimed(caller, request.token, kKindOf<Renew>));
  row.free_from = now + settings_.claim_lasts;
  HANGU_CHECK(ledger_.update(row));
  return Answer(Outgoing{.reply = Nothing{}});
}

Result<Answer> Custodian::on(const Caller& caller, Hold& request) {
  HANGU_TRY(const WallTime now, clock_.now());
  HANGU_TRY(auto row, claimed(caller, request.token, kKindOf<Hold>));
  // A document that came while approve was looking is looked at next.
  free_claim(row, row.attention ? now : kNever);
  row.attempts = 0;
  HANGU_CHECK(enter(row, flow::State::awaiting_approval, "ok", now));
  HANGU_CHECK(ledger_.update(row));
  return Answer(Outgoing{.reply = Nothing{}});
}

Result<Answer> Custodian::on(const Caller& caller, Release& request) {
  HANGU_TRY(const WallTime now, clock_.now());
  HANGU_TRY(auto row, claimed(caller, request.token, kKindOf<Release>));
  if (printable(request.reason) != request.reason)
    return fail(ErrorCode::malformed, "reason-invalid");
  // Its drafts stay: its entry may be in the log already, and what it names stands.
  free_claim(row, now + request.delay);
  row.attempts = 0;
  if (!request.reason.empty()) HANGU_CHECK(enter(row, row.state, request.reason, now));
  HANGU_CHECK(ledger_.update(row));
  return Answer(Outgoing{.reply = Nothing{}});
}

Result<Answer> Custodian::on(const Caller& caller, Reclear& request) {
  HANGU_TRY(const WallTime now, clock_.now());
  HANGU_TRY(auto row, claimed(caller, request.token, kKindOf<Reclear>));
  free_claim(row, now);
  row.attempts = 0;
  if (request.approve_anew) {
    if (row.round >= kRoundsMax) return fail(ErrorCode::exhausted, "rounds-too-many");
    ++row.round;  // the log has this round's approve, and keeps it
    HANGU_CHECK(enter(row, flow::State::awaiting_approval, "approval-lapsed", now));
    HANGU_CHECK(ledger_.remove_step(row.id, flow::Stage::approve));
  } else {
    HANGU_CHECK(enter(row, flow::State::approved, "clearance-stale", now));
  }
  HANGU_CHECK(ledger_.remove_step(row.id, flow::Stage::clear));
  HANGU_CHECK(ledger_.update(row));
  return Answer(Outgoing{.reply = Nothing{}});
}

}  // namespace hangu::ledger
