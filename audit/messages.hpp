#pragma once
// What the other programs say to audit and what it answers, over SOCK_SEQPACKET, one message a
// packet. Several requests of one connection may be under way; replies carry the request's id.
// Byte tables: docs/protocols/audit-log.md §8.

#include <array>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "audit/catalogue.hpp"
#include "audit/entry.hpp"
#include "audit/merkle.hpp"
#include "audit/witnessing.hpp"
#include "base/entropy.hpp"

namespace hangu::audit {

/// A fresh id for a request.
[[nodiscard]] RequestId new_request_id(Entropy& entropy);

/// Adds an entry, unless one of its keys is taken. Sent again with the same id (and the same
/// content) it is answered with the entry that was made the first time.
struct AppendRequest {
  RequestId id{};
  std::string type;
  std::optional<TransferId> transfer;
  std::vector<std::string> keys;  ///< at most kKeysPerEntryMax, see is_key()
  BodyKind kind = BodyKind::event;
  std::string body;  ///< a DSSE envelope, or a JSON object
  bool operator==(const AppendRequest&) const = default;
};
struct CheckpointRequest {
  RequestId id{};
  bool operator==(const CheckpointRequest&) const = default;
};
struct ProveRequest {
  RequestId id{};
  std::uint64_t index = 0;
  std::uint64_t size = 0;
  bool operator==(const ProveRequest&) const = default;
};
inline constexpr std::uint64_t kNewest = UINT64_MAX;  ///< before no entry
/// Asks for a transfer's newest entries, at most kFoundMax, or for those before one of them.
struct FindRequest {
  RequestId id{};
  TransferId transfer;
  std::uint64_t before = kNewest;  ///< an entry of the transfer, or kNewest
  bool operator==(const FindRequest&) const = default;
};
/// Asks for the entry that holds a key; answered with a FindReply of one index, or of none.
struct HolderRequest {
  RequestId id{};
  std::string key;  ///< see is_key()
  bool operator==(const HolderRequest&) const = default;
};
/// Hands over a checkpoint of this log with witnesses' cosignatures: the feeder's alone. Answered
/// as CheckpointRequest is, or with a failure that says why it is not taken.
struct CosignedRequest {
  RequestId id{};
  std::string note;
  bool operator==(const CosignedRequest&) const = default;
};
using Request = std::variant<AppendRequest, CheckpointRequest, ProveRequest, FindRequest,
                             HolderRequest, CosignedRequest>;

enum class AppendOutcome : std::uint8_t {
  appended,  ///< durable: the entry is this request's
  taken,     ///< a key belongs to another entry, which is given
  refused,   ///< nothing was written; `reason` says why
};
/// Refusals that pass: the same request may be taken later. All others are the request's own fault.
inline constexpr std::array<std::string_view, 4> kPassingRefusals{
    "time-unknown", "audit-disk-reserve", "audit-behind", "audit-busy"};
struct AppendReply {
  RequestId id{};
  AppendOutcome outcome = AppendOutcome::refused;
  std::string reason;  ///< "type-forbidden", …; for `taken` the key; empty when appended
  std::uint64_t index = 0;
  Hash leaf{};
  std::string entry;  ///< as logged
  bool operator==(const AppendReply&) const = default;
};
/// The signed checkpoint of everything that is committed.
struct CheckpointReply {
  RequestId id{};
  std::uint64_t size = 0;
  std::string note;
  Witnessed witnessed{};  ///< the last that a quorum of witnesses saw
  bool operator==(const CheckpointReply&) const = default;
};
struct ProveReply {
  RequestId id{};
  std::uint64_t index = 0;
  std::uint64_t size = 0;
  std::string entry;
  std::vector<Hash> path;
  bool operator==(const ProveReply&) const = default;
};
/// Entries of the transfer, at most kFoundMax, ascending; or the holder of a key.
struct FindReply {
  RequestId id{};
  std::vector<std::uint64_t> indices;
  bool operator==(const FindReply&) const = default;
};
struct FailureReply {
  RequestId id{};
  ErrorCode code = ErrorCode::internal;
  std::string reason;
  std::string context;
  bool operator==(const FailureReply&) const = default;
};
using Reply = std::variant<AppendReply, CheckpointReply, ProveReply, FindReply, FailureReply>;

[[nodiscard]] Bytes to_bytes(const Request& request);
/// Errors: Malformed "wire-…", "id-invalid".
[[nodiscard]] Result<Request> parse_request(ByteView message);
[[nodiscard]] Bytes to_bytes(const Reply& reply);
/// Errors: Malformed "wire-…".
[[nodiscard]] Result<Reply> parse_reply(ByteView message);

}  // namespace hangu::audit
