#pragma once
// What entries say, one by one: their times, keys and links, the stages' own signatures, and the
// gaps in senders' numbers. docs/protocols/audit-log.md §3.

#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "audit/verifier/log_check.hpp"

namespace hangu_verify {

/// Thread: one.
class Entries {
 public:
  Entries(const Request& request, Report& report) : request_(request), report_(report) {}

  /// The entry's type, or nothing when it is no entry (and is remarked).
  std::optional<std::string> see(std::uint64_t index, const nlohmann::json& entry);
  /// A statement that was still under way closed its gap when it was taken.
  void tell_gaps();

 private:
  void follow_link(std::uint64_t index, const std::string& transfer,
                   const nlohmann::json& previous);
  void read_gap(std::uint64_t index, const nlohmann::json& event);
  void check_statement(std::uint64_t index, const std::string& type, const nlohmann::json& entry);

  const Request& request_;
  Report& report_;
  std::string last_time_;
  std::set<std::string> keys_;
  std::map<std::string, std::uint64_t> last_of_;
  struct Gap {
    std::uint64_t index = 0;
    std::string node;
    std::uint64_t missing = 0;
  };
  std::vector<Gap> gaps_;
};

}  // namespace hangu_verify
