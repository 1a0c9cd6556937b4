#pragma once
// The ledger's tables and how older files become today's.

#include "sqlite/database.hpp"

namespace hangu::ledger {

using sqlite::Database;
using sqlite::Query;

/// Brings a database to today's schema, step by step, each step in one transaction.
/// Errors: Malformed "ledger-foreign" (another program's file), "ledger-newer"; those of Database.
[[nodiscard]] Done migrate(Database& database);

}  // namespace hangu::ledger
