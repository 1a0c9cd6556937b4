#pragma once
// Forward status: what hangu-forward says of itself in <gateway>/forward/state.json, for `hangu
// ps`, `hangu doctor` and whoever watches it. docs/operations/auditor-reports.md §4.

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "config/layout.hpp"
#include "wire/json.hpp"

namespace hangu::line {

enum class ForwardState : std::uint8_t {
  waiting,    ///< the receiver is not reached; it is tried again
  connected,  ///< lines go out
  stuck,      ///< the log cannot be read, or is not the one that was forwarded
  stopped,    ///< told to end
};
[[nodiscard]] std::string_view to_text(ForwardState state);

struct ForwardStatus {
  ForwardState state = ForwardState::waiting;
  std::string receiver;             ///< "192.0.2.7:6514"
  std::uint64_t published = 0;      ///< entries of the published log
  std::uint64_t handed_over = 0;    ///< entries before this one are certainly with the receiver
  std::optional<WallTime> success;  ///< when something was certainly handed over last
  std::optional<WallTime> written;  ///< when this was written; absent: the time is not known
  std::string error;                ///< the last one's reason; empty: none since the last success

  [[nodiscard]] std::uint64_t lag() const {
    return published > handed_over ? published - handed_over : 0;
  }
  /// "waiting, 12 entries behind, last success 2026-…, network-unreachable"
  [[nodiscard]] std::string summary() const;
  [[nodiscard]] wire::Json to_json() const;
  /// Errors: Malformed "field-…".
  [[nodiscard]] static Result<ForwardStatus> parse(const wire::Json& json);
  /// Errors: also those of os::read_file ("file-missing": it has not run here).
  [[nodiscard]] static Result<ForwardStatus> load(const config::Layout& layout);
};

}  // namespace hangu::line
