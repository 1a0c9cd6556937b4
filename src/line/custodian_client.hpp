#pragma once
// CustodianClient: how stages and zone halves talk to the custodian. Blocking; one request at a
// time, but for pieces. docs/protocols/custodian.md.

#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "ledger/messages.hpp"
#include "os/channel.hpp"

namespace hangu::line {

using ledger::Completion;
using ledger::Token;
using ledger::Work;

/// How long a call waits for its answer, and how long a lost custodian is looked for again.
struct Patience {
  std::chrono::milliseconds answer = std::chrono::seconds(30);
  std::chrono::milliseconds long_answer = std::chrono::minutes(30);  ///< freeze and commit
  std::chrono::milliseconds reconnect = std::chrono::seconds(20);
  const std::atomic<bool>* ending = nullptr;  ///< once true, no lost custodian is looked for again
};

/// Opened is an object that the custodian gave out: inline bytes, or a read-only descriptor.
class Opened {
 public:
  Opened(const crypto::ObjectDigest& digest, Bytes bytes)
      : digest_(digest), bytes_(std::move(bytes)) {}
  Opened(const crypto::ObjectDigest& digest, os::UniqueFd file, os::UniqueFd leaves)
      : digest_(digest), file_(std::move(file)), leaves_(std::move(leaves)) {}

  [[nodiscard]] const crypto::ObjectDigest& digest() const { return digest_; }
  /// The whole object, checked against its digest.
  /// Errors: Exhausted "object-too-long"; Corrupt "object-mismatch".
  [[nodiscard]] Result<Bytes> read_all(std::size_t bytes_max) const;
  /// Checks chunks of the object as they are read.
  /// Errors: Corrupt "leaves-mismatch"; those of os::read_file.
  [[nodiscard]] Result<crypto::ChunkVerifier> verifier() const;
  /// The read-only descriptor; invalid when the bytes came inline (ask with by_descriptor).
  [[nodiscard]] os::FdView file() const { return file_.view(); }
  /// The leaf hashes; valid beside a descriptor of an object of more than one chunk.
  [[nodiscard]] os::FdView leaves() const { return leaves_.view(); }
  [[nodiscard]] os::UniqueFd take_file() && { return std::move(file_); }

 private:
  crypto::ObjectDigest digest_;
  Bytes bytes_;
  os::UniqueFd file_;
  os::UniqueFd leaves_;
};

/// Output is an object in the making: write to `file`, hand it to workers, then close every copy
/// (and unmap) and freeze.
struct Output {
  std::uint64_t id = 0;
  os::UniqueFd file;
};

/// Whether a small object is wanted as a file too (to hand to a worker).
enum class As : std::uint8_t { bytes_when_small, descriptor };

/// CustodianClient is one link. When the link breaks it is made anew and the request sent again
/// (every request may be repeated), for at most Patience::reconnect; then Unavailable.
/// Errors of every call: Unavailable "peer-absent", "peer-gone", "peer-slow"; Forbidden
/// "request-not-permitted", "claim-unknown" (expired and taken up, or ended); Unavailable
/// "time-unknown"; and what a call names itself.
/// Thread: one at a time. To renew from another thread, connect a second client.
class CustodianClient {
 public:
  [[nodiscard]] static Result<CustodianClient> connect(std::string path, Patience patience = {});

  // ---- stages
  /// The next work of any of these stages, waiting at most `wait`; nothing when none came.
  /// Errors: Corrupt "custodian-refused" (work of another stage or transfer).
  [[nodiscard]] Result<std::optional<Work>> claim(std::span<const flow::Stage> stages,
                                                  std::chrono::milliseconds wait);
  /// Work on this transfer, if it is that stage's turn and nobody else's claim.
  [[nodiscard]] Result<std::optional<Work>> claim(flow::Stage stage, const TransferId& transfer,
                                                  std::chrono::milliseconds wait);
  /// Begins the claim's time anew.
  [[nodiscard]] Done renew(const Token& token);
  /// Errors: Forbidden "object-not-reachable" (not of this transfer); Corrupt "object-lost".
  [[nodiscard]] Result<Opened> open(const Token& token, const crypto::ObjectDigest& digest,
                                    As as = As::bytes_when_small);
  /// open() and read: for tables, statements and the like.
  [[nodiscard]] Result<Bytes> read(const Token& token, const crypto::ObjectDigest& digest,
                                   std::size_t bytes_max);
  /// Stores a small object, at most kSmallObjectBytesMax. What the custodian says of it is compared
  /// with the bytes, here, in store() and in attach(). Errors: Exhausted "object-too-long"; Corrupt
  /// "object-mismatch".
  [[nodiscard]] Result<crypto::ObjectDigest> put(
      const Token& token, ByteView bytes,
      crypto::HashAlgorithm algorithm = crypto::HashAlgorithm::sha256);
  /// Errors: Exhausted "outputs-too-many".
  [[nodiscard]] Result<Output> create(
      const Token& token, crypto::HashAlgorithm algorithm = crypto::HashAlgorithm::sha256);
  /// Proves that nobody can write it any more, hashes, syncs and names it.
  /// Errors: Forbidden "output-still-writable" (close the copies and try again),
  /// "output-unknown" (the custodian was started anew: make it again).
  [[nodiscard]] Result<crypto::ObjectDigest> freeze(const Token& token, std::uint64_t output);
  /// Any size: put() when small, create, write and freeze when not.
  [[nodiscard]] Result<crypto::ObjectDigest> store(
      const Token& token, ByteView bytes,
      crypto::HashAlgorithm algorithm = crypto::HashAlgorithm::sha256);
  /// Ends the step; may be repeated with the same entry. The new state of the transfer.
  /// Errors: Malformed "object-missing" (table, row or evidence not stored for this transfer),
  /// "table-invalid"; Forbidden "stage-wrong".
  [[nodiscard]] Result<flow::State> complete(const Token& token, const Completion& completion);
  /// Gives the claim back undone; offered again after `delay`. `reason`: what it waits for, shown
  /// to its sender.
  [[nodiscard]] Done release(const Token& token, std::chrono::milliseconds delay,
                             std::string_view reason = {});

  // ---- approve
  /// To awaiting_approval; offered again when a document is attached.
  [[nodiscard]] Done hold(const Token& token);
  /// Stores "approval.<person>" for a transfer in awaiting_approval, and wakes it.
  [[nodiscard]] Result<crypto::ObjectDigest> attach(
      const TransferId& transfer, const std::string& name, ByteView bytes,
      crypto::HashAlgorithm algorithm = crypto::HashAlgorithm::sha256);
  /// An object of a transfer that awaits approval, without a claim.
  [[nodiscard]] Result<Opened> look(const TransferId& transfer, const crypto::ObjectDigest& digest,
                                    As as = As::bytes_when_small);
  /// Transfers in these states with their evidence, the longest waiting first.
  [[nodiscard]] Result<std::vector<ledger::Listed>> list(std::span<const flow::State> states,
                                                         std::size_t rows_max);
  // ---- emit
  /// The clearance is stale: back to approved. Or an approval has lapsed: back to
  /// awaiting-approval, a round later. Errors: Exhausted "rounds-too-many".
  [[nodiscard]] Done reclear(const Token& token, bool approve_anew);

  // ---- receive@ZONE
  /// Errors: Exhausted "disk-full", "uploads-too-many"; Forbidden "transfer-taken" (another node).
  [[nodiscard]] Result<ledger::Begun> begin(const TransferId& transfer, const NodeId& node,
                                            std::uint64_t bytes);
  /// Whether what all open uploads of the zone need can be had (ledger::Room). Errors: Exhausted
  /// "disk-full".
  [[nodiscard]] Done room(std::uint64_t bytes, std::uint64_t coming);
  /// At most kPieceBytes, at the offset reached so far. Errors: Malformed "piece-offset";
  /// Exhausted "piece-beyond-size"; Forbidden "upload-unknown" (begin again).
  [[nodiscard]] Done piece(const TransferId& transfer, std::uint64_t offset, ByteView bytes);
  /// Fills `out` with the bytes of an object from `offset` on.
  using ReadPiece = std::function<Done(std::uint64_t offset, MutableByteView out)>;
  /// Sends the bytes from `offset` to `end` as pieces, up to kPiecesAheadMax of them before their
  /// answers; after a lost link goes on behind the last piece that was answered. Errors: as
  /// piece(), and those of `read`, which may be asked again for bytes that it gave.
  [[nodiscard]] Done pieces(const TransferId& transfer, std::uint64_t offset, std::uint64_t end,
                            const ReadPiece& read);
  /// Hashes and stores what was sent. Errors: Malformed "digest-mismatch" (the bytes do not make
  /// this transfer's name), "upload-short".
  [[nodiscard]] Result<crypto::ObjectDigest> commit(const TransferId& transfer);
  /// After step.receive is in the log. May be repeated. Errors as complete().
  [[nodiscard]] Result<flow::State> received(const TransferId& transfer, std::uint64_t entry,
                                             ByteView table);
  /// Nothing when there is no such transfer of that node in this zone.
  [[nodiscard]] Result<std::optional<ledger::Status>> status(const TransferId& transfer,
                                                             const NodeId& node);
  /// receive: that node's transfers; deliver: those that it has acknowledged, of which nothing but
  /// the id is told.
  [[nodiscard]] Result<std::vector<ledger::Listed>> list_node(const NodeId& node,
                                                              std::size_t rows_max);
  /// Errors: Forbidden "transfer-unknown"; those of the audit log.
  [[nodiscard]] Result<ledger::Withdrawn> withdraw(const TransferId& transfer, const NodeId& node);

  // ---- deliver@ZONE
  /// A recipient node has the package. The state after. Errors: Forbidden "not-emitted".
  [[nodiscard]] Result<flow::State> acknowledge(const TransferId& transfer, const NodeId& node,
                                                const crypto::ObjectDigest& sealed);

  // ---- administrators
  [[nodiscard]] Result<std::optional<ledger::Status>> show(const TransferId& transfer);
  [[nodiscard]] Result<std::vector<ledger::Listed>> list_all(std::size_t rows_max);

 private:
  CustodianClient(std::string path, Patience patience);
  Result<ledger::Reply> ask(const ledger::Request& request, std::chrono::milliseconds timeout,
                            std::vector<os::UniqueFd>* descriptors = nullptr);
  Result<os::Message> exchange(ByteView request, std::chrono::milliseconds timeout);
  Done connect_again();
  /// What `once` gives, tried again on a new link while the custodian is away; it may be away for
  /// as long again after `progress` has grown.
  template <class Once>
  auto patiently(const Once& once, const std::uint64_t& progress) -> decltype(once());
  Result<std::vector<ledger::Listed>> pages(ledger::List request, std::size_t rows_max);

  std::string path_;
  Patience patience_;
  std::optional<os::Channel> channel_;
};

}  // namespace hangu::line
