#pragma once
// A trust policy (C2SP tlog-policy): which logs, which witnesses, and how many of them.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "audit/verifier/note.hpp"

namespace hangu_verify {

inline constexpr std::size_t kPolicyBytesMax = 64 * 1024;

struct Policy {
  struct Witness {
    std::string name;
    LogKey key;
  };
  struct Group {
    std::string name;
    std::size_t wanted = 0;
    std::vector<std::string> members;
  };
  std::vector<LogKey> logs;
  std::vector<Witness> witnesses;
  std::vector<Group> groups;
  std::string quorum;

  [[nodiscard]] bool demands_witnesses() const { return quorum != "none"; }
  /// Whether these witnesses, by name, are enough.
  [[nodiscard]] bool met_by(const std::set<std::string>& witnesses_seen) const;
};

/// Nothing when it is not in the specification's form; then `problem` says which line, and why.
[[nodiscard]] std::optional<Policy> parse_policy(std::string_view text, std::string& problem);

}  // namespace hangu_verify
