#pragma once
// What the custodian and its callers say about a transfer: work for a stage, listings, histories.

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "crypto/chunk_tree.hpp"
#include "flow/stage.hpp"
#include "flow/step.hpp"

namespace hangu::ledger {

inline constexpr std::size_t kTokenBytes = 16;
/// Names that a transfer's evidence may hold: those of its steps, and one approval document a
/// person ("approval.<person>").
inline constexpr std::size_t kEvidenceOfTransferMax = 64;
inline constexpr std::size_t kEvidenceNameBytesMax = 80;
inline constexpr std::size_t kStepsMax = 16;    ///< of one transfer, in one chain
inline constexpr std::size_t kHistoryMax = 64;  ///< states a transfer went through
/// Of a verdict's detail: printable, and of nothing but the sender's own package.
inline constexpr std::size_t kDetailBytesMax = 300;
inline constexpr std::size_t kListRowsMax = 64;  ///< of one listing without evidence
inline constexpr std::size_t kListRowsWithEvidenceMax = 16;

/// A claim's proof: who holds it may work on the transfer until it expires.
using Token = std::array<std::byte, kTokenBytes>;

/// Named documents of a transfer, each an object.
using Evidence = std::map<std::string, crypto::ObjectDigest>;

/// A passed step and the index of its entry in the audit log.
struct LoggedStep {
  flow::Stage stage = flow::Stage::receive;
  std::uint64_t entry = 0;
  bool operator==(const LoggedStep&) const = default;
};

/// Work is one claimed step of one transfer.
struct Work {
  Token token{};
  TransferId transfer;
  std::uint32_t round = 1;
  flow::State state = flow::State::received;
  flow::Stage stage = flow::Stage::verify;
  ZoneId zone;                   ///< where it came from (by the listener, not by what anybody said)
  NodeId node;                   ///< the submitting node, as receive authenticated it
  std::uint64_t bytes = 0;       ///< declared size of the sealed package
  crypto::ObjectDigest table{};  ///< object table that the previous step handed on
  Evidence evidence{};
  std::vector<LoggedStep> steps{};           ///< the passed steps, in the line's order
  std::chrono::milliseconds claim_lasts{0};  ///< renew before this much time has gone
  /// Index of the previous step's entry.
  [[nodiscard]] std::optional<std::uint64_t> previous() const {
    if (steps.empty()) return std::nullopt;
    return steps.back().entry;
  }
  [[nodiscard]] const crypto::ObjectDigest* find(const std::string& name) const {
    const auto found = evidence.find(name);
    return found == evidence.end() ? nullptr : &found->second;
  }
  bool operator==(const Work&) const = default;
};

/// What a stage reports at the end of its step, after its entry is in the log.
struct Completion {
  flow::Stage stage = flow::Stage::verify;
  flow::Verdict verdict = flow::Verdict::error;
  std::string reason{};          ///< stable code; "ok" for a pass
  std::string detail{};          ///< where and what, for the sender; empty for a pass
  std::uint64_t entry = 0;       ///< index of the step's entry in the audit log
  crypto::ObjectDigest table{};  ///< output table; looked at for a pass only
  Evidence evidence{};           ///< what this step made or relied on, at most flow::kEvidenceMax
  std::optional<WallTime> expires{};          ///< verify: when the transfer ends by itself
  std::optional<std::uint32_t> recipients{};  ///< emit: acknowledgements to wait for
  bool operator==(const Completion&) const = default;
};

/// One row of a listing.
struct Listed {
  TransferId transfer;
  flow::State state = flow::State::received;
  std::string reason{};
  std::string detail{};
  std::uint32_t round = 1;
  ZoneId zone;
  NodeId node;
  std::uint64_t bytes = 0;
  WallTime created{};
  WallTime updated{};
  std::optional<WallTime> expires{};
  crypto::ObjectDigest table{};
  Evidence evidence{};  ///< empty when the listing was asked for without
  bool operator==(const Listed&) const = default;
};

struct StateChange {
  flow::State state = flow::State::received;
  WallTime at{};
  bool operator==(const StateChange&) const = default;
};

/// A transfer as its sender may see it.
struct Status {
  TransferId transfer;
  flow::State state = flow::State::received;
  std::string reason{};
  std::string detail{};
  std::uint64_t bytes = 0;
  WallTime created{};
  WallTime updated{};
  std::vector<StateChange> history{};  ///< oldest first
  std::uint32_t recipients = 0;
  std::uint32_t acknowledgements = 0;
  bool operator==(const Status&) const = default;
};

/// Answer to begin.
enum class BeginResult : std::uint8_t {
  accepted,   ///< send pieces from `offset` on
  committed,  ///< the bytes are already here whole: go on to `received`
  exists,     ///< the transfer is known: `state`
};
struct Begun {
  BeginResult result = BeginResult::accepted;
  std::uint64_t offset = 0;                      ///< accepted
  std::optional<crypto::ObjectDigest> digest{};  ///< committed
  flow::State state = flow::State::received;     ///< exists
  bool operator==(const Begun&) const = default;
};

/// Answer to withdraw.
struct Withdrawn {
  bool withdrawn = false;                      ///< false: it came too late
  flow::State state = flow::State::withdrawn;  ///< the end that won
  bool operator==(const Withdrawn&) const = default;
};

}  // namespace hangu::ledger
