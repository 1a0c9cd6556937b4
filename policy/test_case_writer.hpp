#pragma once
// Test case writer: requests and answers in the words of a policy file, to be read again.
// docs/protocols/policy.md §6.

#include <string>

#include "policy/catalogue.hpp"
#include "policy/test_case.hpp"

namespace hangu::policy {

/// How names are written: by id, or by Chinese title where there is one.
enum class Naming : std::uint8_t { ids, chinese };

/// `{ from = "egov", … }`; what the request does not know is not in it. Times are those of the
/// catalogue's first calendar.
[[nodiscard]] std::string given_text(const Request& request, const Catalogue& catalogue,
                                     Naming naming = Naming::ids);
/// `{ approve = { count = 2 }, … }`; "{}" when nothing is demanded.
[[nodiscard]] std::string require_text(const Obligations& obligations, const Catalogue& catalogue,
                                       Naming naming = Naming::ids);
/// A whole [[test]], of a line each for its id, `given` and `expect`.
[[nodiscard]] std::string test_text(const TestCase& test, const Catalogue& catalogue,
                                    Naming naming);

}  // namespace hangu::policy
