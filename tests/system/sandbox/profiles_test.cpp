// What each of the gateway's programs may do, and that all else fails: every row is tried by a
// probe that the supervisor started in that program's place (probe_main.cpp).

#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <string_view>

#include <catch2/catch.hpp>

#include "os/landlock.hpp"
#include "supervise/roster.hpp"
#include "tests/system/sandbox/acts.hpp"
#include "tests/system/sandbox/probed_gateway.hpp"

using namespace hangu;
using namespace hangu::sandbox_test;

namespace {

constexpr int kKilled = -1;

std::string spelled(const std::string& answer) {
  if (answer.empty()) return "no answer";
  if (answer == "0") return "it works";
  if (answer.find_first_not_of("0123456789") != std::string::npos) return answer;
  return ::strerrorname_np(std::stoi(answer));
}

std::string text_of_answer(int wanted) {
  return wanted == kKilled ? "killed" : std::to_string(wanted);
}

/// Checks one sentence: (program, act) -> answer.
void expect(const std::string& who, const Answers& answers, const std::string& act, int wanted) {
  const auto found = answers.find(act);
  const std::string answer = found == answers.end() ? "" : found->second;
  INFO(who << (wanted == 0 ? " may " : " may not ") << act << ": wanted "
           << spelled(text_of_answer(wanted)) << ", got " << spelled(answer));
  CHECK(answer == text_of_answer(wanted));
}

// --- System calls
// ---------------------------------------------------------------------------------

struct CallRow {
  std::string_view act;
  int locked;  ///< any program, once locked in
  int job;     ///< a worker's job
};

/// What every program gets, unless a row of kCallsOf says otherwise.
constexpr std::array kCalls = std::to_array<CallRow>({
    {"make an IPv4 stream socket", EPERM, kKilled},
    {"make an IPv4 datagram socket", EPERM, kKilled},
    {"make an IPv6 socket", EPERM, kKilled},
    {"make a netlink socket", EPERM, kKilled},
    {"make a link-layer socket", EPERM, kKilled},
    {"make a VM socket", EPERM, kKilled},
    {"make a kernel crypto socket", EPERM, kKilled},
    {"make a local stream socket", EPERM, kKilled},
    {"make a local datagram socket", EPERM, kKilled},
    {"make a local packet socket", EPERM, kKilled},
    {"give a socket a name", EPERM, kKilled},
    {"listen on a socket", EPERM, kKilled},
    {"take a connection", EPERM, kKilled},
    {"call out through its listener", ENOTSOCK, ENOTSOCK},  // it has none
    {"run a program", EPERM, kKilled},
    {"run a program by descriptor", EPERM, kKilled},
    {"start a thread", EPERM, kKilled},
    {"fork", EPERM, kKilled},
    {"fork by clone3", ENOSYS, ENOSYS},
    {"trace its sibling", EPERM, kKilled},
    {"trace the supervisor", EPERM, kKilled},
    {"read its sibling's memory", EPERM, kKilled},
    {"take its sibling's descriptor", EPERM, kKilled},
    {"signal its sibling", EPERM, kKilled},
    {"signal the supervisor", EPERM, kKilled},
    {"signal everybody", EPERM, kKilled},
    {"signal its sibling's thread", EPERM, kKilled},
    {"change its sibling's limits", EPERM, kKilled},
    {"make a user namespace", EPERM, kKilled},
    {"make a network namespace", EPERM, kKilled},
    {"make a mount namespace", EPERM, kKilled},
    {"fork into a user namespace", EPERM, kKilled},
    {"mount", EPERM, kKilled},
    {"mount by the new interface", EPERM, kKilled},
    {"unmount", EPERM, kKilled},
    {"change its root", EPERM, kKilled},
    {"pivot its root", EPERM, kKilled},
    {"enter the network of classified", EPERM, kKilled},
    {"enter the network of egov", EPERM, kKilled},
    {"enter the network of internet", EPERM, kKilled},
    {"use io_uring", EPERM, kKilled},
    {"load a BPF program", EPERM, kKilled},
    {"use userfaultfd", EPERM, kKilled},
    {"use key rings", EPERM, kKilled},
    {"add a key", EPERM, kKilled},
    {"count events", EPERM, kKilled},
    {"load a module", EPERM, kKilled},
    {"open by handle", EPERM, kKilled},
    {"watch files", EPERM, kKilled},
    {"watch all files", EPERM, kKilled},
    {"share memory", EPERM, kKilled},
    {"make a memory file", EPERM, kKilled},
    {"map memory to run", EPERM, kKilled},
    {"make memory runnable", EPERM, kKilled},
    {"type into a terminal", EPERM, EPERM},
    {"call what is newer than the table", ENOSYS, ENOSYS},
    {"become root", EPERM, kKilled},
    {"become the group of root", EPERM, kKilled},
    {"drop its groups", EPERM, kKilled},
    {"become dumpable", EPERM, kKilled},
    {"lay another filter over its own", EPERM, kKilled},
    {"show its own keys to everybody", EPERM, EACCES},
    {"give its own keys away", EPERM, kKilled},
    {"label a file", EPERM, kKilled},
    {"set the times of a file", EPERM, kKilled},
    {"make a symbolic link", EPERM, kKilled},
    {"make a device", EPERM, kKilled},
    {"raise its own priority", EPERM, kKilled},
});

struct CallException {
  std::string_view act;
  std::string_view programs;  ///< separated by spaces; a zone half without its zone
  int locked;
};

constexpr std::string_view kDaemons =
    "audit custodian verify inspect decide transform check approve emit receive deliver "
    "feeder directory";
constexpr std::string_view kClients =
    "custodian verify inspect decide transform check approve emit receive deliver feeder directory";
constexpr std::string_view kServers =
    "audit custodian mosaic worker approve receive deliver directory";

/// What some programs may do beyond that.
constexpr std::array kCallsOf = std::to_array<CallException>({
    {"start a thread", kDaemons, 0},
    {"start a thread", "worker", 0},  // so may its child, until it has the job's box
    {"make a local packet socket", kClients, 0},
    {"make an IPv4 stream socket", "forward", 0},
    {"make an IPv6 socket", "forward", 0},
    {"take a connection", kServers, ENOTSOCK},  // tried on what is no socket: the filter lets it by
    {"call out through its listener", "receive deliver", EACCES},
    {"make an IPv4 stream socket", "feeder directory", 0},
    {"make an IPv6 socket", "feeder directory", 0},
    {"fork", "worker", 0},
    // The zygote lets its child lock itself in; what that needs it can do to itself too.
    {"become dumpable", "worker", 0},
    {"lay another filter over its own", "worker", EFAULT},  // there is none at the address
});

std::string kind_of(const std::string& member) { return member.substr(0, member.find('.')); }

bool among(std::string_view names, const std::string& kind) {
  return (" " + std::string(names) + " ").find(" " + kind + " ") != std::string::npos;
}

int wanted_call(const CallRow& row, const std::string& member) {
  for (const CallException& exception : kCallsOf)
    if (exception.act == row.act && among(exception.programs, kind_of(member)))
      return exception.locked;
  return row.locked;
}

// --- Paths
// ----------------------------------------------------------------------------------------

struct PathRow {
  std::string_view member;  ///< "*" in a path stands for the zone of a half, or any zone for emit
  std::string_view below;
  bool write;
};

/// All that any program may open once it is locked in.
constexpr std::array kPaths = std::to_array<PathRow>({
    {"audit", "audit", true},
    {"custodian", "store", true},
    {"decide", "policy", false},
    {"mosaic", "mosaic", true},
    {"emit", "zones/classified/outbox", true},
    {"emit", "zones/egov/outbox", true},
    {"emit", "zones/internet/outbox", true},
    {"receive.classified", "zones/classified/spool", true},
    {"receive.egov", "zones/egov/spool", true},
    {"receive.internet", "zones/internet/spool", true},
    {"deliver.classified", "zones/classified/outbox", false},
    {"deliver.egov", "zones/egov/outbox", false},
    {"deliver.internet", "zones/internet/outbox", false},
    {"verify", "anchors", false},
    {"receive.classified", "anchors", false},
    {"receive.egov", "anchors", false},
    {"receive.internet", "anchors", false},
    {"deliver.classified", "anchors", false},
    {"deliver.egov", "anchors", false},
    {"deliver.internet", "anchors", false},
    {"worker", "/usr/share/proj", false},
    {"forward", "audit", false},
    {"forward", "forward", true},
    {"feeder", "audit", false},
    {"directory", "credentials/directory", false},
    {"directory", "anchors", false},
});

bool stands_below(const std::string& place, std::string_view folder) {
  return place == folder || place.starts_with(std::string(folder) + "/");
}

bool may_open(const std::string& member, const std::string& place, bool write) {
  for (const PathRow& row : kPaths)
    if (row.member == member && stands_below(place, row.below) && (row.write || !write))
      return true;
  return false;
}

/// Who may open a private place by owner and mode alone, before any sandbox; nobody for the rest.
struct OwnerRow {
  std::string below;
  std::string reader;
  std::string writer;
};

std::vector<OwnerRow> owners(const config::Gateway& gateway) {
  std::vector<OwnerRow> out{{"store", "custodian", "custodian"},
                            {"audit", "audit", "audit"},
                            {"audit", "forward", ""},
                            {"forward/cursor.json", "forward", "forward"},
                            {"audit", "feeder", ""},
                            {"mosaic", "mosaic", "mosaic"},
                            {"policy/in-force.json", "decide", ""},
                            {"log/audit.log", "", ""},
                            {"/etc/shadow", "", ""},
                            {"/proc/1/environ", "", ""}};
  for (const supervise::Member& member : supervise::roster(gateway))
    out.push_back({"credentials/" + member.name, member.name, ""});
  for (const config::Zone& zone : gateway.zones) {
    const std::string below = "zones/" + zone.id.text();
    out.push_back({below + "/spool", "receive." + zone.id.text(), "receive." + zone.id.text()});
    out.push_back({below + "/outbox", "deliver." + zone.id.text(), "emit"});
    out.push_back({below + "/outbox", "emit", "emit"});
  }
  return out;
}

std::vector<supervise::Member> members() {
  return supervise::roster(ProbedGateway::once().gateway());
}

}  // namespace

TEST_CASE("this kernel has the Landlock that the rows below stand on (version 6 or later)") {
  REQUIRE(os::landlock_abi() >= 6);  // TCP since 4; signals and abstract sockets since 6
}

TEST_CASE("every program is refused every system call that is not its own") {
  for (const supervise::Member& member : members()) {
    const Answers& answers = ProbedGateway::once().answers(member.name, "locked");
    for (const CallRow& row : kCalls)
      expect(member.name, answers, std::string(row.act), wanted_call(row, member.name));
  }
}

TEST_CASE("a worker's job dies of every system call that is not its own, on either thread") {
  for (const std::string phase : {"job", "companion"}) {
    const Answers& answers = ProbedGateway::once().answers("worker", phase);
    for (const CallRow& row : kCalls) expect("a " + phase, answers, std::string(row.act), row.job);
  }
}

TEST_CASE("every program opens its own files and no others, whatever owner and mode would let") {
  const ProbedGateway& probed = ProbedGateway::once();
  for (const supervise::Member& member : members()) {
    for (const std::string phase : {"locked", "opened locked"}) {
      const Answers& answers = probed.answers(member.name, phase);
      const std::string who = member.name + " (" + phase + ")";
      for (const Place& place : places(probed.gateway())) {
        expect(who, answers, "read " + place.name,
               may_open(member.name, place.name, false) ? 0 : EACCES);
        if (place.namespace_file) continue;
        expect(who, answers, "write " + place.name,
               may_open(member.name, place.name, true) ? 0 : EACCES);
      }
    }
  }
}

TEST_CASE("a worker's job opens no file at all") {
  const ProbedGateway& probed = ProbedGateway::once();
  for (const std::string phase : {"job", "companion", "opened job", "opened companion"}) {
    const Answers& answers = probed.answers("worker", phase);
    for (const Place& place : places(probed.gateway())) {
      expect("a " + phase, answers, "read " + place.name, EACCES);
      if (!place.namespace_file) expect("a " + phase, answers, "write " + place.name, EACCES);
    }
  }
}

TEST_CASE("every program reaches its own sockets and no others") {
  const ProbedGateway& probed = ProbedGateway::once();
  for (const supervise::Member& member : members()) {
    for (const supervise::LocalSocket& socket : supervise::local_sockets(probed.gateway())) {
      const std::string act = "connect to " + socket.server + " as " + socket.client;
      const bool client = among(kClients, kind_of(member.name));
      expect(member.name, probed.answers(member.name, "locked"), act,
             socket.client == member.name ? 0 : (client ? EACCES : EPERM));
      expect(member.name + " by its uid alone", probed.answers(member.name, "free"), act,
             socket.client == member.name ? 0 : EACCES);
    }
  }
  for (const supervise::LocalSocket& socket : supervise::local_sockets(probed.gateway())) {
    for (const std::string phase : {"job", "companion"})
      expect("a " + phase, probed.answers("worker", phase),
             "connect to " + socket.server + " as " + socket.client, kKilled);
  }
}

TEST_CASE("owner and mode alone already keep a program from what is another's") {
  const ProbedGateway& probed = ProbedGateway::once();
  const std::vector<OwnerRow> rows = owners(probed.gateway());
  for (const supervise::Member& member : members()) {
    const Answers& answers = probed.answers(member.name, "free");
    for (const Place& place : places(probed.gateway())) {
      bool is_private = false;
      bool reads = false;
      bool writes = false;
      for (const OwnerRow& row : rows) {
        if (!stands_below(place.name, row.below)) continue;
        is_private = true;
        reads = reads || row.reader == member.name;
        writes = writes || row.writer == member.name;
      }
      if (!is_private) continue;
      const std::string who = member.name + " by its uid alone";
      expect(who, answers, "read " + place.name, reads ? 0 : EACCES);
      expect(who, answers, "write " + place.name, writes ? 0 : EACCES);
    }
  }
}

TEST_CASE("the uid alone already keeps a program from other users and other networks") {
  for (const supervise::Member& member : members()) {
    const Answers& answers = ProbedGateway::once().answers(member.name, "free");
    for (const char* act :
         {"signal the supervisor", "trace the supervisor", "mount", "change its root",
          "make a network namespace", "enter the network of classified",
          "enter the network of egov", "enter the network of internet", "become root",
          "become the group of root", "drop its groups", "show its own keys to everybody",
          "give its own keys away", "make a link-layer socket"})
      expect(member.name + " by its uid alone", answers, act, EPERM);
  }
}

TEST_CASE("what the sandbox refuses is not refused outside it, or nothing would be proved") {
  for (const supervise::Member& member : members()) {
    const Answers& answers = ProbedGateway::once().answers(member.name, "free");
    for (const char* act : {"make an IPv4 stream socket",
                            "make an IPv6 socket",
                            "make a local stream socket",
                            "make a local datagram socket",
                            "make a local packet socket",
                            "run a program",
                            "run a program by descriptor",
                            "start a thread",
                            "fork",
                            "fork by clone3",
                            "signal its sibling",
                            "watch files",
                            "make a memory file",
                            "map memory to run",
                            "make memory runnable",
                            "become dumpable",
                            "read /etc/passwd",
                            "read gateway.toml",
                            "read policy/policy.toml",
                            "read anchors/nodes.pem",
                            "read /bin/true",
                            "read /",
                            "read /usr/share/proj/proj.db",
                            "read /proc/self/maps",
                            "write /dev/null",
                            "write /tmp"})
      expect(member.name + " outside its box", answers, act, 0);
  }
}

TEST_CASE(
    "once opened to everybody, what is in the gateway's folder is kept by the sandbox alone") {
  const ProbedGateway& probed = ProbedGateway::once();
  for (const supervise::Member& member : members()) {
    const Answers& answers = probed.answers(member.name, "opened free");
    for (const Place& place : places(probed.gateway())) {
      if (place.name.starts_with('/')) continue;
      expect(member.name + " outside its box", answers, "read " + place.name, 0);
      expect(member.name + " outside its box", answers, "write " + place.name, 0);
    }
  }
}

TEST_CASE("every act that a probe tried has an expectation above") {
  const ProbedGateway& probed = ProbedGateway::once();
  std::size_t expected = kCalls.size() + supervise::local_sockets(probed.gateway()).size();
  for (const Place& place : places(probed.gateway())) expected += place.namespace_file ? 1 : 2;
  for (const supervise::Member& member : members())
    CHECK(probed.answers(member.name, "locked").size() == expected);
  for (const char* phase : {"job", "companion"})
    CHECK(probed.answers("worker", phase).size() == expected);
}
