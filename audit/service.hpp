#pragma once
// Service: the loop of hangu-audit. What arrives while one batch goes to the disk is the next
// batch; there is no timer. One thread serves, another publishes.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "audit/disk_watch.hpp"
#include "audit/limits.hpp"
#include "audit/order_desk.hpp"
#include "audit/pruner.hpp"
#include "audit/publishing.hpp"
#include "audit/witnessing.hpp"
#include "audit/writer.hpp"
#include "os/channel.hpp"
#include "os/sandbox.hpp"

namespace hangu::audit {

struct ServicePlan {
  /// By program: who connects to a listener is that program, whatever it says.
  std::map<std::string, os::Listener> listeners;
  os::FdView stop;  ///< readable when the service shall end
  /// One line for the operations log: "HANGU-AUDIT-0003 …".
  std::function<void(const std::string& line)> tell;
  /// Absent: no witnesses are asked for.
  std::unique_ptr<Witnessing> witnessing{};
  std::chrono::milliseconds publish_every = kPublishEvery;
  std::chrono::milliseconds heartbeat_every = kHeartbeatEvery;
  std::chrono::milliseconds epoch_every = kEpochEvery;
  /// Looked at with every heartbeat; both or none.
  std::unique_ptr<OrderDesk> orders{};
  std::unique_ptr<Pruner> pruner{};
};

/// What hangu-audit touches on the disk. Empty: there is none.
struct BoxPaths {
  std::string folder;
  std::string epoch_keys;
  std::string counter{};  ///< the folder of the counter's file
  std::string orders{};
};

/// The box of hangu-audit: those folders, and the connections of its listeners. It makes no socket
/// and reaches nobody; a TPM only by the descriptor that was opened before.
[[nodiscard]] os::Profile service_profile(const BoxPaths& paths);

/// Thread: one.
class Service {
 public:
  Service(OpenedWriter opened, ServicePlan plan);
  ~Service();

  /// Serves until `stop` is readable, then publishes what is committed.
  /// Errors: the log is dead, or publishing failed: end the process.
  [[nodiscard]] Done run();

 private:
  struct Connection;
  struct Turn;

  [[nodiscard]] Result<bool> wait(std::chrono::milliseconds longest);
  void read_all(Turn& turn);
  [[nodiscard]] bool has_room(const std::string& program) const;
  void accept_from(const std::string& program, os::Listener& listener);
  void read_from(Connection& connection, Turn& turn);
  void answer(Connection& connection, const Request& request);
  void fail_request(Connection& connection, const Request& request, const Error& error);
  [[nodiscard]] Done commit(Turn& turn);
  void send(Connection& connection, const Reply& reply);
  void flush(Connection& connection);
  [[nodiscard]] Done keep_time();
  [[nodiscard]] Result<CheckpointReply> take_cosigned(const CosignedRequest& request,
                                                      const Caller& caller);
  [[nodiscard]] CheckpointReply checkpoint(const RequestId& id) const;
  [[nodiscard]] Done tell_other_tree(const TreeHead& head);
  [[nodiscard]] Done complain_of_age();
  [[nodiscard]] Witnessed witnessed() const;
  [[nodiscard]] Done take_published(Result<TreeHead> result);
  [[nodiscard]] Done finish();
  [[nodiscard]] Done beat();
  void look_at_orders();
  void prune_on();
  void watch_disk();
  [[nodiscard]] std::chrono::milliseconds patience() const;

  Writer writer_;
  PublishingThread publishing_;
  ServicePlan plan_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::size_t first_to_read_ = 0;           ///< turns round, so that nobody is always last
  std::chrono::milliseconds accept_at_{0};  ///< no earlier
  std::chrono::milliseconds publish_at_;
  std::chrono::milliseconds heartbeat_at_;
  std::chrono::milliseconds epoch_at_;
  std::uint64_t appended_ = 0;  ///< since the last heartbeat
  std::uint64_t refused_ = 0;   ///< nothing written, and not because a key was taken
  std::uint64_t commits_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> types_;  ///< appended since then, by type
  DiskWatch disk_;
  std::optional<TreeHead> other_tree_;  ///< of this log's key and not this log's, told
};

}  // namespace hangu::audit
