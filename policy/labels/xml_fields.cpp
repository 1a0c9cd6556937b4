#include "policy/labels/xml_fields.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace hangu::policy {
namespace {

constexpr std::size_t kNameBytesTold = 60;

}  // namespace

std::string tag_text(const XmlElement& element) {
  return "<" + printable(element.name, kNameBytesTold) + ">";
}

XmlFields::XmlFields(const XmlElement& element, std::string_view space)
    : element_(element),
      space_(space),
      attributes_taken_(element.attributes.size()),
      ranks_(element.children.size()) {}

std::string XmlFields::attribute(std::string_view name) {
  auto value = optional_attribute(name);
  if (!value)
    note("xml-element", element_.line,
         tag_text(element_) + " has no attribute " + std::string(name));
  return std::move(value).value_or("");
}

std::optional<std::string> XmlFields::optional_attribute(std::string_view name,
                                                         std::string_view space) {
  for (std::size_t i = 0; i < element_.attributes.size(); ++i) {
    const XmlAttribute& one = element_.attributes[i];
    if (one.name != name || one.space != space) continue;
    attributes_taken_[i] = true;
    return one.value;
  }
  return std::nullopt;
}

std::vector<const XmlElement*> XmlFields::all(std::string_view name, std::size_t most) {
  ++questions_;
  asked_ += (asked_.empty() ? "" : ", ") + std::string(name);
  std::vector<const XmlElement*> out;
  for (std::size_t i = 0; i < element_.children.size(); ++i) {
    const XmlElement& child = element_.children[i];
    if (child.name != name || child.space != space_) continue;
    if (out.size() == most) {
      note("xml-element", child.line,
           tag_text(child) + ": more than " + std::to_string(most) + " of them");
      break;
    }
    ranks_[i] = questions_;
    out.push_back(&child);
  }
  return out;
}

const XmlElement* XmlFields::optional_one(std::string_view name) {
  const auto found = all(name, 1);
  return found.empty() ? nullptr : found.front();
}

std::vector<const XmlElement*> XmlFields::some(std::string_view name, std::size_t most) {
  auto found = all(name, most);
  if (found.empty()) miss(name);
  return found;
}

const XmlElement& XmlFields::one(std::string_view name) {
  static const XmlElement kNothing;
  if (const XmlElement* child = optional_one(name)) return *child;
  miss(name);
  return kNothing;
}

std::string XmlFields::text_of_one(std::string_view name) {
  const XmlElement& child = one(name);
  if (error_ || missing_) return {};
  XmlFields inner(child, space_);
  std::string text = inner.text();
  check(inner.finish(XmlOrder::as_asked));
  return text;
}

std::string XmlFields::text() {
  if (element_.children.empty() && is_blank(element_.text)) reject(element_, "text is expected");
  return element_.text;
}

void XmlFields::reject(const XmlElement& at, const std::string& why) {
  note("xml-value", at.line, tag_text(at) + ": " + why);
}

std::string XmlFields::stray_text(const XmlElement& child) const {
  std::string out = tag_text(child);
  if (child.space != space_)
    out += " of " + (child.space.empty() ? "no namespace" : printable(child.space, kNameBytesTold));
  return out + " in " + tag_text(element_) + ": expected is " +
         (asked_.empty() ? "nothing" : asked_);
}

Done XmlFields::finish(XmlOrder order) const {
  if (error_) return std::unexpected(*error_);
  const auto told = [](int line, const std::string& why) {
    return fail(ErrorCode::malformed, "xml-element", "line " + std::to_string(line) + ": " + why);
  };
  for (std::size_t i = 0; i < element_.attributes.size(); ++i)
    if (!attributes_taken_[i])
      return told(element_.line, tag_text(element_) + " has an unknown attribute " +
                                     printable(element_.attributes[i].name, kNameBytesTold));
  std::size_t before = 0;
  for (std::size_t i = 0; i < element_.children.size(); ++i) {
    const XmlElement& child = element_.children[i];
    if (ranks_[i] == 0) return told(child.line, stray_text(child));
    if (order == XmlOrder::as_asked && ranks_[i] < before)
      return told(child.line, tag_text(child) + " in " + tag_text(element_) +
                                  " stands too late: the order is " + asked_);
    before = ranks_[i];
  }
  if (missing_) return std::unexpected(*missing_);
  return {};
}

void XmlFields::miss(std::string_view name) {
  if (missing_) return;
  missing_.emplace(ErrorCode::malformed, "xml-element",
                   "line " + std::to_string(element_.line) + ": " + tag_text(element_) + ": <" +
                       std::string(name) + "> is expected");
}

void XmlFields::note(std::string_view reason, int line, const std::string& why) {
  if (error_) return;
  // Reasons are literals: kept as a view.
  error_.emplace(ErrorCode::malformed, reason, "line " + std::to_string(line) + ": " + why);
}

}  // namespace hangu::policy
