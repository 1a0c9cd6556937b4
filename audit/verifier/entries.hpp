#pragma once
// What entries say, one after the other: their times, keys and links, the stages' own signatures,
// and the gaps in senders' numbers. docs/protocols/audit-log.md §3.

#include <string>
#include <vector>

#include "audit/verifier/print_table.hpp"
#include "audit/verifier/walked.hpp"

namespace hangu_verify {

/// Thread: one.
class Entries {
 public:
  explicit Entries(Report& report) : report_(report) {}

  /// Entries before `first` are not seen, and the last of them was of this time.
  void begin_at(std::uint64_t first, std::string last_time) {
    first_ = first;
    last_time_ = std::move(last_time);
  }
  void see(const Walked& entry);
  /// A statement that was still under way closed its gap when it was taken.
  void tell_gaps();
  [[nodiscard]] const std::string& last_time() const { return last_time_; }

 private:
  void follow_link(const Walked& entry);
  void read_gap(const Walked& entry);
  void tell_statement(const Walked& entry);

  Report& report_;
  std::uint64_t first_ = 0;
  std::string last_time_;
  PrintTable keys_;
  PrintTable last_of_;  ///< each transfer's last entry
  struct Gap {
    std::uint64_t index = 0;
    std::string node;
    std::uint64_t missing = 0;
  };
  std::vector<Gap> gaps_;
};

}  // namespace hangu_verify
