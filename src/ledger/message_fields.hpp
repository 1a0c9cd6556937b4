#pragma once
// Fields that several messages share: reader and writer of each stand together in the .cpp.

#include "ledger/messages.hpp"
#include "wire/codec.hpp"

namespace hangu::ledger {

void write_digest(wire::Writer& to, const crypto::ObjectDigest& digest);
[[nodiscard]] crypto::ObjectDigest read_digest(wire::Reader& from);
void write_time(wire::Writer& to, WallTime time);
[[nodiscard]] WallTime read_time(wire::Reader& from);
void write_duration(wire::Writer& to, std::chrono::milliseconds duration);
[[nodiscard]] std::chrono::milliseconds read_duration(wire::Reader& from,
                                                      std::chrono::milliseconds longest);
void write_token(wire::Writer& to, const Token& token);
[[nodiscard]] Token read_token(wire::Reader& from);
void write_evidence(wire::Writer& to, const Evidence& evidence);
/// Names are unique and in ascending order.
[[nodiscard]] Evidence read_evidence(wire::Reader& from, std::size_t names_max);
[[nodiscard]] std::string read_reason(wire::Reader& from);
[[nodiscard]] std::string read_detail(wire::Reader& from);

[[nodiscard]] TransferId read_transfer(wire::Reader& from);
[[nodiscard]] NodeId read_node(wire::Reader& from);
[[nodiscard]] ZoneId read_zone(wire::Reader& from);

template <class T, class Write>
void write_optional(wire::Writer& to, const std::optional<T>& value, Write write) {
  to.flag(value.has_value());
  if (value) write(to, *value);
}
template <class Read>
[[nodiscard]] auto read_optional(wire::Reader& from, Read read)
    -> std::optional<decltype(read(from))> {
  if (!from.flag()) return std::nullopt;
  return read(from);
}

}  // namespace hangu::ledger
