#pragma once
// Custodian: the core of hangu-custodian, without sockets. It answers one request at a time inside
// a transaction of the ledger that its server begins and commits; long work (hashing, the audit
// log) is handed back as a Job for another thread.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "base/entropy.hpp"
#include "base/time.hpp"
#include "flow/object_table.hpp"
#include "ledger/audit_log.hpp"
#include "ledger/ledger.hpp"
#include "ledger/object_store.hpp"
#include "ledger/permit.hpp"

namespace hangu::ledger {

inline constexpr std::size_t kOutputsMax = 1024;  ///< in the making, of all claims
inline constexpr std::size_t kOutputsOfClaimMax = 128;
inline constexpr std::size_t kUploadsMax = 64;  ///< in the making, of all zones
inline constexpr std::uint64_t kFollowBytes = std::uint64_t{8}
                                              << 20;  ///< hashed at once behind one
inline constexpr std::chrono::milliseconds kUploadIdleMax = std::chrono::hours(24);
/// How long a zone's word about its open uploads counts, unless said again.
inline constexpr std::chrono::milliseconds kRoomLasts = std::chrono::minutes(10);

struct CustodianSettings {
  std::chrono::milliseconds claim_lasts = std::chrono::seconds(60);
  /// How long the objects of an ended transfer are kept.
  std::chrono::milliseconds retention = std::chrono::hours(24 * 7);
  /// Claims of one step that came to nothing, before the transfer is quarantined. As many as a
  /// stage that somebody kills again and again cannot reach soon: each claim lasts longer than the
  /// one before (spread()).
  std::uint32_t attempts_max = 15;
};

/// What goes back to the caller.
struct Outgoing {
  Reply reply;
  std::vector<os::UniqueFd> descriptors{};
};
/// Runs on the custodian's loop, inside a transaction.
using Finish = std::move_only_function<Result<Outgoing>()>;
/// Runs on another thread, touches neither ledger nor Custodian.
using Job = std::move_only_function<Finish()>;

enum class JobKind : std::uint8_t { disk, audit };
/// The answer comes later.
struct Later {
  JobKind kind = JobKind::disk;
  Job job;
  /// Runs on the loop instead, when there is no room for the job.
  std::move_only_function<void()> dropped;
};
/// A claim that found nothing: ask again when custodian.work_came(), until its wait is over.
struct Parked {};
using Answer = std::variant<Outgoing, Later, Parked>;

/// Thread: one.
class Custodian {
 public:
  Custodian(CustodianSettings settings, Ledger& ledger, ObjectStore& store, AuditLog& audit,
            const Clock& clock, Entropy& entropy)
      : settings_(settings),
        ledger_(ledger),
        store_(store),
        audit_(audit),
        clock_(clock),
        entropy_(entropy) {}

  /// After opening: removes object files that no ledger row knows. Files removed.
  [[nodiscard]] Result<std::size_t> sweep_leftovers();

  /// Answers a request. On an error the ledger must be taken back to before it (undo).
  [[nodiscard]] Result<Answer> answer(const Caller& caller, Request request);

  /// Periodic work: ends that are due, uploads that were left, retention, loose objects. The jobs
  /// have no caller: their Outgoing goes nowhere.
  [[nodiscard]] Result<std::vector<Later>> tick();

  /// Work beside the answers given so far, which waits for nobody and has no caller.
  [[nodiscard]] std::vector<Later> take_jobs() { return std::exchange(jobs_, {}); }

  /// After the transaction is durable: files of removed objects go now.
  void committed();

  /// True once after something became free for a stage.
  [[nodiscard]] bool work_came() { return std::exchange(work_came_, false); }
  /// Makes work_came() true: time has passed, and claims may have expired.
  void look_again() { work_came_ = true; }

 private:
  struct OutputInTheMaking {
    TransferId transfer;
    Token token;
    crypto::HashAlgorithm algorithm;
    os::UniqueFd reader;
    bool freezing = false;
  };
  struct UploadInTheMaking {
    os::UniqueFd writer;
    std::shared_ptr<ArrivingFile> file;  ///< its jobs own it too: they may outlive the upload
    std::uint64_t offset = 0;
    std::uint64_t followed = 0;  ///< up to where a job hashes, or has
    WallTime touched;
    bool following = false;  ///< such a job runs
    bool committing = false;
  };

  /// Of one zone. In memory: a zone half says it again.
  struct RoomOfZone {
    Room room;
    WallTime said;
  };

  // custodian.cpp: claims
  Result<Answer> on(const Caller& caller, Claim& request);
  Result<Answer> on(const Caller& caller, Renew& request);
  Result<Answer> on(const Caller& caller, Hold& request);
  Result<Answer> on(const Caller& caller, Release& request);
  Result<Answer> on(const Caller& caller, Reclear& request);
  /// The transfer that the token claims, if this kind of request is permitted in its state.
  Result<TransferRow> claimed(const Caller& caller, const Token& token, std::size_t kind);
  Result<std::optional<TransferRow>> choose(const Caller& caller, const Claim& request,
                                            WallTime now);
  Result<Work> hand_out(TransferRow& row, WallTime now);
  [[nodiscard]] std::chrono::milliseconds spread(const Token& token, std::uint32_t attempts) const;
  // custodian_complete.cpp: ends of steps
  Result<Answer> on(const Caller& caller, Complete& request);
  Done take_table(const TransferRow& row, flow::Stage stage, const crypto::ObjectDigest& table);
  Done take_evidence(const TransferRow& row, const Evidence& evidence);
  Result<flow::ObjectTable> read_table(const crypto::ObjectDigest& digest);
  void free_claim(TransferRow& row, WallTime free_from);
  Done enter(TransferRow& row, flow::State state, std::string reason, WallTime now);
  // custodian_objects.cpp
  Result<Answer> on(const Caller& caller, Open& request);
  Result<Answer> on(const Caller& caller, Look& request);
  Result<Answer> on(const Caller& caller, Put& request);
  Result<Answer> on(const Caller& caller, Create& request);
  Result<Answer> on(const Caller& caller, Freeze& request);
  Result<Answer> on(const Caller& caller, Attach& request);
  Result<Outgoing> give(const TransferRow& row, const crypto::ObjectDigest& digest,
                        bool by_descriptor);
  Result<crypto::ObjectDigest> store_small(const TransferId& transfer, ByteView bytes,
                                           crypto::HashAlgorithm algorithm, RefOrigin origin);
  Result<Outgoing> finish_freeze(std::uint64_t output, const Token& token, os::UniqueFd reader,
                                 Result<crypto::HashedObject> object);
  void forget_outputs(const std::optional<Token>& token);
  // custodian_zones.cpp
  Result<Answer> on(const Caller& caller, Begin& request);
  Result<Answer> on(const Caller& caller, Piece& request);
  Result<Answer> on(const Caller& caller, Commit& request);
  Result<Answer> on(const Caller& caller, Received& request);
  Result<Answer> on(const Caller& caller, Withdraw& request);
  Result<Answer> on(const Caller& caller, Acknowledge& request);
  Result<Answer> on(const Caller& caller, Room& request);
  /// Errors: Exhausted "disk-full" when so much could not be reserved besides what is.
  Done check_disk(std::uint64_t needed);
  Result<UploadRow> upload_of(const Caller& caller, const TransferId& transfer);
  Result<Outgoing> finish_commit(const TransferId& transfer, Result<crypto::HashedObject> object);
  void follow(const TransferId& transfer, UploadInTheMaking& here);
  Done begin_upload(const Caller& caller, const Begin& request, WallTime now);
  // custodian_views.cpp
  Result<Answer> on(const Caller& caller, List& request);
  Result<Answer> on(const Caller& caller, ListOfNode& request);
  Result<Answer> on(const Caller& caller, AskStatus& request);
  Result<Answer> on(const Caller& caller, Show& request);
  Result<Status> status_of(const TransferRow& row);
  // custodian_ends.cpp
  Later end_job(const TransferRow& row, flow::State end, std::optional<NodeId> asked_by);
  Result<Outgoing> settle_end(const TransferId& transfer, const Result<flow::State>& winner);
  Done end(TransferRow& row, flow::State state, std::string reason, WallTime now);
  Result<Outgoing> settle_acknowledgement(const ZoneId& zone, const Acknowledge& request);
  Done ask_due_ends(WallTime now, std::vector<Later>& jobs);
  Done let_uploads_go(WallTime now);
  Done collect(WallTime now);
  Done forget_dead_outputs();

  CustodianSettings settings_;
  Ledger& ledger_;
  ObjectStore& store_;
  AuditLog& audit_;
  const Clock& clock_;
  Entropy& entropy_;

  std::map<std::uint64_t, OutputInTheMaking> outputs_;
  std::uint64_t last_output_ = 0;
  std::map<TransferId, UploadInTheMaking> uploads_;
  std::map<ZoneId, RoomOfZone> rooms_;
  std::vector<Later> jobs_;
  std::vector<crypto::ObjectDigest> to_settle_;
  std::vector<crypto::ObjectDigest> to_remove_;
  std::set<TransferId> ends_asked_;  ///< whose end is being asked at this moment
  bool work_came_ = false;
};

/// Later than any time that a claim may become free at by itself.
inline constexpr WallTime kNever{std::chrono::milliseconds(253'402'300'799'999)};

}  // namespace hangu::ledger
