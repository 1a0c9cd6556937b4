#pragma once
// What hangu-decide asks hangu-mosaic, and is answered. One packet each; docs/protocols/mosaic.md
// §4.

#include <set>
#include <variant>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "mosaic/footprint.hpp"

namespace hangu::mosaic {

/// Whose mosaic: one receiver's, of one dataset family.
struct Account {
  std::string receiver;
  std::string family;
  auto operator<=>(const Account&) const = default;
};

/// Number of the last reservation.
struct AskLast {};
/// Enters a release.
struct Release {
  TransferId transfer;
  std::set<Account> accounts;
  Footprint footprint;
  std::uint64_t limit_km2 = 0;  ///< no contiguous area that it is part of may be larger
};
/// The audit log has this reservation.
struct Commit {
  std::uint64_t number = 0;
};
using Request = std::variant<AskLast, Release, Commit>;

struct Last {
  std::uint64_t number = 0;  ///< 0 before the first
};
struct Reserved {
  bool fits = false;
  std::uint64_t number = 0;         ///< of the reservation, from 1; 0 when it does not fit
  std::uint64_t square_metres = 0;  ///< largest contiguous area that it is, or would be, part of
  bool operator==(const Reserved&) const = default;
};
struct Committed {};
struct Failed {
  std::string reason;
  std::string context;
};
using Reply = std::variant<Last, Reserved, Committed, Failed>;

[[nodiscard]] Bytes encode(const Request& request);
[[nodiscard]] Bytes encode(const Reply& reply);
/// Errors: Malformed "wire-…", "id-invalid"; those of Footprint::create.
[[nodiscard]] Result<Request> parse_request(ByteView bytes);
/// Errors: Malformed "wire-…".
[[nodiscard]] Result<Reply> parse_reply(ByteView bytes);

}  // namespace hangu::mosaic
