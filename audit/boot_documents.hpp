#pragma once
// What a boot entry tells beside the log's own: the software, and the digests of programs,
// configuration and lists of keys. docs/protocols/audit-log.md §3.

#include <string_view>

#include "wire/json.hpp"

namespace hangu::audit {

inline constexpr std::size_t kBootDocumentsBytesMax = 16 * 1024;
inline constexpr std::size_t kBootDocumentsMax = 256;

/// {"version":…,"documents":[{"name":…,"sha256":…}…]} and nothing else: it becomes a part of an
/// entry whose other members are the log's own word.
/// Errors: Malformed "field-…", "json-…"; Exhausted "json-too-long".
[[nodiscard]] Result<wire::JsonObject> parse_boot_documents(std::string_view text);

}  // namespace hangu::audit
