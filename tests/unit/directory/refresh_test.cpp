#include "directory/refresh.hpp"

#include <catch2/catch.hpp>

#include "tests/support/granted_entries.hpp"

namespace {

using namespace hangu;
using namespace hangu::directory;
using test::GrantedEntries;
using test::must;

const WallTime kNow = must(WallTime::parse("2026-03-01T08:00:00Z"));

struct Stream {
  GrantedEntries office;
  std::vector<crypto::VerifyKey> officers = office.officers();

  EntryIs person(unsigned number, const std::string& name) {
    return {office.person(number, {.name = name, .human = name})};
  }
  /// A replica of li (1), wang (2) and zhao (3).
  Replica three() {
    Refresh made = Refresh::from_nothing(nullptr, officers);
    for (const auto& [number, name] :
         {std::pair(1U, "li"), std::pair(2U, "wang"), std::pair(3U, "zhao")})
      REQUIRE(made.take({person(number, name), {}, false}));
    REQUIRE(made.take({PresentPhaseEnds{}, "cookie-1", true}));
    CHECK(made.is_done());
    CHECK(made.cookie() == "cookie-1");
    return std::move(made).take_replica();
  }
  static bool has(const Replica& replica, const char* name) {
    return replica.person(must(PersonId::create(name)), kNow).has_value();
  }
};

}  // namespace

TEST_CASE("what a present phase does not name is gone", "[directory]") {
  Stream s;
  const Replica before = s.three();
  Refresh made = Refresh::from(before, s.officers);
  REQUIRE(made.take({EntryStays{GrantedEntries::id(1)}, {}, false}));
  REQUIRE(made.take({s.person(4, "qian"), {}, false}));
  CHECK_FALSE(made.is_done());
  REQUIRE(made.take({PresentPhaseEnds{}, {}, false}));  // a delete phase follows
  CHECK_FALSE(made.is_done());
  REQUIRE(made.take({DeletePhaseEnds{}, "cookie-2", true}));
  const Replica after = std::move(made).take_replica();
  CHECK(Stream::has(after, "li"));
  CHECK(Stream::has(after, "qian"));
  CHECK_FALSE(Stream::has(after, "wang"));
  CHECK_FALSE(Stream::has(after, "zhao"));
  CHECK(before.size() == 3);
}

TEST_CASE("sets of ids stay or go as the server says", "[directory]") {
  Stream s;
  const Replica before = s.three();
  Refresh stay = Refresh::from(before, s.officers);
  REQUIRE(stay.take({EntriesStay{{GrantedEntries::id(1), GrantedEntries::id(3)}}, {}, false}));
  REQUIRE(stay.take({PresentPhaseEnds{}, {}, true}));
  CHECK(std::move(stay).take_replica().size() == 2);
  Refresh gone = Refresh::from(before, s.officers);
  REQUIRE(gone.take({EntriesGone{{GrantedEntries::id(1), GrantedEntries::id(9)}}, {}, false}));
  REQUIRE(gone.take({EntryGone{GrantedEntries::id(2)}, {}, false}));
  REQUIRE(gone.take({DeletePhaseEnds{}, {}, true}));
  const Replica after = std::move(gone).take_replica();
  CHECK(after.size() == 1);
  CHECK(Stream::has(after, "zhao"));
}

TEST_CASE("any end of the search but by us throws a refresh away", "[directory]") {
  Stream s;
  Refresh made = Refresh::from_nothing(nullptr, s.officers);
  CHECK(made.take({SearchEnds{kRefreshRequired, {}}, {}, false}).error().reason() ==
        "directory-refresh-required");
  CHECK(made.take({SearchEnds{kUnknownCriticalControl, {}}, {}, false}).error().reason() ==
        "directory-no-sync");
  for (const int code : {LDAP_SUCCESS, LDAP_SIZELIMIT_EXCEEDED, LDAP_TIMELIMIT_EXCEEDED,
                         LDAP_UNWILLING_TO_PERFORM, LDAP_INSUFFICIENT_ACCESS}) {
    INFO(code);
    CHECK(made.take({SearchEnds{code, {}}, {}, false}).error().reason() == "directory-partial");
  }
}

TEST_CASE("an entry that came with the same bytes is not read again", "[directory]") {
  Stream s;
  const Replica before = s.three();
  const RawEntry same = s.person(1, "li").entry;
  CHECK(holder_of(same, &before, s.officers) == *before.find(same.id));
  RawEntry other = same;
  other.values.at("hangurole") = {"nothing"};
  CHECK(holder_of(other, &before, s.officers)->person->roles.empty());
}

TEST_CASE("in the persist stage entries come and go one by one", "[directory]") {
  Stream s;
  Replica replica = s.three();
  const auto holder = s.office.read(s.person(4, "qian").entry);
  REQUIRE(apply({s.person(4, "qian"), {}, false}, holder, replica));
  CHECK(replica.size() == 4);
  REQUIRE(apply({EntryGone{GrantedEntries::id(1)}, {}, false}, nullptr, replica));
  REQUIRE(apply({EntriesGone{{GrantedEntries::id(2)}}, {}, false}, nullptr, replica));
  REQUIRE(apply({CookieOnly{}, "c", false}, nullptr, replica));
  CHECK(replica.size() == 2);
  // What belongs to a refresh means that we no longer understand each other.
  CHECK(apply({PresentPhaseEnds{}, {}, true}, nullptr, replica).error().reason() ==
        "directory-sync-invalid");
  CHECK(apply({EntryStays{GrantedEntries::id(3)}, {}, false}, nullptr, replica).error().reason() ==
        "directory-sync-invalid");
  CHECK(apply({SearchEnds{LDAP_SUCCESS, {}}, {}, false}, nullptr, replica).error().reason() ==
        "directory-partial");
}

TEST_CASE("a stream has seen what each server's contextCSN says, and no later", "[directory]") {
  const std::string cookie =
      "rid=000,csn=20261130160946.497565Z#000000#001#000000;20261130160900.000000Z#000000#002#"
      "000000";
  const std::string first = "20261130160946.497565Z#000000#001#000000";
  const std::string second = "20261130160900.000000Z#000000#002#000000";
  CHECK(has_seen(cookie, std::array{first, second}));
  CHECK(has_seen(cookie, std::array{second}));
  CHECK_FALSE(
      has_seen(cookie, std::array{std::string("20261130160946.497566Z#000000#001#000000")}));
  CHECK_FALSE(
      has_seen(cookie, std::array{first, std::string("20261130160900.000001Z#000000#002#000000")}));
  CHECK_FALSE(
      has_seen(cookie, std::array{std::string("20261130160900.000000Z#000000#003#000000")}));
  CHECK_FALSE(has_seen(cookie, std::span<const std::string>()));
  CHECK_FALSE(has_seen("", std::array{first}));
  CHECK_FALSE(has_seen(cookie, std::array{std::string("nonsense")}));
}
