#pragma once
// AuditClient: how every other program talks to hangu-audit. Blocking, one request at a time.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audit/messages.hpp"
#include "base/entropy.hpp"
#include "os/channel.hpp"

namespace hangu::line {

/// How long a call may take, reconnecting included.
inline constexpr std::chrono::milliseconds kAuditPatience{10'000};

/// Above what the longest transfer has: three filters' entries for each of 10,000 objects.
inline constexpr std::size_t kEntriesOfTransferMax = 65'536;

/// A call whose link breaks connects again and sends the same request, with the same id, until
/// `patience` is over: an append that was durable already is answered with its entry.
///
/// Errors of every call: Unavailable "audit-unavailable" (no answer in time: whether an append
/// happened is unknown, ask again with the same id); with the service's own code, "audit-failed"
/// (its reason is the context); Malformed "audit-reply-invalid".
/// Thread: one. `entropy` must outlive it.
class AuditClient {
 public:
  /// Errors: Unavailable "audit-unavailable" when nothing listens at `path` within `patience`.
  [[nodiscard]] static Result<AuditClient> connect(
      std::string path, Entropy& entropy, std::chrono::milliseconds patience = kAuditPatience);

  /// A fresh id for an append; keep it for as long as the append may have to be repeated.
  [[nodiscard]] audit::RequestId new_request_id();

  /// Appended, or taken by the entry that is given. Errors: Unavailable "audit-unavailable" too
  /// when the log takes nothing for a while (kPassingRefusals: ask again later); Internal
  /// "audit-refused".
  [[nodiscard]] Result<audit::AppendReply> append(const audit::AppendRequest& request);
  /// The checkpoint of everything that is committed.
  [[nodiscard]] Result<audit::CheckpointReply> checkpoint();
  /// Hands over a checkpoint with witnesses' cosignatures; of the feeder's socket alone. The answer
  /// has the last quorum, this one or a later. "audit-failed" with the reason when it is not taken.
  [[nodiscard]] Result<audit::CheckpointReply> cosigned(std::string note);
  /// The entry and its audit path in the tree of `size`.
  [[nodiscard]] Result<audit::ProveReply> prove(std::uint64_t index, std::uint64_t size);
  /// Indices of all of a transfer's entries, ascending. Errors: Exhausted "audit-entries-too-many"
  /// (more than kEntriesOfTransferMax).
  [[nodiscard]] Result<std::vector<std::uint64_t>> find(const TransferId& transfer);
  /// Index of the entry that holds `key`, if any does.
  [[nodiscard]] Result<std::optional<std::uint64_t>> holder(std::string key);

 private:
  AuditClient(std::string path, Entropy& entropy, std::chrono::milliseconds patience)
      : path_(std::move(path)), entropy_(&entropy), patience_(patience) {}
  [[nodiscard]] Result<audit::Reply> ask(const audit::Request& request);
  [[nodiscard]] Result<audit::Reply> ask_once(const audit::Request& request,
                                              std::chrono::milliseconds left);
  template <class T>
  [[nodiscard]] Result<T> ask_for(const audit::Request& request);

  std::string path_;
  Entropy* entropy_;  ///< a pointer, so that a client can be moved
  std::chrono::milliseconds patience_;
  std::optional<os::Channel> channel_;
};

}  // namespace hangu::line
