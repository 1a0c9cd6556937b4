#pragma once
// WitnessPolicy: which logs and witnesses count, and how many of whom make a quorum. The text form
// is C2SP tlog-policy.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/note.hpp"

namespace hangu::audit {

/// WitnessPolicy is a parsed policy. Names of witnesses and groups are octets and mean nothing
/// outside of it. Thread: any.
class WitnessPolicy {
 public:
  struct Log {
    NoteKey key;
    std::optional<std::string> url;
  };
  struct Witness {
    std::string name;
    NoteKey key;  ///< of type 04
    std::optional<std::string> url;
  };

  /// Lines `log <vkey> [url]`, `witness <name> <vkey> [url]`, `group <name> all|any|<k> <name>…`
  /// and exactly one `quorum <name>|none`; spaces and tabs divide; a line may be empty or begin
  /// with
  /// '#'. Names are defined before use, once, and member of one group at
  /// most; no two logs and no two witnesses have one key.
  /// Errors: Malformed "witness-policy-invalid" with the line and what was expected; Exhausted
  /// "witness-policy-too-long" (limits.hpp: bytes, logs, witnesses, groups).
  [[nodiscard]] static Result<WitnessPolicy> parse(std::string_view text);

  [[nodiscard]] const std::vector<Log>& logs() const { return logs_; }
  [[nodiscard]] const std::vector<Witness>& witnesses() const { return witnesses_; }
  /// False under `quorum none`: then a checkpoint needs no cosignature.
  [[nodiscard]] bool demands_witnesses() const { return quorum_.has_value(); }
  /// Whether those witnesses are enough: `cosigned[i]` tells of witnesses()[i], and has one value
  /// for each.
  [[nodiscard]] bool satisfied_by(const std::vector<bool>& cosigned) const;

 private:
  friend class PolicyReader;
  /// What a name stands for: a witness, or a group of `threshold` of its members, which are all
  /// defined before it.
  struct Definition {
    std::string name;
    std::optional<std::size_t> witness;
    std::size_t threshold = 0;
    std::vector<std::size_t> members;
  };
  WitnessPolicy() = default;

  std::vector<Log> logs_;
  std::vector<Witness> witnesses_;
  std::vector<Definition> definitions_;
  std::optional<std::size_t> quorum_;
};

}  // namespace hangu::audit
