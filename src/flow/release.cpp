#include "flow/release.hpp"

#include "flow/route.hpp"

namespace hangu::flow {

Statement Release::to_statement() const {
  wire::JsonObject predicate{
      {"suite", crypto::to_text(suite)}, {"transfer", transfer.text()}, {"gateway", gateway}};
  write_route({origin_zone, origin_node, destination_zone, destination_nodes}, predicate);
  predicate.emplace_back("label", label.to_json());
  return {objects, std::string(kReleasePredicate), std::move(predicate)};
}

Result<Release> Release::parse(const Statement& statement) {
  if (statement.predicate_type != kReleasePredicate)
    return fail(ErrorCode::malformed, "statement-predicate", statement.predicate_type);
  wire::Fields f(statement.predicate, "release");
  const auto suite = f.accept("suite", crypto::parse_suite(f.text("suite", 10)));
  auto transfer = f.accept("transfer", TransferId::create(f.text("transfer", 40)));
  std::string gateway = f.text("gateway", 64);
  auto route = f.accept("route", parse_route(f));
  auto label = f.accept("label", Label::parse(f.value("label")));
  HANGU_CHECK(f.finish());
  Release out{statement.subjects,
              *suite,
              *std::move(transfer),
              std::move(gateway),
              std::move(route->origin_zone),
              std::move(route->origin_node),
              std::move(route->destination_zone),
              std::move(route->destination_nodes),
              *std::move(label)};
  HANGU_CHECK(statement.check_spelling(out.to_statement()));
  return out;
}

}  // namespace hangu::flow
