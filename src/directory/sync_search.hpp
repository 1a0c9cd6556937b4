#pragma once
// Sync search: RFC 4533 refreshAndPersist. libldap's own ldap_sync_* are not used: they wait for a
// frozen server for ever, ignore what a handler answers, and read one message for all of a chain
// (docs/adr/0016). The controls are read here, with liblber.

#include <set>
#include <variant>

#include "directory/connection.hpp"

namespace hangu::directory {

// What one message of the stream says.
struct EntryIs {  ///< added or changed, whole
  RawEntry entry;
};
struct EntryStays {  ///< unchanged, in a present phase
  EntryId id;
};
struct EntryGone {
  EntryId id;
};
struct EntriesStay {
  std::vector<EntryId> ids;
};
struct EntriesGone {
  std::vector<EntryId> ids;
};
struct PresentPhaseEnds {};  ///< what was not named in it is gone
struct DeletePhaseEnds {};
struct CookieOnly {};
/// The server ended the search; `code` is RFC 4511's.
struct SearchEnds {
  int code = 0;
  std::string text;
};

struct SyncMessage {
  std::variant<EntryIs, EntryStays, EntryGone, EntriesStay, EntriesGone, PresentPhaseEnds,
               DeletePhaseEnds, CookieOnly, SearchEnds>
      what;
  std::string cookie;         ///< empty: unchanged
  bool refresh_done = false;  ///< from here on changes come as they happen
};

/// The codes with which a server says that it knows no cookie like ours, or no such search.
inline constexpr int kRefreshRequired = 4096;
inline constexpr int kUnknownCriticalControl = 12;

/// Which entries: all with one of our classes below the base.
inline constexpr const char* kFilter = "(|(objectClass=hanguNode)(objectClass=hanguPerson))";

/// Sends the search with `cookie` (empty: everything from the beginning); its message id.
/// Errors: Unavailable "directory-unavailable".
[[nodiscard]] Result<int> begin_sync(const Connection& connection, const std::string& base,
                                     const std::string& cookie);
/// Reads one message of it. Errors: Malformed "directory-sync-invalid"; Forbidden
/// "directory-referral"; those of read_entry().
[[nodiscard]] Result<SyncMessage> read_sync(const Connection& connection, LDAPMessage* message);

/// Whether a stream with `cookie` has seen all that the server's contextCSN values say: each of
/// them is in the cookie, of the same server id, and no later. An empty list is never seen.
[[nodiscard]] bool has_seen(std::string_view cookie, std::span<const std::string> context);

}  // namespace hangu::directory
