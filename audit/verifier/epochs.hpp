#pragma once
// The epochs of a log: which key signs the checkpoints of which sizes.

#include <map>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "audit/verifier/log_check.hpp"

namespace hangu_verify {

/// One that the entries closed.
struct ClosedEpoch {
  LogKey key;
  std::uint64_t size = 0;  ///< of the tree with its closing entry: its last checkpoint's
};

/// Follows the entries in order. Thread: one.
class Epochs {
 public:
  Epochs(const Request& request, Report& report) : request_(request), report_(report) {}

  /// `before` is the tree of the entries before this one.
  void see(std::uint64_t index, std::string_view text, const std::string& type,
           const nlohmann::json& event, const Frontier& before);

  [[nodiscard]] const std::vector<ClosedEpoch>& closed() const { return closed_; }
  /// Checks a note's lines: of the log's key, of the epoch that its size lies in (if the entries
  /// were seen up to there), and of the SM2 key where one is given. `path` names it in remarks.
  void check_note(const Note& note, const std::string& path);
  /// The SM2 key: as given, else as genesis told it.
  [[nodiscard]] const std::optional<LogKey>& gm_key() const { return gm_key_; }

 private:
  void begin(std::uint64_t index, const nlohmann::json& event);
  void close(std::uint64_t index, const nlohmann::json& event, const Frontier& before);
  void check(const Note& note, const LogKey& key, const std::string& path);

  const Request& request_;
  Report& report_;
  std::vector<ClosedEpoch> closed_;
  std::optional<LogKey> present_;
  std::optional<LogKey> gm_key_;
  std::uint64_t first_ = 0;
  std::uint64_t seen_ = 0;
  Hash chain_{};
};

}  // namespace hangu_verify
