#pragma once
// Statements (in-toto Statement v1): subjects named by digest, and a typed predicate about them.

#include <string>
#include <vector>

#include "flow/envelope.hpp"
#include "flow/object_table.hpp"

namespace hangu::flow {

inline constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";

/// Statement: `predicate_type` is "urn:hangu:<name>:v1", e.g. "urn:hangu:step.verify:v1".
struct Statement {
  std::vector<ObjectRow> subjects;  ///< 1..kObjectsMax
  std::string predicate_type;
  wire::Json predicate;
  bool operator==(const Statement&) const = default;

  [[nodiscard]] wire::Json to_json() const;
  /// Errors: Malformed "statement-type" (not a v1 statement), "field-…", "json-…",
  /// "object-size-invalid", "statement-not-canonical" (not byte for byte what to_json() writes),
  /// and those of ObjectTable::create over the subjects.
  [[nodiscard]] static Result<Statement> parse(ByteView payload);
  /// Parses an envelope's payload, which must be a statement by its type ("statement-type").
  [[nodiscard]] static Result<Statement> parse(const Envelope& envelope);
  /// The same, and the statement must be of `predicate_type` ("statement-predicate").
  [[nodiscard]] static Result<Statement> parse(const Envelope& envelope,
                                               std::string_view predicate_type);
  [[nodiscard]] Result<Envelope> sign(const crypto::SigningKey& key,
                                      std::string certificate = {}) const;
  /// One meaning, one spelling: `written` is what was made of this statement, written again.
  /// Errors: Malformed "statement-not-canonical" unless it is this statement, member for member.
  [[nodiscard]] Done check_spelling(const Statement& written) const;
};

/// {"hanguTreeSha256":"<hex>"} or {"hanguTreeSm3":"<hex>"} and the size, as in-toto spells them.
[[nodiscard]] wire::Json digest_to_json(const crypto::ObjectDigest& digest);

}  // namespace hangu::flow
