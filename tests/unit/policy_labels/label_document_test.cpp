// Labels by STANAG 4774 and bindings by STANAG 4778: their form, and what is refused. The form is
// that of ADatP-4774 Ed. A V1 Appendix 1 and ADatP-4778 Ed. A V1 section 4, as
// docs/protocols/labels.md says.
#include <catch2/catch.hpp>

#include "crypto/hash.hpp"
#include "policy/labels/confidentiality_label.hpp"
#include "tests/support/must.hpp"

namespace {

using namespace hangu;
using policy::LabelDocument;
using policy::read_label_document;
using test::must;

const std::string kLabel =
    R"(<slab:originatorConfidentialityLabel xmlns:slab="urn:nato:stanag:4774:confidentialitymetadatalabel:1:0"
    ReviewDateTime="2031-09-26T00:00:00Z">
  <slab:ConfidentialityInformation>
    <slab:PolicyIdentifier URI="urn:oid:2.25.1">NORTH</slab:PolicyIdentifier>
    <slab:Classification>GUARDED</slab:Classification>
    <slab:Category Type="RESTRICTIVE" TagName="Handling" URI="urn:oid:2.25.1.1">
      <slab:GenericValue>ALPHA</slab:GenericValue>
    </slab:Category>
    <slab:Category Type="PERMISSIVE" TagName="Releasable To">
      <slab:GenericValue>XAA</slab:GenericValue>
      <slab:GenericValue>XBB</slab:GenericValue>
    </slab:Category>
  </slab:ConfidentialityInformation>
  <slab:OriginatorID IDType="rfc822Name">author@example.org</slab:OriginatorID>
  <slab:CreationDateTime>2026-09-26T12:00:00+02:00</slab:CreationDateTime>
</slab:originatorConfidentialityLabel>
)";

/// The label with one text for another.
std::string with(const std::string& from, const std::string& to, std::string text = kLabel) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string reason_of(const std::string& text) {
  const auto read = read_label_document(text);
  return read ? "" : std::string(read.error().reason());
}

std::string context_of(const std::string& text) {
  const auto read = read_label_document(text);
  return read ? "" : read.error().context();
}

std::string bound(const std::string& reference, const std::string& more = {}) {
  return "<mb:BindingInformation xmlns:mb=\"urn:nato:stanag:4778:bindinginformation:1:0\" "
         "xmlns:xmime=\"http://www.w3.org/2005/05/xmlmime\">" +
         more + "<mb:MetadataBindingContainer><mb:MetadataBinding Id=\"b\"><mb:Metadata>" + kLabel +
         "</mb:Metadata>" + reference +
         "</mb:MetadataBinding></mb:MetadataBindingContainer></mb:BindingInformation>";
}

// RFC 6920 §8.2: "Hello World!" by SHA-256.
const std::string kHello = "ni:///sha-256;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk";

}  // namespace

TEST_CASE("a label is read whole, and written the same each time", "[labels]") {
  const LabelDocument read = must(read_label_document(kLabel));
  const policy::ConfidentialityLabel& label = read.label;
  CHECK(label.policy == "NORTH");
  CHECK(label.oid == "2.25.1");
  CHECK(label.classification == "GUARDED");
  REQUIRE(label.categories.size() == 2);
  CHECK(label.categories[0].type == policy::CategoryType::restrictive);
  CHECK(label.categories[1].type == policy::CategoryType::permissive);
  CHECK(label.categories[1].values == std::vector<std::string>{"XAA", "XBB"});
  CHECK(label.originator->kind == "rfc822Name");
  CHECK(label.created.to_text() == "2026-09-26T10:00:00.000Z");
  CHECK(label.review->to_text() == "2031-09-26T00:00:00.000Z");
  CHECK(read.data.empty());
  const std::string written = must(write_label_document(read));
  CHECK(must(read_label_document(written)) == read);
  CHECK(must(write_label_document(must(read_label_document(written)))) == written);
  CHECK(written == R"(<?xml version="1.0" encoding="UTF-8"?>
<originatorConfidentialityLabel xmlns="urn:nato:stanag:4774:confidentialitymetadatalabel:1:0" ReviewDateTime="2031-09-26T00:00:00.000Z">
  <ConfidentialityInformation>
    <PolicyIdentifier URI="urn:oid:2.25.1">NORTH</PolicyIdentifier>
    <Classification>GUARDED</Classification>
    <Category TagName="Handling" Type="RESTRICTIVE" URI="urn:oid:2.25.1.1">
      <GenericValue>ALPHA</GenericValue>
    </Category>
    <Category TagName="Releasable To" Type="PERMISSIVE">
      <GenericValue>XAA</GenericValue>
      <GenericValue>XBB</GenericValue>
    </Category>
  </ConfidentialityInformation>
  <OriginatorID IDType="rfc822Name">author@example.org</OriginatorID>
  <CreationDateTime>2026-09-26T10:00:00.000Z</CreationDateTime>
</originatorConfidentialityLabel>
)");
}

TEST_CASE("a label may leave out what the standard lets it", "[labels]") {
  CHECK(reason_of(with(" URI=\"urn:oid:2.25.1\"", "")).empty());
  CHECK(reason_of(with("\n    ReviewDateTime=\"2031-09-26T00:00:00Z\"", "")).empty());
  CHECK(reason_of(with("  <slab:OriginatorID IDType=\"rfc822Name\">author@example.org"
                       "</slab:OriginatorID>\n",
                       ""))
            .empty());
  std::string plain = kLabel;
  for (std::size_t at = 0; (at = plain.find("originatorC", at)) != std::string::npos;)
    plain.replace(at, 11, "C");
  CHECK(reason_of(plain).empty());
}

TEST_CASE("a label of another form is refused, with the line and what is expected", "[labels]") {
  struct Case {
    std::string from, to, reason;
  };
  const std::vector<Case> cases{
      {"label:1:0\"", "label:2:0\"", "xml-element"},
      {"<slab:Classification>GUARDED</slab:Classification>", "", "xml-element"},
      {"<slab:Classification>GUARDED</slab:Classification>",
       "<slab:Classification>GUARDED</slab:Classification><slab:Classification>OPEN"
       "</slab:Classification>",
       "xml-element"},
      {"<slab:Classification>", "<slab:Classification URI=\"urn:oid:2.25.1\">", "xml-element"},
      {"<slab:Classification>GUARDED</slab:Classification>",
       "<slab:Classification>GUARDED</slab:Classification><slab:PrivacyMark>x</slab:PrivacyMark>",
       "xml-element"},
      {"GUARDED", " ", "xml-value"},
      {"GUARDED", "<slab:b/>", "xml-element"},
      {"  <slab:CreationDateTime>2026-09-26T12:00:00+02:00</slab:CreationDateTime>\n", "",
       "xml-element"},
      {"2026-09-26T12:00:00+02:00", "2026-09-26T12:00:00", "xml-value"},
      {"2026-09-26T12:00:00+02:00", "yesterday", "xml-value"},
      {"2031-09-26T00:00:00Z", "2031-13-26T00:00:00Z", "xml-value"},
      {"Type=\"RESTRICTIVE\"", "Type=\"restrictive\"", "xml-value"},
      {"Type=\"RESTRICTIVE\" ", "", "xml-element"},
      {"TagName=\"Handling\" ", "", "xml-element"},
      {"slab:GenericValue>ALPHA</slab:GenericValue", "slab:IntegerValue>1</slab:IntegerValue",
       "xml-element"},
      {"<slab:GenericValue>ALPHA</slab:GenericValue>", "", "xml-element"},
      {"XBB", "XAA", "xml-value"},
      {"Type=\"PERMISSIVE\" TagName=\"Releasable To\"", "Type=\"RESTRICTIVE\" TagName=\"Handling\"",
       "xml-value"},
      {"urn:oid:2.25.1\"", "urn:oid:2.25.01\"", "xml-value"},
      {"urn:oid:2.25.1\"", "http://example.org/\"", "xml-value"},
      {"rfc822Name", "fullName", "xml-value"},
      {" IDType=\"rfc822Name\"", "", "xml-element"},
      {"<slab:OriginatorID", "<slab:SuccessionHandling/><slab:OriginatorID", "xml-element"},
      {"<slab:OriginatorID", "<other/><slab:OriginatorID", "xml-element"},
      {"<slab:PolicyIdentifier",
       "<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"file:///etc/passwd\" "
       "parse=\"text\"/><slab:PolicyIdentifier",
       "xml-element"},
      {"ReviewDateTime=", "xml:base=\"file:///etc/\" ReviewDateTime=", "xml-element"},
      {"ReviewDateTime=", "Reviewed=\"1\" ReviewDateTime=", "xml-element"},
  };
  for (const Case& one : cases) {
    INFO(one.from << " -> " << one.to);
    CHECK(reason_of(with(one.from, one.to)) == one.reason);
    CHECK(context_of(with(one.from, one.to)).starts_with("line "));
  }
  CHECK(context_of(with("<slab:OriginatorID", "<slab:Originator/><slab:OriginatorID"))
            .starts_with("line 14: <Originator> in <originatorConfidentialityLabel>: expected is "
                         "ConfidentialityInformation, OriginatorID, CreationDateTime"));
  CHECK(reason_of(kLabel + "x") == "xml-syntax");
  CHECK(reason_of(kLabel + kLabel) == "xml-syntax");
  CHECK(reason_of("<SPIF/>") == "xml-element");
  CHECK(reason_of(kLabel + std::string(policy::kLabelXmlBytesMax, '\n')) == "xml-too-large");
}

TEST_CASE("the parts of a label stand in the standard's order", "[labels]") {
  const std::string originator =
      "<slab:OriginatorID IDType=\"rfc822Name\">author@example.org</slab:OriginatorID>";
  std::string text = with(originator, "");
  text = with("</slab:CreationDateTime>", "</slab:CreationDateTime>" + originator, text);
  CHECK(reason_of(text) == "xml-element");
  CHECK(context_of(text).find("stands too late") != std::string::npos);
}

TEST_CASE("a binding names its data by digest, and is refused where it says more", "[labels]") {
  const std::string reference =
      "<mb:DataReference URI=\"" + kHello + "\" xmime:contentType=\"text/plain\"/>";
  const LabelDocument read = must(read_label_document(bound(reference)));
  REQUIRE(read.data.size() == 1);
  CHECK(read.data[0].digest ==
        crypto::hash(crypto::HashAlgorithm::sha256, bytes_of("Hello World!")));
  CHECK(read.data[0].media_type == "text/plain");
  CHECK(must(read_label_document(must(write_label_document(read)))) == read);
  CHECK(reason_of(bound("")) == "xml-element");
  CHECK(reason_of(bound("<mb:DataReference URI=\"file:///etc/passwd\"/>")) == "xml-value");
  CHECK(reason_of(bound("<mb:DataReference URI=\"" + kHello + "=\"/>")) == "xml-value");
  CHECK(reason_of(bound("<mb:DataReference URI=\"" + kHello.substr(0, kHello.size() - 1) +
                        "\"/>")) == "xml-value");
  CHECK(reason_of(bound("<mb:Data>x</mb:Data>")) == "xml-element");
  CHECK(reason_of(bound("<mb:DataReference URI=\"" + kHello +
                        "\"><ds:Transforms xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>"
                        "</mb:DataReference>")) == "xml-element");
  CHECK(reason_of(bound(reference,
                        "<ds:Signature "
                        "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>")) == "xml-element");
  CHECK(reason_of(with("<mb:Metadata>", "<mb:Metadata/><mb:Metadata>", bound(reference))) ==
        "xml-element");
  CHECK(reason_of(with("<mb:Metadata>", "<mb:Metadata><a/>", bound(reference))) == "xml-element");
  std::string many;
  for (std::size_t i = 0; i < policy::kDataReferencesMax; ++i) many += reference;
  CHECK(reason_of(bound(many)).empty());
  CHECK(reason_of(bound(many + reference)) == "xml-element");
}

TEST_CASE("an object identifier and a digest have one spelling", "[labels]") {
  for (const char* good : {"0.0", "2.25.283505922519774543341581604402970826256", "1.3.26.1.3.1"})
    CHECK(policy::oid_in(policy::urn_of(good)) == good);
  for (const char* bad : {"", "1", "3.1", "1.", ".1", "1..2", "1.02", "1.2a", "12.1", "1 .2"})
    CHECK_FALSE(policy::is_oid(bad));
  CHECK(policy::is_oid("1." + std::string(254, '1')));
  CHECK_FALSE(policy::is_oid("1." + std::string(255, '1')));
  crypto::Hash digest{};
  digest.fill(std::byte{0xff});
  CHECK(policy::digest_in(policy::address_of(digest)) == digest);
  CHECK_FALSE(policy::digest_in("ni:///sha-256;" + std::string(43, '/')));
  CHECK_FALSE(policy::digest_in("ni://host/sha-256;" + kHello.substr(14)));
}
