#include "tests/unit/ledger/yard.hpp"

using namespace hangu;
using namespace hangu::test;

namespace {

const TransferId kId = TransferId::create("0123456789abcdef0123456789abcdef").value();
const crypto::ObjectDigest kDigest{};

/// One request of each kind, in the order of the wire.
std::vector<Request> one_of_each() {
  return {Claim{.stages = {Stage::verify}, .transfer = kId},
          Renew{},
          Open{},
          Look{.transfer = kId, .digest = kDigest},
          Put{},
          Create{},
          Freeze{},
          Complete{},
          Hold{},
          Release{},
          Attach{.transfer = kId, .name = "approval.li", .bytes = {}},
          Reclear{},
          List{},
          Begin{.transfer = kId, .node = node("a"), .bytes = 1},
          Piece{.transfer = kId, .bytes = {}},
          Commit{.transfer = kId},
          Received{.transfer = kId, .table = {}},
          AskStatus{.transfer = kId, .node = node("a")},
          ListOfNode{.node = node("a")},
          Withdraw{.transfer = kId, .node = node("a")},
          Acknowledge{.transfer = kId, .node = node("a"), .sealed = kDigest},
          Show{.transfer = kId},
          Room{}};
}

/// Who may send what, written down a second time.
const std::map<Program, std::set<std::string>>& expected() {
  static const std::set<std::string> kStage{"claim",  "renew",  "open",     "put",
                                            "create", "freeze", "complete", "release"};
  static const auto kWith = [](std::set<std::string> base, std::set<std::string> more) {
    base.merge(more);
    return base;
  };
  static const std::map<Program, std::set<std::string>> kTable{
      {Program::verify, kStage},
      {Program::inspect, kStage},
      {Program::decide, kStage},
      {Program::transform, kStage},
      {Program::check, kStage},
      {Program::approve, kWith(kStage, {"look", "hold", "attach", "list"})},
      {Program::emit, kWith(kStage, {"reclear"})},
      {Program::receive,
       {"begin", "piece", "commit", "received", "status", "list-of-node", "withdraw", "room"}},
      {Program::deliver, {"acknowledge", "list-of-node"}},
      {Program::admin, {"list", "show"}}};
  return kTable;
}

}  // namespace

TEST_CASE("each program is refused every request that is not its own", "[ledger]") {
  Yard yard;
  const auto requests = one_of_each();
  REQUIRE(requests.size() == std::variant_size_v<Request>);
  for (std::size_t kind = 0; kind < requests.size(); ++kind) {
    REQUIRE(requests[kind].index() == kind);
    for (const auto& [program, allowed] : expected()) {
      const std::string name(name_of(kind));
      INFO(to_text(program) << " " << name);
      const bool refused = yard.refusal(program, requests[kind]) == "request-not-permitted";
      CHECK(refused == !allowed.contains(name));
    }
  }
}

TEST_CASE("a request is refused in a state that it does not belong to", "[ledger]") {
  Yard yard;
  const auto id = yard.submit("package");
  CHECK(yard.refusal(Program::approve, Look{.transfer = id, .digest = kDigest}) ==
        "request-not-in-this-state");
  yard.pass_until(Stage::approve);
  CHECK(yard.refusal(Program::approve, Look{.transfer = id, .digest = kDigest}) ==
        "object-not-reachable");
  yard.pass(Program::approve, Stage::approve);
  const Work clear = yard.must_claim(Program::decide, Stage::clear);
  CHECK(yard.refusal(Program::emit, Reclear{.token = clear.token}) == "request-not-in-this-state");
}

TEST_CASE("a listener's name says who its callers are", "[ledger]") {
  for (const auto& [program, allowed] : expected()) {
    const bool half = program == Program::receive || program == Program::deliver;
    const std::string name = "custodian." + std::string(to_text(program));
    const auto plain = parse_listener(name);
    const auto zoned = parse_listener(name + ".egov");
    CHECK(plain.has_value() == !half);
    CHECK(zoned.has_value() == half);
    const auto& named = half ? zoned : plain;
    REQUIRE(named);
    CHECK(named->program == program);
    if (half) CHECK(named->zone == zone("egov"));
  }
  for (const auto* const wrong :
       {"", "custodian", "custodian.", "custodian.nobody", "audit.verify", "custodian.receive.Egov",
        "custodian.receive.", "custodian.receive.a.b", "custodian.verify "}) {
    INFO(wrong);
    CHECK_FALSE(parse_listener(wrong));
  }
}

TEST_CASE("the permit table in the documentation is the one in the code", "[ledger]") {
  const auto page =
      os::read_file(std::string(HANGU_SOURCE_DIR) + "/docs/protocols/custodian.md", 1 << 20);
  REQUIRE(page);
  CHECK(text_of(*page).find(describe_permits()) != std::string_view::npos);
}
