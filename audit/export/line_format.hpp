#pragma once
// Line format: one entry's facts as one line for another system. Pure: no clock, no file.
// docs/protocols/audit-export.md.

#include <cstdint>
#include <string>
#include <string_view>

#include "audit/reading/facts.hpp"

namespace hangu::audit {

enum class LineFormat : std::uint8_t { rfc5424, cef, ocsf, csv, json };
/// "rfc5424", "cef", "ocsf", "csv", "json". Errors: Malformed "export-format".
[[nodiscard]] Result<LineFormat> parse_line_format(std::string_view text);

/// The enterprise number of RFC 5612, which is for documentation and nobody's. An organisation that
/// has its own sets it.
inline constexpr std::uint32_t kDocumentationPen = 32473;

enum class LineLanguage : std::uint8_t { zh, en };

/// What all lines of one export share.
struct LineSource {
  std::string origin;       ///< of the log: "gw-demo/audit"
  std::uint64_t size;       ///< of the checkpoint that the entries were read under
  std::string root;         ///< its root, 64 hex digits
  std::uint64_t first = 0;  ///< entry that is still there; older ones were pruned
  std::string version;      ///< of Hangu
  std::uint32_t pen = kDocumentationPen;
  LineLanguage language = LineLanguage::en;  ///< of the sentence

  /// "gw-demo": the origin without "/audit".
  [[nodiscard]] std::string gateway() const;
};

/// The entry as a line without its line break; CSV lines end in CR LF, all others in LF.
[[nodiscard]] std::string line_of(LineFormat format, const EntryFacts& facts,
                                  const LineSource& source);
/// CSV's first line; empty for the others.
[[nodiscard]] std::string first_line(LineFormat format);
[[nodiscard]] std::string_view line_break(LineFormat format);

// Each format by itself.
[[nodiscard]] std::string rfc5424_line(const EntryFacts& facts, const LineSource& source);
[[nodiscard]] std::string cef_line(const EntryFacts& facts, const LineSource& source);
[[nodiscard]] std::string ocsf_line(const EntryFacts& facts, const LineSource& source);
[[nodiscard]] std::string csv_line(const EntryFacts& facts, const LineSource& source);
[[nodiscard]] std::string json_line(const EntryFacts& facts, const LineSource& source);

/// How much an entry matters, for formats that have a scale.
/// `notable`: nobody refused anything, and a person should see it all the same.
enum class Weight : std::uint8_t { usual, decided, notable, held, denied, failed };
[[nodiscard]] Weight weight_of(const EntryFacts& facts);
/// A transfer's sentence in the source's language.
[[nodiscard]] std::string line_sentence(const EntryFacts& facts, const LineSource& source);

}  // namespace hangu::audit
