#pragma once
// Route: from where to where. Submission and release state it in the same members.

#include <vector>

#include "base/ids.hpp"
#include "wire/json.hpp"

namespace hangu::flow {

struct Route {
  ZoneId origin_zone;
  NodeId origin_node;
  ZoneId destination_zone;
  std::vector<NodeId> destination_nodes;  ///< at most kRecipientsMax
};

/// Reads "origin" {zone, node} and "destination" {zone, nodes} out of `f`.
/// Errors: Malformed "field-…".
[[nodiscard]] Result<Route> parse_route(wire::Fields& f);
/// Appends both to `out`, the nodes in rising order, whatever theirs is.
void write_route(const Route& route, wire::JsonObject& out);

}  // namespace hangu::flow
