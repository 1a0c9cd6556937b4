#pragma once
// Directory: who nodes and people are. The evaluator asks only this interface; the first
// implementation is a signed file of people (people_file.hpp).

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "crypto/sealing.hpp"
#include "crypto/signature.hpp"
#include "flow/label.hpp"

namespace hangu::policy {

struct NodeRecord {
  NodeId node;
  std::string organisation;
  std::set<std::string> zones;  ///< where it may submit and receive
  std::vector<crypto::VerifyKey> signing_keys;
  std::vector<crypto::RecipientKey> recipient_keys;  ///< at most one a suite
  std::string level{};  ///< node level, as the catalogue names it; empty: not known
  std::optional<std::set<std::string>>
      roles{};  ///< that it holds when it submits; absent: not known
  [[nodiscard]] const crypto::RecipientKey* recipient_key(crypto::Suite suite) const;
};

struct PersonRecord {
  PersonId person;
  std::string human;
  std::string organisation;
  std::set<std::string> roles;
  flow::Secrecy clearance_secrecy;
  flow::DataGrade clearance_grade;
  WallTime not_after;
  std::vector<crypto::VerifyKey> signing_keys;
};

class Directory {
 public:
  virtual ~Directory() = default;
  [[nodiscard]] virtual const NodeRecord* node(const NodeId& id) const = 0;
  /// All people, in order of their ids.
  [[nodiscard]] virtual const std::vector<PersonRecord>& people() const = 0;
};

}  // namespace hangu::policy
