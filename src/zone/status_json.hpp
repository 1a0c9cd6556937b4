#pragma once
// What a node is told of its transfer: docs/protocols/http.md §8.

#include "ledger/work.hpp"
#include "wire/json.hpp"

namespace hangu::zone {

[[nodiscard]] wire::Json to_json(const ledger::Status& status);
[[nodiscard]] wire::Json to_json(const ledger::Listed& listed);

}  // namespace hangu::zone
