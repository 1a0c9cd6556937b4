#pragma once
// Intake: hands a complete sealed package to the middle and answers for it afterwards. Bytes only:
// no descriptor crosses from a zone half.

#include "os/descriptor.hpp"
#include "zone/links.hpp"

namespace hangu::zone {

/// A complete package in the spool, or in memory when it is small.
struct SealedPackage {
  crypto::ObjectDigest digest;  ///< SHA-256 chunk tree of its bytes
  Bytes bytes;                  ///< used when `file` is not valid
  os::FdView file;
};

struct Arrived {
  TransferId transfer;
  flow::State state = flow::State::received;
  bool known = false;  ///< the same package had arrived before
};

/// What a sender may hold as proof: entries of its transfer with their proofs.
struct SenderReceipt {
  std::string type;  ///< "step.receive", "step.emit", "transfer.withdrawn", "transfer.expired", or
                     ///< of the step that refused
  std::uint64_t index = 0;
  std::string entry;
  std::string proof;  ///< .tlog-proof text
};

class Intake {
 public:
  /// Takes in what comes from `zone`.
  Intake(Links& links, ZoneId zone) : links_(links), zone_(std::move(zone)) {}

  /// Sends the package to the custodian, logs transfer.received and step.receive, and has the
  /// transfer begin. When this returns, nothing that was acknowledged can be lost. The same package
  /// again is the same transfer (idempotent). Errors: those of custodian and log; Forbidden
  /// "transfer-taken".
  [[nodiscard]] Result<Arrived> take(const NodeId& node, const SealedPackage& package);
  /// Whether the middle has room for what all open uploads of the zone need (ledger::Room).
  /// Errors: Exhausted "disk-full"; those of the custodian.
  [[nodiscard]] Done room(std::uint64_t bytes, std::uint64_t coming);
  [[nodiscard]] Result<std::optional<ledger::Status>> status(const NodeId& node,
                                                             const TransferId& transfer);
  [[nodiscard]] Result<std::vector<ledger::Listed>> list(const NodeId& node, std::size_t rows_max);
  [[nodiscard]] Result<ledger::Withdrawn> withdraw(const NodeId& node, const TransferId& transfer);
  /// Receipts of a transfer of this node. Errors: Forbidden "transfer-unknown".
  [[nodiscard]] Result<std::vector<SenderReceipt>> receipts(const NodeId& node,
                                                            const TransferId& transfer);

 private:
  Result<Arrived> send(LinkPair& links, const NodeId& node, const TransferId& transfer,
                       const SealedPackage& package);
  Links& links_;
  ZoneId zone_;
};

/// The transfer that a package's digest names: the first 16 bytes of its root.
[[nodiscard]] TransferId transfer_of(const crypto::ObjectDigest& sealed);

}  // namespace hangu::zone
