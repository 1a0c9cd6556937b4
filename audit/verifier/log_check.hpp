#pragma once
// The check of a whole log folder: every entry hashed again, every file compared, every entry's
// links, times and keys followed, every signature checked by the key of its time.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "audit/verifier/note.hpp"
#include "audit/verifier/remarks.hpp"

namespace hangu_verify {

struct Request {
  std::string folder;
  std::optional<LogKey> key;
  std::optional<LogKey> gm_key;                   ///< of the SM2 line
  std::vector<std::string> pins;                  ///< earlier checkpoints (file contents)
  std::map<std::string, std::string> stage_keys;  ///< program -> 32-byte Ed25519 point
};

struct Report {
  Finding finding = Finding::good;
  std::uint64_t entries = 0;
  std::uint64_t steps = 0;                 ///< step statements whose signature was checked
  std::uint64_t epochs = 0;                ///< closed
  std::string root;                        ///< hex
  std::optional<std::uint64_t> first_bad;  ///< first entry that cannot be trusted
  std::vector<Remark> remarks;             ///< what is wrong
  /// Nothing wrong with the log: what it tells that people should look at, such as a gap in a
  /// sender's numbers. Does not change the finding.
  std::vector<Remark> worth_a_look;

  /// Of several findings the lowest status that is not good wins.
  void worsen(Finding what, Remark remark);
  void bad_entry(std::uint64_t index, std::string code, std::vector<std::string> words = {});
};

[[nodiscard]] Report check_log(const Request& request);

}  // namespace hangu_verify
