#pragma once
// The check of a whole log folder: every entry hashed again, every tile compared, every entry's
// links, times and keys followed.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "audit/verifier/note.hpp"

namespace hangu_verify {

/// Exit statuses, the worst first when several apply.
enum class Finding : int { good = 0, tampered = 1, truncated = 2, cannot_tell = 4 };

struct Request {
  std::string folder;
  std::optional<LogKey> key;
  std::vector<std::string> pins;                  ///< earlier checkpoints (file contents)
  std::map<std::string, std::string> stage_keys;  ///< program -> 32-byte Ed25519 point
};

struct Report {
  Finding finding = Finding::good;
  std::uint64_t entries = 0;
  std::uint64_t steps = 0;                 ///< step statements whose signature was checked
  std::string root;                        ///< hex
  std::optional<std::uint64_t> first_bad;  ///< first entry that cannot be trusted
  std::vector<std::string> messages;       ///< what, where
  /// Nothing wrong with the log: what it tells that people should look at, such as a gap in a
  /// sender's numbers. Does not change the finding.
  std::vector<std::string> worth_a_look;
};

[[nodiscard]] Report check_log(const Request& request);

}  // namespace hangu_verify
