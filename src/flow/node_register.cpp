#include "flow/node_register.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "wire/text_set.hpp"

namespace hangu::flow {
namespace {

constexpr std::size_t kZonesMax = 8;
constexpr std::size_t kKeysMax = 8;
constexpr std::size_t kTextBytesMax = 200;

}  // namespace

Result<NodeRegister> NodeRegister::parse(std::string_view text) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(text, kStatementBytesMax));
  wire::Fields f(json, "nodes");
  const wire::JsonArray items = f.array("nodes", kRegisteredNodesMax);
  HANGU_CHECK(f.finish());
  Nodes nodes;
  for (const wire::Json& item : items) {
    wire::Fields n(item, "node");
    RegisteredNode record;
    record.key_ids = wire::to_set(n.texts("keys", kKeysMax, kTextBytesMax));
    const auto node = n.accept("node", NodeId::create(n.text("node", kTextBytesMax)));
    record.zones = wire::to_set(n.texts("zones", kZonesMax, kTextBytesMax));
    HANGU_CHECK(n.finish());
    if (!nodes.emplace(*node, std::move(record)).second)
      return fail(ErrorCode::malformed, "nodes-twice", "node " + node->text());
  }
  return NodeRegister(std::move(nodes));
}

Result<NodeRegister> NodeRegister::open(std::string_view envelope_text,
                                        std::span<const crypto::VerifyKey> officers) {
  HANGU_TRY(const Envelope envelope, Envelope::parse(envelope_text));
  if (envelope.payload_type != kNodesPayloadType)
    return fail(ErrorCode::forbidden, "nodes-type", std::string(kNodesPayloadType));
  if (std::ranges::none_of(officers, [&](const auto& key) { return envelope.signed_by(key); }))
    return fail(ErrorCode::forbidden, "nodes-unsigned", std::string(kNodesPayloadType));
  return parse(text_of(envelope.payload));
}

std::string NodeRegister::to_text() const {
  wire::JsonArray items;
  for (const auto& [node, record] : nodes_)
    items.emplace_back(wire::JsonObject{{"keys", wire::to_array(record.key_ids)},
                                        {"node", node.text()},
                                        {"zones", wire::to_array(record.zones)}});
  return wire::Json(wire::JsonObject{{"nodes", std::move(items)}}).to_text();
}

NodeStanding NodeRegister::standing(const NodeId& node, const ZoneId& zone,
                                    std::string_view key_id) const {
  const auto at = nodes_.find(node);
  if (at == nodes_.end()) return NodeStanding::unknown;
  if (!at->second.key_ids.contains(std::string(key_id))) return NodeStanding::other_key;
  if (!at->second.zones.contains(zone.text())) return NodeStanding::other_zone;
  return NodeStanding::known;
}

}  // namespace hangu::flow
