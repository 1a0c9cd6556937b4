#pragma once
// The closed catalogue of entry types: who may append which, about what, with what body. A type
// that is not here is refused. docs/protocols/audit-log.md §3.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace hangu::audit {

/// What an entry carries: a signed statement (DSSE) or an event (JSON object).
enum class BodyKind : std::uint8_t { statement, event };

enum class AllowedBody : std::uint8_t { statement, event };

struct EntryType {
  std::string_view name;
  std::string_view programs;  ///< whose sockets may append it, divided by spaces
  bool about_transfer;        ///< a transfer must be named; otherwise none may be
  AllowedBody body;
};

[[nodiscard]] std::span<const EntryType> catalogue();
/// Null when there is no such type.
[[nodiscard]] const EntryType* find_type(std::string_view name);
[[nodiscard]] bool may_append(const EntryType& type, std::string_view program);
[[nodiscard]] bool may_carry(const EntryType& type, BodyKind body);
/// SHA-256 in hex of the table and of every event's members: each boot entry names the catalogue it
/// follows.
[[nodiscard]] std::string catalogue_digest();

}  // namespace hangu::audit
