#include <thread>

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "directory/answer_service.hpp"
#include "directory/register_keeper.hpp"
#include "os/clock.hpp"
#include "os/process.hpp"
#include "stages/decide/directory_desk.hpp"
#include "tests/support/granted_entries.hpp"
#include "tests/unit/os/scratch.hpp"

namespace {

using namespace hangu;
using directory::Known;
using directory::Standing;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using test::GrantedEntries;
using test::must;

constexpr config::DirectoryAges kAges{};

/// hangu-directory's answering half, over a replica that the test fills.
struct Service {
  os::test::ScratchFolder folder;
  GrantedEntries office;
  ManualClock clock{must(WallTime::parse("2026-03-01T08:00:00Z"))};
  Standing standing;
  const crypto::SigningKey& key = office.key("hangu-directory");
  os::Listener listener = must(os::Listener::bind(folder / "decide.sock"));
  std::jthread serving{[this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const std::array watched{listener.view()};
      (void)os::wait_readable(watched, milliseconds(20)).has_value();
      answer_waiting(listener, standing, key, clock);
    }
  }};

  void know(std::initializer_list<directory::RawEntry> entries, milliseconds proved) {
    Known known{{}, "rid=000,csn=1", proved};
    for (const directory::RawEntry& entry : entries) REQUIRE(known.replica.put(office.read(entry)));
    standing.replace(std::move(known));
  }
  stages::DirectoryDesk desk(milliseconds started = os::monotonic_now()) {
    return {folder / "decide.sock", key.verify_key(), kAges, started};
  }
  policy::DirectoryQuestion question(flow::Secrecy secrecy = flow::Secrecy::open) {
    policy::DirectoryQuestion out;
    out.nonce = policy::DirectoryQuestion::new_nonce(entropy);
    out.nodes = {must(NodeId::create("survey"))};
    out.roles = {"reviewer"};
    out.secrecy = secrecy;
    out.grade = flow::DataGrade::general;
    return out;
  }
  test::SeededEntropy entropy{"questions"};
};

}  // namespace

TEST_CASE("decide gets whom it asks about, signed, with the state and age", "[directory]") {
  Service s;
  s.know({s.office.node(1, "survey", "egov"), s.office.node(2, "portal", "internet"),
          s.office.person(3, {.name = "li", .human = "1"})},
         os::monotonic_now() - seconds(3));
  auto desk = s.desk();
  const stages::Consulted known = must(desk.ask(s.question()));
  CHECK_FALSE(known.stale);
  CHECK(known.people.node(must(NodeId::create("survey"))) != nullptr);
  CHECK(known.people.node(must(NodeId::create("portal"))) == nullptr);
  CHECK(known.people.people().size() == 1);
  REQUIRE(known.state);
  CHECK(known.state->cookie == "rid=000,csn=1");
  CHECK(known.state->snapshot.size() == 64);
  CHECK(known.state->age >= seconds(3));
  CHECK(known.state->age < seconds(8));
  // What is kept as evidence is the answer itself.
  CHECK(must(policy::DirectoryAnswer::open(text_of(known.document), s.key.verify_key()))
            .people.to_text() == known.people.to_text());
}

TEST_CASE("knowledge is stale beyond the age of the label's grade", "[directory]") {
  Service s;
  struct Case {
    flow::Secrecy secrecy;
    milliseconds limit;
  };
  for (const auto& [secrecy, limit] :
       {Case{flow::Secrecy::open, minutes(60)}, Case{flow::Secrecy::internal, minutes(60)},
        Case{flow::Secrecy::secret, minutes(5)}, Case{flow::Secrecy::confidential, minutes(1)},
        Case{flow::Secrecy::top_secret, minutes(1)}}) {
    INFO(flow::to_text(secrecy));
    CHECK(stages::age_limit(kAges, secrecy) == limit);
    auto desk = s.desk();
    s.know({}, os::monotonic_now() - limit + seconds(10));
    CHECK_FALSE(must(desk.ask(s.question(secrecy))).stale);
    s.know({}, os::monotonic_now() - limit - milliseconds(1));
    CHECK(must(desk.ask(s.question(secrecy))).stale);
  }
}

TEST_CASE("without an answer transfers wait, and after the age of their grade nobody is known",
          "[directory]") {
  Service s;  // nothing is loaded yet
  auto fresh = s.desk();
  CHECK(fresh.ask(s.question()).error().reason() == "directory-unavailable");
  CHECK(fresh.ask(s.question()).error().code() == ErrorCode::unavailable);
  auto old = s.desk(os::monotonic_now() - minutes(2));
  CHECK_FALSE(old.ask(s.question(flow::Secrecy::secret)));
  const stages::Consulted nobody = must(old.ask(s.question(flow::Secrecy::confidential)));
  CHECK(nobody.stale);
  CHECK_FALSE(nobody.state);
  CHECK(nobody.people.nodes().empty());
  CHECK(nobody.people.people().empty());
  // An answer counts from its own proof on.
  s.know({}, os::monotonic_now() - seconds(59));
  CHECK_FALSE(must(old.ask(s.question(flow::Secrecy::confidential))).stale);
}

TEST_CASE("an answer of another signer, to another question, or of no form is none",
          "[directory]") {
  Service s;
  s.know({s.office.node(1, "survey", "egov")}, os::monotonic_now());
  stages::DirectoryDesk other(s.folder / "decide.sock", s.office.key("li").verify_key(), kAges,
                              os::monotonic_now());
  CHECK(other.ask(s.question()).error().reason() == "directory-unavailable");
  // Somebody in the service's place gives an answer that he heard before.
  const std::string heard = must(directory::answer(s.standing, s.question().to_json().to_text(),
                                                   s.key, s.clock.now().value()));
  for (const std::string& said : {heard, std::string("{}"), std::string()}) {
    os::Listener listener = must(os::Listener::bind(s.folder / "other.sock"));
    const std::jthread replaying([&] {
      const std::array watched{listener.view()};
      (void)os::wait_readable(watched, seconds(5)).has_value();
      auto channel = must(listener.accept());
      if (!channel || !channel->receive(seconds(5))) return;
      std::array<std::byte, 4> length{};
      store_u32(length, static_cast<std::uint32_t>(said.size()));
      (void)channel->send(length, seconds(5)).has_value();
      if (!said.empty()) (void)channel->send(bytes_of(said), seconds(5)).has_value();
    });
    stages::DirectoryDesk desk(s.folder / "other.sock", s.key.verify_key(), kAges,
                               os::monotonic_now());
    CHECK(desk.ask(s.question()).error().reason() == "directory-unavailable");
  }
}

TEST_CASE("an answer longer than one message arrives whole", "[directory]") {
  Service s;
  Known known{{}, "c", os::monotonic_now()};
  for (unsigned i = 1; i <= policy::kPeopleOfRoleMax; ++i) {
    const std::string name = "p" + std::to_string(i);
    REQUIRE(known.replica.put(
        s.office.read(s.office.person(i, {.name = name, .human = name + std::string(190, 'h')}))));
  }
  s.standing.replace(std::move(known));
  auto desk = s.desk();
  const stages::Consulted all = must(desk.ask(s.question()));
  CHECK(all.people.people().size() == policy::kPeopleOfRoleMax);
  CHECK(all.document.size() > kPieceBytes);
}

TEST_CASE("a question that is no question gets no answer", "[directory]") {
  Service s;
  s.know({}, os::monotonic_now());
  const WallTime now = s.clock.now().value();
  CHECK_FALSE(directory::answer(s.standing, "", s.key, now));
  CHECK_FALSE(directory::answer(s.standing, "{}", s.key, now));
  auto question = s.question();
  for (std::size_t i = question.nodes.size(); i <= kRecipientsMax + 1; ++i)
    question.nodes.insert(must(NodeId::create("n" + std::to_string(i))));
  CHECK_FALSE(directory::answer(s.standing, question.to_json().to_text(), s.key, now));
  question.nodes.erase(question.nodes.begin());
  CHECK(directory::answer(s.standing, question.to_json().to_text(), s.key, now));
}

TEST_CASE("the edge's register follows what stands, and terms that end", "[directory]") {
  Service s;
  s.office.not_after = s.clock.now().value() + std::chrono::hours(1);
  const std::string path = s.folder / "nodes.json.dsse";
  directory::RegisterKeeper keeper(path, s.key);
  const std::array keys{s.key.verify_key()};
  const auto standing_of = [&](const char* name) {
    const auto nodes = must(flow::NodeRegister::open(os::test::read_text(path), keys));
    return nodes.standing(must(NodeId::create(name)), must(ZoneId::create("egov")),
                          s.office.key(name).verify_key().id());
  };
  milliseconds now = os::monotonic_now();
  REQUIRE(keeper.refresh(s.standing, s.clock, now));
  CHECK_FALSE(std::filesystem::exists(path));  // nothing is known yet
  s.know({s.office.node(1, "survey", "egov")}, now);
  REQUIRE(keeper.refresh(s.standing, s.clock, now));
  CHECK(standing_of("survey") == flow::NodeStanding::known);
  CHECK(standing_of("portal") == flow::NodeStanding::unknown);
  REQUIRE(s.standing.change(
      [&](directory::Replica& replica) {
        replica.erase(GrantedEntries::id(1));
        return replica.put(s.office.read(s.office.node(2, "portal", "egov")));
      },
      {}));
  REQUIRE(keeper.refresh(s.standing, s.clock, now));  // no sooner than a second after the last
  CHECK(standing_of("survey") == flow::NodeStanding::known);
  now += directory::kRegisterEvery;
  REQUIRE(keeper.refresh(s.standing, s.clock, now));
  CHECK(standing_of("survey") == flow::NodeStanding::unknown);
  CHECK(standing_of("portal") == flow::NodeStanding::known);
  s.clock.set(s.office.not_after);
  now += directory::kRegisterAnew;
  REQUIRE(keeper.refresh(s.standing, s.clock, now));
  CHECK(standing_of("portal") == flow::NodeStanding::unknown);
}

TEST_CASE("a register that cannot be written is taken away", "[directory]") {
  Service s;
  const std::string path = s.folder / "folder/nodes.json.dsse";
  std::filesystem::create_directory(s.folder / "folder");
  directory::RegisterKeeper keeper(path, s.key);
  s.know({s.office.node(1, "survey", "egov")}, milliseconds(0));
  milliseconds now = os::monotonic_now();
  REQUIRE(keeper.refresh(s.standing, s.clock, now));
  REQUIRE(std::filesystem::exists(path));
  std::filesystem::create_directory(path + ".d");
  std::filesystem::rename(s.folder / "folder", s.folder / "moved");
  s.know({s.office.node(2, "portal", "egov"), s.office.node(3, "other", "egov")}, milliseconds(0));
  now += directory::kRegisterAnew;
  CHECK_FALSE(keeper.refresh(s.standing, s.clock, now));
  CHECK_FALSE(std::filesystem::exists(path));
  std::filesystem::rename(s.folder / "moved", s.folder / "folder");
  now += directory::kRegisterEvery;
  REQUIRE(keeper.refresh(s.standing, s.clock, now));  // tried again
  CHECK(std::filesystem::exists(path));
}
