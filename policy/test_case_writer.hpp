#pragma once
// Test case writer: a request and an answer as the inline tables of a [[test]].
// docs/protocols/policy.md §6.

#include <string>

#include "policy/catalogue.hpp"
#include "policy/test_case.hpp"

namespace hangu::policy {

/// `{ from = "egov", … }`, with ids; what the request does not know is not in it.
[[nodiscard]] std::string given_text(const Request& request, const Catalogue& catalogue);

}  // namespace hangu::policy
