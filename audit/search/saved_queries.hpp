#pragma once
// Saved queries: an auditor's questions by name, in one small file that is replaced whole.

#include <map>
#include <string>

#include "audit/search/query.hpp"

namespace hangu::audit::search {

inline constexpr std::size_t kSavedQueriesMax = 200;
inline constexpr std::size_t kSavedNameBytesMax = 100;

/// By name: 1..kSavedNameBytesMax bytes of UTF-8 without control characters, of any language.
using SavedQueries = std::map<std::string, SearchQuery, std::less<>>;

/// A file that is not there holds none. Errors: Malformed "saved-queries-malformed", "query-…",
/// "field-…"; those of files.
[[nodiscard]] Result<SavedQueries> load_saved_queries(const std::string& path);
/// Errors: Malformed "query-name-invalid"; Exhausted "saved-queries-too-many"; those of files.
[[nodiscard]] Done save_queries(const std::string& path, const SavedQueries& queries);

}  // namespace hangu::audit::search
