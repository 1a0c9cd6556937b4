#pragma once
// Consignment: what stands beside a released package, for the half that gives it out: which
// package, from where, and who may fetch it. emit writes it, deliver reads it.
// docs/protocols/outbox.md.

#include <vector>

#include "base/ids.hpp"
#include "crypto/chunk_tree.hpp"
#include "wire/json.hpp"

namespace hangu::flow {

inline constexpr std::size_t kConsignmentBytesMax = 64 * 1024;

struct Consignment {
  TransferId transfer;
  crypto::ObjectDigest sealed;
  ZoneId origin;
  std::vector<NodeId> recipients;

  [[nodiscard]] wire::Json to_json() const;
  /// Errors: Malformed "field-…".
  [[nodiscard]] static Result<Consignment> parse(const wire::Json& json);
  /// The text of at most kConsignmentBytesMax. Errors: also "json-…".
  [[nodiscard]] static Result<Consignment> parse(std::string_view text);
  [[nodiscard]] bool is_for(const NodeId& node) const;
};

}  // namespace hangu::flow
