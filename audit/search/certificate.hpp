#pragma once
// Query certificate: what a verified search found, signed by the auditor who made it. Whoever has
// the log can make the search again and must find the same. docs/protocols/audit-search.md §4.

#include <span>

#include "audit/search/verified.hpp"
#include "crypto/signature.hpp"
#include "flow/envelope.hpp"

namespace hangu::audit::search {

inline constexpr std::string_view kCertificateType = "application/vnd.hangu.query-certificate+json";
inline constexpr std::size_t kCertificateBytesMax = 256 * 1024;

struct Certificate {
  SearchQuery query;
  Span span;                ///< all entries of it were read and proved
  TreeHead head;            ///< to which
  std::string checkpoint;   ///< signed note of that head
  std::uint64_t first = 0;  ///< of the log then; older ones were pruned
  std::uint64_t hits = 0;
  std::uint64_t undecided = 0;
  Hash list{};  ///< Evidence::list_digest()
  WallTime made;

  [[nodiscard]] wire::Json to_json() const;
  /// Errors: Malformed "certificate-malformed", "field-…", "query-invalid".
  [[nodiscard]] static Result<Certificate> parse(const wire::Json& json);

  /// A DSSE envelope's text.
  [[nodiscard]] Result<std::string> sign(const crypto::SigningKey& key) const;
  /// Errors: Malformed of envelopes and of parse(); Forbidden "certificate-unsigned" (not by
  /// `signer`, or of another type).
  [[nodiscard]] static Result<Certificate> open(std::string_view envelope,
                                                const crypto::VerifyKey& signer);
};

[[nodiscard]] Certificate make_certificate(const LogReader& reader, const SearchQuery& query,
                                           const Evidence& evidence, WallTime now);

/// Makes the search again and compares. The log may have grown since; entries that the certificate
/// counts as pruned are left out, also where this copy has them, and that they were pruned then is
/// proved by the log's own notice. `former` are keys from which the log's own has rolled over.
/// Errors: Forbidden "certificate-checkpoint" (no checkpoint of this log's keys, or of another
/// head); Corrupt "log-root-differs" (the log has another past), "certificate-differs" (the search
/// finds something else: the context says what); Unavailable "log-shorter", "log-pruned"; those of
/// search_entries.
[[nodiscard]] Done check_certificate(const LogReader& reader, const Certificate& certificate,
                                     const Progress& progress = {},
                                     std::span<const NoteKey> former = {});

}  // namespace hangu::audit::search
