#include "flow/consignment.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace hangu::flow {

wire::Json Consignment::to_json() const {
  wire::JsonArray nodes;
  for (const NodeId& node : recipients) nodes.emplace_back(node.text());
  return wire::JsonObject{{"transfer", transfer.text()},
                          {"sealed", sealed.to_text()},
                          {"origin", origin.text()},
                          {"recipients", std::move(nodes)}};
}

Result<Consignment> Consignment::parse(const wire::Json& json) {
  wire::Fields f(json, "consignment");
  auto transfer = f.accept("transfer", TransferId::create(f.text("transfer", 40)));
  const auto sealed = f.accept("sealed", crypto::ObjectDigest::parse(f.text("sealed", 120)));
  auto origin = f.accept("origin", ZoneId::create(f.text("origin", 64)));
  std::vector<NodeId> recipients;
  for (const std::string& text : f.texts("recipients", kRecipientsMax, 64))
    if (auto node = f.accept("recipients", NodeId::create(text)))
      recipients.push_back(*std::move(node));
  HANGU_CHECK(f.finish());
  return Consignment{*std::move(transfer), *sealed, *std::move(origin), std::move(recipients)};
}

Result<Consignment> Consignment::parse(std::string_view text) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(text, kConsignmentBytesMax));
  return parse(json);
}

bool Consignment::is_for(const NodeId& node) const {
  return std::ranges::find(recipients, node) != recipients.end();
}

}  // namespace hangu::flow
