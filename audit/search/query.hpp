#pragma once
// SearchQuery: the question that an auditor asks. docs/protocols/audit-search.md §1.

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "audit/search/values.hpp"
#include "audit/search/words.hpp"
#include "wire/json.hpp"

namespace hangu::audit::search {

inline constexpr std::size_t kAlternativesMax = 64;   ///< of one criterion
inline constexpr std::size_t kWantedBytesMax = 1000;  ///< of one of them
inline constexpr std::size_t kQueryBytesMax = 64 * 1024;

/// How what is asked for is held against a value.
enum class Likeness : std::uint8_t {
  same,  ///< the same text; with `*` at its end, one that begins so
  area,  ///< GB/T 2260: lies in it, or contains it
};

/// A criterion of queries: `name` in commands and JSON, and the fields it looks at.
struct CriterionKind {
  std::string_view name;
  std::array<Field, 2> fields;  ///< the second may be the first again
  Likeness likeness = Likeness::same;
};
[[nodiscard]] std::span<const CriterionKind> criterion_kinds();

/// One criterion: any of `wanted` is enough.
struct Criterion {
  const CriterionKind* kind = nullptr;
  std::vector<std::string> wanted;

  [[nodiscard]] bool looks_at(Field field) const {
    return kind->fields[0] == field || kind->fields[1] == field;
  }
  [[nodiscard]] bool accepts(const Value& value) const;
};

/// All criteria and all phrases must hold, each in some value of the entry: its own, or what its
/// transfer's latest `transfer.stated` at or before it says.
struct SearchQuery {
  std::optional<WallTime> since;    ///< at or after
  std::optional<WallTime> until;    ///< before
  std::vector<Criterion> criteria;  ///< in the order of criterion_kinds(), each kind once
  std::vector<std::string> text;    ///< phrases

  /// Adds to the criterion of this name. Secrecy and grade take Chinese too, packages a whole
  /// digest. Errors: Malformed "query-invalid" (no such criterion, empty or too long, too many, a
  /// word of no list).
  [[nodiscard]] Done add(std::string_view name, std::string_view wanted);
  /// Errors: Malformed "query-invalid" (no letter or digit in it, too long, too many).
  [[nodiscard]] Done add_text(std::string_view phrase);

  /// One spelling: {"since","until",<criteria>,"text"}, absent when not asked.
  [[nodiscard]] wire::Json to_json() const;
  /// Errors: Malformed "query-invalid", "field-…".
  [[nodiscard]] static Result<SearchQuery> parse(const wire::Json& json);

  /// Whether it asks for what only `transfer.stated` tells of most entries.
  [[nodiscard]] bool needs_stated() const;
  [[nodiscard]] const Criterion* find(std::string_view name) const;
};

/// Matcher holds one query against entries, without an index.
class Matcher {
 public:
  explicit Matcher(const SearchQuery& query);
  /// `own` and `stated` are the entry's values.
  [[nodiscard]] bool matches(std::span<const Value> own, std::span<const Value> stated) const;
  /// False when no entry of this type and transfer can match: its body need not be read.
  [[nodiscard]] bool may_match(std::string_view type, std::string_view transfer) const;

 private:
  const SearchQuery* query_;
  std::vector<Phrase> phrases_;
};

}  // namespace hangu::audit::search
