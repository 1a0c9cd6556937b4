#include "policy/labels/xml_writer.hpp"

#include "base/text.hpp"

namespace hangu::policy {
namespace {

constexpr std::size_t kIndent = 2;
/// What UTF-8 writes U+FFFE and U+FFFF as: no characters in XML.
constexpr std::string_view kNoCharacterFffe = "\xEF\xBF\xBE";
constexpr std::string_view kNoCharacterFfff = "\xEF\xBF\xBF";

}  // namespace

XmlWriter::XmlWriter() : out_("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") {}

void XmlWriter::start(std::string_view name, const Attributes& attributes) {
  out_.append(kIndent * open_.size(), ' ');
  out_ += "<" + std::string(name);
  for (const auto& [key, value] : attributes)
    out_ += " " + std::string(key) + "=\"" + escaped(value) + "\"";
}

void XmlWriter::open(std::string_view name, const Attributes& attributes) {
  start(name, attributes);
  out_ += ">\n";
  open_.emplace_back(name);
}

void XmlWriter::close() {
  const std::string name = std::move(open_.back());
  open_.pop_back();
  out_.append(kIndent * open_.size(), ' ');
  out_ += "</" + name + ">\n";
}

void XmlWriter::empty(std::string_view name, const Attributes& attributes) {
  start(name, attributes);
  out_ += "/>\n";
}

void XmlWriter::text(std::string_view name, const Attributes& attributes, std::string_view value) {
  start(name, attributes);
  out_ += ">" + escaped(value) + "</" + std::string(name) + ">\n";
}

std::string XmlWriter::escaped(std::string_view value) {
  unwritable_ = unwritable_ || !is_utf8(value) ||
                value.find(kNoCharacterFffe) != std::string_view::npos ||
                value.find(kNoCharacterFfff) != std::string_view::npos;
  std::string out;
  for (const char c : value) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\t': out += "&#9;"; break;
      case '\n': out += "&#10;"; break;
      case '\r': out += "&#13;"; break;
      default: unwritable_ = unwritable_ || static_cast<unsigned char>(c) < ' '; out += c;
    }
  }
  return out;
}

Result<std::string> XmlWriter::finish() && {
  HANGU_ASSERT(open_.empty());
  if (unwritable_)
    return fail(ErrorCode::malformed, "xml-value", "a character that XML cannot hold");
  return std::move(out_);
}

}  // namespace hangu::policy
