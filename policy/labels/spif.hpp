#pragma once
// SPIF: a label policy as the Open XML SPIF schema 2.1 writes it. docs/protocols/labels.md §4.

#include "policy/labels/label_policy.hpp"

namespace hangu::policy {

inline constexpr std::string_view kSpifNamespace = "http://www.xmlspif.org/spif";

/// The same policy and time always make the same bytes. Errors: Malformed "xml-value".
[[nodiscard]] Result<std::string> write_spif(const LabelPolicy& policy, WallTime created);

/// Reads what decides whether a label is legal, and its equivalents; passes over what only says how
/// a label is shown; refuses what would decide and is not read (docs/protocols/labels.md §4).
/// Limits: kSpifBytesMax. Errors: those of read_xml(), XmlFields::finish(), check_consistent().
[[nodiscard]] Result<LabelPolicy> read_spif(std::string_view text);

}  // namespace hangu::policy
