#pragma once
// Who has seen a log, by the cosignatures beside its checkpoints and a policy.
// docs/protocols/audit-log.md §7.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "audit/verifier/walked.hpp"

namespace hangu_verify {

struct Cosignature {
  std::uint64_t size = 0;
  std::uint64_t time = 0;  ///< seconds since 1970
  std::string witness;
};

/// Thread: one.
class Quorum {
 public:
  explicit Quorum(const std::optional<Policy>& policy) : policy_(policy) {}

  /// Counts a note's cosignatures by the policy's witnesses; those that are wrong are remarked.
  void add(const Note& note, const std::string& path, Report& report);
  /// The largest size of at most `size` that enough have cosigned; nothing without a policy that
  /// demands it.
  [[nodiscard]] std::optional<std::uint64_t> witnessed(std::uint64_t size) const;
  /// The policy's word on the log in `files`, of `size`: what not enough have seen is remarked.
  void judge(const Request& request, const LogFiles& files, std::uint64_t size,
             Report& report) const;
  [[nodiscard]] const std::vector<Cosignature>& all() const { return all_; }

 private:
  const std::optional<Policy>& policy_;
  std::map<std::uint64_t, std::set<std::string>> seen_;  ///< by size: names in the policy
  std::vector<Cosignature> all_;
};

/// Finds entries that claim a later time than that at which a witness had seen them. Thread: one.
class FutureWatch {
 public:
  explicit FutureWatch(const std::vector<Cosignature>& cosignatures);
  /// Entries in order.
  void see(const Walked& entry);

 private:
  struct Bound {
    std::uint64_t size = 0;
    std::string time;  ///< no entry below `size` may be later
    std::string witness;
    bool told = false;
  };
  std::vector<Bound> bounds_;  ///< by size, ascending
  std::size_t next_ = 0;
};

}  // namespace hangu_verify
