#include "flow/route.hpp"

#include <set>

#include "base/limits.hpp"

namespace hangu::flow {

Result<Route> parse_route(wire::Fields& f) {
  wire::Fields origin(f.value("origin"), "origin");
  auto origin_zone = origin.accept("zone", ZoneId::create(origin.text("zone", 64)));
  auto origin_node = origin.accept("node", NodeId::create(origin.text("node", 64)));
  wire::Fields destination(f.value("destination"), "destination");
  auto zone = destination.accept("zone", ZoneId::create(destination.text("zone", 64)));
  std::vector<NodeId> nodes;
  for (const std::string& text : destination.texts("nodes", kRecipientsMax, 64))
    if (auto node = destination.accept("nodes", NodeId::create(text)))
      nodes.push_back(*std::move(node));
  HANGU_CHECK(origin.finish());
  HANGU_CHECK(destination.finish());
  return Route{*std::move(origin_zone), *std::move(origin_node), *std::move(zone),
               std::move(nodes)};
}

void write_route(const Route& route, wire::JsonObject& out) {
  wire::JsonArray nodes;
  for (const NodeId& node :
       std::set(route.destination_nodes.begin(), route.destination_nodes.end()))
    nodes.emplace_back(node.text());
  out.emplace_back("origin", wire::JsonObject{{"zone", route.origin_zone.text()},
                                              {"node", route.origin_node.text()}});
  out.emplace_back("destination", wire::JsonObject{{"zone", route.destination_zone.text()},
                                                   {"nodes", std::move(nodes)}});
}

}  // namespace hangu::flow
