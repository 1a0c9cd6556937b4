#pragma once
// Asked: what was asked of the rules, in a catalogue's names, as it goes on the record beside the
// decision, so that another policy can be asked the same. docs/protocols/policy.md §13.

#include "policy/catalogue.hpp"
#include "policy/request.hpp"
#include "wire/json.hpp"

namespace hangu::policy {

inline constexpr std::size_t kAskedBytesMax = std::size_t{16} << 10;  ///< an entry has 48 KiB

/// { catalogue, from, to, classes, secrecy, grade, compartments, areas, inside, touching, scale,
/// at, nodeLevel, roles }, by ids, `at` to the minute; null is what was not known. Null when it
/// would be too long.
[[nodiscard]] wire::Json asked_json(const Request& request, const Catalogue& catalogue);

/// The request again, in the names of another catalogue.
struct Asked {
  std::string catalogue;  ///< "<id>@<version>" of that day
  Request request;
  /// A name that this catalogue does not know: it is refused, whatever the rules say. Empty: none.
  std::string unknown;
};
/// Errors: Malformed "field-…".
[[nodiscard]] Result<Asked> read_asked(const wire::Json& json, const Catalogue& catalogue);

}  // namespace hangu::policy
