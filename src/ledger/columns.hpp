#pragma once
// How the ledger's types stand in SQLite columns.

#include "ledger/ledger.hpp"
#include "sqlite/database.hpp"

namespace hangu::ledger {

using sqlite::Query;

/// The 41 bytes of a digest: algorithm, size (big-endian), root.
[[nodiscard]] Bytes to_blob(const crypto::ObjectDigest& digest);

void bind_digest(Query& query, const crypto::ObjectDigest& digest);
void bind_time(Query& query, WallTime time);
void bind_time(Query& query, const std::optional<WallTime>& time);

/// Readers of the next column. Errors: Corrupt "ledger-corrupt" (a value that we never write).
[[nodiscard]] Result<crypto::ObjectDigest> digest_in(Query& query);
[[nodiscard]] WallTime time_in(Query& query);
[[nodiscard]] std::optional<WallTime> optional_time_in(Query& query);
template <class E>
[[nodiscard]] Result<E> enumerated_in(Query& query, E last) {
  const std::int64_t value = query.integer();
  if (value < 0 || value > static_cast<std::int64_t>(last)) {
    return fail(ErrorCode::corrupt, "ledger-corrupt", "value " + std::to_string(value));
  }
  return static_cast<E>(value);
}
template <class IdType>
[[nodiscard]] Result<IdType> id_in(Query& query) {
  auto id = IdType::create(query.text());
  if (!id) return fail(ErrorCode::corrupt, "ledger-corrupt", "identifier");
  return id;
}
[[nodiscard]] Result<std::uint32_t> small_number_in(Query& query);

}  // namespace hangu::ledger
