// Replies on the wire: a kind byte (the variant's index), then the fields in the struct's order.

#include <algorithm>

#include "base/text.hpp"
#include "ledger/message_fields.hpp"

namespace hangu::ledger {
namespace {

using wire::Reader;
using wire::Writer;

constexpr std::size_t kContextBytesMax = 400;
constexpr std::size_t kEllipsisRoom = 16;  ///< what printable() may add: an escape and the ellipsis
constexpr std::uint32_t kOsErrorMax = 4095;  ///< the kernel's MAX_ERRNO
constexpr std::chrono::milliseconds kClaimLongest = std::chrono::hours(24);

/// Reasons that cross the wire, so that the other end has them as literals again.
constexpr auto kReasons =
    std::to_array<std::string_view>({"request-not-permitted", "request-not-in-this-state",
                                     "claim-unknown",         "stage-wrong",
                                     "object-missing",        "object-not-reachable",
                                     "object-lost",           "object-too-long",
                                     "table-invalid",         "output-unknown",
                                     "output-still-writable", "outputs-too-many",
                                     "uploads-too-many",      "upload-unknown",
                                     "upload-short",          "piece-offset",
                                     "piece-beyond-size",     "digest-mismatch",
                                     "transfer-unknown",      "transfer-taken",
                                     "not-emitted",           "disk-full",
                                     "time-unknown",          "evidence-too-many",
                                     "evidence-name-invalid", "transfer-busy",
                                     "rows-too-many",         "ledger-failed",
                                     "transfer-too-long",     "entry-differs",
                                     "size-differs",          "audit-unavailable",
                                     "audit-refused",         "peer-gone",
                                     "peer-absent",           "peer-slow",
                                     "sync-failed",           "read-failed",
                                     "descriptors-exhausted", "file-write-failed",
                                     "recipients-invalid",    "reason-invalid",
                                     "steps-too-many",        "message-descriptors"});

void write(Writer& to, const Refused& r) {
  to.enumerated(r.code).text(r.reason).text(r.context).u32(r.os_error);
}
Reply read_refused(Reader& from) {
  return Refused{.code = from.enumerated(ErrorCode::internal),
                 .reason = read_reason(from),
                 .context = std::string(from.text(kContextBytesMax)),
                 .os_error = from.u32()};
}

void write(Writer&, const Nothing&) {}
Reply read_nothing(Reader&) { return Nothing{}; }

void write_work(Writer& to, const Work& w) {
  write_token(to, w.token);
  to.text(w.transfer.text()).u32(w.round).enumerated(w.state).enumerated(w.stage);
  to.text(w.zone.text()).text(w.node.text()).u64(w.bytes);
  write_digest(to, w.table);
  write_evidence(to, w.evidence);
  to.count(w.steps.size());
  for (const auto& step : w.steps) to.enumerated(step.stage).u64(step.entry);
  write_duration(to, w.claim_lasts);
}
Work read_work(Reader& from) {
  Work w{.token = read_token(from),
         .transfer = read_transfer(from),
         .round = from.u32(),
         .state = from.enumerated(flow::State::expired),
         .stage = from.enumerated(flow::kLastStage),
         .zone = read_zone(from),
         .node = read_node(from),
         .bytes = from.u64(),
         .table = read_digest(from),
         .evidence = read_evidence(from, kEvidenceOfTransferMax),
         .steps = {},
         .claim_lasts = {}};
  const std::size_t n = from.count(kStepsMax);
  for (std::size_t i = 0; i < n; ++i) {
    w.steps.push_back({.stage = from.enumerated(flow::kLastStage), .entry = from.u64()});
  }
  w.claim_lasts = read_duration(from, kClaimLongest);
  return w;
}
void write(Writer& to, const ClaimedWork& r) { write_optional(to, r.work, write_work); }
Reply read_claimed(Reader& from) { return ClaimedWork{.work = read_optional(from, read_work)}; }

void write(Writer& to, const OpenedObject& r) { to.flag(r.by_descriptor).counted(r.bytes); }
Reply read_opened(Reader& from) {
  return OpenedObject{.by_descriptor = from.flag(),
                      .bytes = to_bytes(from.counted(kSmallObjectBytesMax))};
}

void write(Writer& to, const StoredObject& r) { write_digest(to, r.digest); }
Reply read_stored(Reader& from) { return StoredObject{.digest = read_digest(from)}; }

void write(Writer& to, const CreatedOutput& r) { to.u64(r.output); }
Reply read_created(Reader& from) { return CreatedOutput{.output = from.u64()}; }

void write(Writer& to, const NewState& r) { to.enumerated(r.state); }
Reply read_new_state(Reader& from) {
  return NewState{.state = from.enumerated(flow::State::expired)};
}

void write_row(Writer& to, const Listed& row) {
  to.text(row.transfer.text()).enumerated(row.state).text(row.reason).text(row.detail);
  to.u32(row.round);
  to.text(row.zone.text()).text(row.node.text()).u64(row.bytes);
  write_time(to, row.created);
  write_time(to, row.updated);
  write_optional(to, row.expires, write_time);
  write_digest(to, row.table);
  write_evidence(to, row.evidence);
}
Listed read_row(Reader& from) {
  return Listed{.transfer = read_transfer(from),
                .state = from.enumerated(flow::State::expired),
                .reason = read_reason(from),
                .detail = read_detail(from),
                .round = from.u32(),
                .zone = read_zone(from),
                .node = read_node(from),
                .bytes = from.u64(),
                .created = read_time(from),
                .updated = read_time(from),
                .expires = read_optional(from, read_time),
                .table = read_digest(from),
                .evidence = read_evidence(from, kEvidenceOfTransferMax)};
}
void write(Writer& to, const Listing& r) {
  to.count(r.rows.size());
  for (const auto& row : r.rows) write_row(to, row);
}
Reply read_listing(Reader& from) {
  Listing r;
  const std::size_t n = from.count(kListRowsMax);
  for (std::size_t i = 0; i < n && !from.failed(); ++i) r.rows.push_back(read_row(from));
  return r;
}

void write(Writer& to, const Begun& r) {
  to.enumerated(r.result).u64(r.offset);
  write_optional(to, r.digest, write_digest);
  to.enumerated(r.state);
}
Reply read_begun(Reader& from) {
  return Begun{.result = from.enumerated(BeginResult::exists),
               .offset = from.u64(),
               .digest = read_optional(from, read_digest),
               .state = from.enumerated(flow::State::expired)};
}

void write_status(Writer& to, const Status& s) {
  to.text(s.transfer.text()).enumerated(s.state).text(s.reason).text(s.detail).u64(s.bytes);
  write_time(to, s.created);
  write_time(to, s.updated);
  to.count(s.history.size());
  for (const auto& change : s.history) {
    to.enumerated(change.state);
    write_time(to, change.at);
  }
  to.u32(s.recipients).u32(s.acknowledgements);
}
Status read_status(Reader& from) {
  Status s{.transfer = read_transfer(from),
           .state = from.enumerated(flow::State::expired),
           .reason = read_reason(from),
           .detail = read_detail(from),
           .bytes = from.u64(),
           .created = read_time(from),
           .updated = read_time(from),
           .history = {}};
  const std::size_t n = from.count(kHistoryMax);
  for (std::size_t i = 0; i < n && !from.failed(); ++i) {
    s.history.push_back({.state = from.enumerated(flow::State::expired), .at = read_time(from)});
  }
  s.recipients = from.u32();
  s.acknowledgements = from.u32();
  return s;
}
void write(Writer& to, const StatusReply& r) { write_optional(to, r.status, write_status); }
Reply read_status_reply(Reader& from) {
  return StatusReply{.status = read_optional(from, read_status)};
}

void write(Writer& to, const Withdrawn& r) { to.flag(r.withdrawn).enumerated(r.state); }
Reply read_withdrawn(Reader& from) {
  return Withdrawn{.withdrawn = from.flag(), .state = from.enumerated(flow::State::expired)};
}

using ReadReply = Reply (*)(Reader&);
constexpr std::array<ReadReply, std::variant_size_v<Reply>> kReaders{
    read_refused,   read_nothing, read_claimed, read_opened,       read_stored,   read_created,
    read_new_state, read_listing, read_begun,   read_status_reply, read_withdrawn};

}  // namespace

Bytes encode(const Reply& reply) {
  Writer to;
  to.u8(static_cast<std::uint8_t>(reply.index()));
  std::visit([&](const auto& r) { write(to, r); }, reply);
  return std::move(to).take();
}

Result<Reply> parse_reply(ByteView bytes) {
  Reader from(bytes);
  const std::uint8_t kind = from.u8();
  if (kind >= kReaders.size()) return fail(ErrorCode::malformed, "wire-value", "reply kind");
  Reply reply = kReaders[kind](from);
  HANGU_CHECK(from.finish());
  return reply;
}

Refused to_refused(const Error& error) {
  std::string reason(error.reason().substr(0, flow::kReasonBytesMax));
  return {.code = error.code(),
          .reason = std::move(reason),
          .context = printable(error.context(), kContextBytesMax - kEllipsisRoom),
          .os_error = static_cast<std::uint32_t>(std::max(0, error.os_error()))};
}

Error to_error(const Refused& refused) {
  const auto known = std::ranges::find(kReasons, std::string_view(refused.reason));
  const int os_error = static_cast<int>(std::min(refused.os_error, kOsErrorMax));
  if (known != kReasons.end()) return Error(refused.code, *known, refused.context, os_error);
  return Error(refused.code, "custodian-refused",
               printable(refused.reason) + ": " + refused.context, os_error);
}

}  // namespace hangu::ledger
