#include <array>

#include "flow/label.hpp"
#include "policy/labels/spif.hpp"
#include "policy/labels/xml_writer.hpp"

namespace hangu::policy {
namespace {

using Attributes = XmlWriter::Attributes;

/// What ADatP-4774.1 table 1 has for both identifiers of how labels are held against clearances.
constexpr std::string_view kPrivilege = "1.3.26.0.4774.5.24.1";

void write_kind(Attributes& attributes, TagKind kind) {
  constexpr std::array<std::string_view, 3> kNames{"restrictive", "permissive", "tagType7"};
  const std::string name(kNames.at(static_cast<std::size_t>(kind.type)));
  if (!kind.enumerated) {
    attributes.emplace_back("tagType", name);
    return;
  }
  attributes.emplace_back("tagType", "enumerated");
  attributes.emplace_back("enumType", name);
}

Attributes attributes_of(const CategorySelector& selector) {
  Attributes out{{"tagSetRef", selector.tag_set}};
  write_kind(out, selector.kind);
  if (selector.number)
    out.emplace_back("lacv", std::to_string(*selector.number));
  else
    out.emplace_back("all", "true");
  return out;
}

void write(XmlWriter& out, const CategoryDemand& demand) {
  constexpr std::array<std::string_view, 3> kNames{"onlyOne", "oneOrMore", "all"};
  out.open("requiredCategory",
           {{"operation", std::string(kNames.at(static_cast<std::size_t>(demand.operation)))}});
  for (const CategorySelector& group : demand.groups)
    out.empty("categoryGroup", attributes_of(group));
  out.close();
}

/// An element that is empty when it has no children.
template <class Children>
void write_element(XmlWriter& out, std::string_view name, const Attributes& attributes, bool empty,
                   Children children) {
  if (empty) return out.empty(name, attributes);
  out.open(name, attributes);
  children();
  out.close();
}

/// How our own grades read in English: both words, since "confidential" is none of NATO's.
std::string english_of(const std::string& name) {
  if (const auto secrecy = flow::parse_secrecy(name))
    return std::string(flow::to_text(*secrecy)) + " " + name;
  if (const auto grade = flow::parse_data_grade(name))
    return std::string(flow::to_text(*grade)) + " " + name;
  return {};
}

void write_marking(XmlWriter& out, const std::string& english) {
  if (english.empty()) return;
  out.open("markingData", {{"xml:lang", "en"}, {"phrase", english}});
  out.text("code", {}, "pageTopBottom");
  out.close();
}

void write(XmlWriter& out, const LabelClass& one) {
  const std::string english = english_of(one.name);
  write_element(out, "securityClassification",
                {{"name", one.name},
                 {"lacv", std::to_string(one.number)},
                 {"hierarchy", std::to_string(one.hierarchy)}},
                one.equivalents.empty() && one.demands.empty() && english.empty(), [&] {
                  for (const EquivalentClass& other : one.equivalents)
                    write_element(out, "equivalentClassification",
                                  {{"policyRef", other.policy},
                                   {"lacv", std::to_string(other.number)},
                                   {"applied", "encrypt"}},
                                  other.adds.empty(), [&] {
                                    for (const CategoryDemand& demand : other.adds)
                                      write(out, demand);
                                  });
                  write_marking(out, english);
                  for (const CategoryDemand& demand : one.demands) write(out, demand);
                });
}

void write(XmlWriter& out, const EquivalentValue& one) {
  Attributes attributes{{"policyRef", one.policy}, {"tagSetId", one.tag_set_oid}};
  write_kind(attributes, one.kind);
  attributes.emplace_back("lacv", one.number ? std::to_string(*one.number) : "");
  attributes.emplace_back("applied", "encrypt");
  if (one.discard) attributes.emplace_back("action", "discard");
  out.empty("equivalentSecCategoryTag", attributes);
}

void write(XmlWriter& out, const LabelValue& value) {
  const std::string english = english_of(value.name);
  Attributes attributes{{"name", value.name}, {"lacv", std::to_string(value.number)}};
  if (value.class_required) attributes.emplace_back("requiredClass", *value.class_required);
  const bool empty = value.equivalents.empty() && english.empty() &&
                     value.classes_excluded.empty() && value.demands.empty() &&
                     value.excludes.empty();
  write_element(out, "tagCategory", attributes, empty, [&] {
    for (const EquivalentValue& one : value.equivalents) write(out, one);
    write_marking(out, english);
    for (const std::string& excluded : value.classes_excluded)
      out.text("excludedClass", {}, excluded);
    for (const CategoryDemand& demand : value.demands) write(out, demand);
    for (const CategorySelector& excluded : value.excludes)
      out.empty("excludedCategory", attributes_of(excluded));
  });
}

void write(XmlWriter& out, const LabelTag& tag) {
  Attributes attributes{{"name", tag.name}};
  write_kind(attributes, tag.kind);
  if (tag.kind.type == CategoryType::informative)
    attributes.emplace_back("tag7Encoding", "securityAttributes");
  if (tag.most == 1) attributes.emplace_back("singleSelection", "true");
  if (tag.most && *tag.most != 1)
    attributes.emplace_back("maxSelection", std::to_string(*tag.most));
  if (tag.least != 0) attributes.emplace_back("minSelection", std::to_string(tag.least));
  write_element(out, "securityCategoryTag", attributes, tag.values.empty(), [&] {
    for (const LabelValue& value : tag.values) write(out, value);
  });
}

void write(XmlWriter& out, const EquivalentPolicy& policy) {
  write_element(out, "equivalentPolicy", {{"name", policy.name}, {"id", policy.oid}},
                policy.adds.empty(), [&] {
                  for (const CategoryDemand& demand : policy.adds) write(out, demand);
                });
}

/// GeneralizedTime: "20260301080000Z".
std::string general_time(WallTime time) {
  std::string out;
  for (const char c : time.to_text().substr(0, 19))
    if (c >= '0' && c <= '9') out += c;
  return out + "Z";
}

}  // namespace

Result<std::string> write_spif(const LabelPolicy& policy, WallTime created) {
  XmlWriter out;
  out.open("SPIF", {{"xmlns", std::string(kSpifNamespace)},
                    {"schemaVersion", "2.1"},
                    {"version", std::to_string(policy.version)},
                    {"creationDate", general_time(created)},
                    {"originatorDN", "CN=Hangu label policy"},
                    {"keyIdentifier", "00"},
                    {"privilegeId", std::string(kPrivilege)},
                    {"rbacId", std::string(kPrivilege)}});
  out.empty("securityPolicyId", {{"name", policy.name}, {"id", policy.oid}});
  out.open("securityClassifications");
  for (const LabelClass& one : policy.classes) write(out, one);
  out.close();
  if (!policy.tag_sets.empty()) {
    out.open("securityCategoryTagSets");
    for (const LabelTagSet& set : policy.tag_sets) {
      out.open("securityCategoryTagSet", {{"name", set.name}, {"id", set.oid}});
      for (const LabelTag& tag : set.tags) write(out, tag);
      out.close();
    }
    out.close();
  }
  if (!policy.equivalents.empty()) {
    out.open("equivalentPolicies");
    for (const EquivalentPolicy& one : policy.equivalents) write(out, one);
    out.close();
  }
  out.close();
  return std::move(out).finish();
}

}  // namespace hangu::policy
