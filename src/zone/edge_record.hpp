#pragma once
// EdgeRecord: who came to a zone's door, and whom it turned away, on the record once a minute.
// docs/protocols/audit-log.md §3, `edge.access`.

#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>

#include "net/server.hpp"
#include "zone/half_log.hpp"

namespace hangu::zone {

inline constexpr std::size_t kEdgeRowsMax = 128;  ///< different rows between two entries
inline constexpr std::chrono::milliseconds kEdgeEvery = std::chrono::minutes(1);

/// Thread: any.
class EdgeRecord {
 public:
  EdgeRecord(HalfLog& log, ZoneId zone) : log_(log), zone_(std::move(zone)) {}

  /// A handshake with this node's certificate was good.
  void login(const std::string& node) { add(node, {}); }
  /// A handshake or a request was refused; `node` is empty where none was proved.
  void refusal(const std::string& node, const std::string& reason) { add(node, reason); }

  /// What is to be told now, as the event; null when there is nothing. It is told from then on.
  [[nodiscard]] wire::Json take();
  /// Writes what there is every `every` until `stop`, and then what is left. What the log does not
  /// take is counted into the next entry.
  void write_on(const std::stop_token& stop, std::chrono::milliseconds every = kEdgeEvery);

 private:
  void add(const std::string& node, const std::string& reason);
  void write();

  HalfLog& log_;
  ZoneId zone_;
  std::mutex mutex_;  // guards what follows
  /// By node and reason; no reason: a log-in.
  std::map<std::pair<std::string, std::string>, std::uint64_t> rows_;
  std::uint64_t lost_ = 0;
};

}  // namespace hangu::zone
