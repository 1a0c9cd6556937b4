#pragma once
// Release: what the mover states and signs about a package that leaves. Its subjects are the
// rendition's objects and, last, the story. docs/protocols/exchange-package.md §3.

#include "base/ids.hpp"
#include "crypto/suite.hpp"
#include "flow/label.hpp"
#include "flow/statement.hpp"

namespace hangu::flow {

inline constexpr std::string_view kReleasePredicate = "urn:hangu:release:v1";

struct Release {
  std::vector<ObjectRow> objects;  ///< the rendition's rows, then the story's
  crypto::Suite suite = crypto::Suite::intl;
  TransferId transfer;
  std::string gateway;
  ZoneId origin_zone;
  NodeId origin_node;
  ZoneId destination_zone;
  std::vector<NodeId> destination_nodes;
  Label label;

  /// Writes the destination nodes in rising order, each once.
  [[nodiscard]] Statement to_statement() const;
  /// Errors: those of Statement::parse; Malformed "field-…", "statement-not-canonical" (not what
  /// to_statement() writes).
  [[nodiscard]] static Result<Release> parse(const Statement& statement);
};

}  // namespace hangu::flow
