#pragma once
// Values: what an entry can be found by, as (field, text) pairs. The index keeps them, and a
// verified search makes them anew from the entries: both ask the same questions of the same pairs.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/reading/facts.hpp"

namespace hangu::audit::search {

/// Numbers are kept in the index: a change of meaning needs another schema version.
enum class Field : std::uint8_t {
  type = 1,
  stage,
  program,
  actor,
  decision,
  reason,
  rule,
  policy,
  transfer,
  package,  ///< the root of a digest, in hex
  node,
  recipient,
  dataset,
  area,
  secrecy,
  grade,
  owner,
  from,
  to,
  object,  ///< name
  action,  ///< of a filter
  headline,
  words,  ///< a person's own
};
inline constexpr Field kLastField = Field::words;

struct Value {
  Field field;
  std::string text;
  bool operator==(const Value&) const = default;
};

/// What the entry itself says, each once.
[[nodiscard]] std::vector<Value> own_values(const EntryFacts& facts);
/// What a `transfer.stated` entry says of all entries of its transfer from itself on.
[[nodiscard]] std::vector<Value> stated_values(const EntryFacts& facts);
inline constexpr std::string_view kStatedType = "transfer.stated";

/// What is searched of a value with words: the text, and the Chinese for what has a Chinese name.
/// Empty for fields that are not text: transfers, packages, areas.
[[nodiscard]] std::string searched_text(Field field, std::string_view text);

}  // namespace hangu::audit::search
