// A hundred thousand entries through a real slapd: they are all there, and a decision stays small.

#include <thread>

#include <catch2/catch.hpp>

#include "directory/answer_service.hpp"
#include "directory/follower.hpp"
#include "tests/support/slapd.hpp"

namespace {

using namespace hangu;
using namespace hangu::directory;
using test::must;
using test::to_ldif;

constexpr unsigned kMany = 100'000;
constexpr unsigned kGranted = 10'000;  // of them: signing takes the test's time, not the load's

}  // namespace

TEST_CASE("a hundred thousand entries are loaded, found, and answered about in little",
          "[directory][slapd]") {
  test::GrantedEntries office;
  test::Slapd server;
  REQUIRE(prepare_library());
  {
    std::ofstream ldif(server.folder / "load.ldif");
    for (unsigned i = 1; i <= kMany; ++i) {
      const std::string name = "p" + std::to_string(i);
      const std::string dn = "uid=" + name + ",ou=people," + test::Slapd::kSuffix;
      const RawEntry bare{test::GrantedEntries::id(i), {{"hanguname", {name}}}};
      const std::string role = i % 100 == 0 ? "reviewer" : "reader";
      ldif << to_ldif(
          i <= kGranted ? office.person(i, {.name = name, .human = name, .roles = {role}}) : bare,
          dn);
    }
  }
  server.run("slapadd -q -w -n 1 -F conf -l load.ldif");
  server.start();
  Standing standing;
  const os::SystemClock clock;
  const milliseconds begun = os::monotonic_now();
  const std::jthread following([&](const std::stop_token& stop) {
    Follower({.server = server.plan(),
              .base = test::Slapd::kSuffix,
              .officers = office.officers(),
              .tell = [](std::string_view, const std::string&) {},
              .record = [](const std::string&, const wire::JsonObject&) { return Done(); }},
             standing, clock)
        .run(stop);
  });
  const auto size = [&] {
    return standing.look(
        [](const Known* known) { return known == nullptr ? 0 : known->replica.size(); });
  };
  REQUIRE(test::soon([&] { return size() > 0; }, 200));
  WARN("loaded in " << (os::monotonic_now() - begun).count() << " ms");
  CHECK(size() == kMany + 2);  // and two of the shipped tree
  policy::DirectoryQuestion question;
  question.nonce = std::string(32, '0');
  question.roles = {"reviewer"};
  question.secrecy = flow::Secrecy::open;
  question.grade = flow::DataGrade::general;
  const std::string said = must(answer(standing, question.to_json().to_text(),
                                       office.key("hangu-directory"), must(clock.now())));
  CHECK(must(policy::DirectoryAnswer::open(said, office.key("hangu-directory").verify_key()))
            .people.people()
            .size() == kGranted / 100);
  CHECK(said.size() < 100'000);
}
