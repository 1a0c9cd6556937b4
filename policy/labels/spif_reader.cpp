#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.hpp"
#include "policy/labels/spif.hpp"
#include "policy/labels/xml_fields.hpp"

namespace hangu::policy {
namespace {

constexpr std::size_t kMany = kXmlElementsMax;  ///< as many as a file can hold
constexpr std::string_view kSchemaInstance = "http://www.w3.org/2001/XMLSchema-instance";
/// Of other versions the schema is another.
constexpr std::array<std::string_view, 3> kSchemaVersions{"1.0", "2.0", "2.1"};

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

/// The parts of a SPIF that say how a label is shown: nothing in them decides.
void pass_over(XmlFields& f, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) static_cast<void>(f.all(name, kMany));
}

void pass_over_attributes(XmlFields& f, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) static_cast<void>(f.optional_attribute(name));
}

std::uint64_t read_number(XmlFields& f, const XmlElement& element, std::string_view name) {
  const auto number = number_in(f.attribute(name));
  if (!number) f.reject(element, std::string(name) + " is expected to be a number");
  return number.value_or(0);
}

std::string read_oid(XmlFields& f, const XmlElement& element, std::string_view name) {
  std::string oid = f.attribute(name);
  if (!is_oid(oid))
    f.reject(element, std::string(name) + " is expected to be an object identifier");
  return oid;
}

bool read_flag(XmlFields& f, const XmlElement& element, std::string_view name) {
  const std::string text = f.optional_attribute(name).value_or("false");
  if (text != "true" && text != "false" && text != "1" && text != "0")
    f.reject(element, std::string(name) + " is expected to be true or false");
  return text == "true" || text == "1";
}

TagKind read_kind(XmlFields& f, const XmlElement& element) {
  const std::string type = f.attribute("tagType");
  const auto enumeration = f.optional_attribute("enumType");
  if (type == "tagType7" && !enumeration) return {CategoryType::informative, false};
  const bool enumerated = type == "enumerated";
  // Some files say enumType beside a type that needs none.
  const std::string of = enumerated ? enumeration.value_or("") : type;
  if (of == "restrictive") return {CategoryType::restrictive, enumerated};
  if (of == "permissive") return {CategoryType::permissive, enumerated};
  f.reject(
      element,
      "tagType is expected to be restrictive, permissive, tagType7, or enumerated with enumType "
      "restrictive or permissive");
  return {};
}

Result<CategorySelector> read_selector(const XmlElement& element) {
  XmlFields f(element, kSpifNamespace);
  CategorySelector out{
      .tag_set = f.attribute("tagSetRef"), .kind = read_kind(f, element), .number = {}};
  static_cast<void>(read_flag(f, element, "all"));  // without a number all are meant anyhow
  if (const auto number = f.optional_attribute("lacv")) {
    out.number = number_in(*number);
    if (!out.number) f.reject(element, "lacv is expected to be a number");
  }
  HANGU_CHECK(f.finish(XmlOrder::any));
  return out;
}

Result<CategoryDemand> read_demand(const XmlElement& element) {
  XmlFields f(element, kSpifNamespace);
  CategoryDemand out;
  const std::string operation = f.attribute("operation");
  if (operation == "onlyOne")
    out.operation = Operation::only_one;
  else if (operation == "oneOrMore")
    out.operation = Operation::one_or_more;
  else if (operation != "all")
    f.reject(element, "operation is expected to be onlyOne, oneOrMore or all");
  for (const XmlElement* group : f.some("categoryGroup", kMany))
    if (auto selector = f.accept(read_selector(*group))) out.groups.push_back(*std::move(selector));
  HANGU_CHECK(f.finish(XmlOrder::any));
  return out;
}

std::vector<CategoryDemand> read_demands(XmlFields& f) {
  std::vector<CategoryDemand> out;
  for (const XmlElement* one : f.all("requiredCategory", kMany))
    if (auto demand = f.accept(read_demand(*one))) out.push_back(*std::move(demand));
  return out;
}

/// Whether an equivalent counts for labels that leave this policy for the other; without a word it
/// counts for neither way.
bool applies_outward(XmlFields& f, const XmlElement& element) {
  const std::string applied = f.attribute("applied");
  if (applied != "encrypt" && applied != "decrypt" && applied != "both")
    f.reject(element, "applied is expected to be encrypt, decrypt or both");
  return applied != "decrypt";
}

Result<std::optional<EquivalentClass>> read_equivalent_class(const XmlElement& element) {
  XmlFields f(element, kSpifNamespace);
  EquivalentClass out{
      .policy = f.attribute("policyRef"), .number = read_number(f, element, "lacv"), .adds = {}};
  const bool outward = applies_outward(f, element);
  out.adds = read_demands(f);
  HANGU_CHECK(f.finish(XmlOrder::any));
  return outward ? std::optional(std::move(out)) : std::nullopt;
}

Result<std::optional<EquivalentValue>> read_equivalent_value(const XmlElement& element) {
  XmlFields f(element, kSpifNamespace);
  EquivalentValue out{.policy = f.attribute("policyRef"),
                      .tag_set_oid = read_oid(f, element, "tagSetId"),
                      .kind = read_kind(f, element),
                      .number = number_in(f.attribute("lacv")),
                      .discard = false};
  const bool outward = applies_outward(f, element);
  if (const auto action = f.optional_attribute("action")) {
    if (*action != "discard") f.reject(element, "action is expected to be discard");
    out.discard = true;
  }
  if (!out.number && !out.discard) f.reject(element, "lacv is expected to be a number");
  HANGU_CHECK(f.finish(XmlOrder::any));
  return outward ? std::optional(std::move(out)) : std::nullopt;
}

Result<LabelClass> read_class(const XmlElement& element) {
  XmlFields f(element, kSpifNamespace);
  LabelClass out{.name = f.attribute("name"),
                 .number = read_number(f, element, "lacv"),
                 .hierarchy = read_number(f, element, "hierarchy"),
                 .demands = {},
                 .equivalents = {}};
  // Obsolete is for new labels; one that is there stays legal.
  static_cast<void>(read_flag(f, element, "obsolete"));
  pass_over_attributes(f, {"color"});
  for (const XmlElement* one : f.all("equivalentClassification", kMany))
    if (auto equivalent = f.accept(read_equivalent_class(*one)); equivalent && *equivalent)
      out.equivalents.push_back(**std::move(equivalent));
  out.demands = read_demands(f);
  pass_over(f, {"markingData", "markingQualifier"});
  HANGU_CHECK(f.finish(XmlOrder::any));
  return out;
}

Result<LabelValue> read_value(const XmlElement& element) {
  XmlFields f(element, kSpifNamespace);
  LabelValue out;
  out.name = f.attribute("name");
  out.number = read_number(f, element, "lacv");
  out.class_required = f.optional_attribute("requiredClass");
  static_cast<void>(read_flag(f, element, "obsolete"));
  for (const XmlElement* one : f.all("equivalentSecCategoryTag", kMany))
    if (auto equivalent = f.accept(read_equivalent_value(*one)); equivalent && *equivalent)
      out.equivalents.push_back(**std::move(equivalent));
  for (const XmlElement* one : f.all("excludedClass", kMany)) {
    XmlFields inner(*one, kSpifNamespace);
    out.classes_excluded.insert(inner.text());
    f.check(inner.finish(XmlOrder::any));
  }
  out.demands = read_demands(f);
  for (const XmlElement* one : f.all("excludedCategory", kMany))
    if (auto selector = f.accept(read_selector(*one))) out.excludes.push_back(*std::move(selector));
  pass_over(f, {"markingData", "markingQualifier"});
  HANGU_CHECK(f.finish(XmlOrder::any));
  return out;
}

Result<LabelTag> read_tag(const XmlElement& element) {
  XmlFields f(element, kSpifNamespace);
  LabelTag out;
  out.name = f.attribute("name");
  out.kind = read_kind(f, element);
  pass_over_attributes(f, {"tag7Encoding"});
  const bool single = read_flag(f, element, "singleSelection");
  if (const auto most = f.optional_attribute("maxSelection")) {
    out.most = number_in(*most);
    if (!out.most) f.reject(element, "maxSelection is expected to be a number");
  }
  if (single) out.most = std::min<std::uint64_t>(out.most.value_or(1), 1);
  if (const auto least = f.optional_attribute("minSelection")) {
    out.least = number_in(*least).value_or(0);
    if (!number_in(*least)) f.reject(element, "minSelection is expected to be a number");
  }
  for (const XmlElement* one : f.all("tagCategory", kMany))
    if (auto value = f.accept(read_value(*one))) out.values.push_back(*std::move(value));
  pass_over(f, {"markingQualifier"});
  HANGU_CHECK(f.finish(XmlOrder::any));
  return out;
}

Result<LabelTagSet> read_tag_set(const XmlElement& element) {
  XmlFields f(element, kSpifNamespace);
  LabelTagSet out{.name = f.attribute("name"), .oid = read_oid(f, element, "id"), .tags = {}};
  for (const XmlElement* one : f.all("securityCategoryTag", kMany))
    if (auto tag = f.accept(read_tag(*one))) out.tags.push_back(*std::move(tag));
  // Without the equivalent of a whole set, a value of it has none, and a label with it is refused.
  pass_over(f, {"equivalentSecurityCategoryTagSet", "markingQualifier"});
  HANGU_CHECK(f.finish(XmlOrder::any));
  return out;
}

Result<EquivalentPolicy> read_equivalent_policy(const XmlElement& element) {
  XmlFields f(element, kSpifNamespace);
  EquivalentPolicy out{.name = f.attribute("name"), .oid = read_oid(f, element, "id"), .adds = {}};
  pass_over_attributes(f, {"docRefURI"});
  out.adds = read_demands(f);
  HANGU_CHECK(f.finish(XmlOrder::any));
  return out;
}

/// The items of a list that holds nothing else.
template <class Read, class Item>
Done read_list(const XmlElement& element, std::string_view name, std::vector<Item>& out,
               Read read) {
  XmlFields f(element, kSpifNamespace);
  for (const XmlElement* one : f.all(name, kMany))
    if (auto item = f.accept(read(*one))) out.push_back(*std::move(item));
  pass_over(f, {"markingData", "markingQualifier"});
  return f.finish(XmlOrder::any);
}

}  // namespace

Result<LabelPolicy> read_spif(std::string_view text) {
  HANGU_TRY(const XmlElement root, read_xml(text, kSpifBytesMax));
  if (root.name != "SPIF" || root.space != kSpifNamespace)
    return fail(ErrorCode::malformed, "xml-element",
                "line " + std::to_string(root.line) + ": " + tag_text(root) +
                    ": expected is SPIF of " + std::string(kSpifNamespace));
  XmlFields f(root, kSpifNamespace);
  const std::string schema = f.attribute("schemaVersion");
  if (std::ranges::find(kSchemaVersions, schema) == kSchemaVersions.end())
    f.reject(root, "schemaVersion is expected to be 1.0, 2.0 or 2.1");
  LabelPolicy out;
  if (const auto version = f.optional_attribute("version")) {
    out.version = number_in(*version).value_or(0);
    if (!number_in(*version)) f.reject(root, "version is expected to be a number");
  }
  pass_over_attributes(f, {"creationDate", "originatorDN", "keyIdentifier", "privilegeId", "rbacId",
                           "userRefURI", "docRefURI"});
  static_cast<void>(f.optional_attribute("schemaLocation", kSchemaInstance));
  const XmlElement& name = f.one("securityPolicyId");
  const XmlElement& classes = f.one("securityClassifications");
  const XmlElement* const tag_sets = f.optional_one("securityCategoryTagSets");
  const XmlElement* const equivalents = f.optional_one("equivalentPolicies");
  // Labels with a privacy mark are refused, so that nothing depends on which marks there are.
  pass_over(f, {"defaultSecurityPolicyId", "updateInfo", "privacyMarks", "markingData",
                "markingQualifier"});
  HANGU_CHECK(f.finish(XmlOrder::any));
  XmlFields of_name(name, kSpifNamespace);
  out.name = of_name.attribute("name");
  out.oid = read_oid(of_name, name, "id");
  pass_over(of_name, {"markingData", "markingQualifier"});
  HANGU_CHECK(of_name.finish(XmlOrder::any));
  HANGU_CHECK(read_list(classes, "securityClassification", out.classes, read_class));
  if (tag_sets != nullptr)
    HANGU_CHECK(read_list(*tag_sets, "securityCategoryTagSet", out.tag_sets, read_tag_set));
  if (equivalents != nullptr)
    HANGU_CHECK(
        read_list(*equivalents, "equivalentPolicy", out.equivalents, read_equivalent_policy));
  HANGU_CHECK(check_consistent(out));
  return out;
}

}  // namespace hangu::policy
