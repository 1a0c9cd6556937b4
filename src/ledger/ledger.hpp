#pragma once
// Ledger: the custodian's durable record of transfers, objects and reservations. An interface, so
// that several gateways can share one in PostgreSQL; SqliteLedger is the one of a single box.

#include <optional>
#include <vector>

#include "ledger/work.hpp"

namespace hangu::ledger {

/// TransferRow is everything about a transfer that changes together.
struct TransferRow {
  TransferId id;
  ZoneId zone;
  NodeId node;
  std::uint64_t bytes = 0;
  flow::State state = flow::State::received;
  std::string reason = "ok";
  std::string detail{};  ///< of the reason, for the sender
  std::uint32_t round = 1;
  crypto::ObjectDigest table{};
  WallTime created{};
  WallTime updated{};
  std::optional<WallTime> expires{};
  /// When it ended and its retention began.
  std::optional<WallTime> ended{};
  std::uint32_t recipients = 0;
  /// A document was attached since approve last claimed it.
  bool attention = false;
  /// An end that is being asked of the audit log; asked again after a crash.
  std::optional<flow::State> ending{};
  std::optional<Token> token{};
  /// It may be claimed from then on: in the past when free, the claim's end when claimed.
  WallTime free_from{};
  /// Claims since the last completed step.
  std::uint32_t attempts = 0;
  /// Its objects were let go.
  bool swept = false;
  bool operator==(const TransferRow&) const = default;
};

/// Why a transfer refers to an object; values 0..8 are rows of that stage's output table.
enum class RefOrigin : std::uint8_t { table = 16, evidence = 17, draft = 18 };
[[nodiscard]] constexpr RefOrigin rows_of(flow::Stage stage) {
  return static_cast<RefOrigin>(stage);
}

struct StepRow {
  TransferId transfer;
  flow::Stage stage = flow::Stage::receive;
  flow::Verdict verdict = flow::Verdict::pass;
  std::uint64_t entry = 0;
  bool operator==(const StepRow&) const = default;
};

struct ObjectRecord {
  std::optional<Bytes> bytes{};  ///< kept inline
  bool file = false;             ///< kept as a file in the object store
};

struct LooseObject {
  crypto::ObjectDigest digest{};
  bool file = false;
};

/// A package on its way in from a zone half.
struct UploadRow {
  TransferId transfer;
  ZoneId zone;
  NodeId node;
  std::uint64_t bytes = 0;
  std::optional<crypto::ObjectDigest> digest{};  ///< once committed
  WallTime created{};
  bool operator==(const UploadRow&) const = default;
};

/// Ledger: everything between begin() and commit() becomes durable at once or not at all.
/// Errors of all: Internal "ledger-failed"; Corrupt "ledger-corrupt"; Exhausted "disk-full".
/// After any of these the transaction is lost: stop and open anew.
/// Thread: one.
class Ledger {
 public:
  virtual ~Ledger() = default;

  [[nodiscard]] virtual Done begin() = 0;
  /// Durable when it returns.
  [[nodiscard]] virtual Done commit() = 0;
  /// A point inside the transaction to which undo() goes back; keep() forgets it.
  [[nodiscard]] virtual Done mark() = 0;
  [[nodiscard]] virtual Done keep() = 0;
  [[nodiscard]] virtual Done undo() = 0;

  // ---- transfers
  [[nodiscard]] virtual Result<std::optional<TransferRow>> find(const TransferId& id) = 0;
  [[nodiscard]] virtual Result<std::optional<TransferRow>> find_by_token(const Token& token) = 0;
  /// The one in this state that is free for the longest.
  [[nodiscard]] virtual Result<std::optional<TransferRow>> find_free(flow::State state,
                                                                     WallTime now) = 0;
  [[nodiscard]] virtual Done add(const TransferRow& row) = 0;
  [[nodiscard]] virtual Done update(const TransferRow& row) = 0;
  /// Longest in their state first.
  [[nodiscard]] virtual Result<std::vector<TransferRow>> list(
      const std::vector<flow::State>& states, std::size_t skip, std::size_t rows_max) = 0;
  /// Newest first.
  [[nodiscard]] virtual Result<std::vector<TransferRow>> list_of_node(const ZoneId& zone,
                                                                      const NodeId& node,
                                                                      std::size_t skip,
                                                                      std::size_t rows_max) = 0;
  /// Not ended, with an `expires` that has come and no end being asked.
  [[nodiscard]] virtual Result<std::vector<TransferRow>> expired(WallTime now,
                                                                 std::size_t rows_max) = 0;
  [[nodiscard]] virtual Result<std::vector<TransferRow>> ending(std::size_t rows_max) = 0;
  /// Ended before `before`, objects not let go yet.
  [[nodiscard]] virtual Result<std::vector<TransferRow>> retained(WallTime before,
                                                                  std::size_t rows_max) = 0;
  [[nodiscard]] virtual Done note_state(const TransferId& id, flow::State state, WallTime at) = 0;
  /// Oldest first, at most kHistoryMax.
  [[nodiscard]] virtual Result<std::vector<StateChange>> history(const TransferId& id) = 0;

  // ---- evidence and steps
  [[nodiscard]] virtual Done set_evidence(const TransferId& id, const std::string& name,
                                          const crypto::ObjectDigest& digest) = 0;
  [[nodiscard]] virtual Result<Evidence> evidence(const TransferId& id) = 0;
  /// One step a stage; a later one (of a later round, or a new clearance) takes its place.
  [[nodiscard]] virtual Done set_step(const StepRow& step, const Token& token) = 0;
  [[nodiscard]] virtual Done remove_step(const TransferId& id, flow::Stage stage) = 0;
  [[nodiscard]] virtual Result<std::vector<StepRow>> steps(const TransferId& id) = 0;
  /// The step that a claim ended with.
  [[nodiscard]] virtual Result<std::optional<StepRow>> find_step(const Token& token) = 0;

  // ---- objects
  [[nodiscard]] virtual Done add_object(const crypto::ObjectDigest& digest, ByteView bytes) = 0;
  [[nodiscard]] virtual Done add_object_file(const crypto::ObjectDigest& digest) = 0;
  [[nodiscard]] virtual Result<std::optional<ObjectRecord>> find_object(
      const crypto::ObjectDigest& digest) = 0;
  /// True when the object store's file of this root is known here.
  [[nodiscard]] virtual Result<bool> is_file_known(const crypto::Hash& root) = 0;
  [[nodiscard]] virtual Done refer(const TransferId& id, const crypto::ObjectDigest& digest,
                                   RefOrigin origin) = 0;
  [[nodiscard]] virtual Result<bool> refers(const TransferId& id,
                                            const crypto::ObjectDigest& digest) = 0;
  /// Lets references go; objects that nothing refers to any more become loose.
  [[nodiscard]] virtual Done drop_refs(const TransferId& id, RefOrigin origin) = 0;
  [[nodiscard]] virtual Done drop_all_refs(const TransferId& id) = 0;
  /// Marks an object as possibly loose.
  [[nodiscard]] virtual Done loosen(const crypto::ObjectDigest& digest) = 0;
  /// Removes at most `rows_max` objects that nothing refers to, and says which.
  [[nodiscard]] virtual Result<std::vector<LooseObject>> take_loose(std::size_t rows_max) = 0;

  // ---- uploads and disk
  [[nodiscard]] virtual Done set_upload(const UploadRow& row) = 0;
  [[nodiscard]] virtual Result<std::optional<UploadRow>> find_upload(const TransferId& id) = 0;
  [[nodiscard]] virtual Done remove_upload(const TransferId& id) = 0;
  [[nodiscard]] virtual Result<std::vector<UploadRow>> uploads_before(WallTime before,
                                                                      std::size_t rows_max) = 0;
  [[nodiscard]] virtual Done reserve(const TransferId& id, std::uint64_t bytes) = 0;
  /// Bytes that were stored on account of the reservation.
  [[nodiscard]] virtual Done use_reserved(const TransferId& id, std::uint64_t bytes) = 0;
  [[nodiscard]] virtual Done release_reserved(const TransferId& id) = 0;
  /// Sum of what is reserved and not used yet.
  [[nodiscard]] virtual Result<std::uint64_t> reserved_bytes() = 0;

  // ---- acknowledgements
  /// False when that node had acknowledged before.
  [[nodiscard]] virtual Result<bool> acknowledge(const TransferId& id, const ZoneId& zone,
                                                 const NodeId& node,
                                                 const crypto::ObjectDigest& sealed,
                                                 WallTime at) = 0;
  [[nodiscard]] virtual Result<std::uint32_t> acknowledgements(const TransferId& id) = 0;
  /// What a node has acknowledged in a zone, by transfer.
  [[nodiscard]] virtual Result<std::vector<TransferId>> acknowledged_by(const ZoneId& zone,
                                                                        const NodeId& node,
                                                                        std::size_t skip,
                                                                        std::size_t rows_max) = 0;
};

}  // namespace hangu::ledger
