// Our labels as labels of the catalogue's policy, and back.
#include "policy/labels/label_view.hpp"

#include <catch2/catch.hpp>

#include "policy/labels/spif.hpp"
#include "tests/support/must.hpp"

namespace {

using namespace hangu;
using policy::Catalogue;
using policy::read_label_document;
using test::must;

const Catalogue& catalogue() {
  static const Catalogue kCatalogue =
      must(Catalogue::parse(test::source_file("policy/examples/landspace.catalogue.toml")));
  return kCatalogue;
}

const WallTime kCreated = *WallTime::parse("2024-02-29T08:00:00Z");

flow::Label secret_label() {
  return {.secrecy = flow::Secrecy::secret,
          .grade = flow::DataGrade::important,
          .term_years = 10,
          .owner = "浙江省自然资源厅",
          .compartments = {"自然资源", "测绘"}};
}

/// Out as XML and in again.
flow::Label carried(const flow::Label& label) {
  const auto out = must(to_confidentiality_label(label, catalogue(), kCreated));
  const auto read =
      must(read_label_document(must(policy::write_label_document({.label = out, .data = {}}))));
  CHECK(read.label == out);
  return must(to_label(read.label, catalogue()));
}

std::string reason_of(const policy::ConfidentialityLabel& label) {
  const auto read = to_label(label, catalogue());
  return read ? "" : std::string(read.error().reason());
}

policy::ConfidentialityLabel exported() {
  return must(to_confidentiality_label(secret_label(), catalogue(), kCreated));
}

}  // namespace

TEST_CASE("every label comes back from its XML as it was", "[labels]") {
  std::size_t labels = 0;
  for (int secrecy = 0; secrecy < 5; ++secrecy)
    for (int grade = 0; grade < 3; ++grade)
      for (unsigned compartments = 0; compartments < 8; ++compartments)
        for (int term = 0; term <= (secrecy < 2 ? 0 : 100); ++term) {
          flow::Label label;
          label.secrecy = static_cast<flow::Secrecy>(secrecy);
          label.grade = static_cast<flow::DataGrade>(grade);
          label.term_years = term;
          label.owner = "省厅";
          for (policy::NameIndex i = 0; i < 3; ++i)
            if ((compartments >> i & 1U) == 1)
              label.compartments.insert(catalogue().compartments[i].id);
          if (carried(label) != label) FAIL(label.to_json().to_text());
          ++labels;
        }
  CHECK(labels == 3 * 8 * (2 + 3 * 101));
}

TEST_CASE("an owner of any text comes back as it was", "[labels]") {
  for (const std::string owner :
       {"A", " A", "A ", " ", "  ", "#A", "A#", "a,b+c\"d\\e<f>g;h=i", "\\41", "\\", "行\n列\t\r",
        "\x01\x7f", "\xef\xbf\xbe\xef\xbf\xbf", "<!--&amp;-->", "O=O=", "🀄"}) {
    INFO(owner);
    flow::Label label = secret_label();
    label.owner = owner;
    CHECK(carried(label) == label);
  }
  for (const char c : {'=', '&', '<', '\\', '"', ' '}) {
    flow::Label repeated = secret_label();
    repeated.owner = std::string(flow::kLabelTextBytesMax, c);
    CHECK(carried(repeated) == repeated);
  }
  flow::Label longest = secret_label();
  longest.owner = std::string(flow::kLabelTextBytesMax, '\x01');
  CHECK(carried(longest) == longest);
}

TEST_CASE("an owner is a distinguished name in its one spelling", "[labels]") {
  CHECK(policy::originator_of("a, b").name == "O=a\\, b");  // RFC 4514 §2.4
  CHECK(policy::originator_of(" #\n").name == "O=\\ #\\0a");
  for (const char* name :
       {"O=a, b", "O=a\\2c b", "o=a", "O=a+OU=b", "CN=a", "O=a\\", "O=\\ff", "a"})
    CHECK_FALSE(policy::organisation_in({.kind = "directoryName", .name = name}));
  CHECK_FALSE(policy::organisation_in({.kind = "rfc822Name", .name = "O=a"}));
}

TEST_CASE("a label is written with the grades' own names, and reviewed when its term ends",
          "[labels]") {
  const auto label = exported();
  CHECK(label.policy == "landspace-national");
  CHECK(label.classification == "秘密");
  REQUIRE(label.categories.size() == 3);
  CHECK(label.categories[0].tag_set == "数据级别");
  CHECK(label.categories[0].type == policy::CategoryType::restrictive);
  CHECK(label.categories[0].values == std::vector<std::string>{"重要"});
  CHECK(label.categories[1].type == policy::CategoryType::restrictive);
  CHECK(label.categories[2].values == std::vector<std::string>{"10"});
  CHECK(label.categories[2].type == policy::CategoryType::informative);
  CHECK(label.review->to_text() == "2034-02-28T08:00:00.000Z");
  flow::Label open = secret_label();
  open.secrecy = flow::Secrecy::open;
  open.term_years = 0;
  const auto without_term = must(to_confidentiality_label(open, catalogue(), kCreated));
  CHECK(without_term.review->to_text() == "2025-02-28T08:00:00.000Z");
  CHECK(without_term.categories.size() == 2);
}

TEST_CASE("a label that is not legal under the catalogue is neither written nor read", "[labels]") {
  flow::Label unknown = secret_label();
  unknown.compartments.insert("气象");
  CHECK(to_confidentiality_label(unknown, catalogue(), kCreated).error().reason() ==
        "label-illegal");
  flow::Label wrong = secret_label();
  wrong.secrecy = flow::Secrecy::internal;
  CHECK(to_confidentiality_label(wrong, catalogue(), kCreated).error().reason() == "label-invalid");

  CHECK(reason_of(exported()).empty());
  const auto changed = [](auto change) {
    auto label = exported();
    change(label);
    return reason_of(label);
  };
  CHECK(changed([](auto& l) { l.policy = "landspace"; }) == "label-other-policy");
  CHECK(changed([](auto& l) { l.oid = "2.25.1"; }) == "label-other-policy");
  CHECK(changed([](auto& l) { l.oid.clear(); }).empty());
  CHECK(changed([](auto& l) { l.classification = "secret"; }) == "label-illegal");
  CHECK(changed([](auto& l) { l.classification = "公开"; }) == "label-illegal");  // with a term
  CHECK(changed([](auto& l) { l.categories.erase(l.categories.begin()); }) == "label-illegal");
  CHECK(changed([](auto& l) { l.categories[0].values.emplace_back("核心"); }) == "label-illegal");
  CHECK(changed([](auto& l) { l.categories[0].values = {"important"}; }) == "label-illegal");
  CHECK(changed([](auto& l) { l.categories[0].oid = "2.25.1"; }) == "label-illegal");
  CHECK(changed([](auto& l) { l.categories[1].values.emplace_back("气象"); }) == "label-illegal");
  CHECK(changed([](auto& l) { l.categories[1].type = policy::CategoryType::permissive; }) ==
        "label-illegal");
  CHECK(changed([](auto& l) { l.categories[2].values = {"101"}; }) == "label-illegal");
  CHECK(changed([](auto& l) { l.categories[2].values = {"010"}; }) == "label-illegal");
  CHECK(changed([](auto& l) {
          l.categories.push_back({.tag_set = "Releasable To",
                                  .oid = {},
                                  .type = policy::CategoryType::permissive,
                                  .values = {"XAA"}});
        }) == "label-illegal");
  CHECK(changed([](auto& l) { l.originator.reset(); }) == "label-illegal");
  CHECK(changed([](auto& l) { l.originator->name = "O=a,b"; }) == "label-illegal");
  CHECK(changed([](auto& l) { l.originator->name = "O="; }) == "label-invalid");
}

TEST_CASE("the catalogue's label policy is the same for each of its versions, and for no other",
          "[labels]") {
  Catalogue next = catalogue();
  ++next.version;
  CHECK(label_policy_of(next).oid == label_policy_of(catalogue()).oid);
  CHECK(label_policy_of(next).version == 2);
  Catalogue other = catalogue();
  other.id += "x";
  CHECK(label_policy_of(other).oid != label_policy_of(catalogue()).oid);
  // SHA-256 of "hangu label policy\nlandspace-national", its first 16 bytes with version and
  // variant of a UUID, in decimal: by Python's hashlib and int.from_bytes.
  CHECK(label_policy_of(catalogue()).oid == "2.25.93524188010935925097838608764858143265");
}

TEST_CASE("the catalogue's label policy is what its SPIF says", "[labels][spif]") {
  const policy::LabelPolicy ours = label_policy_of(catalogue());
  const std::string spif = must(write_spif(ours, kCreated));
  CHECK(must(policy::read_spif(spif)) == ours);
  CHECK(must(write_spif(must(policy::read_spif(spif)), kCreated)) == spif);
  CHECK(spif.find("creationDate=\"20240229080000Z\"") != std::string::npos);
  CHECK(check_legal(exported(), must(policy::read_spif(spif))));
}
