// What went wrong in other policy engines, and what happens here. docs/protocols/policy-hazards.md
// names the test for each hazard; those that no other file holds are here.

#include "policy/bundle.hpp"
#include "policy/policy.hpp"
#include "tests/support/policy_desk.hpp"

namespace {

using namespace hangu;
using policy::Policy;
using policy::Request;
using test::must;
using test::source_file;

const policy::Catalogue& names() {
  static const policy::Catalogue catalogue =
      must(policy::Catalogue::parse(source_file("policy/examples/demo.catalogue.toml")));
  return catalogue;
}

std::string head(const std::string& more = {}) {
  return "[policy]\nid = \"p\"\nversion = 1\neffective = 2026-01-01T00:00:00Z\n"
         "expires = 2027-01-01T00:00:00Z\ncatalogue = \"" +
         names().name() + "\"\n" + more;
}

std::string permit(const std::string& more = {}) {
  return "[[permit]]\nid = \"P-1\"\nfrom = \"egov\"\nto = \"internet\"\ndataset = \"imagery\"\n"
         "label = { secrecy_max = \"公开\", grade_max = \"一般\" }\n" +
         more;
}

std::string reason(const std::string& text) {
  const auto read = Policy::parse(text, names());
  return read ? std::string("ok") : std::string(read.error().reason());
}

/// Open imagery from the e-government network to the internet.
Request request() {
  Request out;
  out.from = *names().zones.find("egov");
  out.to = *names().zones.find("internet");
  out.classes = {*names().datasets.find("imagery")};
  out.secrecy = flow::Secrecy::open;
  out.grade = flow::DataGrade::general;
  return out;
}

bool allowed(const std::string& text, const Request& asked) {
  return must(Policy::parse(text, names())).book.judge(asked).allowed;
}

}  // namespace

TEST_CASE("a slip in a forbid stops the whole policy, it is not one forbid less", "[hazards]") {
  const std::string forbid = "[[forbid]]\nid = \"F-1\"\nto = \"internet\"\ndataset = \"imagery\"\n";
  CHECK(reason(head() + permit() + forbid) == "ok");
  CHECK_FALSE(allowed(head() + permit() + forbid, request()));
  for (const auto& [right, wrong] :
       {std::pair("dataset", "datasets"), std::pair("\"imagery\"", "\"imagary\""),
        std::pair("to =", "too ="), std::pair("[[forbid]]", "[[forbids]]"),
        std::pair("\"imagery\"", "[]"), std::pair("\"imagery\"", "7")}) {
    std::string text = forbid;
    text.replace(text.find(right), std::string(right).size(), wrong);
    INFO(text);
    CHECK(reason(head() + permit() + text) != "ok");
  }
}

TEST_CASE("nothing can flip what happens when no rule speaks", "[hazards]") {
  CHECK_FALSE(allowed(head(), request()));
  for (const char* key : {"default = \"allow\"\n", "default = true\n", "mode = \"permissive\"\n",
                          "enforce = false\n"}) {
    INFO(key);
    CHECK(reason(head(key)) == "config-unknown-key");
    CHECK(reason(std::string(key) + head()) == "config-unknown-key");
  }
}

TEST_CASE("numbers are compared as numbers", "[hazards]") {
  Request asked = request();
  const std::string rule = permit("scale = { finest = 10000 }\n");
  asked.scale = 9999;  // as texts "9999" would be more than "10000"
  CHECK_FALSE(allowed(head() + rule, asked));
  asked.scale = 10000;
  CHECK(allowed(head() + rule, asked));
  asked.scale = 100000;
  CHECK(allowed(head() + rule, asked));
  CHECK(reason(head() + permit("scale = { finest = \"10000\" }\n")) == "config-value");
  CHECK(reason(head() + permit("require.limit = { size_mb = 9.5 }\n")) == "config-value");
  CHECK(reason(head() + permit("require.approve = { count = true }\n")) == "config-value");
}

TEST_CASE("what is not known is neither small nor large", "[hazards]") {
  const Request unknown = request();
  CHECK_FALSE(allowed(head() + permit("scale = { finest = 1 }\n"), unknown));
  CHECK_FALSE(allowed(head() + permit("scale = { coarsest = 1000000000 }\n"), unknown));
  const std::string forbid = "[[forbid]]\nid = \"F-1\"\nto = \"internet\"\n";
  CHECK_FALSE(allowed(head() + permit() + forbid + "scale = { coarsest = 1 }\n", unknown));
  CHECK_FALSE(allowed(head() + permit() + forbid + "scale = { finest = 1000000000 }\n", unknown));
}

TEST_CASE("a signature counts by its key, and none counts nothing", "[hazards]") {
  test::PolicyDesk desk;
  const flow::Envelope good = desk.signed_by(desk.bundle(head(), "names", 1), {"li", "wang"});
  const auto counted = [&](const flow::Envelope& envelope) {
    return policy::check_signatures(envelope, desk.signers(), false).has_value();
  };
  CHECK(counted(good));
  flow::Envelope stripped = good;
  stripped.signatures.clear();
  CHECK_FALSE(counted(stripped));
  CHECK_FALSE(flow::Envelope::parse(stripped.to_text()));
  flow::Envelope nameless = good;
  for (auto& signature : nameless.signatures) signature.key_id.clear();
  CHECK_FALSE(counted(nameless));
  flow::Envelope swapped = good;
  std::swap(swapped.signatures[0].key_id, swapped.signatures[1].key_id);
  CHECK_FALSE(counted(swapped));
  flow::Envelope typed = good;
  typed.payload_type = std::string(policy::kPolicyPayloadType);  // the type is signed, too
  CHECK_FALSE(counted(typed));
}
