#pragma once
// Promise reader: [[never]] tables. Included by .cpp files only (it brings toml++ in).

#include "config/toml_table.hpp"
#include "policy/catalogue.hpp"
#include "policy/promise.hpp"

namespace hangu::policy {

/// Nothing when something is wrong in it, which is added to `problems`.
[[nodiscard]] std::optional<Promise> read_promise(const toml::table& table,
                                                  const Catalogue& catalogue,
                                                  std::vector<Error>& problems);

}  // namespace hangu::policy
