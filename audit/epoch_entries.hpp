#pragma once
// What the log tells of its keys: `genesis`, its first entry, and `epoch.close`, the last of each
// epoch. docs/protocols/audit-log.md §6.

#include <optional>
#include <string>

#include "audit/counter.hpp"
#include "audit/entry.hpp"
#include "audit/epochs.hpp"
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
  std::string vkey;
  std::string epoch_vkey;              ///< of epoch 0
  std::optional<std::string> gm_vkey;  ///< of the SM2 line, where there is one

  [[nodiscard]] wire::JsonObject to_event() const;
};

struct EpochClose {
  std::uint64_t epoch = 0;
  std::uint64_t first = 0;  ///< entry of the epoch
  TreeHead head;            ///< before this entry
  std::string next_vkey;
  Hash chain{};                        ///< over the head's entries
  std::optional<CounterTold> counter;  ///< raised for this end

  [[nodiscard]] wire::JsonObject to_event() const;
};

/// Follows the entries of a log from its first on, or from where it was pruned. Thread: one.
class EpochReader {
 public:
  EpochReader() = default;
  /// Goes on with entry `at` of an epoch that began with entry `first`; `chain` is over all
  /// entries before `at`.
  [[nodiscard]] static EpochReader resume(EpochTold told, std::uint64_t first, const Hash& chain,
                                          std::uint64_t at);

  /// Errors: Corrupt "audit-epoch-order" (the first entry is not `genesis` or a later one is, or a
  /// close is not of the present epoch), "audit-entry-invalid".
  [[nodiscard]] Done see(std::uint64_t index, const EntryHead& head);

  /// Nothing for an empty log.
  [[nodiscard]] const std::optional<EpochTold>& told() const { return told_; }
  /// The first entry of the present epoch.
  [[nodiscard]] std::uint64_t first() const { return first_; }
  /// The counter's value as told last, and the SM2 key that `genesis` named.
  [[nodiscard]] const std::optional<CounterTold>& counter() const { return counter_; }
  [[nodiscard]] const std::optional<std::string>& gm_vkey() const { return gm_vkey_; }
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
  std::optional<CounterTold> counter_;
  std::optional<std::string> gm_vkey_;
  std::string release_order_;
};

}  // namespace hangu::audit
