// Requests on the wire: a kind byte (the variant's index), then the fields in the struct's order.

#include "ledger/message_fields.hpp"

namespace hangu::ledger {
namespace {

using wire::Reader;
using wire::Writer;

void write_bytes_as(Writer& to, crypto::HashAlgorithm algorithm, ByteView bytes) {
  to.enumerated(algorithm).counted(bytes);
}

void write(Writer& to, const Claim& r) {
  to.count(r.stages.size());
  for (const auto stage : r.stages) to.enumerated(stage);
  write_optional(to, r.transfer, [](Writer& w, const TransferId& id) { w.text(id.text()); });
  write_duration(to, r.wait);
}
Request read_claim(Reader& from) {
  Claim r;
  const std::size_t n = from.count(kClaimStagesMax);
  for (std::size_t i = 0; i < n; ++i) r.stages.push_back(from.enumerated(flow::kLastStage));
  r.transfer = read_optional(from, read_transfer);
  r.wait = read_duration(from, kClaimWaitMax);
  return r;
}

void write(Writer& to, const Renew& r) { write_token(to, r.token); }
Request read_renew(Reader& from) { return Renew{.token = read_token(from)}; }

void write(Writer& to, const Open& r) {
  write_token(to, r.token);
  write_digest(to, r.digest);
  to.flag(r.by_descriptor);
}
Request read_open(Reader& from) {
  return Open{.token = read_token(from), .digest = read_digest(from), .by_descriptor = from.flag()};
}

void write(Writer& to, const Look& r) {
  to.text(r.transfer.text());
  write_digest(to, r.digest);
  to.flag(r.by_descriptor);
}
Request read_look(Reader& from) {
  return Look{
      .transfer = read_transfer(from), .digest = read_digest(from), .by_descriptor = from.flag()};
}

void write(Writer& to, const Put& r) {
  write_token(to, r.token);
  write_bytes_as(to, r.algorithm, r.bytes);
}
Request read_put(Reader& from) {
  return Put{.token = read_token(from),
             .algorithm = from.enumerated(crypto::HashAlgorithm::sm3),
             .bytes = to_bytes(from.counted(kSmallObjectBytesMax))};
}

void write(Writer& to, const Create& r) {
  write_token(to, r.token);
  to.enumerated(r.algorithm);
}
Request read_create(Reader& from) {
  return Create{.token = read_token(from),
                .algorithm = from.enumerated(crypto::HashAlgorithm::sm3)};
}

void write(Writer& to, const Freeze& r) {
  write_token(to, r.token);
  to.u64(r.output);
}
Request read_freeze(Reader& from) {
  return Freeze{.token = read_token(from), .output = from.u64()};
}

void write(Writer& to, const Complete& r) {
  write_token(to, r.token);
  const Completion& c = r.completion;
  to.enumerated(c.stage).enumerated(c.verdict).text(c.reason).text(c.detail).u64(c.entry);
  write_digest(to, c.table);
  write_evidence(to, c.evidence);
  write_optional(to, c.expires, write_time);
  write_optional(to, c.recipients, [](Writer& w, std::uint32_t n) { w.u32(n); });
}
Request read_complete(Reader& from) {
  Complete r;
  r.token = read_token(from);
  r.completion.stage = from.enumerated(flow::kLastStage);
  r.completion.verdict = from.enumerated(flow::Verdict::error);
  r.completion.reason = read_reason(from);
  r.completion.detail = read_detail(from);
  r.completion.entry = from.u64();
  r.completion.table = read_digest(from);
  r.completion.evidence = read_evidence(from, flow::kEvidenceMax);
  r.completion.expires = read_optional(from, read_time);
  r.completion.recipients = read_optional(from, [](Reader& f) { return f.u32(); });
  return r;
}

void write(Writer& to, const Hold& r) { write_token(to, r.token); }
Request read_hold(Reader& from) { return Hold{.token = read_token(from)}; }

void write(Writer& to, const Release& r) {
  write_token(to, r.token);
  write_duration(to, r.delay);
  to.text(r.reason);
}
Request read_release(Reader& from) {
  Release r{.token = read_token(from), .delay = read_duration(from, kReleaseDelayMax)};
  r.reason = read_reason(from);
  return r;
}

void write(Writer& to, const Attach& r) {
  to.text(r.transfer.text()).text(r.name);
  write_bytes_as(to, r.algorithm, r.bytes);
}
Request read_attach(Reader& from) {
  return Attach{.transfer = read_transfer(from),
                .name = std::string(from.text(kEvidenceNameBytesMax)),
                .algorithm = from.enumerated(crypto::HashAlgorithm::sm3),
                .bytes = to_bytes(from.counted(kSmallObjectBytesMax))};
}

void write(Writer& to, const Reclear& r) {
  write_token(to, r.token);
  to.flag(r.approve_anew);
}
Request read_reclear(Reader& from) {
  return Reclear{.token = read_token(from), .approve_anew = from.flag()};
}

void write(Writer& to, const List& r) {
  to.count(r.states.size());
  for (const auto state : r.states) to.enumerated(state);
  to.flag(r.with_evidence).u32(r.skip).u32(r.rows_max);
}
Request read_list(Reader& from) {
  List r;
  const std::size_t n = from.count(static_cast<std::size_t>(flow::State::expired) + 1);
  for (std::size_t i = 0; i < n; ++i) r.states.push_back(from.enumerated(flow::State::expired));
  r.with_evidence = from.flag();
  r.skip = from.u32();
  r.rows_max = from.u32();
  return r;
}

void write(Writer& to, const Begin& r) {
  to.text(r.transfer.text()).text(r.node.text()).u64(r.bytes);
}
Request read_begin(Reader& from) {
  return Begin{.transfer = read_transfer(from), .node = read_node(from), .bytes = from.u64()};
}

void write(Writer& to, const Piece& r) {
  to.text(r.transfer.text()).u64(r.offset).counted(r.bytes);
}
Request read_piece(Reader& from) {
  return Piece{.transfer = read_transfer(from),
               .offset = from.u64(),
               .bytes = to_bytes(from.counted(kPieceBytes))};
}

void write(Writer& to, const Commit& r) { to.text(r.transfer.text()); }
Request read_commit(Reader& from) { return Commit{.transfer = read_transfer(from)}; }

void write(Writer& to, const Received& r) {
  to.text(r.transfer.text()).u64(r.entry).counted(r.table);
}
Request read_received(Reader& from) {
  return Received{.transfer = read_transfer(from),
                  .entry = from.u64(),
                  .table = to_bytes(from.counted(kSmallObjectBytesMax))};
}

void write(Writer& to, const AskStatus& r) { to.text(r.transfer.text()).text(r.node.text()); }
Request read_ask_status(Reader& from) {
  return AskStatus{.transfer = read_transfer(from), .node = read_node(from)};
}

void write(Writer& to, const ListOfNode& r) { to.text(r.node.text()).u32(r.skip).u32(r.rows_max); }
Request read_list_of_node(Reader& from) {
  return ListOfNode{.node = read_node(from), .skip = from.u32(), .rows_max = from.u32()};
}

void write(Writer& to, const Withdraw& r) { to.text(r.transfer.text()).text(r.node.text()); }
Request read_withdraw(Reader& from) {
  return Withdraw{.transfer = read_transfer(from), .node = read_node(from)};
}

void write(Writer& to, const Acknowledge& r) {
  to.text(r.transfer.text()).text(r.node.text());
  write_digest(to, r.sealed);
}
Request read_acknowledge(Reader& from) {
  return Acknowledge{
      .transfer = read_transfer(from), .node = read_node(from), .sealed = read_digest(from)};
}

void write(Writer& to, const Show& r) { to.text(r.transfer.text()); }
Request read_show(Reader& from) { return Show{.transfer = read_transfer(from)}; }

void write(Writer& to, const Room& r) { to.u64(r.bytes).u64(r.coming); }
Request read_room(Reader& from) { return Room{.bytes = from.u64(), .coming = from.u64()}; }

using ReadRequest = Request (*)(Reader&);
constexpr std::array<ReadRequest, std::variant_size_v<Request>> kReaders{
    read_claim,       read_renew,    read_open,       read_look,         read_put,
    read_create,      read_freeze,   read_complete,   read_hold,         read_release,
    read_attach,      read_reclear,  read_list,       read_begin,        read_piece,
    read_commit,      read_received, read_ask_status, read_list_of_node, read_withdraw,
    read_acknowledge, read_show,     read_room};

}  // namespace

Bytes encode(const Request& request) {
  Writer to;
  to.u8(static_cast<std::uint8_t>(request.index()));
  std::visit([&](const auto& r) { write(to, r); }, request);
  return std::move(to).take();
}

Result<Request> parse_request(ByteView bytes) {
  Reader from(bytes);
  const std::uint8_t kind = from.u8();
  if (kind >= kReaders.size()) return fail(ErrorCode::malformed, "wire-value", "request kind");
  Request request = kReaders[kind](from);
  HANGU_CHECK(from.finish());
  return request;
}

}  // namespace hangu::ledger
