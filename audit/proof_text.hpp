#pragma once
// The `.tlog-proof` text of C2SP tlog-proof: what a person keeps as the receipt of one entry.

#include <string>
#include <string_view>
#include <vector>

#include "audit/merkle.hpp"

namespace hangu::audit {

/// LogProof is an entry's index, its audit path, and the signed checkpoint it leads to.
struct LogProof {
  std::uint64_t index = 0;
  std::vector<Hash> path;
  std::string checkpoint;

  [[nodiscard]] std::string to_text() const;
  /// An `extra` line is allowed and dropped: it is nobody's word.
  /// Errors: Malformed "proof-malformed"; Exhausted "proof-too-long".
  [[nodiscard]] static Result<LogProof> parse(std::string_view text);
  bool operator==(const LogProof&) const = default;
};

}  // namespace hangu::audit
