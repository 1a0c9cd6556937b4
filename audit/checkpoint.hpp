#pragma once
// Checkpoints of C2SP tlog-checkpoint: the signed size and root of a log. No extension lines.

#include <span>
#include <string>
#include <string_view>

#include "audit/merkle.hpp"
#include "audit/note.hpp"

namespace hangu::audit {

struct Checkpoint {
  std::string origin;
  TreeHead head;

  /// "<origin>\n<size>\n<base64 root>\n": the text that is signed.
  [[nodiscard]] std::string to_text() const;
  /// Errors: Malformed "checkpoint-malformed" (also an empty tree with a root that is not its).
  [[nodiscard]] static Result<Checkpoint> parse(std::string_view text);
  /// As parse(), but an empty tree may have any root: a witness has an answer of its own to that.
  [[nodiscard]] static Result<Checkpoint> parse_claim(std::string_view text);
  bool operator==(const Checkpoint&) const = default;
};

/// The checkpoint in a signed note of the log `key` (whose name is the origin).
/// Errors: those of open_note and parse; Forbidden "checkpoint-origin".
[[nodiscard]] Result<Checkpoint> open_checkpoint(std::string_view note, const NoteKey& key);
/// The same by one at least of its keys, which all have its name; not none.
[[nodiscard]] Result<Checkpoint> open_checkpoint(std::string_view note,
                                                 std::span<const NoteKey> keys);

}  // namespace hangu::audit
