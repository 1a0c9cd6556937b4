#pragma once
// Rule reader: [[permit]] and [[forbid]] tables to rules. docs/protocols/policy.md §3. Included by
// .cpp files only (it brings toml++ in).

#include "config/toml_table.hpp"
#include "policy/catalogue.hpp"
#include "policy/rule.hpp"

namespace hangu::policy {

/// Errors: as of Policy::parse, of one rule.
[[nodiscard]] Result<Rule> read_rule(RuleKind kind, const toml::table& table,
                                     const Catalogue& catalogue);

}  // namespace hangu::policy
