#include "supervise/roster.hpp"

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "supervise/examples.hpp"

using namespace hangu;
using supervise::Member;
using supervise::uid_of;

namespace {

config::Gateway gateway(const std::string& more) {
  auto made = config::Gateway::parse(std::string(supervise::example_gateway()) + more);
  if (!made) FAIL(made.error().message());
  return *std::move(made);
}

const std::string kDirectory =
    "\n[directory]\naddress = \"192.0.2.9\"\nserver_name = \"l\"\nbase = \"dc=x\"\n"
    "certificate = \"/c\"\nkey = \"/k\"\nauthority = \"/a\"\n";

bool serves(const config::Gateway& of, const std::string& listener) {
  return std::ranges::any_of(supervise::local_sockets(of), [&](const auto& socket) {
    return socket.listener_name() == listener;
  });
}

}  // namespace

TEST_CASE(
    "where a directory is configured its program starts before whom it serves, as its own user",
    "[supervise]") {
  const config::Gateway with = gateway(kDirectory);
  const config::Gateway without = gateway("");
  const std::vector<Member> members = supervise::roster(with);
  const auto place = [&](const char* name) {
    return std::ranges::find(members, std::string(name), &Member::name) - members.begin();
  };
  CHECK(place("audit") < place("directory"));
  CHECK(place("directory") < place("verify"));
  CHECK(place("directory") < place("decide"));
  CHECK(members.size() == supervise::roster(without).size() + 1);
  CHECK(serves(with, "directory.decide"));
  CHECK(serves(with, "audit.directory"));
  CHECK_FALSE(serves(without, "directory.decide"));
  CHECK_FALSE(serves(without, "audit.directory"));
  // Nobody else's uid moves, and none is anybody else's.
  std::set<std::uint32_t> uids;
  for (const Member& member : members) CHECK(uids.insert(*uid_of(with, member.name)).second);
  for (const Member& member : supervise::roster(without))
    CHECK(uid_of(with, member.name) == uid_of(without, member.name));
}
