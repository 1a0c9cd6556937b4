#pragma once
// The same question for both evaluators: a request in words as the rule book's record, and its
// ruling in words.

#include "policy/policy.hpp"
#include "tests/support/reference_policy.hpp"

namespace hangu::test {

/// Nothing when the catalogue does not know one of its names.
[[nodiscard]] std::optional<policy::Request> record_of(const PlainRequest& request,
                                                       const policy::Catalogue& catalogue);

/// Whether the rule book's ruling is this one, obligations included.
[[nodiscard]] bool is_same(const policy::Ruling& ruling, const PlainRuling& plain,
                           const policy::Policy& policy, const policy::Catalogue& catalogue);

}  // namespace hangu::test
