#pragma once
// Searches beside the sync stream: the server's contextCSN, by which freshness is proved, and a
// load page by page (RFC 2696) from servers that have no sync search.

#include <functional>

#include "directory/connection.hpp"

namespace hangu::directory {

/// The entry at or above `base` that carries contextCSN: the database's own. Errors: Unavailable
/// "directory-no-context"; those of Connection.
[[nodiscard]] Result<std::string> find_context(const Connection& connection,
                                               const std::string& base);
/// Asks for the contextCSN of that entry; the message id. The answer comes with next().
[[nodiscard]] Result<int> ask_context(const Connection& connection, const std::string& context);
/// The contextCSN values in an entry that answers.
[[nodiscard]] std::vector<std::string> read_context(const Connection& connection,
                                                    LDAPMessage* message);

/// Every entry, a page after the other, to the empty cookie. Errors: Unavailable
/// "directory-partial" (any result but success), "directory-slow"; Forbidden "directory-referral";
/// those of `take` and read_entry().
[[nodiscard]] Done load_pages(const Connection& connection, const std::string& base,
                              const std::function<Done(const RawEntry&)>& take);

}  // namespace hangu::directory
