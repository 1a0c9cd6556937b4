#pragma once
// Feed: one exchange with one witness, whatever carries it. It trusts nothing that comes back but
// a good signature.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "audit/checkpoint.hpp"
#include "audit/witness/policy.hpp"

namespace hangu::witness {

/// A published checkpoint that is to be witnessed.
struct Target {
  std::string note;  ///< as published
  std::string text;
  audit::TreeHead head;

  /// Errors: those of audit::open_checkpoint.
  [[nodiscard]] static Result<Target> read(std::string_view note, const audit::NoteKey& log);
};

enum class FeedEnd : std::uint8_t {
  cosigned,
  unreachable,  ///< no answer, or none in time
  refused,      ///< a status that is no cosignature: unknown log, …
  nonsense,     ///< an answer that no witness gives
  unable,       ///< our own tiles cannot be read
  ahead,        ///< it says that it saw more of the log than there is
  forked,       ///< it says that it saw another tree of the size that our good proof starts from
};

struct FeedOutcome {
  FeedEnd end = FeedEnd::unreachable;
  std::optional<audit::NoteSignature> line;  ///< of `cosigned`, good
  std::uint64_t witness_size = 0;            ///< what it said it saw, where it did
  std::string detail;                        ///< printable
};

/// What was answered.
struct Posted {
  int status = 0;
  std::string body;
};
/// Sends a body to the witness's add-checkpoint.
using Post = std::function<Result<Posted>(const std::string& body)>;
/// The checked proof from a size to a head of ours.
using Prove =
    std::function<Result<std::vector<audit::Hash>>(std::uint64_t from, const audit::TreeHead& to)>;

/// WitnessFeed is what the feeder remembers of one witness. Thread: one.
class WitnessFeed {
 public:
  explicit WitnessFeed(audit::NoteKey key) : key_(std::move(key)) {}
  /// At most kAttemptsMax requests: after a 409 it goes on from the size that the witness has.
  [[nodiscard]] FeedOutcome feed(const Target& target, const Post& post, const Prove& prove);

 private:
  [[nodiscard]] FeedOutcome take_cosignature(const Target& target, const std::string& body);

  audit::NoteKey key_;
  std::optional<std::uint64_t> known_;  ///< the size that it cosigned last, as far as we know
};

}  // namespace hangu::witness
