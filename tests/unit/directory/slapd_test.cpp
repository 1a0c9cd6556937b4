// The client against a real slapd: what a server may do, and what is known of it then.

#include "tests/support/slapd.hpp"

#include <thread>

#include <catch2/catch.hpp>

#include "directory/follower.hpp"
#include "directory/searches.hpp"

namespace {

using namespace hangu;
using namespace hangu::directory;
using std::chrono::seconds;
using test::GrantedEntries;
using test::must;
using test::Slapd;
using test::soon;
using test::to_ldif;

const WallTime kNow = must(WallTime::parse("2026-03-01T08:00:00Z"));
constexpr milliseconds kBeat{200};

std::string dn_of(const std::string& name, bool node = false) {
  return (node ? "cn=" + name + ",ou=nodes," : "uid=" + name + ",ou=people,") + Slapd::kSuffix;
}

/// A directory with li, wang and the node portal, and somebody who follows it.
struct Following {
  GrantedEntries office;
  Slapd server;
  Standing standing;
  os::SystemClock clock;
  std::mutex mutex;
  std::vector<std::string> told;
  std::vector<std::pair<std::string, wire::JsonObject>> events;
  std::string base = Slapd::kSuffix;

  explicit Following(const std::function<void(std::string&)>& adapt = {}) : server(adapt) {
    REQUIRE(prepare_library());
    server.load(to_ldif(office.person(1, {.name = "li", .human = "1"}), dn_of("li")) +
                to_ldif(office.person(2, {.name = "wang", .human = "2"}), dn_of("wang")) +
                to_ldif(office.node(3, "portal", "internet"), dn_of("portal", true)));
  }
  /// From here to the end of what is returned. `plan` is for the server.
  [[nodiscard]] std::jthread follow(const ServerPlan& plan, milliseconds life = kConnectionLife) {
    FollowerPlan all{
        .server = plan,
        .base = base,
        .heartbeat = kBeat,
        .officers = office.officers(),
        .tell =
            [this](std::string_view id, const std::string& text) {
              const std::lock_guard lock(mutex);
              told.push_back(std::string(id) + " " + text);
            },
        .record = [this](const std::string& type, const wire::JsonObject& event) -> Done {
          const std::lock_guard lock(mutex);
          events.emplace_back(type, event);
          return {};
        },
        .connection_life = life};
    return std::jthread([this, all = std::move(all)](const std::stop_token& stop) mutable {
      Follower(std::move(all), standing, clock).run(stop);
    });
  }
  [[nodiscard]] bool knows(const char* person) const {
    return standing.look([&](const Known* known) {
      return known != nullptr && known->replica.person(must(PersonId::create(person)), kNow);
    });
  }
  [[nodiscard]] milliseconds age() const {
    return standing.look([](const Known* known) {
      return known == nullptr ? milliseconds::max() : os::monotonic_now() - known->proved;
    });
  }
  [[nodiscard]] bool heard(std::string_view text) {
    const std::lock_guard lock(mutex);
    return std::ranges::any_of(
        told, [&](const std::string& one) { return one.find(text) != std::string::npos; });
  }
};

std::string reason_of(const ServerPlan& plan) {
  const auto connection = Connection::open(plan);
  return connection ? "" : std::string(connection.error().reason());
}

}  // namespace

TEST_CASE("a directory is loaded and followed, change by change", "[directory][slapd]") {
  Following f;
  f.server.start();
  const std::jthread following = f.follow(f.server.plan());
  REQUIRE(soon([&] { return f.knows("li") && f.knows("wang"); }));
  CHECK_FALSE(f.knows("li-na"));  // of the shipped tree: an entry that nobody has granted anything
  f.server.load("");
  f.server.remove(dn_of("wang"));
  CHECK(soon([&] { return !f.knows("wang"); }));
  f.server.modify("dn: " + dn_of("li") + "\nchangetype: modify\ndelete: hanguRole\n");
  CHECK(soon([&] {
    return f.standing.look([](const Known* known) {
      return known->replica.person(must(PersonId::create("li")), kNow)->roles.empty();
    });
  }));
  CHECK(f.heard("DIRECTORY-0001 connected as dn:cn=gw-demo,ou=gateways,dc=hangu,dc=example"));
  CHECK(f.events.front().first == "directory.loaded");
}

TEST_CASE("StartTLS on the plain port is as good", "[directory][slapd]") {
  Following f;
  f.server.start();
  const std::jthread following = f.follow(f.server.start_tls_plan());
  CHECK(soon([&] { return f.knows("li"); }));
}

TEST_CASE("freshness is proved while nothing changes, and when only others' entries do",
          "[directory][slapd]") {
  Following f;
  f.server.start();
  const std::jthread following = f.follow(f.server.plan());
  REQUIRE(soon([&] { return f.knows("li"); }));
  os::pause_for(seconds(1));
  CHECK(f.age() < 4 * kBeat);
  // What our search does not match moves the server's state on all the same.
  for (int i = 0; i < 5; ++i)
    f.server.modify(
        "dn: ou=people," + std::string(Slapd::kSuffix) +
        "\nchangetype: modify\nreplace: description\ndescription: " + std::to_string(i) + "\n");
  os::pause_for(2 * kBeat);
  CHECK(f.age() < 4 * kBeat);
}

TEST_CASE("a frozen server proves nothing: age grows until it goes on", "[directory][slapd]") {
  Following f;
  f.server.start();
  const std::jthread following = f.follow(f.server.plan());
  REQUIRE(soon([&] { return f.knows("li"); }));
  os::pause_for(2 * kBeat);
  f.server.pause();
  os::pause_for(seconds(3));
  CHECK(f.age() > seconds(2));
  CHECK(f.knows("li"));  // what was known stays, with its age
  f.server.go_on();
  CHECK(soon([&] { return f.age() < 4 * kBeat; }));
}

TEST_CASE("after a server was killed everything it changed meanwhile is caught up with",
          "[directory][slapd]") {
  for (const bool log : {true, false}) {  // deletes told by a session log, or by a present phase
    INFO(log);
    Following f([&](std::string& conf) {
      if (!log)
        conf.erase(conf.find("olcSpSessionlog"), std::string("olcSpSessionlog: 10000\n").size());
    });
    f.server.start();
    const std::jthread following = f.follow(f.server.plan());
    REQUIRE(soon([&] { return f.knows("li") && f.knows("wang"); }));
    os::pause_for(2 * kBeat);
    f.server.stop(SIGKILL);
    os::pause_for(seconds(1));
    CHECK(f.age() > milliseconds(500));
    CHECK(f.heard("DIRECTORY-0003"));
    f.server.start();
    f.server.remove(dn_of("wang"));
    CHECK(soon([&] { return !f.knows("wang"); }));
    CHECK(f.knows("li"));
    CHECK(soon([&] { return f.age() < 4 * kBeat; }));
  }
}

TEST_CASE("a new connection goes on where the old one was", "[directory][slapd]") {
  for (const bool log : {true, false}) {
    INFO(log);
    Following f([&](std::string& conf) {
      if (!log)
        conf.erase(conf.find("olcSpSessionlog"), std::string("olcSpSessionlog: 10000\n").size());
    });
    f.server.start();
    const std::jthread following = f.follow(f.server.plan(), milliseconds(300));
    REQUIRE(soon([&] { return f.knows("li") && f.knows("wang"); }));
    for (int i = 0; i < 4; ++i) {  // some of it between two connections
      f.server.modify("dn: " + dn_of("li") + "\nchangetype: modify\nreplace: hanguRole\n" +
                      "hanguRole: role-" + std::to_string(i) + "\n");
      os::pause_for(milliseconds(150));
    }
    f.server.modify("dn: " + dn_of("li") +
                    "\nchangetype: modify\nreplace: hanguRole\nhanguRole: reviewer\n");
    f.server.remove(dn_of("wang"));
    CHECK(soon([&] { return !f.knows("wang"); }));
    os::pause_for(milliseconds(700));
    CHECK(f.knows("li"));
    CHECK_FALSE(f.knows("wang"));
    CHECK(f.heard("resumed"));
    CHECK(f.age() < 4 * kBeat);
  }
}

TEST_CASE("a server without sync search is loaded page by page", "[directory][slapd]") {
  Following f([](std::string& conf) { conf.erase(conf.find("dn: olcOverlay={0}syncprov")); });
  std::string many;
  for (unsigned i = 10; i < 10 + 2 * kPageEntries + 7; ++i) {
    const std::string name = "p" + std::to_string(i);
    RawEntry entry{GrantedEntries::id(i), {{"hanguname", {name}}}};
    many += to_ldif(entry, dn_of(name));
  }
  f.server.load(many);
  f.server.start();
  const std::jthread following = f.follow(f.server.plan());
  // Without contextCSN of the overlay the search below still finds it: slapadd wrote it.
  REQUIRE(soon([&] { return f.knows("li"); }));
  CHECK(f.standing.look([](const Known* known) { return known->replica.size(); }) ==
        2U * kPageEntries + 7 + 5);
  CHECK(f.heard("DIRECTORY-0006"));
  f.server.remove(dn_of("wang"));
  CHECK(soon([&] { return !f.knows("wang"); }));
  CHECK(f.age() < seconds(2));
}

TEST_CASE("a limit on sizes makes a load fail, and never a smaller directory",
          "[directory][slapd]") {
  Following f([](std::string& conf) {
    const std::size_t at = conf.find("olcLimits:");
    conf.erase(at, conf.find('\n', at) + 1 - at);
    conf.replace(conf.find("olcSizeLimit: 500"), 17, "olcSizeLimit: 2");
  });
  f.server.start();
  const std::jthread following = f.follow(f.server.plan());
  CHECK(soon([&] { return f.heard("directory-partial"); }));
  CHECK_FALSE(f.knows("li"));
  CHECK(f.age() == milliseconds::max());
}

TEST_CASE("a referral is a failure, wherever it points", "[directory][slapd]") {
  Following f;
  f.server.load("dn: ou=elsewhere," + std::string(Slapd::kSuffix) +
                "\nobjectClass: referral\nobjectClass: extensibleObject\nou: elsewhere\n"
                "ref: ldap://127.0.0.1:1/dc=elsewhere\n\n");
  f.server.start();
  const std::jthread following = f.follow(f.server.plan());
  CHECK(soon([&] { return f.heard("directory-referral"); }));
  CHECK_FALSE(f.knows("li"));
}

TEST_CASE("nobody is bound without a certificate that counts", "[directory][slapd]") {
  Following f([](std::string& conf) {
    conf.replace(conf.find("olcTLSVerifyClient: demand"), 26, "olcTLSVerifyClient: allow ");
    // As servers are found that let everybody in.
    conf.erase(conf.find("olcDisallows"), std::string("olcDisallows: bind_anon\n").size());
    conf.erase(conf.find("olcRequires"), std::string("olcRequires: authc\n").size());
  });
  f.server.start();
  CHECK(reason_of(f.server.plan()).empty());
  ServerPlan other = f.server.plan();
  other.certificate_file = f.server.folder / "stranger.crt";
  other.key_file = f.server.folder / "stranger.key";
  CHECK(reason_of(other) == "directory-bind");
}

TEST_CASE("an empty password lets nobody in where the server takes it", "[directory][slapd]") {
  // The server answers an unauthenticated bind (a name and an empty password) with success.
  Following f([](std::string& conf) {
    conf.replace(conf.find("olcTLSVerifyClient: demand"), 26, "olcTLSVerifyClient: never ");
    conf.replace(conf.find("olcDisallows: bind_anon"), 23,
                 "olcAllows: bind_anon_cred bind_anon_dn");
    conf.erase(conf.find("olcRequires"), std::string("olcRequires: authc\n").size());
  });
  f.server.start();
  f.server.run("ldapwhoami -x -D cn=anybody -w '' -H ldap://127.0.0.1:" +
               std::to_string(f.server.start_tls_plan().port) + " | grep anonymous");
  CHECK(reason_of(f.server.plan()) == "directory-bind");
}

TEST_CASE("the server is who its certificate says, by our authority and not on a CRL",
          "[directory][slapd]") {
  Following f;
  f.server.start();
  ServerPlan plan = f.server.plan();
  CHECK(reason_of(plan).empty());
  plan.server_name = "other.test";
  CHECK(reason_of(plan) == "directory-tls");
  plan = f.server.plan();
  plan.authority_file = f.server.folder / "clients-ca.crt";
  CHECK(reason_of(plan) == "directory-tls");
  plan = f.server.plan();
  plan.crl_file = f.server.folder / "crl.pem";
  CHECK(reason_of(plan) == "directory-tls");  // named, and not there
  f.server.write_crl(false, "-crldays 1");
  CHECK(reason_of(plan).empty());
  f.server.write_crl(true, "-crldays 1");
  CHECK(reason_of(plan) == "directory-tls");
}

TEST_CASE("a CRL that changes ends the connection that it revokes", "[directory][slapd]") {
  Following f;
  f.server.start();
  f.server.write_crl(false, "-crldays 1");
  ServerPlan plan = f.server.plan();
  plan.crl_file = f.server.folder / "crl.pem";
  const std::jthread following = f.follow(plan);
  REQUIRE(soon([&] { return f.knows("li"); }));
  f.server.write_crl(true, "-crldays 1");
  CHECK(soon([&] { return f.heard("directory-tls"); }));
  os::pause_for(seconds(2));
  CHECK(f.age() > seconds(1));
}

TEST_CASE("a CRL past its next update ends the connection, and lets none begin",
          "[directory][slapd]") {
  Following f;
  f.server.start();
  f.server.write_crl(false, "-crlsec 3");
  ServerPlan plan = f.server.plan();
  plan.crl_file = f.server.folder / "crl.pem";
  const std::jthread following = f.follow(plan);
  REQUIRE(soon([&] { return f.knows("li"); }));
  CHECK(soon([&] { return f.heard("directory-crl-over"); }));
  os::pause_for(seconds(1));
  CHECK(f.age() > 4 * kBeat);
  f.server.write_crl(false, "-crldays 1");  // the next one
  CHECK(soon([&] { return f.age() < 4 * kBeat; }));
}

TEST_CASE("names are compared by the server: another spelling is the same entry",
          "[directory][slapd]") {
  Following f;
  f.base = "DC = Hangu , dc=\\45xample";
  f.server.start();
  const std::jthread following = f.follow(f.server.plan());
  REQUIRE(soon([&] { return f.knows("li"); }));
  f.server.modify(
      "dn: UID=LI , OU=People,dc=hangu,dc=example\nchangetype: modify\nreplace: "
      "hanguRole\nhanguRole: nothing\n");
  CHECK(soon([&] {
    return f.standing.look([](const Known* known) {
      return known->replica.person(must(PersonId::create("li")), kNow)->roles.empty();
    });
  }));
  // Renamed, it is who it was.
  f.server.modify("dn: " + dn_of("wang") +
                  "\nchangetype: modrdn\nnewrdn: uid=wang-wei\ndeleteoldrdn: 1\n");
  os::pause_for(seconds(1));
  CHECK(f.knows("wang"));
  CHECK(f.standing.look([](const Known* known) { return known->replica.size(); }) == 5);
}

TEST_CASE("an entry made anew under an old name has nothing until it is granted anew",
          "[directory][slapd]") {
  Following f;
  f.server.start();
  const std::jthread following = f.follow(f.server.plan());
  REQUIRE(soon([&] { return f.knows("li"); }));
  f.server.remove(dn_of("li"));
  f.server.modify("dn: " + dn_of("li") + "\nchangetype: add\n" +
                  to_ldif(f.office.person(1, {.name = "li", .human = "1"}), dn_of("li"), false)
                      .substr(("dn: " + dn_of("li") + "\n").size()));
  CHECK(soon([&] {
    return f.standing.look([](const Known* known) {
      const auto& refused = known->replica.refused();
      return refused.contains("grant-other-entry");
    });
  }));
  CHECK_FALSE(f.knows("li"));
}

TEST_CASE("two of three administrators are told of once, and hold neither", "[directory][slapd]") {
  Following f;
  f.server.load(
      to_ldif(f.office.person(7, {.name = "zhao", .human = "9", .roles = {"auditor"}}),
              dn_of("zhao")) +
      to_ldif(f.office.person(8, {.name = "zhao-2", .human = "9", .roles = {"security-officer"}}),
              dn_of("zhao-2")));
  f.server.start();
  const std::jthread following = f.follow(f.server.plan());
  REQUIRE(soon([&] { return f.heard("DIRECTORY-0004 9 is two of the three"); }));
  f.server.modify("dn: " + dn_of("li") +
                  "\nchangetype: modify\nreplace: hanguRole\nhanguRole: nothing\n");
  os::pause_for(milliseconds(500));
  const std::lock_guard lock(f.mutex);
  CHECK(std::ranges::count(f.events, std::string("directory.conflict"),
                           &std::pair<std::string, wire::JsonObject>::first) == 1);
}
