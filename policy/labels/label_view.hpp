#pragma once
// Label view: our labels as labels of a policy that other people's programs know: the catalogue's
// own. docs/protocols/labels.md §1.

#include "flow/label.hpp"
#include "policy/catalogue.hpp"
#include "policy/labels/label_policy.hpp"

namespace hangu::policy {

/// Names of the policy's parts, as labels carry them.
inline constexpr std::string_view kGradeTagSet = "数据级别";
inline constexpr std::string_view kCompartmentTagSet = "知悉范围";
inline constexpr std::string_view kTermTagSet = "保密期限";

/// The label policy of a catalogue: its name is the catalogue's id, its object identifier a UUID
/// (of the arc 2.25) made from that id, so that both stay the same for every version.
[[nodiscard]] LabelPolicy label_policy_of(const Catalogue& catalogue);

/// Errors: Forbidden "label-illegal" (a compartment that the catalogue does not know); Malformed
/// "label-invalid".
[[nodiscard]] Result<ConfidentialityLabel> to_confidentiality_label(const flow::Label& label,
                                                                    const Catalogue& catalogue,
                                                                    WallTime created);
/// Errors: Forbidden "label-other-policy", "label-illegal" (also: it does not say who answers for
/// the data, in the way that to_confidentiality_label() does); those of Label::parse.
[[nodiscard]] Result<flow::Label> to_label(const ConfidentialityLabel& label,
                                           const Catalogue& catalogue);

/// An organisation as a distinguished name, "O=…" (RFC 4514), and back; nothing when it is another
/// name, or another spelling of it.
[[nodiscard]] Originator originator_of(std::string_view organisation);
[[nodiscard]] std::optional<std::string> organisation_in(const Originator& originator);

}  // namespace hangu::policy
