#pragma once
// Holder: one entry of the directory as Hangu takes it. What counts is the officer's grant in it;
// the entry's other values can only narrow it. docs/protocols/directory.md §2.

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "crypto/hash.hpp"
#include "policy/grant.hpp"

namespace hangu::directory {

/// An entryUUID in its 16 bytes: who an entry is, whatever its name. An entry that was made anew
/// under an old name is another.
using EntryId = std::array<std::byte, 16>;
/// Errors: Malformed "entry-uuid-invalid".
[[nodiscard]] Result<EntryId> parse_entry_id(std::string_view text);
[[nodiscard]] std::string uuid_text(const EntryId& id);

/// An entry as the server sent it: values by attribute, whose name is in lower case.
struct RawEntry {
  EntryId id{};
  std::map<std::string, std::vector<std::string>> values;
};

/// Attributes that are asked for, as config/directory/hangu.schema has them.
inline constexpr std::array<const char*, 5> kAttributes{"hanguName", "hanguGrant", "hanguKey",
                                                        "hanguZone", "hanguRole"};

using Digest = crypto::Hash;

struct Holder {
  EntryId id{};
  Digest digest{};      ///< of what the server sent
  std::string refusal;  ///< why it has no power: "grant-missing", "grant-other-entry",
                        ///< "document-unsigned"…; empty: it has
  WallTime not_after;   ///< from then on it has none either
  std::optional<policy::NodeRecord> node;
  std::optional<policy::PersonRecord> person;
  std::set<std::string> compartments;
  /// Of the node's or person's keys, in their order: counted once, asked for at each look-up.
  std::vector<std::string> signing_ids{};
  std::vector<std::string> recipient_ids{};
};

/// Fills in the ids of its keys.
void name_keys(Holder& holder);

/// SHA-256 over the id and the values in order.
[[nodiscard]] Digest digest_of(const RawEntry& entry);

/// Reads an entry by the officers' keys. It never fails: what is wrong with it becomes its refusal.
[[nodiscard]] std::shared_ptr<const Holder> read_holder(
    const RawEntry& entry, std::span<const crypto::VerifyKey> officers);

}  // namespace hangu::directory
