#pragma once
// Label policy: which labels are legal under a policy, as a security policy information file (SPIF,
// X.841, Open XML SPIF 2.1) says it, and what they are worth under another.
// docs/protocols/labels.md.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "policy/labels/confidentiality_label.hpp"

namespace hangu::policy {

/// What tells values of one tag set apart in a SPIF.
struct TagKind {
  CategoryType type = CategoryType::restrictive;
  bool enumerated = false;

  bool operator==(const TagKind&) const = default;
};

/// Values of a label: all of a tag set and kind, or one.
struct CategorySelector {
  std::string tag_set;  ///< its name
  TagKind kind;
  std::optional<std::uint64_t> number;  ///< the value's lacv; nothing: any value

  bool operator==(const CategorySelector&) const = default;
};

enum class Operation : std::uint8_t { only_one, one_or_more, all };

struct CategoryDemand {
  Operation operation = Operation::all;
  std::vector<CategorySelector> groups;

  bool operator==(const CategoryDemand&) const = default;
};

/// A classification of another policy that this one becomes there, with what else it needs there.
struct EquivalentClass {
  std::string policy;  ///< its name, one of LabelPolicy::equivalents
  std::uint64_t number = 0;
  std::vector<CategoryDemand> adds;

  bool operator==(const EquivalentClass&) const = default;
};

/// A value of another policy that this one becomes there.
struct EquivalentValue {
  std::string policy;
  std::string tag_set_oid;
  TagKind kind;
  std::optional<std::uint64_t> number;
  bool discard = false;  ///< nothing there

  bool operator==(const EquivalentValue&) const = default;
};

struct LabelClass {
  std::string name;
  std::uint64_t number = 0;     ///< lacv
  std::uint64_t hierarchy = 0;  ///< higher is more secret
  std::vector<CategoryDemand> demands;
  std::vector<EquivalentClass> equivalents;

  bool operator==(const LabelClass&) const = default;
};

struct LabelValue {
  std::string name;
  std::uint64_t number = 0;
  std::set<std::string> classes_excluded;
  std::optional<std::string> class_required;
  std::vector<CategoryDemand> demands;
  std::vector<CategorySelector> excludes;
  std::vector<EquivalentValue> equivalents;

  bool operator==(const LabelValue&) const = default;
};

struct LabelTag {
  std::string name;
  TagKind kind;
  std::uint64_t least = 0;            ///< of its values, where a label has any of the tag
  std::optional<std::uint64_t> most;  ///< of its values
  std::vector<LabelValue> values;

  bool operator==(const LabelTag&) const = default;
};

struct LabelTagSet {
  std::string name;
  std::string oid;
  std::vector<LabelTag> tags;

  bool operator==(const LabelTagSet&) const = default;
};

struct EquivalentPolicy {
  std::string name;
  std::string oid;
  std::vector<CategoryDemand> adds;

  bool operator==(const EquivalentPolicy&) const = default;
};

struct LabelPolicy {
  std::string name;
  std::string oid;
  std::uint64_t version = 0;
  std::vector<LabelClass> classes;
  std::vector<LabelTagSet> tag_sets;
  std::vector<EquivalentPolicy> equivalents;

  [[nodiscard]] const LabelClass* find_class(std::string_view name) const;
  [[nodiscard]] const LabelTagSet* find_tag_set(std::string_view name) const;
  bool operator==(const LabelPolicy&) const = default;
};

/// Names and numbers are there once, and what refers to a name refers to one that is there. Within
/// a tag set no two values of one type have one name. Errors: Malformed "spif-invalid".
[[nodiscard]] Done check_consistent(const LabelPolicy& policy);

/// The label is under this policy, and one that it allows: its classification and every value are
/// the policy's, by name and in the same case, and stand together as it says.
/// Errors: Forbidden "label-other-policy", "label-illegal".
[[nodiscard]] Done check_legal(const ConfidentialityLabel& label, const LabelPolicy& policy);

/// `label`, legal under `theirs`, as `theirs` says that it reads under `ours`. Whatever has no
/// equivalent there refuses; only an informative value may be let go of, where `theirs` says so.
/// The originator is left out. The outcome is legal under `ours`. Errors: Forbidden
/// "label-other-policy" (also: `theirs` names no such policy), "label-illegal",
/// "label-no-equivalent".
[[nodiscard]] Result<ConfidentialityLabel> translate(const ConfidentialityLabel& label,
                                                     const LabelPolicy& theirs,
                                                     const LabelPolicy& ours);

}  // namespace hangu::policy
