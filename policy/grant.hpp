#pragma once
// Grant: what an officer signs of one entry of the central directory, and what alone gives the
// entry's holder any power. Whoever administers the directory can take power away, and give none.
// docs/protocols/directory.md §2.

#include <set>
#include <span>
#include <string>

#include "base/time.hpp"
#include "policy/people_file.hpp"

namespace hangu::policy {

inline constexpr std::string_view kGrantPayloadType = "application/vnd.hangu.grant+json";
inline constexpr std::size_t kGrantBytesMax = 16 * 1024;  ///< of the envelope

/// One node or one person, as the people file has them, bound to one entry for a term.
struct Grant {
  std::string entry;                   ///< entryUUID (RFC 4530), lower case with hyphens
  WallTime not_after;                  ///< from then on it gives nothing
  std::set<std::string> compartments;  ///< that a person may know of
  PeopleFile holder;                   ///< exactly one

  /// The envelope around its canonical JSON
  /// {"compartments":…,"entryUUID":…,"holder":…,"notAfter":…}.
  [[nodiscard]] Result<std::string> sign(const crypto::SigningKey& officer) const;
  /// Errors: those of open_signed() and PeopleFile::parse; Malformed "field-…", "grant-invalid"
  /// (not one holder, a UUID spelled otherwise); Exhausted "grant-too-long".
  [[nodiscard]] static Result<Grant> open(std::string_view envelope_text,
                                          std::span<const crypto::VerifyKey> officers);
};

/// Whether `text` is 8-4-4-4-12 lower-case hex digits.
[[nodiscard]] bool is_entry_uuid(std::string_view text);

}  // namespace hangu::policy
