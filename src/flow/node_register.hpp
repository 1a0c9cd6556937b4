#pragma once
// Node register: which nodes the officers know, in which zones and by which keys. An extract of the
// people file for programs that need no more of it: no persons, no roles, no clearances. A signed
// document like policy and people (docs/protocols/policy.md §1).

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>

#include "base/ids.hpp"
#include "flow/envelope.hpp"

namespace hangu::flow {

inline constexpr std::string_view kNodesPayloadType = "application/vnd.hangu.nodes+json";
inline constexpr std::size_t kRegisteredNodesMax = 20'000;

/// What the register says of a node that shows itself with a key in a zone.
enum class NodeStanding : std::uint8_t { known, unknown, other_key, other_zone };

/// One node: its zones, and the ids of its signing keys (crypto::VerifyKey::id).
struct RegisteredNode {
  std::set<std::string> zones;
  std::set<std::string> key_ids;
  bool operator==(const RegisteredNode&) const = default;
};

class NodeRegister {
 public:
  using Nodes = std::map<NodeId, RegisteredNode>;
  explicit NodeRegister(Nodes nodes) : nodes_(std::move(nodes)) {}
  /// Errors: Malformed "json-…", "field-…", "id-invalid", "nodes-twice".
  [[nodiscard]] static Result<NodeRegister> parse(std::string_view text);
  /// Of an envelope that one of `officers` signed.
  /// Errors: those of parse and Envelope::parse; Forbidden "nodes-type", "nodes-unsigned".
  [[nodiscard]] static Result<NodeRegister> open(std::string_view envelope_text,
                                                 std::span<const crypto::VerifyKey> officers);
  /// Canonical JSON {"nodes":[{"keys":[…],"node":…,"zones":[…]},…]}, nodes in rising order.
  [[nodiscard]] std::string to_text() const;

  [[nodiscard]] NodeStanding standing(const NodeId& node, const ZoneId& zone,
                                      std::string_view key_id) const;
  bool operator==(const NodeRegister&) const = default;

 private:
  Nodes nodes_;
};

}  // namespace hangu::flow
