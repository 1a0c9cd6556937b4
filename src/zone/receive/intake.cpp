#include "zone/receive/intake.hpp"

#include <algorithm>
#include <array>

#include "audit/proof_text.hpp"
#include "base/limits.hpp"
#include "flow/object_table.hpp"
#include "line/records.hpp"
#include "os/file.hpp"

namespace hangu::zone {
namespace {

constexpr std::string_view kSealedName = "package.hangu";
constexpr std::string_view kSealedMediaType = "application/vnd.hangu.package";
constexpr std::size_t kTransferIdBytes = 16;

constexpr std::uint64_t kLetGoBytes = std::uint64_t{8} << 20;
constexpr int kSendAttemptsMax = 3;  ///< of a package whose upload the custodian forgot

/// Sends the package's bytes to the custodian from `offset` on, and has it keep them.
Result<crypto::ObjectDigest> send_bytes(line::CustodianClient& custodian,
                                        const TransferId& transfer, const SealedPackage& package,
                                        std::uint64_t offset) {
  const auto read = [&](std::uint64_t at, MutableByteView out) -> Done {
    if (!package.file.valid()) {
      std::ranges::copy(ByteView(package.bytes).subspan(static_cast<std::size_t>(at), out.size()),
                        out.begin());
      return {};
    }
    if (at % kLetGoBytes == 0) os::drop_behind(package.file, 0, at);
    return os::read_exactly_at(package.file, at, out);
  };
  HANGU_CHECK(custodian.pieces(transfer, offset, package.digest.size, read));
  return custodian.commit(transfer);
}

/// That the package came, went, or how else it ended: what status says too. Of the steps between
/// only a refusal, which names its stage and reason; the documents in it are named by digest alone.
bool may_be_shown(std::string_view entry, std::string_view type) {
  constexpr std::array<std::string_view, 4> kAlways{"step.receive", "step.emit",
                                                    "transfer.withdrawn", "transfer.expired"};
  if (std::ranges::find(kAlways, type) != kAlways.end()) return true;
  const Result<flow::LoggedStatement> logged = flow::parse_logged_statement(entry);
  if (!logged) return false;
  const Result<flow::Step> step = flow::Step::parse(logged->statement);
  return step && step->verdict == flow::Verdict::fail;
}

}  // namespace

TransferId transfer_of(const crypto::ObjectDigest& sealed) {
  Result<TransferId> id = TransferId::create(to_hex(ByteView(sealed.root).first(kTransferIdBytes)));
  HANGU_ASSERT(id.has_value());
  return *std::move(id);
}

Result<Arrived> Intake::take(const NodeId& node, const SealedPackage& package) {
  HANGU_TRY(Links::Lease links, links_.take());
  return send(*links.operator->(), node, transfer_of(package.digest), package);
}

Result<Arrived> Intake::send(LinkPair& links, const NodeId& node, const TransferId& transfer,
                             const SealedPackage& package) {
  for (int attempt = 1;; ++attempt) {  // ends: at kSendAttemptsMax
    const Result<ledger::Begun> begin = links.custodian.begin(transfer, node, package.digest.size);
    if (!begin && begin.error().reason() == "transfer-taken")
      return fail(ErrorCode::forbidden, "transfer-taken",
                  "another node has sent this very package");
    HANGU_TRY(const ledger::Begun begun, begin);
    if (begun.result == ledger::BeginResult::exists) return Arrived{transfer, begun.state, true};
    if (begun.result == ledger::BeginResult::committed) break;
    const auto digest = send_bytes(links.custodian, transfer, package, begun.offset);
    if (digest && *digest != package.digest) return fail(ErrorCode::corrupt, "digest-mismatch");
    if (digest) break;
    // A custodian that was started anew meanwhile has forgotten the bytes; they are still here.
    const bool forgotten = digest.error().reason() == "upload-unknown";
    if (!forgotten || attempt == kSendAttemptsMax) return std::unexpected(digest.error());
  }
  HANGU_TRY(const flow::ObjectTable table,
            flow::ObjectTable::create(
                {{std::string(kSealedName), std::string(kSealedMediaType), package.digest}}));
  const crypto::ObjectDigest digest = table.digest(crypto::HashAlgorithm::sha256);
  const std::array received{line::received_record(zone_, node, package.digest)};
  HANGU_CHECK(line::append_records(transfer, received, links.log->client()));
  const flow::Step step{
      transfer,     1,  flow::Stage::receive, flow::Verdict::pass, "ok", digest, digest,
      std::nullopt, {}, std::nullopt};
  HANGU_TRY(const line::LoggedOutcome logged, links.log->append(step, {}));
  if (!logged.step) return fail(ErrorCode::forbidden, "transfer-ended", logged.taken_type);
  HANGU_TRY(const flow::State state,
            links.custodian.received(transfer, logged.index, table.to_bytes()));
  return Arrived{transfer, state, false};
}

Done Intake::room(std::uint64_t bytes, std::uint64_t coming) {
  HANGU_TRY(Links::Lease links, links_.take());
  return links->custodian.room(bytes, coming);
}

Result<std::optional<ledger::Status>> Intake::status(const NodeId& node,
                                                     const TransferId& transfer) {
  HANGU_TRY(Links::Lease links, links_.take());
  return links->custodian.status(transfer, node);
}

Result<std::vector<ledger::Listed>> Intake::list(const NodeId& node, std::size_t rows_max) {
  HANGU_TRY(Links::Lease links, links_.take());
  return links->custodian.list_node(node, rows_max);
}

Result<ledger::Withdrawn> Intake::withdraw(const NodeId& node, const TransferId& transfer) {
  HANGU_TRY(Links::Lease links, links_.take());
  return links->custodian.withdraw(transfer, node);
}

Result<std::vector<SenderReceipt>> Intake::receipts(const NodeId& node,
                                                    const TransferId& transfer) {
  HANGU_TRY(Links::Lease links, links_.take());
  HANGU_TRY(const std::optional<ledger::Status> status, links->custodian.status(transfer, node));
  if (!status) return fail(ErrorCode::forbidden, "transfer-unknown", transfer.text());
  line::AuditClient& audit = links->log->client();
  HANGU_TRY(const std::vector<std::uint64_t> found, audit.find(transfer));
  HANGU_TRY(const audit::CheckpointReply head, audit.checkpoint());
  std::vector<SenderReceipt> out;
  for (const std::uint64_t index : found) {
    HANGU_TRY(const audit::ProveReply proved, audit.prove(index, head.size));
    const Result<flow::LoggedAct> act = flow::parse_logged_act(proved.entry);
    if (!act || !may_be_shown(proved.entry, act->type)) continue;
    out.push_back(
        {act->type, index, proved.entry, audit::LogProof{index, proved.path, head.note}.to_text()});
  }
  return out;
}

}  // namespace hangu::zone
