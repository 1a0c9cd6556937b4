// translate(): a label of another policy as its own policy says that it reads under ours.

#include <algorithm>

#include "base/text.hpp"
#include "policy/labels/label_policy.hpp"

namespace hangu::policy {
namespace {

constexpr std::size_t kNameBytesTold = 60;

std::unexpected<Error> no_equivalent(const std::string& why) {
  return fail(ErrorCode::forbidden, "label-no-equivalent", why);
}

std::string told(std::string_view name) { return "\"" + printable(name, kNameBytesTold) + "\""; }

/// Makes the label under `ours`, value by value.
class Translation {
 public:
  Translation(const LabelPolicy& theirs, const EquivalentPolicy& said, const LabelPolicy& ours)
      : theirs_(theirs), said_(said), ours_(ours) {}

  [[nodiscard]] Result<ConfidentialityLabel> make(const ConfidentialityLabel& label) {
    out_.policy = ours_.name;
    out_.oid = ours_.oid;
    out_.created = label.created;
    out_.review = label.review;
    HANGU_CHECK(take_class(*theirs_.find_class(label.classification)));
    HANGU_CHECK(add(said_.adds));
    for (const LabelCategory& category : label.categories) HANGU_CHECK(take_category(category));
    for (LabelCategory& one : out_.categories) std::ranges::sort(one.values);
    HANGU_CHECK(check_legal(out_, ours_));
    return std::move(out_);
  }

 private:
  Done take_class(const LabelClass& theirs) {
    const auto at = std::ranges::find(theirs.equivalents, said_.name, &EquivalentClass::policy);
    if (at == theirs.equivalents.end())
      return no_equivalent("the classification " + told(theirs.name));
    if (std::ranges::count(theirs.equivalents, said_.name, &EquivalentClass::policy) > 1)
      return no_equivalent("the classification " + told(theirs.name) + " has more than one");
    const auto mine = std::ranges::find(ours_.classes, at->number, &LabelClass::number);
    if (mine == ours_.classes.end())
      return no_equivalent("the classification " + told(theirs.name) +
                           " has one that our policy does not know");
    out_.classification = mine->name;
    return add(at->adds);
  }

  Done take_category(const LabelCategory& category) {
    const LabelTagSet& set = *theirs_.find_tag_set(category.tag_set);
    for (const LabelTag& tag : set.tags) {
      if (tag.kind.type != category.type) continue;
      for (const LabelValue& value : tag.values)
        if (std::ranges::find(category.values, value.name) != category.values.end())
          HANGU_CHECK(take_value(category, value));
    }
    return {};
  }

  Done take_value(const LabelCategory& category, const LabelValue& value) {
    const std::string what = std::string(to_text(category.type)) + " " + told(value.name) + " of " +
                             told(category.tag_set);
    bool taken = false;
    for (const EquivalentValue& one : value.equivalents) {
      if (one.policy != said_.name) continue;
      taken = true;
      if (one.discard && category.type != CategoryType::informative)
        return no_equivalent(what + " would be let go of");
      if (one.discard) continue;
      if (one.kind.type != category.type)
        return no_equivalent(what + " would become " + std::string(to_text(one.kind.type)));
      const auto set = std::ranges::find(ours_.tag_sets, one.tag_set_oid, &LabelTagSet::oid);
      if (set == ours_.tag_sets.end() || !put(*set, one.kind.type, one.number))
        return no_equivalent(what + " has one that our policy does not know");
    }
    if (!taken) return no_equivalent(what);
    return {};
  }

  /// What a label must have beside; where that leaves a choice, nobody makes it.
  Done add(const std::vector<CategoryDemand>& demands) {
    for (const CategoryDemand& demand : demands) {
      if (demand.operation != Operation::all && demand.groups.size() != 1)
        return no_equivalent("the equivalent leaves a choice of categories");
      for (const CategorySelector& group : demand.groups) {
        const LabelTagSet* set = ours_.find_tag_set(group.tag_set);
        if (set == nullptr || !put(*set, group.kind.type, group.number))
          return no_equivalent("the equivalent adds a category that our policy does not know: " +
                               told(group.tag_set));
      }
    }
    return {};
  }

  /// False when our policy has no such value.
  bool put(const LabelTagSet& set, CategoryType type, std::optional<std::uint64_t> number) {
    if (!number) return false;
    for (const LabelTag& tag : set.tags) {
      if (tag.kind.type != type) continue;
      const auto value = std::ranges::find(tag.values, *number, &LabelValue::number);
      if (value == tag.values.end()) continue;
      std::vector<std::string>& values = category_of(set, type).values;
      if (std::ranges::find(values, value->name) == values.end()) values.push_back(value->name);
      return true;
    }
    return false;
  }

  LabelCategory& category_of(const LabelTagSet& set, CategoryType type) {
    for (LabelCategory& one : out_.categories)
      if (one.tag_set == set.name && one.type == type) return one;
    return out_.categories.emplace_back(
        LabelCategory{.tag_set = set.name, .oid = set.oid, .type = type, .values = {}});
  }

  const LabelPolicy& theirs_;
  const EquivalentPolicy& said_;
  const LabelPolicy& ours_;
  ConfidentialityLabel out_;
};

}  // namespace

Result<ConfidentialityLabel> translate(const ConfidentialityLabel& label, const LabelPolicy& theirs,
                                       const LabelPolicy& ours) {
  HANGU_CHECK(check_legal(label, theirs));
  const auto said = std::ranges::find(theirs.equivalents, ours.oid, &EquivalentPolicy::oid);
  if (said == theirs.equivalents.end())
    return fail(ErrorCode::forbidden, "label-other-policy",
                "the policy " + told(theirs.name) + " names no equivalents of " + told(ours.name) +
                    " " + ours.oid);
  return Translation(theirs, *said, ours).make(label);
}

}  // namespace hangu::policy
