#pragma once
// Rule reader: [[permit]] and [[forbid]] tables to rules. docs/protocols/policy.md §3. Included by
// .cpp files only (it brings toml++ in).

#include "config/toml_table.hpp"
#include "policy/catalogue.hpp"
#include "policy/rule.hpp"

namespace hangu::policy {

/// The id of a rule, test or promise: 1 to 64 ASCII letters, digits, '-', '_' and '.'; else noted.
[[nodiscard]] std::string read_rule_id(config::TomlTable& table);

/// One line that may be shown anywhere, at most 400 bytes; empty when it is absent; else noted.
[[nodiscard]] std::string read_title(config::TomlTable& table);
/// A date-time with an offset; nothing, and noted, when it is missing, none, or out of bounds.
[[nodiscard]] std::optional<WallTime> read_time(config::TomlTable& table, std::string_view key);

/// A name or a list of at least `names_min` names as a set; nothing when the key is absent.
[[nodiscard]] std::optional<NameSet> read_names(config::TomlTable& table, std::string_view key,
                                                const NameList& known, std::size_t names_min = 1);
/// A GB/T 2260 prefix or a list of them; nothing when the key is absent.
[[nodiscard]] std::optional<std::vector<Area>> read_areas(config::TomlTable& table,
                                                          std::string_view key);

/// A grade of either axis in either language; nothing, and noted, when it is missing or none.
[[nodiscard]] std::optional<flow::Secrecy> read_secrecy(config::TomlTable& table,
                                                        std::string_view key);
[[nodiscard]] std::optional<flow::DataGrade> read_grade(config::TomlTable& table,
                                                        std::string_view key);

/// A `require` table: what a permit demands; or a test, of all rules together, which may leave no
/// carrier (`carriers_min` 0).
[[nodiscard]] Obligations read_obligations(config::TomlTable& table, const Catalogue& catalogue,
                                           std::size_t carriers_min = 1);

/// Nothing when something is wrong in it, which is added to `problems`.
[[nodiscard]] std::optional<Rule> read_rule(RuleKind kind, const toml::table& table,
                                            const Catalogue& catalogue,
                                            std::vector<Error>& problems);

}  // namespace hangu::policy
