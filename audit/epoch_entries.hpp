#pragma once
// What the log tells of its keys: `genesis`, its first entry, and `epoch.close`, the last of each
// epoch. docs/protocols/audit-log.md §6.

#include <optional>
#include <string>

#include "audit/counter.hpp"
#include "audit/entry.hpp"
#include "audit/epochs.hpp"
#include "audit/log_keys.hpp"
#include "audit/merkle.hpp"
#include "wire/json.hpp"

namespace hangu::audit {

inline constexpr std::string_view kGenesis = "genesis";
inline constexpr std::string_view kEpochClose = "epoch.close";
inline constexpr std::string_view kBootType = "boot";
inline constexpr std::string_view kReleasedType = "counter.released";

/// {"kind","value"}
[[nodiscard]] wire::Json to_json(const CounterTold& counter);
/// Errors: Malformed "field-…".
[[nodiscard]] Result<CounterTold> parse_counter(const wire::Json& json);

/// The event of an entry that has one. Errors: Malformed "entry-invalid", "json-…".
[[nodiscard]] Result<wire::Json> event_of(const EntryHead& head);

/// The chain that stands beside the tree for those who count on SM3: value i + 1 is
/// SM3(value i ‖ entry i), value 0 is zeros.
[[nodiscard]] Hash chain_on(const Hash& chain, ByteView entry);

struct Genesis {
  std::string origin;
  LogKeysTold log_keys;
  std::string epoch_vkey;  ///< of epoch 0

  [[nodiscard]] wire::JsonObject to_event() const;
};

struct EpochClose {
  std::uint64_t epoch = 0;
  std::uint64_t first = 0;  ///< entry of the epoch
  TreeHead head;            ///< before this entry
  std::string next_vkey;
  Hash chain{};                         ///< over the head's entries
  std::optional<CounterTold> counter;   ///< raised for this end
  std::optional<KeyRollover> log_keys;  ///< the log's own keys roll over

  [[nodiscard]] wire::JsonObject to_event() const;
};

/// Follows the entries of a log from its first on, or from where it was pruned. Thread: one.
class EpochReader {
 public:
  EpochReader() = default;
  /// Where the reading goes on.
  struct Place {
    EpochTold told;
    std::uint64_t first = 0;  ///< entry of that epoch
    LogKeysTold log_keys;     ///< in force
    Hash chain{};             ///< over all entries before `at`
    std::uint64_t at = 0;     ///< entry
  };
  [[nodiscard]] static EpochReader resume(Place place);

  /// Errors: Corrupt "audit-epoch-order" (the first entry is not `genesis` or a later one is, a
  /// close is not of the present epoch, or other keys roll over than are in force),
  /// "audit-entry-invalid".
  [[nodiscard]] Done see(std::uint64_t index, const EntryHead& head);

  /// Nothing for an empty log.
  [[nodiscard]] const std::optional<EpochTold>& told() const { return told_; }
  /// The first entry of the present epoch.
  [[nodiscard]] std::uint64_t first() const { return first_; }
  /// The log's own keys in force after the last entry.
  [[nodiscard]] const LogKeysTold& log_keys() const { return log_keys_; }
  /// Whether they rolled over at the last entry: then it is signed by the former ones.
  [[nodiscard]] bool just_rolled() const { return rolled_ && told_ && seen_ == first_; }
  /// The counter's value as told last.
  [[nodiscard]] const std::optional<CounterTold>& counter() const { return counter_; }
  /// The order by which the counter was released last, in base64; empty: none.
  [[nodiscard]] const std::string& release_order() const { return release_order_; }
  /// The present epoch's chain starts with this value, which is over all entries up to chained().
  [[nodiscard]] const Hash& chain() const { return chain_; }
  [[nodiscard]] std::uint64_t chained() const { return chained_; }

 private:
  std::optional<EpochTold> told_;
  std::uint64_t first_ = 0;
  Hash chain_{};
  std::uint64_t chained_ = 0;
  std::uint64_t seen_ = 0;  ///< entries
  LogKeysTold log_keys_;
  bool rolled_ = false;  ///< at the last end of an epoch
  std::optional<CounterTold> counter_;
  std::string release_order_;
};

}  // namespace hangu::audit
