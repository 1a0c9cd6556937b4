// XML from outside: what a hostile document tries, and what the bounds are.
#include <catch2/catch.hpp>

#include "policy/labels/xml_fields.hpp"
#include "policy/labels/xml_writer.hpp"
#include "tests/support/must.hpp"

namespace {

using namespace hangu;
using policy::read_xml;
using test::must;

constexpr std::size_t kBytes = policy::kSpifBytesMax;

std::string reason_of(const std::string& text) {
  const auto read = read_xml(text, kBytes);
  return read ? "" : std::string(read.error().reason());
}

std::string context_of(const std::string& text) {
  const auto read = read_xml(text, kBytes);
  return read ? "" : read.error().context();
}

std::string nested(std::size_t depth) {
  std::string out;
  for (std::size_t i = 0; i < depth; ++i) out += "<a>";
  for (std::size_t i = 0; i < depth; ++i) out += "</a>";
  return out;
}

std::string many(std::size_t elements) {
  std::string out = "<a>";
  for (std::size_t i = 1; i < elements; ++i) out += "<b/>";
  return out + "</a>";
}

std::string with_attributes(std::size_t count) {
  std::string out = "<a";
  for (std::size_t i = 0; i < count; ++i) out += " a" + std::to_string(i) + "=\"\"";
  return out + "/>";
}

}  // namespace

TEST_CASE("xml is read with its namespaces, lines and character references", "[labels][xml]") {
  const auto root = must(read_xml(
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- outside -->\n"
      "<p:a xmlns:p=\"urn:p\" p:b=\"1\" c=\"&lt;&#x4E2D;\">\n <p:d> x&amp;y </p:d>\n</p:a>\n",
      kBytes));
  CHECK(root.name == "a");
  CHECK(root.space == "urn:p");
  CHECK(root.line == 3);
  REQUIRE(root.attributes.size() == 2);
  CHECK(root.attributes[0].space == "urn:p");
  CHECK(root.attributes[1].space.empty());
  CHECK(root.attributes[1].value == "<中");
  REQUIRE(root.children.size() == 1);
  CHECK(root.children[0].text == " x&y ");
  CHECK(root.children[0].line == 4);
  CHECK(root.text.empty());
}

TEST_CASE("xml with a document type is refused, whatever stands in it", "[labels][xml]") {
  const std::string body = "<a>&b;</a>";
  const std::string laughs = R"(<!DOCTYPE a [<!ENTITY c "xxxxxxxxxx">
    <!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;">
    <!ENTITY b "&e;&e;&e;&e;&e;&e;&e;&e;">]>)";
  for (const std::string& type : std::vector<std::string>{
           "<!DOCTYPE a [<!ENTITY b \"x\">]>",
           "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>",
           "<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/a.dtd\">",
           "<!DOCTYPE a PUBLIC \"-//X//Y\" \"file:///etc/passwd\">",
           "<!DOCTYPE a [<!ENTITY % p SYSTEM \"file:///etc/passwd\"> %p;]>",
           laughs,
           "<!DOCTYPE a [<!ATTLIST a x CDATA \"from the type\">]>",
           "<!DOCTYPE a>",
       }) {
    INFO(type);
    CHECK(reason_of(type + body) == "xml-forbidden");
    CHECK(context_of(type + body).starts_with("line 1: a document type"));
  }
}

TEST_CASE("xml with entities, instructions, CDATA or comments in values is refused",
          "[labels][xml]") {
  CHECK(reason_of("<a>&b;</a>") == "xml-syntax");  // nothing has declared it
  CHECK(reason_of("<a b='&c;'/>") == "xml-syntax");
  CHECK(reason_of("<?xml-stylesheet href='file:///etc/passwd'?><a/>") == "xml-forbidden");
  CHECK(reason_of("<a><?b?></a>") == "xml-forbidden");
  CHECK(reason_of("<a><![CDATA[x]]></a>") == "xml-forbidden");
  CHECK(reason_of("<a>SEC<!-- -->RET</a>") == "xml-forbidden");
  CHECK(reason_of("<a><!-- -->SECRET</a>") == "xml-forbidden");
  CHECK(reason_of("<a> <!-- --> <b/> </a>").empty());
  CHECK(reason_of("<a>x<b/></a>") == "xml-forbidden");
  CHECK(reason_of("<a><b/>x</a>") == "xml-forbidden");
}

TEST_CASE("xml that is not well-formed is refused, with the line", "[labels][xml]") {
  for (const std::string text :
       {"", "  ", "x", "<a>", "<a></b>", "<a/><b/>", "<a/>x", "<a/>\n<", "<a b='1' b='2'/>",
        "<a b=1/>", "<p:a/>", "<a p:b='1'/>", "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>",
        "<a>\x01</a>", "<a>&#0;</a>", "<a>&#xFFFE;</a>", "\xff\xfe<a/>", "<a>\xc0\xaf</a>"}) {
    INFO(text);
    CHECK(reason_of(text) == "xml-syntax");
  }
  CHECK(context_of("<a>\n<b>\n</c></a>").starts_with("line 3: "));
}

TEST_CASE("xml in another encoding or version is refused, also where it says so falsely",
          "[labels][xml]") {
  for (const std::string encoding : {"ISO-8859-1", "UTF-16", "UTF-7", "GB18030"}) {
    INFO(encoding);
    CHECK(reason_of("<?xml version='1.0' encoding='" + encoding + "'?><a>中</a>") ==
          "xml-forbidden");
  }
  CHECK(reason_of("<?xml version='1.1'?><a/>") != "");
  CHECK(reason_of("<?xml version='1.0' encoding='UTF-8'?><a/>").empty());
  CHECK(reason_of("\xEF\xBB\xBF<?xml version='1.0' encoding=\"utf-8\"?><a/>").empty());
  CHECK(reason_of("\xEF\xBB\xBF<?xml version='1.0' encoding='latin1'?><a/>") == "xml-forbidden");
}

TEST_CASE("xml is bounded in bytes, depth, elements, attributes and text", "[labels][xml]") {
  CHECK(reason_of(nested(policy::kXmlDepthMax)).empty());
  CHECK(reason_of(nested(policy::kXmlDepthMax + 1)) == "xml-too-large");
  CHECK(reason_of(nested(20'000)) == "xml-too-large");
  CHECK(reason_of(many(policy::kXmlElementsMax)).empty());
  CHECK(reason_of(many(policy::kXmlElementsMax + 1)) == "xml-too-large");
  CHECK(reason_of(with_attributes(policy::kXmlAttributesMax)).empty());
  CHECK(reason_of(with_attributes(policy::kXmlAttributesMax + 1)) == "xml-too-large");
  CHECK(reason_of(with_attributes(100'000)) == "xml-too-large");
  CHECK(reason_of("<!-- ' -->" + with_attributes(100'000)) == "xml-too-large");
  CHECK(reason_of("<a b='\"'>'" + with_attributes(100'000) + "</a>") == "xml-too-large");
  CHECK(reason_of("<?b '?>" + with_attributes(100'000)) == "xml-forbidden");
  const std::string equals(kBytes / 2000, '=');
  CHECK(reason_of("<!-- <" + equals + "--><a b='" + equals + "'>" + equals + "</a>").empty());
  const std::string text(policy::kXmlTextBytesMax, 'x');
  CHECK(reason_of("<a>" + text + "</a>").empty());
  CHECK(reason_of("<a>" + text + "x</a>") == "xml-too-large");
  CHECK(reason_of("<a b='" + text + "'/>").empty());
  CHECK(reason_of("<a b='" + text + "x'/>") == "xml-too-large");
  CHECK(reason_of("<a>" + std::string(kBytes / 2, ' ') + "<b/></a>").empty());
  const std::string long_text = "<a/>" + std::string(kBytes - 4, '\n');
  CHECK(reason_of(long_text).empty());
  CHECK(reason_of(long_text + "\n") == "xml-too-large");
}

TEST_CASE("xml is not looked at again once it is refused", "[labels][xml]") {
  // The library lets go of a document at its refusal; the address sanitizer sees whoever reads on.
  CHECK(reason_of("<a>x<b c='1' d='2'/></a>") == "xml-forbidden");
  const std::string too_long(policy::kXmlTextBytesMax + 1, 'x');
  CHECK(reason_of("<a b='" + too_long + "' c='1' d='2'/>") == "xml-too-large");
  std::string deep;
  for (std::size_t i = 0; i <= policy::kXmlDepthMax; ++i) deep += "<a b='1' c='2'>";
  CHECK(reason_of(deep) == "xml-too-large");
}

TEST_CASE("xml that is written is read as the same, or not written", "[labels][xml]") {
  const std::string value = "<&\">&#38;&amp;'\t\r\n 中";
  policy::XmlWriter out;
  out.open("a", {{"b", value}});
  out.text("c", {}, value);
  out.empty("d");
  out.close();
  const auto root = must(read_xml(must(std::move(out).finish()), kBytes));
  CHECK(root.attributes.front().value == value);
  REQUIRE(root.children.size() == 2);
  CHECK(root.children.front().text == value);
  for (const std::string bad : {"\x01", "\xef\xbf\xbe", "\xef\xbf\xbf", "\xff"}) {
    policy::XmlWriter unwritable;
    unwritable.text("a", {}, bad);
    const auto text = std::move(unwritable).finish();
    REQUIRE_FALSE(text);
    CHECK(text.error().reason() == "xml-value");
  }
}
