#pragma once
// XML tree: a small document from outside, read by libxml2 and nothing of it believed. No document
// type, so no entities and nothing from elsewhere; no processing instructions, no CDATA, no text
// beside elements, no comment within a value; UTF-8 and XML 1.0 only.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "policy/labels/limits.hpp"

namespace hangu::policy {

struct XmlAttribute {
  std::string space;  ///< its namespace; empty for one without a prefix
  std::string name;
  std::string value;
};

struct XmlElement {
  std::string space;
  std::string name;
  int line = 0;  ///< where its start tag ends
  std::vector<XmlAttribute> attributes;
  std::vector<XmlElement> children;
  std::string text;  ///< of an element without children; white space as it stands
};

/// The document's root.
///
/// Limits: `bytes_max`, and those of labels/limits.hpp.
/// Errors, with "line N: ": Malformed "xml-syntax" (not well-formed, not UTF-8), "xml-forbidden"
/// (what the first lines of this file name); Exhausted "xml-too-large".
/// Thread: any.
[[nodiscard]] Result<XmlElement> read_xml(std::string_view text, std::size_t bytes_max);

/// True for text of white space alone, as XML counts it.
[[nodiscard]] bool is_blank(std::string_view text);

}  // namespace hangu::policy
