// A foreign label policy: which labels its SPIF lets be, what is read of it, and what its labels
// are worth under ours. The rules' meanings are those of ADatP-4774.1 §3.3 to §3.6 and SPIF 2.1.
#include "policy/labels/spif.hpp"

#include <catch2/catch.hpp>

#include "policy/labels/label_view.hpp"
#include "tests/support/must.hpp"

namespace {

using namespace hangu;
using policy::CategoryType;
using policy::ConfidentialityLabel;
using policy::LabelPolicy;
using policy::read_spif;
using test::must;

const policy::Catalogue& catalogue() {
  static const policy::Catalogue kCatalogue =
      must(policy::Catalogue::parse(test::source_file("policy/examples/landspace.catalogue.toml")));
  return kCatalogue;
}

/// A made-up policy with a rule of each kind, and equivalents in the example catalogue's.
std::string north() {
  const std::string ours = label_policy_of(catalogue()).oid;
  return R"(<?xml version="1.0" encoding="UTF-8"?>
<spif:SPIF xmlns:spif="http://www.xmlspif.org/spif"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:schemaLocation="http://www.xmlspif.org/spif http://127.0.0.1:1/never.xsd"
    schemaVersion="2.1" version="7" creationDate="20260926120000Z" originatorDN="CN=North"
    keyIdentifier="00" privilegeId="1.3.26.0.4774.5.24.1" rbacId="1.3.26.0.4774.5.24.1">
  <!-- a made-up policy -->
  <spif:securityPolicyId name="NORTH" id="2.25.1"/>
  <spif:securityClassifications>
    <spif:securityClassification name="PLAIN" lacv="1" hierarchy="1" color="green">
      <spif:equivalentClassification policyRef="landspace" lacv="1" applied="both"/>
      <spif:markingData xml:lang="fr" phrase="SIMPLE"><spif:code>pageTop</spif:code></spif:markingData>
    </spif:securityClassification>
    <spif:securityClassification name="GUARDED" lacv="2" hierarchy="2">
      <spif:equivalentClassification policyRef="landspace" lacv="3" applied="encrypt">
        <spif:requiredCategory operation="all">
          <spif:categoryGroup tagSetRef="知悉范围" tagType="enumerated" enumType="restrictive" lacv="3"/>
        </spif:requiredCategory>
      </spif:equivalentClassification>
    </spif:securityClassification>
    <spif:securityClassification name="CLOSED" lacv="3" hierarchy="3">
      <spif:equivalentClassification policyRef="landspace" lacv="5" applied="decrypt"/>
      <spif:requiredCategory operation="oneOrMore">
        <spif:categoryGroup tagSetRef="Handling" tagType="restrictive" all="true"/>
      </spif:requiredCategory>
    </spif:securityClassification>
  </spif:securityClassifications>
  <spif:securityCategoryTagSets>
    <spif:securityCategoryTagSet name="Handling" id="2.25.1.1">
      <spif:securityCategoryTag name="Handling" tagType="restrictive">
        <spif:tagCategory name="ALPHA" lacv="1">
          <spif:equivalentSecCategoryTag policyRef="landspace" tagSetId="OURS.2" tagType="enumerated"
              enumType="restrictive" lacv="2" applied="encrypt"/>
        </spif:tagCategory>
        <spif:tagCategory name="BRAVO" lacv="2">
          <spif:excludedClass>PLAIN</spif:excludedClass>
          <spif:excludedCategory tagSetRef="Releasable To" tagType="enumerated" enumType="permissive"
              all="true"/>
        </spif:tagCategory>
        <spif:tagCategory name="CHARLIE" lacv="3" requiredClass="CLOSED"/>
        <spif:tagCategory name="DELTA" lacv="4">
          <spif:equivalentSecCategoryTag policyRef="landspace" tagSetId="OURS.2" tagType="enumerated"
              enumType="restrictive" lacv="" applied="encrypt" action="discard"/>
        </spif:tagCategory>
      </spif:securityCategoryTag>
      <spif:securityCategoryTag name="Notes" tagType="tagType7" tag7Encoding="bitSetAttributes">
        <spif:tagCategory name="STAFF" lacv="1">
          <spif:equivalentSecCategoryTag policyRef="landspace" tagSetId="OURS.3" tagType="tagType7"
              lacv="" applied="encrypt" action="discard"/>
        </spif:tagCategory>
        <spif:tagCategory name="OTHER" lacv="2" obsolete="true"/>
      </spif:securityCategoryTag>
    </spif:securityCategoryTagSet>
    <spif:securityCategoryTagSet name="Releasable To" id="2.25.1.2">
      <spif:securityCategoryTag name="Releasable To" tagType="enumerated" enumType="permissive"
          maxSelection="2">
        <spif:tagCategory name="XAA" lacv="001"/>
        <spif:tagCategory name="XBB" lacv="2">
          <spif:requiredCategory operation="all">
            <spif:categoryGroup tagSetRef="Releasable To" tagType="enumerated" enumType="permissive" lacv="1"/>
          </spif:requiredCategory>
          <spif:equivalentSecCategoryTag policyRef="landspace" tagSetId="OURS.2" tagType="enumerated"
              enumType="restrictive" lacv="1" applied="encrypt"/>
        </spif:tagCategory>
        <spif:tagCategory name="XCC" lacv="3"/>
        <spif:markingQualifier markingCode="pageTopBottom">
          <spif:qualifier markingQualifier="REL TO " qualifierCode="prefix"/>
        </spif:markingQualifier>
      </spif:securityCategoryTag>
    </spif:securityCategoryTagSet>
  </spif:securityCategoryTagSets>
  <spif:equivalentPolicies>
    <spif:equivalentPolicy name="landspace" id="OURS">
      <spif:requiredCategory operation="onlyOne">
        <spif:categoryGroup tagSetRef="数据级别" tagType="restrictive" lacv="1"/>
      </spif:requiredCategory>
    </spif:equivalentPolicy>
  </spif:equivalentPolicies>
  <spif:markingQualifier markingCode="pageBottom"/>
</spif:SPIF>
)" + ours;
}

/// The SPIF with one text for another; its last line is our policy's object identifier.
std::string spif(const std::string& from = {}, const std::string& to = {}) {
  std::string text = north();
  const std::size_t end = text.rfind('\n');
  const std::string ours = text.substr(end + 1);
  text.resize(end + 1);
  for (std::size_t at = 0; (at = text.find("OURS", at)) != std::string::npos;)
    text.replace(at, 4, ours);
  if (from.empty()) return text;
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

const LabelPolicy& policy_north() {
  static const LabelPolicy kPolicy = must(read_spif(spif()));
  return kPolicy;
}

ConfidentialityLabel label(const std::string& classification,
                           std::vector<policy::LabelCategory> categories = {}) {
  ConfidentialityLabel out;
  out.policy = "NORTH";
  out.classification = classification;
  out.categories = std::move(categories);
  return out;
}

policy::LabelCategory handling(std::vector<std::string> values) {
  return {.tag_set = "Handling",
          .oid = "2.25.1.1",
          .type = CategoryType::restrictive,
          .values = std::move(values)};
}
policy::LabelCategory notes(std::vector<std::string> values) {
  return {.tag_set = "Handling",
          .oid = {},
          .type = CategoryType::informative,
          .values = std::move(values)};
}
policy::LabelCategory releasable(std::vector<std::string> values) {
  return {.tag_set = "Releasable To",
          .oid = {},
          .type = CategoryType::permissive,
          .values = std::move(values)};
}

bool legal(const ConfidentialityLabel& one) {
  const auto done = check_legal(one, policy_north());
  if (!done) CHECK(done.error().reason() == "label-illegal");
  return done.has_value();
}

std::string reason_of(const std::string& text) {
  const auto read = read_spif(text);
  return read ? "" : std::string(read.error().reason());
}

std::string reason_of(const ConfidentialityLabel& one) {
  const auto done = translate(one, policy_north(), label_policy_of(catalogue()));
  return done ? "" : std::string(done.error().reason());
}

}  // namespace

TEST_CASE("a foreign SPIF is read with its rules, and written as the same", "[labels][spif]") {
  const LabelPolicy& north = policy_north();
  CHECK(north.name == "NORTH");
  CHECK(north.version == 7);
  CHECK(north.classes.size() == 3);
  CHECK(north.tag_sets.size() == 2);
  CHECK(north.find_tag_set("Releasable To")->tags.front().values.front().number == 1);
  CHECK(must(read_spif(must(write_spif(north, WallTime())))) == north);
}

TEST_CASE("a label is legal by classification, categories and their types", "[labels][spif]") {
  CHECK(legal(label("PLAIN")));
  CHECK_FALSE(legal(label("plain")));
  CHECK_FALSE(legal(label("OPEN")));
  CHECK(legal(label("PLAIN", {handling({"ALPHA"}), notes({"STAFF", "OTHER"})})));
  CHECK_FALSE(legal(label("PLAIN", {notes({"ALPHA"})})));
  CHECK_FALSE(legal(label("PLAIN", {handling({"ECHO"})})));
  CHECK_FALSE(legal(label("PLAIN", {{.tag_set = "Codewords",
                                     .oid = {},
                                     .type = CategoryType::restrictive,
                                     .values = {"ALPHA"}}})));
  ConfidentialityLabel other = label("PLAIN");
  other.policy = "SOUTH";
  CHECK(check_legal(other, policy_north()).error().reason() == "label-other-policy");
}

TEST_CASE("a label is legal by what its categories exclude and need", "[labels][spif]") {
  CHECK(legal(label("GUARDED", {handling({"BRAVO"})})));
  CHECK_FALSE(legal(label("PLAIN", {handling({"BRAVO"})})));                         // class
  CHECK_FALSE(legal(label("GUARDED", {handling({"BRAVO"}), releasable({"XAA"})})));  // category
  CHECK(legal(label("CLOSED", {handling({"CHARLIE"})})));
  CHECK_FALSE(legal(label("GUARDED", {handling({"CHARLIE"})})));  // class needed
  CHECK_FALSE(legal(label("CLOSED")));                            // one or more
  CHECK_FALSE(legal(label("CLOSED", {notes({"STAFF"})})));
  CHECK(legal(label("PLAIN", {releasable({"XAA", "XBB"})})));
  CHECK_FALSE(legal(label("PLAIN", {releasable({"XBB"})})));                // all
  CHECK_FALSE(legal(label("PLAIN", {releasable({"XAA", "XBB", "XCC"})})));  // at most two
  const LabelPolicy single =
      must(read_spif(spif("maxSelection=\"2\"", "singleSelection=\"true\" minSelection=\"1\"")));
  CHECK(check_legal(label("PLAIN", {releasable({"XAA"})}), single));
  CHECK_FALSE(check_legal(label("PLAIN", {releasable({"XAA", "XCC"})}), single));
  const LabelPolicy pair = must(read_spif(spif("maxSelection=\"2\"", "minSelection=\"2\"")));
  CHECK(check_legal(label("PLAIN", {releasable({"XAA", "XCC"})}), pair));
  CHECK(check_legal(label("PLAIN"), pair));
  CHECK_FALSE(check_legal(label("PLAIN", {releasable({"XAA"})}), pair));
  const LabelPolicy one = must(read_spif(spif("oneOrMore", "onlyOne")));
  CHECK(check_legal(label("CLOSED", {handling({"ALPHA", "CHARLIE"})}), one));  // groups are counted
}

TEST_CASE("a SPIF that says what is not read, or contradicts itself, is refused",
          "[labels][spif]") {
  struct Case {
    std::string from, to, reason;
  };
  const std::vector<Case> cases{
      {"http://www.xmlspif.org/spif\"", "http://www.xmslpif.org/spif\"", "xml-element"},
      {"schemaVersion=\"2.1\"", "schemaVersion=\"3.0\"", "xml-value"},
      {" version=\"7\"", " version=\"seven\"", "xml-value"},
      {" version=\"7\"", " version=\"7\" notAfter=\"20270101000000Z\"", "xml-element"},
      {"id=\"2.25.1\"", "id=\"north\"", "xml-value"},
      {"name=\"ALPHA\" lacv=\"1\"", "name=\"ALPHA\" lacv=\"one\"", "xml-value"},
      {"name=\"ALPHA\" lacv=\"1\"", "name=\"ALPHA\" lacv=\"-1\"", "xml-value"},
      {"name=\"ALPHA\" lacv=\"1\"", "name=\"ALPHA\" lacv=\"1\" notAfter=\"20270101000000Z\"",
       "xml-element"},
      {"name=\"ALPHA\" lacv=\"1\"", "name=\"ALPHA\" lacv=\"1\" userInput=\"true\"", "xml-element"},
      {"name=\"ALPHA\" lacv=\"1\"", "name=\"ALPHA\" lacv=\"2\"", "spif-invalid"},
      {"name=\"ALPHA\"", "name=\"BRAVO\"", "spif-invalid"},
      {"name=\"PLAIN\" lacv=\"1\"", "name=\"PLAIN\" lacv=\"2\"", "spif-invalid"},
      {"name=\"PLAIN\"", "name=\"GUARDED\"", "spif-invalid"},
      {"<spif:excludedClass>PLAIN", "<spif:excludedClass>OPEN", "spif-invalid"},
      {"requiredClass=\"CLOSED\"", "requiredClass=\"OPEN\"", "spif-invalid"},
      {"tagSetRef=\"Handling\"", "tagSetRef=\"Handing\"", "spif-invalid"},
      {"id=\"2.25.1.2\"", "id=\"2.25.1.1\"", "spif-invalid"},
      {"policyRef=\"landspace\" lacv=\"1\"", "policyRef=\"landscape\" lacv=\"1\"", "spif-invalid"},
      {"tagType=\"restrictive\"", "tagType=\"Restrictive\"", "xml-value"},
      {"tagType=\"tagType7\"", "tagType=\"informative\"", "xml-value"},
      {"oneOrMore", "some", "xml-value"},
      {"applied=\"both\"", "", "xml-element"},
      {"applied=\"both\"", "applied=\"always\"", "xml-value"},
      {"action=\"discard\"", "action=\"keep\"", "xml-value"},
      {"obsolete=\"true\"", "obsolete=\"yes\"", "xml-value"},
      {"<spif:markingQualifier markingCode=\"pageBottom\"/>", "<spif:extensions/>", "xml-element"},
      {"<spif:markingQualifier markingCode=\"pageBottom\"/>", "<spif:equivalentPolicies/>",
       "xml-element"},
      {"<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<!DOCTYPE SPIF>", "xml-forbidden"},
  };
  for (const Case& one : cases) {
    INFO(one.from << " -> " << one.to);
    CHECK(reason_of(spif(one.from, one.to)) == one.reason);
  }
  CHECK(reason_of(spif() + std::string(policy::kSpifBytesMax, ' ')) == "xml-too-large");
}

TEST_CASE("a foreign label becomes ours where its SPIF says as what", "[labels][spif]") {
  const LabelPolicy ours = label_policy_of(catalogue());
  auto read = must(
      translate(label("GUARDED", {handling({"ALPHA"}), notes({"STAFF"})}), policy_north(), ours));
  CHECK(read.policy == ours.name);
  CHECK(read.classification == "秘密");
  read.originator = policy::originator_of("北方局");
  const flow::Label mine = must(to_label(read, catalogue()));
  CHECK(mine.secrecy == flow::Secrecy::secret);
  CHECK(mine.grade == flow::DataGrade::general);
  CHECK(mine.owner == "北方局");
  // ALPHA is our second compartment, and GUARDED brings the third with it.
  CHECK(mine.compartments ==
        std::set<std::string>{catalogue().compartments[1].id, catalogue().compartments[2].id});
}

TEST_CASE("a foreign label without an equivalent is refused, and nothing of it let go of",
          "[labels][spif]") {
  CHECK(reason_of(label("GUARDED")).empty());
  CHECK(reason_of(label("OPEN")) == "label-illegal");
  CHECK(reason_of(label("CLOSED", {handling({"ALPHA"})})) ==
        "label-no-equivalent");  // only the other way
  CHECK(reason_of(label("GUARDED", {handling({"BRAVO"})})) == "label-no-equivalent");
  CHECK(reason_of(label("GUARDED", {handling({"DELTA"})})) ==
        "label-no-equivalent");  // restrictive, discarded
  CHECK(reason_of(label("GUARDED", {notes({"OTHER"})})) == "label-no-equivalent");
  CHECK(reason_of(label("GUARDED", {releasable({"XAA"})})) == "label-no-equivalent");
  const LabelPolicy ours = label_policy_of(catalogue());
  const auto reason_with = [&](const std::string& from, const std::string& to,
                               const ConfidentialityLabel& one) {
    const auto done = translate(one, must(read_spif(spif(from, to))), ours);
    return done ? "" : std::string(done.error().reason());
  };
  // A permissive value never becomes a restrictive one.
  CHECK(reason_with(
            "<spif:tagCategory name=\"XAA\" lacv=\"001\"/>",
            "<spif:tagCategory name=\"XAA\" lacv=\"001\"><spif:equivalentSecCategoryTag "
            "policyRef=\"landspace\" tagSetId=\"" +
                ours.oid +
                ".2\" tagType=\"restrictive\" lacv=\"1\" applied=\"both\"/></spif:tagCategory>",
            label("PLAIN", {releasable({"XAA"})})) == "label-no-equivalent");
  CHECK(reason_with("lacv=\"3\" applied=\"encrypt\"", "lacv=\"9\" applied=\"encrypt\"",
                    label("GUARDED")) == "label-no-equivalent");
  CHECK(reason_with("enumType=\"restrictive\" lacv=\"2\"", "enumType=\"restrictive\" lacv=\"9\"",
                    label("GUARDED", {handling({"ALPHA"})})) == "label-no-equivalent");
  const std::string twice =
      "<spif:equivalentClassification policyRef=\"landspace\" lacv=\"1\" applied=\"both\"/>";
  CHECK(reason_with(twice, twice + twice, label("PLAIN")) == "label-no-equivalent");
  // Nobody chooses among grades, and a label without one is none of ours.
  const std::string group =
      "<spif:categoryGroup tagSetRef=\"数据级别\" tagType=\"restrictive\" lacv=\"1\"/>";
  CHECK(reason_with(group, group + group, label("PLAIN")) == "label-no-equivalent");
  CHECK(reason_with("tagSetRef=\"数据级别\" tagType=\"restrictive\" lacv=\"1\"",
                    "tagSetRef=\"知悉范围\" tagType=\"restrictive\" lacv=\"1\"",
                    label("PLAIN")) == "label-illegal");
  CHECK(reason_with("id=\"" + ours.oid + "\"", "id=\"2.25.3\"", label("PLAIN")) ==
        "label-other-policy");
}
