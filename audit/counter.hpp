#pragma once
// MonotonicCounter: a number outside the log that only rises. Each epoch's end raises it and says
// its value, so that a log which was put back with its keys to an earlier state (a restored disk,
// a copied virtual machine) is behind the counter and is not taken up. docs/protocols/audit-log.md
// §6.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "audit/folder.hpp"

namespace hangu::audit {

inline constexpr std::string_view kCounterFile = "file";
inline constexpr std::string_view kCounterTpm = "tpm";
inline constexpr std::string_view kCounterNone = "none";  ///< there is no counter

/// What an entry's JSON can tell. One an hour takes far longer than there will be hours.
inline constexpr std::uint64_t kCounterMax = INT64_MAX;

/// A value as the log tells it.
struct CounterTold {
  std::string kind;
  std::uint64_t value = 0;
  bool operator==(const CounterTold&) const = default;
};

/// Thread: one.
class MonotonicCounter {
 public:
  MonotonicCounter() = default;
  MonotonicCounter(const MonotonicCounter&) = delete;
  MonotonicCounter& operator=(const MonotonicCounter&) = delete;
  virtual ~MonotonicCounter() = default;

  /// kCounterFile or kCounterTpm.
  [[nodiscard]] virtual std::string_view kind() const = 0;
  /// Errors: Unavailable "counter-unavailable"; Corrupt "counter-invalid".
  [[nodiscard]] virtual Result<std::uint64_t> read() = 0;
  /// One more, durable when it returns; the new value. Errors: as read(); Corrupt
  /// "counter-invalid" too when it is at kCounterMax.
  [[nodiscard]] virtual Result<std::uint64_t> raise() = 0;
  /// Had no value before this start: it has counted nothing yet that could have been put back.
  [[nodiscard]] virtual bool is_new() const = 0;
};

/// A counter in a file of `folder`. It shows that the log alone was put back; who puts this folder
/// back too is not noticed, and the boot entry says `file`. Errors of use: also those of files.
[[nodiscard]] std::unique_ptr<MonotonicCounter> open_file_counter(std::unique_ptr<Folder> folder);

/// Whether a counter at `found` may follow what the log told last. One ahead: a crash came between
/// raising it and the log's word. Nothing told: the log has no counter yet, any value is its first.
/// None, which two auditors released, may be followed by any. A file may be followed by a TPM that
/// `is_new`, at whatever value it begins.
/// Errors: Forbidden "audit-rollback-suspected" (ahead by more: the log was put back; behind: the
/// counter was; of another kind, or none at all any more).
[[nodiscard]] Done check_counter(const std::optional<CounterTold>& told, const CounterTold& found,
                                 bool is_new);

}  // namespace hangu::audit
