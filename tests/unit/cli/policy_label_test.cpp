// hangu policy label: labels out and in, their exit statuses, and what is told.

#include <fstream>

#include <catch2/catch.hpp>

#include "os/file.hpp"
#include "tests/support/must.hpp"
#include "tests/unit/cli/invoke.hpp"
#include "tests/unit/cli/temporary_folder.hpp"

using namespace hangu;
using test::invoke;

namespace {

const std::string kCatalogue =
    std::string(HANGU_SOURCE_DIR) + "/policy/examples/landspace.catalogue.toml";

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

test::Invoked label(const std::string& act, std::vector<std::string> more) {
  more.insert(more.begin(), {"policy", "label", act});
  return invoke(more);
}

test::Invoked exported(std::vector<std::string> more) {
  more.insert(more.begin(), {"--catalogue", kCatalogue, "--secrecy", "secret", "--grade",
                             "important", "--owner", "省厅", "--created", "2026-03-01T08:00:00Z"});
  return label("export", more);
}

std::string written(const test::TemporaryFolder& folder, const std::string& name,
                    const std::string& text) {
  std::string path = folder.path() + "/" + name;
  std::ofstream(path) << text;
  return path;
}

std::string changed(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a label goes out to stdout or a file, and comes in again", "[cli][labels]") {
  const test::TemporaryFolder folder;
  const auto out = exported({"--term-years", "10", "--compartment", "测绘,海洋"});
  CHECK(out.status == 0);
  CHECK(has(out.out, "<Classification>秘密</Classification>"));
  const std::string path = folder.path() + "/label.xml";
  CHECK(exported({"--term-years", "10", "--compartment", "测绘,海洋", "--output", path}).status ==
        0);
  CHECK(text_of(test::must(os::read_file(path, 1 << 20))) == out.out);
  CHECK(exported({"--output", path}).status == 2);  // nothing is overwritten
  CHECK(exported({"--json"}).text("xml").starts_with("<?xml"));
  const auto in = label("import", {path, "--catalogue", kCatalogue, "--json"});
  CHECK(in.status == 0);
  CHECK(has(in.out, R"("label":{"secrecy":"secret","grade":"important","termYears":10,)"
                    R"("owner":"省厅","compartments":["测绘","海洋"]})"));
  CHECK(has(label("import", {path, "--catalogue", kCatalogue, "--lang", "zh"}).out, "秘密 / 重要"));
}

TEST_CASE("a label that cannot be is not written", "[cli][labels]") {
  CHECK(exported({"--compartment", "气象"}).status == 10);
  CHECK(label("export", {"--catalogue", kCatalogue, "--secrecy", "open", "--grade", "general",
                         "--owner", "x", "--term-years", "1"})
            .status == 2);
  CHECK(exported({"--created", "yesterday"}).status == 2);
}

TEST_CASE("what cannot be read ends with 5, what is not legal with 10, each with its place",
          "[cli][labels]") {
  const test::TemporaryFolder folder;
  const std::string good = exported({}).out;
  const auto import = [&](const std::string& text, std::vector<std::string> more = {}) {
    more.insert(more.begin(),
                {written(folder, "label.xml", text), "--catalogue", kCatalogue, "--lang", "en"});
    return label("import", more);
  };
  const auto unknown = import(changed(good, "<OriginatorID", "<Extra/><OriginatorID"));
  CHECK(unknown.status == 5);
  CHECK(has(unknown.err, "label.xml:10: <Extra> in <originatorConfidentialityLabel>: expected is"));
  CHECK(has(unknown.err, "[xml-element]"));
  CHECK(import(changed(good, "<origin", "<!DOCTYPE a><origin")).status == 5);
  CHECK(import(std::string(1 << 16, ' ') + good).status == 2);  // larger than any label
  CHECK(import(good + std::string((1 << 16) - good.size(), ' ')).status == 0);
  CHECK(import(std::string(1 << 12, '<')).status == 5);
  const auto illegal = import(changed(good, "重要", "紧要"));
  CHECK(illegal.status == 10);
  CHECK(has(illegal.err, "[label-illegal]"));
  CHECK(import(changed(good, ">landspace-national<", ">other<")).status == 10);
  CHECK(import(good, {"--owner", "x"}).status == 2);  // ours says whose it is
}

TEST_CASE("a label that is bound to files is read with these files only", "[cli][labels]") {
  const test::TemporaryFolder folder;
  const std::string one = written(folder, "one.csv", "a\n");
  const std::string two = written(folder, "two.csv", "b\n");
  const std::string path = folder.path() + "/bound.xml";
  CHECK(exported({"--data", one, "--data", two, "--output", path}).status == 0);
  const auto import = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {path, "--catalogue", kCatalogue, "--lang", "en"});
    return label("import", more);
  };
  CHECK(import({}).status == 2);
  const auto whole = import({"--data", two, "--data", one});
  CHECK(whole.status == 0);
  CHECK(has(whole.out, "files that it is bound to: 2"));
  CHECK(import({"--data", one}).status == 5);
  std::ofstream(two) << "c\n";
  const auto other = import({"--data", one, "--data", two});
  CHECK(other.status == 5);
  CHECK(has(other.err, "[binding-differs] " + two));
  const std::string alone = written(folder, "alone.xml", exported({}).out);
  CHECK(label("import", {alone, "--catalogue", kCatalogue, "--data", one}).status == 5);
  CHECK(exported({"--data", folder.path() + "/nothing.csv"}).status == 2);
}

TEST_CASE("the catalogue's SPIF says which labels are legal, and a foreign one what they are worth",
          "[cli][labels]") {
  const test::TemporaryFolder folder;
  const std::string spif =
      label("spif", {"--catalogue", kCatalogue, "--created", "2026-03-01"}).out;
  const std::string ours = written(folder, "ours.xml", spif);
  const std::string path = written(folder, "label.xml", exported({"--compartment", "海洋"}).out);
  const auto good = label("check", {path, "--spif", ours, "--json"});
  CHECK(good.status == 0);
  CHECK(good.text("classification") == "秘密");
  CHECK(has(label("check", {path, "--catalogue", kCatalogue, "--lang", "zh"}).out, "标记合法"));
  CHECK(label("check", {path}).status == 2);
  CHECK(label("check", {path, "--spif", ours, "--catalogue", kCatalogue}).status == 2);
  const std::string narrow =
      written(folder, "narrow.xml", changed(spif, "name=\"海洋\"", "name=\"陆地\""));
  CHECK(label("check", {path, "--spif", narrow}).status == 10);
  const std::string broken =
      written(folder, "broken.xml", changed(spif, "hierarchy=\"1\"", "hierarchy=\"one\""));
  const auto bad = label("check", {path, "--spif", broken, "--lang", "en"});
  CHECK(bad.status == 5);
  CHECK(
      has(bad.err, "broken.xml:5: <securityClassification>: hierarchy is expected to be a number"));

  const std::string oid = spif.substr(spif.find("id=\"2.25.") + 4);
  const std::string foreign =
      written(folder, "foreign.xml",
              R"(<SPIF xmlns="http://www.xmlspif.org/spif" schemaVersion="2.1">
<securityPolicyId name="NORTH" id="2.25.1"/>
<securityClassifications><securityClassification name="GUARDED" lacv="1" hierarchy="1">
<equivalentClassification policyRef="ours" lacv="4" applied="both"><requiredCategory operation="all">
<categoryGroup tagSetRef="数据级别" tagType="restrictive" lacv="2"/></requiredCategory>
</equivalentClassification></securityClassification></securityClassifications>
<equivalentPolicies><equivalentPolicy name="ours" id=")" +
                  oid.substr(0, oid.find('"')) + R"("/></equivalentPolicies></SPIF>)");
  const std::string guarded = written(
      folder, "guarded.xml",
      R"(<ConfidentialityLabel xmlns="urn:nato:stanag:4774:confidentialitymetadatalabel:1:0">
<ConfidentialityInformation><PolicyIdentifier>NORTH</PolicyIdentifier>
<Classification>GUARDED</Classification></ConfidentialityInformation>
<CreationDateTime>2026-03-01T08:00:00Z</CreationDateTime></ConfidentialityLabel>)");
  const auto read = label("import", {guarded, "--catalogue", kCatalogue, "--spif", foreign,
                                     "--owner", "北方局", "--json"});
  CHECK(read.status == 0);
  CHECK(has(read.out, R"("policy":"NORTH")"));
  CHECK(has(read.out, R"("label":{"secrecy":"confidential","grade":"important","termYears":0,)"
                      R"("owner":"北方局","compartments":[]})"));
  CHECK(label("import", {guarded, "--catalogue", kCatalogue, "--spif", foreign}).status == 2);
  CHECK(label("import", {guarded, "--catalogue", kCatalogue}).status == 10);
  CHECK(label("import", {guarded, "--catalogue", kCatalogue, "--spif", ours, "--owner", "x"})
            .status == 10);
}
