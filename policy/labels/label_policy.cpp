#include "policy/labels/label_policy.hpp"

#include <algorithm>
#include <functional>
#include <tuple>

#include "base/text.hpp"

namespace hangu::policy {
namespace {

constexpr std::size_t kNameBytesTold = 60;

std::string told(std::string_view name) { return "\"" + printable(name, kNameBytesTold) + "\""; }

std::unexpected<Error> invalid(std::string why) {
  return fail(ErrorCode::malformed, "spif-invalid", std::move(why));
}

std::unexpected<Error> illegal(std::string why) {
  return fail(ErrorCode::forbidden, "label-illegal", std::move(why));
}

/// A value of a label, as its policy knows it.
struct Placed {
  const LabelTagSet* tag_set;
  const LabelTag* tag;
  const LabelValue* value;
};

bool fits(const CategorySelector& selector, const Placed& placed) {
  return placed.tag_set->name == selector.tag_set && placed.tag->kind == selector.kind &&
         (!selector.number || placed.value->number == *selector.number);
}

bool any_fits(const CategorySelector& selector, const std::vector<Placed>& all) {
  return std::ranges::any_of(all, [&](const Placed& one) { return fits(selector, one); });
}

bool is_met(const CategoryDemand& demand, const std::vector<Placed>& all) {
  const auto met = static_cast<std::size_t>(std::ranges::count_if(
      demand.groups, [&](const CategorySelector& group) { return any_fits(group, all); }));
  switch (demand.operation) {
    case Operation::only_one: return met == 1;
    case Operation::one_or_more: return met >= 1;
    case Operation::all: return met == demand.groups.size();
  }
  return false;
}

/// The values of one category of a label.
Result<std::vector<Placed>> place(const LabelCategory& category, const LabelPolicy& policy) {
  const LabelTagSet* set = policy.find_tag_set(category.tag_set);
  if (set == nullptr)
    return illegal("the policy " + told(policy.name) + " has no category " +
                   told(category.tag_set));
  if (!category.oid.empty() && category.oid != set->oid)
    return illegal("the category " + told(category.tag_set) + " has another object identifier");
  std::vector<Placed> out;
  for (const std::string& name : category.values) {
    const std::size_t before = out.size();
    for (const LabelTag& tag : set->tags)
      if (tag.kind.type == category.type)
        for (const LabelValue& value : tag.values)
          if (value.name == name) out.push_back({set, &tag, &value});
    if (out.size() != before + 1)
      return illegal("the category " + told(category.tag_set) + " has no " +
                     std::string(to_text(category.type)) + " value " + told(name));
  }
  return out;
}

Done check_value(const Placed& placed, const std::string& classification,
                 const std::vector<Placed>& all) {
  const LabelValue& value = *placed.value;
  if (value.classes_excluded.contains(classification) ||
      (value.class_required && *value.class_required != classification))
    return illegal(told(value.name) + " does not go with " + told(classification));
  for (const CategorySelector& excluded : value.excludes) {
    const auto other = [&](const Placed& one) {
      return one.value != placed.value && fits(excluded, one);
    };
    if (std::ranges::any_of(all, other))
      return illegal(told(value.name) + " does not go with what else is in " +
                     told(excluded.tag_set));
  }
  for (const CategoryDemand& demand : value.demands)
    if (!is_met(demand, all)) return illegal(told(value.name) + " needs other categories with it");
  return {};
}

Done check_numbers(const LabelTagSet& set, const std::vector<Placed>& all) {
  for (const LabelTag& tag : set.tags) {
    const auto count = static_cast<std::uint64_t>(std::ranges::count(all, &tag, &Placed::tag));
    if (count != 0 && (count < tag.least || (tag.most && count > *tag.most)))
      return illegal("the category " + told(set.name) + " has " + std::to_string(count) +
                     " values");
  }
  return {};
}

Result<std::vector<Placed>> place_all(const ConfidentialityLabel& label,
                                      const LabelPolicy& policy) {
  std::vector<Placed> all;
  for (const LabelCategory& category : label.categories) {
    HANGU_TRY(const std::vector<Placed> placed, place(category, policy));
    all.insert(all.end(), placed.begin(), placed.end());
  }
  return all;
}

// --- Consistency ---------------------------------------------------------------------------------

Done check_selectors(const std::vector<CategorySelector>& selectors, const LabelPolicy& policy) {
  for (const CategorySelector& one : selectors)
    if (policy.find_tag_set(one.tag_set) == nullptr)
      return invalid("there is no category " + told(one.tag_set));
  return {};
}

Done check_demands(const std::vector<CategoryDemand>& demands, const LabelPolicy& policy) {
  for (const CategoryDemand& demand : demands) HANGU_CHECK(check_selectors(demand.groups, policy));
  return {};
}

Done check_named(const std::string& equivalent, const LabelPolicy& policy) {
  if (std::ranges::find(policy.equivalents, equivalent, &EquivalentPolicy::name) ==
      policy.equivalents.end())
    return invalid("there is no equivalent policy " + told(equivalent));
  return {};
}

/// Whether all of `items` differ in what `of` takes of them.
template <class Items, class Of>
bool all_differ(const Items& items, Of of) {
  std::set<std::decay_t<std::invoke_result_t<Of, decltype(items.front())>>> seen;
  return std::ranges::all_of(
      items, [&](const auto& one) { return seen.insert(std::invoke(of, one)).second; });
}

Done check_values(const LabelTagSet& set, const LabelPolicy& policy) {
  std::set<std::pair<CategoryType, std::string>> names;
  std::set<std::tuple<CategoryType, bool, std::uint64_t>> numbers;
  for (const LabelTag& tag : set.tags) {
    for (const LabelValue& value : tag.values) {
      if (!names.emplace(tag.kind.type, value.name).second ||
          !numbers.emplace(tag.kind.type, tag.kind.enumerated, value.number).second)
        return invalid("in the category " + told(set.name) + " the value " + told(value.name) +
                       " is there twice, by name or by number");
      for (const std::string& excluded : value.classes_excluded)
        if (policy.find_class(excluded) == nullptr)
          return invalid("there is no classification " + told(excluded));
      if (value.class_required && policy.find_class(*value.class_required) == nullptr)
        return invalid("there is no classification " + told(*value.class_required));
      HANGU_CHECK(check_demands(value.demands, policy));
      HANGU_CHECK(check_selectors(value.excludes, policy));
      for (const EquivalentValue& one : value.equivalents)
        HANGU_CHECK(check_named(one.policy, policy));
    }
  }
  return {};
}

}  // namespace

const LabelClass* LabelPolicy::find_class(std::string_view class_name) const {
  const auto at = std::ranges::find(classes, class_name, &LabelClass::name);
  return at == classes.end() ? nullptr : &*at;
}

const LabelTagSet* LabelPolicy::find_tag_set(std::string_view set_name) const {
  const auto at = std::ranges::find(tag_sets, set_name, &LabelTagSet::name);
  return at == tag_sets.end() ? nullptr : &*at;
}

Done check_consistent(const LabelPolicy& policy) {
  if (!all_differ(policy.classes, &LabelClass::name) ||
      !all_differ(policy.classes, &LabelClass::number))
    return invalid("a classification is there twice, by name or by number");
  if (!all_differ(policy.tag_sets, &LabelTagSet::name) ||
      !all_differ(policy.tag_sets, &LabelTagSet::oid))
    return invalid("a category is there twice, by name or by object identifier");
  if (!all_differ(policy.equivalents, &EquivalentPolicy::name) ||
      !all_differ(policy.equivalents, &EquivalentPolicy::oid))
    return invalid("an equivalent policy is there twice, by name or by object identifier");
  for (const LabelClass& one : policy.classes) {
    HANGU_CHECK(check_demands(one.demands, policy));
    for (const EquivalentClass& other : one.equivalents)
      HANGU_CHECK(check_named(other.policy, policy));
  }
  for (const LabelTagSet& set : policy.tag_sets) HANGU_CHECK(check_values(set, policy));
  return {};
}

Done check_legal(const ConfidentialityLabel& label, const LabelPolicy& policy) {
  if (label.policy != policy.name || (!label.oid.empty() && label.oid != policy.oid))
    return fail(ErrorCode::forbidden, "label-other-policy",
                "the label is of " + told(label.policy) + " " + printable(label.oid) + ", not of " +
                    told(policy.name) + " " + printable(policy.oid));
  const LabelClass* classification = policy.find_class(label.classification);
  if (classification == nullptr)
    return illegal("the policy " + told(policy.name) + " has no classification " +
                   told(label.classification));
  HANGU_TRY(const std::vector<Placed> all, place_all(label, policy));
  for (const CategoryDemand& demand : classification->demands)
    if (!is_met(demand, all))
      return illegal(told(label.classification) + " needs other categories with it");
  for (const Placed& one : all) HANGU_CHECK(check_value(one, label.classification, all));
  for (const LabelTagSet& set : policy.tag_sets) HANGU_CHECK(check_numbers(set, all));
  return {};
}

}  // namespace hangu::policy
