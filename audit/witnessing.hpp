#pragma once
// Witnessing: what the log's program knows of its witnesses. An interface, so that the log does
// not depend on how policies and cosignatures are read (audit/witness/quorum_watch.hpp).

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/merkle.hpp"
#include "audit/note.hpp"
#include "wire/json.hpp"

namespace hangu::audit {

/// The last checkpoint that a quorum of witnesses saw.
struct Witnessed {
  bool demanded = false;         ///< false: the policy asks for no witness, or there is none
  std::uint64_t size = 0;        ///< 0: none yet
  std::chrono::seconds time{0};  ///< as of which the quorum holds, by the witnesses' clocks
  bool operator==(const Witnessed&) const = default;
};

/// {"size","time"}, or null before the first: of heartbeats.
[[nodiscard]] wire::Json witnessed_event(const Witnessed& witnessed);

/// A checkpoint of ours with good cosignatures that satisfy the policy.
struct CosignedHead {
  TreeHead head;
  std::chrono::seconds time{0};      ///< as Witnessed::time
  std::vector<NoteSignature> lines;  ///< the log's, then witnesses'
};

/// What the operator is told, and what is logged about it.
struct WitnessComplaint {
  std::string line;                       ///< "HANGU-AUDIT-0020 …"
  std::optional<wire::JsonObject> event;  ///< of a witness.age entry
};

/// Thread: one.
class Witnessing {
 public:
  Witnessing() = default;
  Witnessing(const Witnessing&) = delete;
  Witnessing& operator=(const Witnessing&) = delete;
  virtual ~Witnessing() = default;

  [[nodiscard]] virtual Witnessed state() const = 0;
  /// The head of the state; nothing when no quorum saw any.
  [[nodiscard]] virtual std::optional<TreeHead> head() const = 0;
  /// Reads a cosigned note. Whether the head is one of this log is for the caller to see.
  /// Errors: Malformed "note-malformed", …; Forbidden "note-signature-invalid",
  /// "cosignature-invalid", "quorum-missing"; Unavailable "time-unknown".
  [[nodiscard]] virtual Result<CosignedHead> read(std::string_view note) const = 0;
  /// Takes up a head that is one of this log. False when a later one is known.
  [[nodiscard]] virtual bool take(const CosignedHead& head) = 0;
  /// What is to be told now about the state's age; each change once.
  [[nodiscard]] virtual std::optional<WitnessComplaint> complain() = 0;
};

/// The log's own entries about the age of its last quorum.
inline constexpr std::string_view kWitnessAge = "witness.age";
/// Where the last checkpoint with a quorum's cosignatures stands in the log's folder.
inline constexpr std::string_view kWitnessFolder = "witness";
inline constexpr std::string_view kWitnessedCheckpoint = "witness/checkpoint";

}  // namespace hangu::audit
