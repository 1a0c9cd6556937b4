// Custodian: the end of a step. The entry is in the audit log already; here it takes effect.

#include "base/text.hpp"
#include "ledger/custodian.hpp"
#include "os/file.hpp"

namespace hangu::ledger {
namespace {

/// kObjectsMax rows with the longest names, media types and digests.
constexpr std::size_t kTableBytesMax = kObjectsMax * (kObjectNameBytesMax + 300);

Result<Answer> new_state(flow::State state) {
  return Answer(Outgoing{.reply = NewState{.state = state}});
}

Done check_completion(const TransferRow& row, const Completion& c) {
  if (c.stage != flow::next_stage(row.state).stage) {
    return fail(ErrorCode::forbidden, "stage-wrong", std::string(flow::to_text(c.stage)));
  }
  if (c.reason.empty() || printable(c.reason) != c.reason) {
    return fail(ErrorCode::malformed, "reason-invalid");
  }
  if (!is_printable(c.detail, kDetailBytesMax) ||
      (c.verdict == flow::Verdict::pass && !c.detail.empty())) {
    return fail(ErrorCode::malformed, "reason-invalid", "detail");
  }
  if (c.expires && c.stage != flow::Stage::verify) {
    return fail(ErrorCode::forbidden, "stage-wrong", "expires is verify's to say");
  }
  if (c.recipients && (c.stage != flow::Stage::emit || *c.recipients > kRecipientsMax)) {
    return fail(ErrorCode::malformed, "recipients-invalid");
  }
  return {};
}

flow::State state_of(const Completion& c) {
  switch (c.verdict) {
    case flow::Verdict::pass: return flow::state_after(c.stage);
    case flow::Verdict::fail: return flow::State::refused;
    case flow::Verdict::error: return flow::State::quarantined;
  }
  return flow::State::quarantined;
}

}  // namespace

Result<Answer> Custodian::on(const Caller& caller, Complete& request) {
  HANGU_TRY(const WallTime now, clock_.now());
  const Completion& c = request.completion;
  HANGU_CHECK(check_stage_of(caller, c.stage));
  HANGU_TRY(const auto by_token, ledger_.find_by_token(request.token));
  if (!by_token) {
    // Asked again after the answer was lost.
    HANGU_TRY(const auto done, ledger_.find_step(request.token));
    if (!done || done->entry != c.entry || done->stage != c.stage) {
      return fail(ErrorCode::forbidden, "claim-unknown");
    }
    HANGU_TRY(const auto row, ledger_.find(done->transfer));
    if (!row) return fail(ErrorCode::corrupt, "ledger-corrupt", "a step without its transfer");
    return new_state(row->state);
  }
  HANGU_TRY(auto row, claimed(caller, request.token, kKindOf<Complete>));
  HANGU_CHECK(check_completion(row, c));

  const bool passed = c.verdict == flow::Verdict::pass;
  if (passed) {
    HANGU_CHECK(take_table(row, c.stage, c.table));
    row.table = c.table;
  }
  HANGU_CHECK(take_evidence(row, c.evidence));
  HANGU_CHECK(ledger_.set_step(
      {.transfer = row.id, .stage = c.stage, .verdict = c.verdict, .entry = c.entry},
      request.token));
  HANGU_CHECK(ledger_.drop_refs(row.id, RefOrigin::draft));
  if (passed && c.stage == flow::Stage::inspect) {
    // Plain form has its receipt: what the sender sent is not needed in the clear any more.
    HANGU_CHECK(ledger_.drop_refs(row.id, rows_of(flow::Stage::verify)));
  }
  if (c.expires) row.expires = c.expires;
  if (c.recipients) row.recipients = *c.recipients;
  row.attempts = 0;

  const flow::State state = state_of(c);
  free_claim(row, now);
  if (state == flow::State::refused) {
    HANGU_CHECK(end(row, state, c.reason, now));
  } else {
    HANGU_CHECK(enter(row, state, c.reason, now));
    if (state == flow::State::emitted) {
      HANGU_CHECK(ledger_.release_reserved(row.id));
      row.ending.reset();
      row.expires.reset();
      if (row.recipients == 0) row.ended = now;  // nobody will acknowledge
    }
  }
  row.detail = c.detail;
  HANGU_CHECK(ledger_.update(row));
  return new_state(row.state);
}

Result<flow::ObjectTable> Custodian::read_table(const crypto::ObjectDigest& digest) {
  const auto missing = [&] {
    return fail(ErrorCode::malformed, "object-missing", "table " + digest.to_text());
  };
  if (digest.size > kTableBytesMax) return fail(ErrorCode::malformed, "table-invalid", "too long");
  HANGU_TRY(const auto record, ledger_.find_object(digest));
  if (!record) return missing();
  Bytes bytes;
  if (record->bytes) {
    bytes = *record->bytes;
  } else {
    HANGU_TRY(const auto opened, store_.open_object(digest));
    HANGU_TRY(bytes, os::read_file(opened.file.view(), kTableBytesMax));
  }
  if (crypto::digest_of(digest.algorithm, bytes) != digest) {
    return fail(ErrorCode::corrupt, "object-lost", "table " + digest.to_text());
  }
  auto table = flow::ObjectTable::parse(bytes);
  if (!table) return fail(ErrorCode::malformed, "table-invalid", table.error().message());
  return table;
}

Done Custodian::take_table(const TransferRow& row, flow::Stage stage,
                           const crypto::ObjectDigest& table) {
  HANGU_TRY(const bool known, ledger_.refers(row.id, table));
  if (!known) {
    return fail(ErrorCode::malformed, "object-missing", "table " + table.to_text());
  }
  HANGU_TRY(const auto parsed, read_table(table));
  // Only what was stored for this transfer: a stage cannot name another transfer's objects.
  for (const auto& object : parsed.rows()) {
    HANGU_TRY(const bool reachable, ledger_.refers(row.id, object.digest));
    if (!reachable) {
      return fail(ErrorCode::malformed, "object-missing", object.digest.to_text());
    }
  }
  HANGU_CHECK(ledger_.drop_refs(row.id, rows_of(stage)));
  for (const auto& object : parsed.rows()) {
    HANGU_CHECK(ledger_.refer(row.id, object.digest, rows_of(stage)));
  }
  return ledger_.refer(row.id, table, RefOrigin::table);
}

Done Custodian::take_evidence(const TransferRow& row, const Evidence& evidence) {
  HANGU_TRY(const auto before, ledger_.evidence(row.id));
  std::size_t names = before.size();
  for (const auto& [name, digest] : evidence) {
    if (printable(name) != name) return fail(ErrorCode::malformed, "evidence-name-invalid");
    HANGU_TRY(const bool known, ledger_.refers(row.id, digest));
    if (!known) {
      return fail(ErrorCode::malformed, "object-missing", name + " " + digest.to_text());
    }
    if (!before.contains(name)) ++names;
    HANGU_CHECK(ledger_.set_evidence(row.id, name, digest));
    HANGU_CHECK(ledger_.refer(row.id, digest, RefOrigin::evidence));
  }
  if (names > kEvidenceOfTransferMax) return fail(ErrorCode::exhausted, "evidence-too-many");
  return {};
}

}  // namespace hangu::ledger
