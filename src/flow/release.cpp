#include "flow/release.hpp"

#include "base/limits.hpp"

namespace hangu::flow {

Statement Release::to_statement() const {
  wire::JsonArray nodes;
  for (const NodeId& node : destination_nodes) nodes.emplace_back(node.text());
  return {
      objects, std::string(kReleasePredicate),
      wire::JsonObject{
          {"suite", crypto::to_text(suite)},
          {"transfer", transfer.text()},
          {"gateway", gateway},
          {"origin", wire::JsonObject{{"zone", origin_zone.text()}, {"node", origin_node.text()}}},
          {"destination",
           wire::JsonObject{{"zone", destination_zone.text()}, {"nodes", std::move(nodes)}}},
          {"label", label.to_json()}}};
}

Result<Release> Release::parse(const Statement& statement) {
  if (statement.predicate_type != kReleasePredicate)
    return fail(ErrorCode::malformed, "statement-predicate", statement.predicate_type);
  wire::Fields f(statement.predicate, "release");
  const auto suite = f.accept("suite", crypto::parse_suite(f.text("suite", 10)));
  auto transfer = f.accept("transfer", TransferId::create(f.text("transfer", 40)));
  std::string gateway = f.text("gateway", 64);
  wire::Fields origin(f.value("origin"), "origin");
  auto origin_zone = origin.accept("zone", ZoneId::create(origin.text("zone", 64)));
  auto origin_node = origin.accept("node", NodeId::create(origin.text("node", 64)));
  wire::Fields destination(f.value("destination"), "destination");
  auto zone = destination.accept("zone", ZoneId::create(destination.text("zone", 64)));
  std::vector<NodeId> nodes;
  for (const std::string& text : destination.texts("nodes", kRecipientsMax, 64))
    if (auto node = destination.accept("nodes", NodeId::create(text)))
      nodes.push_back(*std::move(node));
  auto label = f.accept("label", Label::parse(f.value("label")));
  HANGU_CHECK(f.finish());
  HANGU_CHECK(origin.finish());
  HANGU_CHECK(destination.finish());
  return Release{statement.subjects,      *suite,
                 *std::move(transfer),    std::move(gateway),
                 *std::move(origin_zone), *std::move(origin_node),
                 *std::move(zone),        std::move(nodes),
                 *std::move(label)};
}

}  // namespace hangu::flow
