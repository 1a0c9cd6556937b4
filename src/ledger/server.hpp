#pragma once
// Server: the custodian's loop. It gathers all requests that are ready, answers them in one
// transaction, makes it durable, then sends the answers: one sync for a whole group.

#include <map>

#include "ledger/custodian.hpp"
#include "ledger/job_pool.hpp"
#include "os/channel.hpp"
#include "os/sandbox.hpp"

namespace hangu::ledger {

inline constexpr std::size_t kConnectionsOfDoorMax = 64;
inline constexpr std::size_t kDoorsMax = 32;

/// Door is a listener and who comes in by it.
struct Door {
  os::Listener listener;
  Caller caller;
  std::optional<uid_t> uid{};  ///< when given, a peer with another is turned away
};

/// What happened, for the operations log.
struct ServerCounts {
  std::uint64_t transactions = 0;
  std::uint64_t requests = 0;
  std::uint64_t refused = 0;
  std::uint64_t turned_away = 0;  ///< wrong uid, too many connections, broken messages
};

/// The box of hangu-custodian: its folder, the connections of its listeners, and the audit service.
[[nodiscard]] os::Profile server_profile(const std::string& folder,
                                         const std::string& audit_socket);

/// Thread: one.
class Server {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Server>> create(Custodian& custodian, Ledger& ledger,
                                                              std::vector<Door> doors);
  /// Serves until `stop` is readable. Errors: what made the ledger fail; the process must end and
  /// be started anew, since the transaction's fate is unknown.
  [[nodiscard]] Done run(os::FdView stop);
  [[nodiscard]] const ServerCounts& counts() const { return counts_; }

 private:
  struct ParkedClaim {
    Claim claim;
    std::chrono::milliseconds until{0};  ///< monotonic
  };
  struct Connection {
    os::Channel channel;
    std::size_t door = 0;
    bool busy = false;  ///< a job runs for it, or a claim is parked
    std::optional<ParkedClaim> parked{};
  };
  struct Sending {
    std::uint64_t connection = 0;
    Outgoing outgoing;
    bool last = false;  ///< the link ends with it
  };
  /// One turn of the loop.
  struct Turn {
    bool open = false;  ///< a transaction is begun
    std::vector<Sending> sendings;
    std::vector<std::pair<std::uint64_t, Later>> jobs;
  };

  Server(Custodian& custodian, Ledger& ledger, std::vector<Door> doors,
         std::unique_ptr<JobPool> pool)
      : custodian_(custodian), ledger_(ledger), doors_(std::move(doors)), pool_(std::move(pool)) {}

  Result<bool> turn(os::FdView stop);
  void let_in(std::size_t door);
  Done open(Turn& turn);
  Done take(Turn& turn, std::uint64_t id);
  Result<bool> take_one(Turn& turn, std::uint64_t id, bool first);
  Done answer(Turn& turn, std::uint64_t id, const Caller& caller, Request request);
  Done finish(Turn& turn, FinishedJob job);
  Done retry_parked(Turn& turn);
  Done tick(Turn& turn);
  Done close(Turn turn);
  [[nodiscard]] std::chrono::milliseconds patience() const;

  Custodian& custodian_;
  Ledger& ledger_;
  std::vector<Door> doors_;
  std::map<std::uint64_t, Connection> connections_;
  std::uint64_t last_connection_ = 0;
  std::chrono::milliseconds next_tick_{0};
  ServerCounts counts_;
  std::unique_ptr<JobPool> pool_;  // last: its threads end before what they use
};

}  // namespace hangu::ledger
