#pragma once
// People file: nodes and people in one strict JSON document, signed by the security officer.

#include "policy/directory.hpp"
#include "wire/json.hpp"

namespace hangu::policy {

inline constexpr std::size_t kPeopleBytesMax = std::size_t{8} << 20;
inline constexpr std::size_t kPeopleMax = 20'000;

class PeopleFile final : public Directory {
 public:
  PeopleFile(std::uint32_t version, std::vector<NodeRecord> nodes,
             std::vector<PersonRecord> people);
  /// Errors: Malformed "field-…", "people-twice" (a node or person id, or one key held twice).
  [[nodiscard]] static Result<PeopleFile> parse(std::string_view text);
  [[nodiscard]] std::string to_text() const;

  [[nodiscard]] const NodeRecord* node(const NodeId& id) const override;
  [[nodiscard]] const std::vector<PersonRecord>& people() const override { return people_; }
  [[nodiscard]] std::uint32_t version() const { return version_; }
  [[nodiscard]] const std::vector<NodeRecord>& nodes() const { return nodes_; }

 private:
  std::uint32_t version_;
  std::vector<NodeRecord> nodes_;
  std::vector<PersonRecord> people_;
};

}  // namespace hangu::policy
