#pragma once
// Writer: the rules of the log over the bare Log: who may append what, one winner for each key,
// the same answer to the same request, times that never decrease. No sockets.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "audit/chain_beside.hpp"
#include "audit/crew.hpp"
#include "audit/entry_index.hpp"
#include "audit/epoch_entries.hpp"
#include "audit/log.hpp"
#include "audit/messages.hpp"
#include "audit/order.hpp"
#include "audit/pruning.hpp"
#include "base/entropy.hpp"
#include "base/time.hpp"
#include "wire/json.hpp"

namespace hangu::audit {

/// What a writer stands on. `clock` and `entropy` must outlive it.
struct WriterPlan {
  std::unique_ptr<Folder> folder;
  std::unique_ptr<Folder> epoch_keys;  ///< nobody else's, and in no copy of the log
  std::string origin;
  crypto::SigningKey key;
  std::optional<crypto::SigningKey> gm_key;  ///< SM2: a line under what is published
  const Clock& clock;
  Entropy& entropy;
  Caller self;  ///< the writer's own process, for entries about the log itself
  LogLimits limits;
  std::unique_ptr<MonotonicCounter> counter{};  ///< raised at each epoch's end; may be absent
  std::vector<GivenOrder> orders{};             ///< of two auditors, found at the start
  wire::JsonObject boot{};                      ///< more members of the boot entry
  /// What a quorum of witnesses saw last: it must be a part of the log.
  std::optional<TreeHead> witnessed{};
  /// The keys before `key` and `gm_key`, until the log is told that they rolled over.
  std::optional<LogSecrets> former{};
};

/// A request to append, and who sent it.
struct Submission {
  AppendRequest request;
  Caller caller;
};

struct OpenedWriter;

/// Thread: one. An Error from append() or note_event() means that the log is dead, if not said
/// otherwise: end the process and open it anew.
class Writer {
 public:
  /// Opens the log, reads all entries, and logs `recovery` (when bytes were discarded), the end of
  /// the epoch before (or `genesis`), and `boot`. Where former keys are given they have signed
  /// their last when this returns, and nothing is left that waits to be published under them.
  /// Errors: those of Log::open and Epochs::open; Corrupt "audit-entry-invalid",
  /// "audit-epoch-order", "audit-epoch-key" (the last checkpoint is not signed by the epoch's key),
  /// "audit-log-key" (the entries name other keys of the log, or others signed last),
  /// "audit-pruned-invalid", "audit-witness-ahead", "audit-witness-differs"; Forbidden
  /// "audit-rollback-suspected" (see check_counter), unless an order releases exactly this; those
  /// of the counter. After any of these nothing was appended to the log.
  [[nodiscard]] static Result<OpenedWriter> open(WriterPlan plan);

  /// Decides on a batch of at most kBatchEntriesMax - kOwnEntriesPerBatchMax submissions in order,
  /// makes what is appended durable with one sync, and only then replies, in the same order.
  ///
  /// Refusals: "type-unknown", "type-forbidden", "transfer-missing", "transfer-unexpected",
  /// "keys-invalid", "body-invalid", "entry-too-long", "request-reused" (the id names another
  /// request), "key-pruned" (an entry that is deleted holds the key); for a while: "time-unknown",
  /// "audit-disk-reserve", "audit-behind", "audit-busy".
  [[nodiscard]] Result<std::vector<AppendReply>> append(std::span<const Submission> batch);
  /// An event of the log about itself ("heartbeat", …), also when the disk reserve is touched:
  /// that is what the reserve is for. While the time is unknown it says so (kClockMember).
  /// Errors: Internal "audit-event-invalid" (not as its schema says), Exhausted "entry-too-long":
  /// then nothing is written, and the log lives.
  [[nodiscard]] Done note_event(std::string_view type, wire::JsonObject event);

  /// Ends the present epoch, also an empty one, and begins the next: its key is erased.
  [[nodiscard]] Done close_epoch();

  [[nodiscard]] CheckpointReply checkpoint(const CheckpointRequest& request) const;
  [[nodiscard]] Result<ProveReply> prove(const ProveRequest& request) const;
  /// Errors: Malformed "find-before" (no entry of the transfer), "entry-pruned"; those of the log.
  [[nodiscard]] Result<FindReply> find(const FindRequest& request) const;
  /// The committed entry that holds the key, also one that is deleted. Errors: Malformed
  /// "keys-invalid".
  [[nodiscard]] Result<FindReply> holder(const HolderRequest& request) const;

  [[nodiscard]] const Log& log() const { return log_; }
  void published(std::uint64_t size) { log_.published(size); }
  /// The first entry of the present epoch.
  [[nodiscard]] std::uint64_t epoch_first() const { return epoch_first_; }

  /// Writes "log.pruned"; from then on the entries are not read any more. pruner.hpp prepares it.
  [[nodiscard]] Done prune(Pruned pruned);
  [[nodiscard]] const std::optional<Pruned>& pruned() const { return pruned_; }
  /// Whether the log tells that this order was carried out: the last of its kind.
  [[nodiscard]] bool tells_of(std::string_view order_envelope) const;
  /// Bundles below this entry are to be deleted, if they are still there; 0: none.
  [[nodiscard]] std::uint64_t removal_due() const { return removal_due_; }
  void removed() { removal_due_ = 0; }
  /// Errors: those of the clock.
  [[nodiscard]] Result<WallTime> now() const { return clock_->now(); }

 private:
  struct Body;
  struct Forming;
  struct HeldKey {
    std::uint64_t index = 0;
    std::string entry;
  };
  Writer(Log log, LogSigners signers, WriterPlan& plan, EntryIndex index, Epochs epochs,
         std::unique_ptr<ChainBeside> chain, WallTime last_time);

  [[nodiscard]] Done take_up_epoch(const EpochReader& read);
  [[nodiscard]] Done take_up_counter(const EpochReader& read, std::span<const GivenOrder> orders);
  [[nodiscard]] Result<std::optional<CounterTold>> next_count();
  [[nodiscard]] Done end_last_run(const Recovery& recovery);
  [[nodiscard]] Done go_on_under(LogSigners next, Publisher& publisher);
  [[nodiscard]] Done publish_all(Publisher& publisher);
  [[nodiscard]] Done begin_run(wire::JsonObject boot);
  [[nodiscard]] Result<std::string> public_note() const;

  [[nodiscard]] Result<WallTime> time_of(Forming& forming);
  [[nodiscard]] Result<WallTime> time_of(Forming& forming, WallTime now);
  [[nodiscard]] std::vector<Body> read_bodies(std::span<const Submission> batch) const;
  [[nodiscard]] Result<AppendReply> decide(const Submission& submission, Body read,
                                           Forming& forming);
  [[nodiscard]] Result<std::optional<AppendReply>> earlier(const Submission& submission,
                                                           std::string_view id,
                                                           std::string_view body,
                                                           const Forming& forming) const;
  [[nodiscard]] Result<std::optional<AppendReply>> winner(const AppendRequest& request,
                                                          const Forming& forming) const;
  [[nodiscard]] Result<std::optional<HeldKey>> holder_of(const std::string& key,
                                                         const Forming* forming) const;
  [[nodiscard]] Result<std::string> entry_text(std::uint64_t index, const Forming* forming) const;
  [[nodiscard]] Result<std::optional<std::uint64_t>> entry_before(std::uint64_t index,
                                                                  const TransferId& transfer) const;
  void add(const Entry& entry, Forming& forming);
  [[nodiscard]] Result<Entry> own_entry(std::string_view type, const wire::JsonObject& event,
                                        WallTime time);
  [[nodiscard]] Done commit(Forming& forming);

  Log log_;
  const Clock* clock_;  ///< pointers, so that a writer can be moved
  Entropy* entropy_;
  Caller self_;
  EntryIndex index_;
  Epochs epochs_;
  LogSigners signers_;
  std::optional<LogSigners> next_;  ///< the end of an epoch that comes next tells of them
  std::uint64_t epoch_first_ = 0;   ///< entry
  std::unique_ptr<MonotonicCounter> counter_;
  bool counted_ahead_ = false;         ///< the counter was raised and the log has not told it
  std::optional<GivenOrder> release_;  ///< of the counter, to be told first
  std::string release_told_;           ///< the order of the last one told, in base64
  CounterTold counter_told_;           ///< before that
  std::optional<Pruned> pruned_;
  std::uint64_t removal_due_ = 0;
  std::unique_ptr<ChainBeside> chain_;  ///< over all entries
  std::unique_ptr<Crew> crew_ = std::make_unique<Crew>();
  WallTime last_time_;
  std::string boot_;
  bool step_told_ = false;  ///< of the clock's present step back
};

struct OpenedWriter {
  Writer writer;
  Publisher publisher;
  Recovery recovery;
};

}  // namespace hangu::audit
