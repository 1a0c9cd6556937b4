#include "policy/labels/confidentiality_label.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "policy/labels/xml_fields.hpp"
#include "policy/labels/xml_writer.hpp"

namespace hangu::policy {
namespace {

constexpr std::string_view kMimeNamespace = "http://www.w3.org/2005/05/xmlmime";
constexpr std::string_view kSchemaInstance = "http://www.w3.org/2001/XMLSchema-instance";
constexpr std::string_view kOriginatorLabel = "originatorConfidentialityLabel";
constexpr std::string_view kPlainLabel = "ConfidentialityLabel";
constexpr std::string_view kBinding = "BindingInformation";
constexpr std::size_t kMediaTypeBytesMax = 100;

constexpr std::array<std::string_view, 3> kTypes{"RESTRICTIVE", "PERMISSIVE", "INFORMATIVE"};
/// ADatP-4774 Appendix 1, table 9.
constexpr std::array<std::string_view, 8> kOriginatorKinds{
    "rfc822Name", "dNSName",     "directoryName",     "uniformResourceIdentifier",
    "iPAddress",  "x400Address", "userPrincipalName", "jID"};

// --- Writing -------------------------------------------------------------------------------------

void write(XmlWriter& out, const LabelCategory& category) {
  XmlWriter::Attributes attributes{{"TagName", category.tag_set},
                                   {"Type", std::string(to_text(category.type))}};
  if (!category.oid.empty()) attributes.emplace_back("URI", urn_of(category.oid));
  out.open("Category", attributes);
  for (const std::string& value : category.values) out.text("GenericValue", {}, value);
  out.close();
}

void write(XmlWriter& out, const ConfidentialityLabel& label) {
  XmlWriter::Attributes attributes{{"xmlns", std::string(kLabelNamespace)}};
  if (label.review) attributes.emplace_back("ReviewDateTime", label.review->to_text());
  out.open(kOriginatorLabel, attributes);
  out.open("ConfidentialityInformation");
  XmlWriter::Attributes of_policy;
  if (!label.oid.empty()) of_policy.emplace_back("URI", urn_of(label.oid));
  out.text("PolicyIdentifier", of_policy, label.policy);
  out.text("Classification", {}, label.classification);
  for (const LabelCategory& category : label.categories) write(out, category);
  out.close();
  if (label.originator)
    out.text("OriginatorID", {{"IDType", label.originator->kind}}, label.originator->name);
  out.text("CreationDateTime", {}, label.created.to_text());
  out.close();
}

// --- Reading -------------------------------------------------------------------------------------

/// What says where a schema is; never fetched.
void let_schema_be(XmlFields& f) {
  static_cast<void>(f.optional_attribute("schemaLocation", kSchemaInstance));
}

Result<WallTime> read_time(const XmlElement& at, std::string_view text) {
  auto time = WallTime::parse(text);
  if (!time)
    return fail(ErrorCode::malformed, "xml-value",
                "line " + std::to_string(at.line) + ": " + tag_text(at) +
                    ": a time with its offset is expected, like 2026-03-01T08:00:00Z");
  return time;
}

/// A URI attribute that names an object identifier; empty when it is not there.
std::string read_oid(XmlFields& f, const XmlElement& element) {
  const auto uri = f.optional_attribute("URI");
  if (!uri) return {};
  auto oid = oid_in(*uri);
  if (!oid) f.reject(element, "its URI is expected to be an object identifier, like urn:oid:1.2.3");
  return std::move(oid).value_or("");
}

Result<LabelCategory> read_category(const XmlElement& element) {
  XmlFields f(element, kLabelNamespace);
  LabelCategory out;
  const std::string type = f.attribute("Type");
  const auto* const at = std::ranges::find(kTypes, type);
  if (at == kTypes.end())
    f.reject(element, "Type is expected to be RESTRICTIVE, PERMISSIVE or INFORMATIVE");
  else
    out.type = static_cast<CategoryType>(at - kTypes.begin());
  out.tag_set = f.attribute("TagName");
  out.oid = read_oid(f, element);
  for (const XmlElement* value : f.some("GenericValue", kLabelCategoryValuesMax)) {
    XmlFields inner(*value, kLabelNamespace);
    std::string text = inner.text();
    f.check(inner.finish(XmlOrder::as_asked));
    if (std::ranges::find(out.values, text) != out.values.end()) f.reject(*value, "twice");
    out.values.push_back(std::move(text));
  }
  HANGU_CHECK(f.finish(XmlOrder::as_asked));
  return out;
}

Done read_information(const XmlElement& element, ConfidentialityLabel& out) {
  XmlFields f(element, kLabelNamespace);
  const XmlElement& policy = f.one("PolicyIdentifier");
  out.classification = f.text_of_one("Classification");
  for (const XmlElement* one : f.all("Category", kLabelCategoriesMax)) {
    auto category = f.accept(read_category(*one));
    if (!category) continue;
    const auto same = [&](const LabelCategory& other) {
      return other.tag_set == category->tag_set && other.type == category->type;
    };
    if (std::ranges::any_of(out.categories, same)) f.reject(*one, "its TagName and Type twice");
    out.categories.push_back(*std::move(category));
  }
  HANGU_CHECK(f.finish(XmlOrder::as_asked));
  XmlFields of_policy(policy, kLabelNamespace);
  out.policy = of_policy.text();
  out.oid = read_oid(of_policy, policy);
  return of_policy.finish(XmlOrder::as_asked);
}

Result<Originator> read_originator(const XmlElement& element) {
  XmlFields f(element, kLabelNamespace);
  Originator out{.kind = f.attribute("IDType"), .name = f.text()};
  if (std::ranges::find(kOriginatorKinds, out.kind) == kOriginatorKinds.end())
    f.reject(element, "an unknown IDType");
  HANGU_CHECK(f.finish(XmlOrder::as_asked));
  return out;
}

Result<ConfidentialityLabel> read_label(const XmlElement& element) {
  const bool named = element.name == kOriginatorLabel || element.name == kPlainLabel;
  if (!named || element.space != kLabelNamespace)
    return fail(ErrorCode::malformed, "xml-element",
                "line " + std::to_string(element.line) + ": " + tag_text(element) +
                    ": expected is originatorConfidentialityLabel of " +
                    std::string(kLabelNamespace));
  XmlFields f(element, kLabelNamespace);
  let_schema_be(f);
  ConfidentialityLabel out;
  static_cast<void>(f.optional_attribute("Id"));
  if (const auto review = f.optional_attribute("ReviewDateTime"))
    out.review = f.accept(read_time(element, *review));
  const XmlElement& information = f.one("ConfidentialityInformation");
  if (const XmlElement* originator = f.optional_one("OriginatorID"))
    out.originator = f.accept(read_originator(*originator));
  const XmlElement& created = f.one("CreationDateTime");
  HANGU_CHECK(f.finish(XmlOrder::as_asked));
  HANGU_CHECK(read_information(information, out));
  XmlFields of_time(created, kLabelNamespace);
  const std::string time = of_time.text();
  HANGU_CHECK(of_time.finish(XmlOrder::as_asked));
  HANGU_TRY(out.created, read_time(created, time));
  return out;
}

Result<DataReference> read_reference(const XmlElement& element) {
  XmlFields f(element, kBindingNamespace);
  const auto digest = digest_in(f.attribute("URI"));
  DataReference out{.digest = digest.value_or(crypto::Hash{}),
                    .media_type = f.optional_attribute("contentType", kMimeNamespace).value_or("")};
  if (!digest)
    f.reject(element, "its URI is expected to name the data by digest, like ni:///sha-256;…");
  if (out.media_type.size() > kMediaTypeBytesMax) f.reject(element, "its contentType is too long");
  if (!is_blank(element.text)) f.reject(element, "text is not expected");
  HANGU_CHECK(f.finish(XmlOrder::as_asked));
  return out;
}

/// The one child of an element that holds nothing else.
Result<const XmlElement*> only_child(const XmlElement& element, std::string_view name) {
  XmlFields f(element, kBindingNamespace);
  static_cast<void>(f.optional_attribute("Id"));
  const XmlElement& child = f.one(name);
  HANGU_CHECK(f.finish(XmlOrder::as_asked));
  return &child;
}

Result<LabelDocument> read_binding(const XmlElement& root) {
  XmlFields of_root(root, kBindingNamespace);
  let_schema_be(of_root);
  const XmlElement& container = of_root.one("MetadataBindingContainer");
  HANGU_CHECK(of_root.finish(XmlOrder::as_asked));
  HANGU_TRY(const XmlElement* const binding, only_child(container, "MetadataBinding"));
  XmlFields f(*binding, kBindingNamespace);
  static_cast<void>(f.optional_attribute("Id"));
  LabelDocument out;
  const XmlElement& metadata = f.one("Metadata");
  for (const XmlElement* one : f.some("DataReference", kDataReferencesMax))
    if (auto reference = f.accept(read_reference(*one))) out.data.push_back(*std::move(reference));
  HANGU_CHECK(f.finish(XmlOrder::as_asked));
  if (metadata.children.size() != 1 || !metadata.attributes.empty())
    return fail(ErrorCode::malformed, "xml-element",
                "line " + std::to_string(metadata.line) +
                    ": <Metadata> is expected to hold one label and nothing else");
  HANGU_TRY(out.label, read_label(metadata.children.front()));
  return out;
}

}  // namespace

std::string_view to_text(CategoryType type) { return kTypes[static_cast<std::size_t>(type)]; }

Result<std::string> write_label_document(const LabelDocument& document) {
  XmlWriter out;
  if (document.data.empty()) {
    write(out, document.label);
    return std::move(out).finish();
  }
  out.open(kBinding, {{"xmlns", std::string(kBindingNamespace)},
                      {"xmlns:xmime", std::string(kMimeNamespace)}});
  out.open("MetadataBindingContainer");
  out.open("MetadataBinding");
  out.open("Metadata");
  write(out, document.label);
  out.close();
  for (const DataReference& one : document.data) {
    XmlWriter::Attributes attributes{{"URI", address_of(one.digest)}};
    if (!one.media_type.empty()) attributes.emplace_back("xmime:contentType", one.media_type);
    out.empty("DataReference", attributes);
  }
  for (int level = 0; level < 3; ++level) out.close();
  return std::move(out).finish();
}

Result<LabelDocument> read_label_document(std::string_view text) {
  HANGU_TRY(const XmlElement root, read_xml(text, kLabelXmlBytesMax));
  if (root.space == kBindingNamespace && root.name == kBinding) return read_binding(root);
  LabelDocument out;
  HANGU_TRY(out.label, read_label(root));
  return out;
}

}  // namespace hangu::policy
