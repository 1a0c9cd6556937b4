#pragma once
// What is asked of the verifier, and what it found.

#include <optional>
#include <string>
#include <vector>

#include "audit/verifier/facts.hpp"
#include "audit/verifier/note.hpp"
#include "audit/verifier/policy.hpp"
#include "audit/verifier/remarks.hpp"

namespace hangu_verify {

/// Threads at most.
inline constexpr unsigned kThreadsMax = 16;

struct Request {
  std::string folder;
  std::optional<LogKey> key{};
  std::optional<LogKey> gm_key{};   ///< of the SM2 line
  std::vector<LogKey> former{};     ///< the log's own of earlier times, as far as they are known
  std::vector<std::string> pins{};  ///< earlier checkpoints (file contents)
  StageKeys stage_keys{};
  StageKeys auditors{};  ///< by name; two of them order what is pruned
  std::optional<Policy> policy{};
  std::uint64_t lag_seconds = 0;  ///< of the newest entries that need not be witnessed yet
  unsigned threads = 1;
};

struct Report {
  Finding finding = Finding::good;
  std::uint64_t entries = 0;               ///< hashed again
  std::uint64_t steps = 0;                 ///< step statements whose signature was checked
  std::uint64_t epochs = 0;                ///< closed
  std::string root;                        ///< hex
  std::optional<std::uint64_t> first_bad;  ///< first entry that cannot be trusted
  std::string since;                       ///< time of the last good entry before it
  std::optional<std::uint64_t> pruned;     ///< entries below are gone by two auditors' word
  std::optional<std::uint64_t> committed;  ///< entries with those of the journal
  std::optional<std::uint64_t> witnessed;  ///< entries that the policy's quorum has seen
  std::string checkpoint;                  ///< the signed note that was checked; of use as a pin
  std::vector<Remark> remarks;             ///< what is wrong
  /// Nothing wrong with the log: what it tells that people should look at, such as a gap in a
  /// sender's numbers. Does not change the finding.
  std::vector<Remark> worth_a_look;
  std::vector<Remark> told;  ///< what was asked to be listed

  /// Of several findings the lowest status that is not good wins.
  void worsen(Finding what, Remark remark);
  void worsen_all(Finding what, std::vector<Remark> remarks);
  void bad_entry(std::uint64_t index, std::string code, std::vector<std::string> words = {},
                 std::string path = {}, std::optional<std::uint64_t> offset = {});
  /// Entries from `index` on cannot be trusted.
  void not_from(std::uint64_t index);
  void look(std::string code, std::vector<std::string> words = {},
            std::optional<std::uint64_t> entry = {});
};

}  // namespace hangu_verify
