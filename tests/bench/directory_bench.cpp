// The directory's replica, one core: looking up a node, answering a question, reading 100,000
// entries with their grants; and with a real slapd on loopback: a load of them, and how long a
// change takes until a question is answered by it. Beside the load: the same entries as ldapsearch
// prints them.

#include <chrono>
#include <cstdio>
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
using Watch = std::chrono::steady_clock;

constexpr unsigned kPeople = 99'000;
constexpr unsigned kNodes = 1'000;
constexpr int kLookups = 1'000'000;
constexpr int kAnswers = 1'000;
constexpr int kChanges = 100;

double seconds_since(Watch::time_point begun) {
  return std::chrono::duration<double>(Watch::now() - begun).count();
}

/// The server's administrator, through its local socket.
struct Administrator {
  explicit Administrator(const std::string& folder) {
    std::string url = "ldapi://";
    for (const char c : folder + "/ldapi") url += c == '/' ? std::string("%2F") : std::string(1, c);
    REQUIRE(ldap_initialize(&ld, url.c_str()) == LDAP_SUCCESS);
    const int version = LDAP_VERSION3;
    ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version);
    std::string empty;
    berval nobody{0, empty.data()};
    REQUIRE(ldap_sasl_bind_s(ld, nullptr, "EXTERNAL", &nobody, nullptr, nullptr, nullptr) ==
            LDAP_SUCCESS);
  }
  Administrator(const Administrator&) = delete;
  Administrator& operator=(const Administrator&) = delete;
  ~Administrator() { ldap_unbind_ext_s(ld, nullptr, nullptr); }

  void set_role(const std::string& dn, std::string role) const {
    std::string type = "hanguRole";
    std::array<char*, 2> values{role.data(), nullptr};
    LDAPMod change{LDAP_MOD_REPLACE, type.data(), {values.data()}};
    std::array<LDAPMod*, 2> changes{&change, nullptr};
    REQUIRE(ldap_modify_ext_s(ld, dn.c_str(), changes.data(), nullptr, nullptr) == LDAP_SUCCESS);
  }
  LDAP* ld = nullptr;
};

policy::DirectoryQuestion question() {
  policy::DirectoryQuestion out;
  out.nonce = std::string(32, '0');
  out.nodes = {must(NodeId::create("n7")), must(NodeId::create("n8"))};
  out.roles = {"reviewer"};
  out.secrecy = flow::Secrecy::open;
  out.grade = flow::DataGrade::general;
  return out;
}

std::string dn_of(const std::string& name) {
  return "uid=" + name + ",ou=people," + test::Slapd::kSuffix;
}

}  // namespace

TEST_CASE("the directory, measured") {
  REQUIRE(prepare_library());
  test::GrantedEntries office;
  test::Slapd server;
  std::vector<RawEntry> entries;
  {
    std::ofstream ldif(server.folder / "load.ldif");
    for (unsigned i = 1; i <= kPeople + kNodes; ++i) {
      const std::string name =
          (i <= kPeople ? "p" : "n") + std::to_string(i <= kPeople ? i : i - kPeople);
      entries.push_back(i <= kPeople
                            ? office.person(i, {.name = name,
                                                .human = name,
                                                .roles = {i % 1000 == 0 ? "reviewer" : "reader"}})
                            : office.node(i, name, "egov"));
      ldif << to_ldif(entries.back(), i <= kPeople
                                          ? dn_of(name)
                                          : "cn=" + name + ",ou=nodes," + test::Slapd::kSuffix);
    }
  }
  const WallTime now = must(os::SystemClock().now());

  auto begun = Watch::now();
  Replica replica;
  for (const RawEntry& entry : entries) REQUIRE(replica.put(office.read(entry)));
  std::printf("entries read, signatures checked        %8.2f s for %zu\n", seconds_since(begun),
              entries.size());
  const NodeId node = must(NodeId::create("n500"));
  begun = Watch::now();
  std::size_t found = 0;
  for (int i = 0; i < kLookups; ++i) found += replica.node(node, now) ? 1U : 0U;
  std::printf("a node looked up                        %8.0f ns\n",
              seconds_since(begun) / kLookups * 1e9);
  REQUIRE(found == kLookups);
  begun = Watch::now();
  for (int i = 0; i < kAnswers; ++i) found += replica.answer(question(), now).people().size();
  std::printf("two nodes and 99 reviewers found        %8.1f us\n",
              seconds_since(begun) / kAnswers * 1e6);

  server.run("slapadd -q -w -n 1 -F conf -l load.ldif");
  server.start();
  begun = Watch::now();
  server.run(
      "env -u LDAPNOINIT LDAPTLS_CACERT=server-ca.crt LDAPTLS_CERT=gateway.crt "
      "LDAPTLS_KEY=gateway.key "
      "LDAPTLS_REQCERT=never ldapsearch -Q -LLL -Y EXTERNAL -H ldaps://127.0.0.1:" +
      std::to_string(server.plan().port) + " -b " + test::Slapd::kSuffix +
      " '(|(objectClass=hanguNode)(objectClass=hanguPerson))' > /dev/null");
  std::printf("ldapsearch of them over TLS             %8.2f s\n", seconds_since(begun));
  Standing standing;
  const os::SystemClock clock;
  begun = Watch::now();
  const std::jthread following([&](const std::stop_token& stop) {
    Follower({.server = server.plan(),
              .base = test::Slapd::kSuffix,
              .officers = office.officers(),
              .tell = [](std::string_view, const std::string&) {},
              .record = [](const std::string&, const wire::JsonObject&) { return Done(); }},
             standing, clock)
        .run(stop);
  });
  REQUIRE(test::soon(
      [&] { return standing.look([](const Known* known) { return known != nullptr; }); }, 300));
  std::printf("a load of them over TLS                 %8.2f s\n", seconds_since(begun));

  const Administrator administrator(server.folder.path());
  const auto reviewers = [&] {
    const std::string said = must(directory::answer(standing, question().to_json().to_text(),
                                                    office.key("hangu-directory"), now));
    return must(policy::DirectoryAnswer::open(said, office.key("hangu-directory").verify_key()))
        .people.people()
        .size();
  };
  const std::size_t before = reviewers();
  double total = 0;
  double worst = 0;
  for (int i = 0; i < kChanges; ++i) {
    const bool away = i % 2 == 0;
    begun = Watch::now();
    administrator.set_role(dn_of("p1000"), away ? "reader" : "reviewer");
    while (reviewers() != before - (away ? 1U : 0U)) std::this_thread::yield();
    const double took = seconds_since(begun) * 1e3;
    total += took;
    worst = std::max(worst, took);
  }
  std::printf("a change until it is answered by        %8.1f ms mean, %.1f ms worst of %d\n",
              total / kChanges, worst, kChanges);
}
