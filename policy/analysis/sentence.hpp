#pragma once
// Sentence: a rule in words, every column said, also where it is "any". The same words stand in
// what is rendered and what is explained. docs/protocols/policy.md §8.

#include <string>

#include "policy/catalogue.hpp"
#include "policy/promise.hpp"
#include "policy/rule.hpp"

namespace hangu::policy {

enum class Tongue : std::uint8_t { zh, en };

/// One sentence, with its full stop.
[[nodiscard]] std::string sentence_of(const Rule& rule, const Catalogue& catalogue, Tongue tongue);

[[nodiscard]] std::string sentence_of(const Promise& promise, const Catalogue& catalogue,
                                      Tongue tongue);

/// What obligations demand, without a full stop; "无附加要求" or "nothing more" when it is nothing.
[[nodiscard]] std::string demands_of(const Obligations& obligations, const Catalogue& catalogue,
                                     Tongue tongue);

/// "a, b or c"; of many names the first eight, and how many more there are.
[[nodiscard]] std::string names_text(const NameSet& names, const NameList& list, Tongue tongue);
/// A denominator as people write it: 1:10,000; 1:1万.
[[nodiscard]] std::string scale_text(std::int64_t denominator, Tongue tongue);
/// "08:00–20:00"
[[nodiscard]] std::string hours_text(const Hours& hours);
/// The digits of a prefix.
[[nodiscard]] std::string area_text(const Area& area);

}  // namespace hangu::policy
