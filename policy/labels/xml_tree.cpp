#include "policy/labels/xml_tree.hpp"

#include <algorithm>
#include <cstdarg>
#include <memory>
#include <optional>
#include <span>

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "base/bytes.hpp"
#include "base/text.hpp"

namespace hangu::policy {
namespace {

constexpr std::string_view kWhite = " \t\r\n";
constexpr std::string_view kComment = "<!--";

/// The library's text, whose bytes are unsigned; empty for none.
std::string text_between(const xmlChar* from, const xmlChar* to) { return {from, to}; }

std::string text_at(const xmlChar* text) {
  return text == nullptr ? std::string() : text_between(text, text + xmlStrlen(text));
}

/// The library writes each ampersand of an attribute's value like this while it keeps entities
/// apart.
std::string with_ampersands(std::string_view value) {
  constexpr std::string_view kAmpersand = "&#38;";
  std::string out;
  while (true) {
    const std::size_t at = value.find(kAmpersand);
    out += value.substr(0, at);
    if (at == std::string_view::npos) return out;
    out += '&';
    value.remove_prefix(at + kAmpersand.size());
  }
}

/// Where `part` ends in `text`, looked for from `from` on; the end of the text when it is not
/// there.
std::size_t end_of(std::string_view text, std::string_view part, std::size_t from) {
  const std::size_t at = text.find(part, from);
  return at == std::string_view::npos ? text.size() : at + part.size();
}

/// The library compares the attributes of an element each with each, before anybody can count them.
/// Where this scan could lose its way (a document type, an instruction, CDATA) the library stops.
bool has_crowded_tag(std::string_view text) {
  std::size_t at = 0;
  while ((at = text.find('<', at)) != std::string_view::npos) {
    if (text.substr(at).starts_with(kComment)) {
      at = end_of(text, "-->", at + kComment.size());
      continue;
    }
    std::size_t equals = 0;
    while (at < text.size() && text[at] != '>') {
      if (text[at] == '=' && ++equals > kXmlAttributesMax) return true;
      const bool quoted = text[at] == '"' || text[at] == '\'';
      at = quoted ? end_of(text, text.substr(at, 1), at + 1) : at + 1;
    }
  }
  return false;
}

/// Builds the tree while the library reads, and stops it at the first thing that may not be.
class Builder {
 public:
  explicit Builder(xmlParserCtxt& parser) : parser_(parser) {}

  void start(std::string_view space, std::string_view name) {
    if (!open_.empty() && !is_blank(open_.back().element.text))
      return stop(ErrorCode::malformed, "xml-forbidden", "text beside elements");
    if (open_.size() >= kXmlDepthMax)
      return stop(ErrorCode::exhausted, "xml-too-large",
                  "more than " + std::to_string(kXmlDepthMax) + " elements within each other");
    if (++elements_ > kXmlElementsMax)
      return stop(ErrorCode::exhausted, "xml-too-large",
                  "more than " + std::to_string(kXmlElementsMax) + " elements");
    Frame& frame = open_.emplace_back();
    frame.element.space = space;
    frame.element.name = name;
    frame.element.line = line();
  }

  void attribute(std::string_view space, std::string_view name, std::string_view value) {
    if (error_) return;
    if (value.size() > kXmlTextBytesMax)
      return stop(ErrorCode::exhausted, "xml-too-large", "the value of an attribute is too long");
    open_.back().element.attributes.push_back(
        {std::string(space), std::string(name), with_ampersands(value)});
  }

  void characters(std::string_view text) {
    if (error_ || open_.empty()) return;
    XmlElement& element = open_.back().element;
    if (!element.children.empty()) {
      if (!is_blank(text)) stop(ErrorCode::malformed, "xml-forbidden", "text beside elements");
      return;
    }
    // White space before a child is let go of, however long.
    if (element.text.size() + text.size() > kXmlTextBytesMax &&
        !(is_blank(element.text) && is_blank(text)))
      return stop(ErrorCode::exhausted, "xml-too-large", "the text of an element is too long");
    if (element.text.size() <= kXmlTextBytesMax) element.text += text;
  }

  void comment() {
    if (!open_.empty()) open_.back().commented = true;
  }

  void end() {
    if (error_) return;
    Frame frame = std::move(open_.back());
    open_.pop_back();
    if (!frame.element.children.empty()) frame.element.text.clear();
    if (frame.commented && !is_blank(frame.element.text))
      return stop(ErrorCode::malformed, "xml-forbidden", "a comment within a value");
    if (frame.element.text.size() > kXmlTextBytesMax) frame.element.text.clear();  // white space
    if (open_.empty())
      root_ = std::move(frame.element);
    else
      open_.back().element.children.push_back(std::move(frame.element));
  }

  /// After this what the library has given is gone: it lets go of the text when it is stopped.
  [[nodiscard]] bool is_stopped() const { return error_.has_value(); }

  void stop(ErrorCode code, std::string_view reason, const std::string& why) {
    stop_at(line(), code, reason, why);
  }

  void stop_at(int place, ErrorCode code, std::string_view reason, const std::string& why) {
    if (error_) return;
    error_.emplace(code, reason, "line " + std::to_string(place) + ": " + why);
    xmlStopParser(&parser_);
  }

  [[nodiscard]] Result<XmlElement> take() {
    if (error_) return std::unexpected(*std::move(error_));
    if (!root_) return fail(ErrorCode::malformed, "xml-syntax", "line 1: there is no element");
    return *std::move(root_);
  }

 private:
  struct Frame {
    XmlElement element;
    bool commented = false;
  };

  [[nodiscard]] int line() const { return xmlSAX2GetLineNumber(&parser_); }

  xmlParserCtxt& parser_;
  std::vector<Frame> open_;
  std::optional<XmlElement> root_;
  std::optional<Error> error_;
  std::size_t elements_ = 0;
};

Builder& builder_of(void* context) { return *static_cast<Builder*>(context); }

void on_start(void* context, const xmlChar* name, const xmlChar* /*prefix*/, const xmlChar* space,
              int spaces, const xmlChar** /*declared*/, int attributes, int /*defaulted*/,
              const xmlChar** values) {
  Builder& builder = builder_of(context);
  builder.start(text_at(space), text_at(name));
  if (builder.is_stopped()) return;
  const auto count = static_cast<std::size_t>(attributes);
  if (count + static_cast<std::size_t>(spaces) > kXmlAttributesMax)
    return builder.stop(ErrorCode::exhausted, "xml-too-large",
                        "more than " + std::to_string(kXmlAttributesMax) + " attributes");
  // Name, prefix, namespace, and the value's begin and end, of each.
  constexpr std::size_t kPointers = 5;
  const std::span<const xmlChar*> all(values, count * kPointers);
  for (std::size_t i = 0; i < count && !builder.is_stopped(); ++i) {
    const auto one = all.subspan(i * kPointers, kPointers);
    builder.attribute(text_at(one[2]), text_at(one[0]), text_between(one[3], one[4]));
  }
}

void on_end(void* context, const xmlChar* /*name*/, const xmlChar* /*prefix*/,
            const xmlChar* /*space*/) {
  builder_of(context).end();
}

void on_characters(void* context, const xmlChar* text, int size) {
  builder_of(context).characters(text_between(text, text + size));
}

void on_cdata(void* context, const xmlChar* /*text*/, int /*size*/) {
  builder_of(context).stop(ErrorCode::malformed, "xml-forbidden", "a CDATA section");
}

void on_comment(void* context, const xmlChar* /*text*/) { builder_of(context).comment(); }

void on_instruction(void* context, const xmlChar* target, const xmlChar* /*text*/) {
  builder_of(context).stop(ErrorCode::malformed, "xml-forbidden",
                           "a processing instruction: " + printable(text_at(target), 40));
}

void on_document_type(void* context, const xmlChar* /*name*/, const xmlChar* /*public_id*/,
                      const xmlChar* /*system_id*/) {
  builder_of(context).stop(ErrorCode::malformed, "xml-forbidden", "a document type");
}

void on_reference(void* context, const xmlChar* name) {
  builder_of(context).stop(ErrorCode::malformed, "xml-forbidden",
                           "an entity: " + printable(text_at(name), 40));
}

void on_problem(void* context, xmlErrorPtr problem) {
  std::string_view what = problem->message == nullptr ? std::string_view("not well-formed")
                                                      : std::string_view(problem->message);
  while (!what.empty() && is_blank(what.substr(what.size() - 1))) what.remove_suffix(1);
  builder_of(context).stop_at(problem->line, ErrorCode::malformed, "xml-syntax", printable(what));
}

xmlSAXHandler handlers() {
  xmlSAXHandler out{};
  out.initialized = XML_SAX2_MAGIC;
  out.startElementNs = on_start;
  out.endElementNs = on_end;
  out.characters = on_characters;
  out.ignorableWhitespace = on_characters;
  out.cdataBlock = on_cdata;
  out.comment = on_comment;
  out.processingInstruction = on_instruction;
  out.internalSubset = on_document_type;
  out.reference = on_reference;
  out.serror = on_problem;
  return out;
}

struct ParserDeleter {
  void operator()(xmlParserCtxt* parser) const { xmlFreeParserCtxt(parser); }
};

/// The encoding that the first line names; empty when it names none. Asked before the library
/// reads, which would tell the terminal of bytes that it cannot convert.
std::string_view declared_encoding(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (!text.starts_with("<?xml")) return {};
  text = text.substr(0, text.find("?>"));
  text.remove_prefix(std::min(text.find("encoding"), text.size()));
  const std::size_t start = text.find_first_of("\"'");
  if (start == std::string_view::npos) return {};
  const char quote = text[start];
  text.remove_prefix(start + 1);
  return text.substr(0, text.find(quote));
}

/// UTF-8, said or not.
bool is_utf8_name(std::string_view name) {
  constexpr std::string_view kUtf8 = "utf-8";
  return name.empty() || std::ranges::equal(name, kUtf8, [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
         });
}

}  // namespace

bool is_blank(std::string_view text) {
  return text.find_first_not_of(kWhite) == std::string_view::npos;
}

Result<XmlElement> read_xml(std::string_view text, std::size_t bytes_max) {
  if (text.size() > bytes_max)
    return fail(ErrorCode::exhausted, "xml-too-large",
                "more than " + std::to_string(bytes_max) + " bytes");
  if (!is_utf8(text)) return fail(ErrorCode::malformed, "xml-syntax", "not UTF-8");
  if (has_crowded_tag(text))
    return fail(ErrorCode::exhausted, "xml-too-large",
                "more than " + std::to_string(kXmlAttributesMax) + " attributes");
  // The library takes no empty document.
  if (is_blank(text)) return fail(ErrorCode::malformed, "xml-syntax", "there is no element");
  constexpr std::string_view kOther = "line 1: other than XML 1.0 in UTF-8";
  if (!is_utf8_name(declared_encoding(text)))
    return fail(ErrorCode::malformed, "xml-forbidden", std::string(kOther));
  const std::unique_ptr<xmlParserCtxt, ParserDeleter> parser(
      xmlCreateMemoryParserCtxt(text.data(), static_cast<int>(text.size())));
  if (!parser) return fail(ErrorCode::internal, "xml-syntax", "no parser");
  xmlCtxtUseOptions(parser.get(), XML_PARSE_NONET);
  Builder builder(*parser);
  *parser->sax = handlers();
  parser->userData = &builder;
  xmlParseDocument(parser.get());
  HANGU_TRY(XmlElement root, builder.take());
  const bool readable = parser->wellFormed != 0 && parser->nsWellFormed != 0;
  if (!readable) return fail(ErrorCode::malformed, "xml-syntax", "not well-formed");
  const bool plain = text_at(parser->version) == "1.0" && is_utf8_name(text_at(parser->encoding)) &&
                     (parser->input == nullptr || is_utf8_name(text_at(parser->input->encoding)));
  if (!plain) return fail(ErrorCode::malformed, "xml-forbidden", std::string(kOther));
  return root;
}

}  // namespace hangu::policy
