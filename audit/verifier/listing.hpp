#pragma once
// What an auditor asks to be listed: epochs, gaps, or times. Told only of entries that were hashed
// into the log's root.

#include <map>
#include <string>
#include <unordered_map>

#include "audit/verifier/epochs.hpp"

namespace hangu_verify {

enum class Listing : std::uint8_t { nothing, epochs, gaps, time };

/// The writer's heartbeat, and what may come on top of it.
inline constexpr std::int64_t kHeartbeatSeconds = 60;
inline constexpr std::int64_t kHeartbeatSlackSeconds = 60;
inline constexpr std::int64_t kEpochSeconds = 3600;

/// Thread: one.
class Lister {
 public:
  explicit Lister(Listing listing) : listing_(listing) {}

  /// Entries in order.
  void see(const Walked& entry);
  /// Puts what was found into the report.
  void finish(const Epochs& epochs, Report& report);

 private:
  struct Open {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::string last_type;
    std::string last_time;
    std::vector<std::string> awaited;  ///< recipients that have not acknowledged
    bool more_awaited = false;         ///< more than the log lists
    bool waits_for_people = false;     ///< in quarantine: not forgotten
  };
  struct PrintHash {
    std::size_t operator()(const Print& print) const { return print[0]; }
  };
  void see_gaps(const Walked& entry);
  void see_transfer(const Walked& entry);
  void see_times(const Walked& entry);
  void see_beat(const Walked& entry);
  void list_epochs(const Epochs& epochs, Report& report) const;
  void list_open(Report& report) const;

  Listing listing_;
  std::vector<Remark> found_;
  std::string boot_;  ///< of the present run of the writer
  std::uint64_t boot_first_ = 0;
  bool stopped_ = true;    ///< its `stop` was seen
  std::string last_beat_;  ///< time of its last heartbeat, or of its beginning
  std::unordered_map<Print, Open, PrintHash> open_;  ///< transfers without an end
};

}  // namespace hangu_verify
