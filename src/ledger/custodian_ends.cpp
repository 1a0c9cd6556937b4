// Custodian: ends that it asks the audit log for, acknowledgements, and what is cleared away.

#include "ledger/custodian.hpp"

namespace hangu::ledger {
namespace {

constexpr std::size_t kEndsOfTickMax = 64;
constexpr std::size_t kRetainedOfTickMax = 16;
constexpr std::size_t kLooseOfTickMax = 512;
constexpr std::size_t kUploadsOfTickMax = 64;

}  // namespace

Result<std::vector<Later>> Custodian::tick() {
  HANGU_TRY(const WallTime now, clock_.now());
  std::vector<Later> jobs;
  HANGU_CHECK(ask_due_ends(now, jobs));
  HANGU_CHECK(let_uploads_go(now));
  HANGU_CHECK(collect(now));
  HANGU_CHECK(forget_dead_outputs());
  return jobs;
}

Done Custodian::ask_due_ends(WallTime now, std::vector<Later>& jobs) {
  HANGU_TRY(auto due, ledger_.expired(now, kEndsOfTickMax));
  for (auto& row : due) {
    row.ending = flow::State::expired;
    HANGU_CHECK(ledger_.update(row));
  }
  HANGU_TRY(const auto ending, ledger_.ending(kEndsOfTickMax));
  for (const auto& row : ending) {
    if (ends_asked_.contains(row.id)) continue;
    jobs.push_back(end_job(row, *row.ending, std::nullopt));
  }
  return {};
}

Later Custodian::end_job(const TransferRow& row, flow::State end, std::optional<NodeId> asked_by) {
  ends_asked_.insert(row.id);
  if (end == flow::State::withdrawn && !asked_by) asked_by = row.node;
  return Later{.kind = JobKind::audit,
               .job = [this, id = row.id, round = row.round, attempts = row.attempts,
                       stage = flow::next_stage(row.state).stage, end, asked_by]() -> Finish {
                 Result<flow::State> winner = end;
                 if (end == flow::State::quarantined) {
                   auto logged = audit_.quarantine(id, round, stage, attempts);
                   if (!logged) winner = std::unexpected(logged.error());
                 } else {
                   winner = audit_.end_transfer(id, end, asked_by);
                 }
                 return [this, id, winner = std::move(winner)]() { return settle_end(id, winner); };
               },
               .dropped = [this, id = row.id] { ends_asked_.erase(id); }};
}

Result<Outgoing> Custodian::settle_end(const TransferId& transfer,
                                       const Result<flow::State>& winner) {
  ends_asked_.erase(transfer);
  if (!winner) return std::unexpected(winner.error());  // `ending` stands: asked again
  HANGU_TRY(const WallTime now, clock_.now());
  HANGU_TRY(auto row, ledger_.find(transfer));
  if (!row) return fail(ErrorCode::corrupt, "ledger-corrupt", "an end without its transfer");

  row->ending.reset();
  if (!flow::is_end(row->state) || row->state == flow::State::quarantined) {
    if (*winner == flow::State::withdrawn || *winner == flow::State::expired) {
      HANGU_CHECK(end(*row, *winner, std::string(flow::to_text(*winner)), now));
    } else if (*winner == flow::State::quarantined) {
      row->attempts = 0;
      free_claim(*row, kNever);
      HANGU_CHECK(enter(*row, *winner, "stage-crashed", now));
    } else {
      row->expires.reset();  // a stage's end came first (emitted, refused): it will report it
    }
  }
  HANGU_CHECK(ledger_.update(*row));
  return Outgoing{.reply =
                      Withdrawn{.withdrawn = *winner == flow::State::withdrawn, .state = *winner}};
}

Done Custodian::end(TransferRow& row, flow::State state, std::string reason, WallTime now) {
  free_claim(row, kNever);
  row.ended = now;
  row.ending.reset();
  HANGU_CHECK(ledger_.drop_refs(row.id, RefOrigin::draft));
  HANGU_CHECK(ledger_.release_reserved(row.id));
  return enter(row, state, std::move(reason), now);
}

Result<Outgoing> Custodian::settle_acknowledgement(const ZoneId& zone, const Acknowledge& request) {
  HANGU_TRY(const WallTime now, clock_.now());
  HANGU_TRY(auto row, ledger_.find(request.transfer));
  if (!row) return fail(ErrorCode::forbidden, "transfer-unknown");
  HANGU_TRY(const bool first,
            ledger_.acknowledge(request.transfer, zone, request.node, request.sealed, now));
  if (first && row->state == flow::State::emitted) {
    HANGU_TRY(const std::uint32_t count, ledger_.acknowledgements(request.transfer));
    if (row->recipients != 0 && count >= row->recipients) {
      HANGU_CHECK(enter(*row, flow::State::acknowledged, "ok", now));
      row->ended = now;
      HANGU_CHECK(ledger_.update(*row));
    }
  }
  return Outgoing{.reply = NewState{.state = row->state}};
}

Done Custodian::let_uploads_go(WallTime now) {
  if (now.since_epoch() < kUploadIdleMax) return {};
  const WallTime before = now + -kUploadIdleMax;
  HANGU_TRY(const auto old, ledger_.uploads_before(before, kUploadsOfTickMax));
  for (const auto& upload : old) {
    const auto here = uploads_.find(upload.transfer);
    if (here != uploads_.end()) {
      if (here->second.committing || here->second.touched > before) continue;
      uploads_.erase(here);
    }
    HANGU_CHECK(ledger_.remove_upload(upload.transfer));
    HANGU_CHECK(ledger_.release_reserved(upload.transfer));
    HANGU_CHECK(ledger_.drop_all_refs(upload.transfer));
  }
  return {};
}

Done Custodian::collect(WallTime now) {
  if (now.since_epoch() >= settings_.retention) {
    HANGU_TRY(auto done, ledger_.retained(now + -settings_.retention, kRetainedOfTickMax));
    for (auto& row : done) {
      HANGU_CHECK(ledger_.drop_all_refs(row.id));
      row.swept = true;
      HANGU_CHECK(ledger_.update(row));
    }
  }
  HANGU_TRY(const auto loose, ledger_.take_loose(kLooseOfTickMax));
  for (const auto& object : loose) {
    if (object.file) to_remove_.push_back(object.digest);
  }
  return {};
}

}  // namespace hangu::ledger
