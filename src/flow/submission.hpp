#pragma once
// Submission: what a node states and signs about a package. The label comes from here and from
// nobody else. docs/protocols/exchange-package.md §2.

#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "crypto/suite.hpp"
#include "flow/label.hpp"
#include "flow/statement.hpp"

namespace hangu::flow {

inline constexpr std::string_view kSubmissionPredicate = "urn:hangu:submission:v1";

/// Facts that the sender claims of the dataset; measured ones are held against them later.
struct ClaimedFacts {
  std::string product;                ///< product code, e.g. "world-map"; not empty
  std::vector<std::string> areas;     ///< GB/T 2260 prefixes: 2, 4 or 6 digits; a set, may be empty
  std::optional<std::int64_t> scale;  ///< denominator, 1..1e9; absent for what has none
  std::string crs;                    ///< "EPSG:4490"; empty for tables
  std::optional<std::string> date_from;  ///< "YYYY-MM-DD"
  std::optional<std::string> date_to;
  bool operator==(const ClaimedFacts&) const = default;
};

struct Submission {
  ObjectTable objects;
  Label label;
  crypto::Suite suite = crypto::Suite::intl;
  ZoneId origin_zone;
  NodeId origin_node;
  ZoneId destination_zone;
  std::vector<NodeId> destination_nodes;  ///< 1..kRecipientsMax, a set
  ClaimedFacts facts;
  std::uint64_t sequence = 1;  ///< per sender, rises by one from 1
  /// Tree digest of the sender's previous statement payload; absent only for sequence 1.
  std::optional<crypto::ObjectDigest> previous;
  WallTime not_before;
  WallTime expires;  ///< > not_before, at most 366 days later

  /// Writes areas and destination nodes in rising order, each once.
  [[nodiscard]] Statement to_statement() const;
  /// Errors: those of Statement::parse, "field-…", "submission-invalid" (an invariant above),
  /// "suite-mismatch" (an object's digest is of another suite), "statement-not-canonical" (not what
  /// to_statement() writes).
  [[nodiscard]] static Result<Submission> parse(const Statement& statement);
  [[nodiscard]] static Result<Submission> parse(const Envelope& envelope);
  /// Checks the invariants above (parse does).
  [[nodiscard]] Done check() const;
};

}  // namespace hangu::flow
