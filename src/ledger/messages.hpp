#pragma once
// The custodian's protocol: one request, one reply, each one packet on a local channel. Requests
// are closed structures; docs/protocols/custodian.md tables who may send which, and when.

#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/limits.hpp"
#include "crypto/hash.hpp"
#include "ledger/work.hpp"

namespace hangu::ledger {

inline constexpr std::size_t kClaimStagesMax = 4;
inline constexpr std::chrono::milliseconds kClaimWaitMax = std::chrono::minutes(5);
inline constexpr std::chrono::milliseconds kReleaseDelayMax = std::chrono::hours(1);
/// What uploads leave free of every disk: audit, the ledger and the operations log go on.
inline constexpr std::uint64_t kDiskHeadroomBytes = std::uint64_t{128} << 20;
inline constexpr std::uint64_t kReservationFactor = 5;  ///< times the declared size

// ---- stages

/// Asks for work of these stages, or for this transfer only; waits at most `wait` for it.
struct Claim {
  std::vector<flow::Stage> stages;
  std::optional<TransferId> transfer;
  std::chrono::milliseconds wait{0};
};
struct Renew {
  Token token{};
};
/// Opens an object of the claimed transfer. With `by_descriptor` also a small object comes as a
/// file.
struct Open {
  Token token{};
  crypto::ObjectDigest digest;
  bool by_descriptor = false;
};
/// Opens an object of a transfer that awaits approval, without a claim (approve only).
struct Look {
  TransferId transfer;
  crypto::ObjectDigest digest;
  bool by_descriptor = false;
};
/// Stores a small object (at most kSmallObjectBytesMax).
struct Put {
  Token token{};
  crypto::HashAlgorithm algorithm = crypto::HashAlgorithm::sha256;
  Bytes bytes;
};
/// Makes an output; the reply carries its write descriptor.
struct Create {
  Token token{};
  crypto::HashAlgorithm algorithm = crypto::HashAlgorithm::sha256;
};
/// Freezes an output; every write descriptor and mapping of it must be gone.
struct Freeze {
  Token token{};
  std::uint64_t output = 0;
};
struct Complete {
  Token token{};
  Completion completion;
};
/// approve: parks the transfer in awaiting_approval until somebody attaches a document.
struct Hold {
  Token token{};
};
/// Gives a claim back undone; the transfer is offered again after `delay`.
struct Release {
  Token token{};
  std::chrono::milliseconds delay{0};
  std::string reason{};  ///< what it waits for, shown to its sender; empty: nothing to say
};
/// approve: stores a document for a transfer that awaits approval and wakes it.
struct Attach {
  TransferId transfer;
  std::string name;
  crypto::HashAlgorithm algorithm = crypto::HashAlgorithm::sha256;
  Bytes bytes;
};
/// emit: the clearance is stale; back to approved, where decide clears it anew. Or an approval has
/// lapsed before it was acted on: back to awaiting-approval, a round later, where people may sign
/// anew and the steps from approve on are made again.
struct Reclear {
  Token token{};
  bool approve_anew = false;
};
/// Rounds of a transfer: flow::Step allows no more.
inline constexpr std::uint32_t kRoundsMax = 1000;
/// Transfers in these states, the longest waiting first, after skipping `skip` of them.
struct List {
  std::vector<flow::State> states;
  bool with_evidence = false;
  std::uint32_t skip = 0;
  std::uint32_t rows_max = 0;
};

// ---- receive@ZONE: bytes only

struct Begin {
  TransferId transfer;
  NodeId node;
  std::uint64_t bytes = 0;
};
struct Piece {
  TransferId transfer;
  std::uint64_t offset = 0;
  Bytes bytes;
};
struct Commit {
  TransferId transfer;
};
/// After the entry of step.receive is in the log; `table` is the canonical object table.
struct Received {
  TransferId transfer;
  std::uint64_t entry = 0;
  Bytes table;
};
struct AskStatus {
  TransferId transfer;
  NodeId node;
};
struct ListOfNode {
  NodeId node;
  std::uint32_t skip = 0;
  std::uint32_t rows_max = 0;
};
struct Withdraw {
  TransferId transfer;
  NodeId node;
};

/// What all open uploads of the caller's zone need, one that is asked for among them: their
/// declared sizes, and what has yet to come to the spool. More than the last time must fit.
struct Room {
  std::uint64_t bytes = 0;
  std::uint64_t coming = 0;  ///< at most `bytes`
};

// ---- deliver@ZONE

/// A recipient node has the sealed package.
struct Acknowledge {
  TransferId transfer;
  NodeId node;
  crypto::ObjectDigest sealed;
};

// ---- administrators

struct Show {
  TransferId transfer;
};

/// In the order of the wire's kind byte.
using Request = std::variant<Claim, Renew, Open, Look, Put, Create, Freeze, Complete, Hold, Release,
                             Attach, Reclear, List, Begin, Piece, Commit, Received, AskStatus,
                             ListOfNode, Withdraw, Acknowledge, Show, Room>;

namespace detail {
template <class R, class... Kinds>
consteval std::size_t index_in(const std::variant<Kinds...>*) {
  std::size_t index = 0;
  bool found = false;
  ((found = found || std::is_same_v<R, Kinds>, index += found ? 0 : 1), ...);
  return index;
}
}  // namespace detail
/// The kind byte of a request type.
template <class R>
inline constexpr std::size_t kKindOf = detail::index_in<R>(static_cast<const Request*>(nullptr));

// ---- replies

struct Nothing {};
struct ClaimedWork {
  std::optional<Work> work;  ///< absent: none came up in time
};
/// An object: its bytes inline, or by descriptor: one for the bytes, and a second for the leaf
/// hashes when the object has more than one chunk.
struct OpenedObject {
  bool by_descriptor = false;
  Bytes bytes;
};
struct StoredObject {
  crypto::ObjectDigest digest;
};
struct CreatedOutput {
  std::uint64_t output = 0;
};
struct NewState {
  flow::State state = flow::State::received;
};
struct Listing {
  std::vector<Listed> rows;
};
struct StatusReply {
  std::optional<Status> status;  ///< absent: no such transfer of that node
};
/// The request was refused or failed; `reason` is one of known_reasons().
struct Refused {
  ErrorCode code = ErrorCode::internal;
  std::string reason;
  std::string context;
  std::uint32_t os_error = 0;  ///< errno, when the operating system caused it
};
using Reply = std::variant<Refused, Nothing, ClaimedWork, OpenedObject, StoredObject, CreatedOutput,
                           NewState, Listing, Begun, StatusReply, Withdrawn>;

/// Errors of both parses: Malformed "wire-…".
[[nodiscard]] Bytes encode(const Request& request);
[[nodiscard]] Result<Request> parse_request(ByteView bytes);
[[nodiscard]] Bytes encode(const Reply& reply);
[[nodiscard]] Result<Reply> parse_reply(ByteView bytes);

/// An Error as a reply, and back: reasons that this program does not know become
/// "custodian-refused", with the foreign reason in the context.
[[nodiscard]] Refused to_refused(const Error& error);
[[nodiscard]] Error to_error(const Refused& refused);

}  // namespace hangu::ledger
