// Zone halves and what stands opposite them: an honest receive before a custodian that lies, an
// honest deliver before a node that lies, and a deliver that lies itself. What a lying receive
// signs is tested at the mover (stages/lying_stage_test.cpp), what it sends at the custodian
// (ledger/zones_test.cpp). docs/protocols/receipts.md §6.

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "line/custodian_audit.hpp"
#include "tests/support/audit_service.hpp"
#include "tests/support/custodian_double.hpp"
#include "tests/support/seeded_entropy.hpp"
#include "tests/unit/os/scratch.hpp"
#include "zone/deliver/routes.hpp"
#include "zone/receive/intake.hpp"

namespace {

using namespace hangu;
using test::Frame;

const NodeId kSurvey = NodeId::create("survey").value();
const NodeId kPortal = NodeId::create("portal").value();

crypto::ObjectDigest digest_of(std::string_view text) {
  return crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of(text));
}
crypto::SigningKey key_of(std::string_view seed) {
  test::SeededEntropy entropy(seed);
  return crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy).value();
}

/// A gateway's middle as a zone half sees it: a real log, and a custodian that answers as told.
struct Middle {
  os::test::ScratchFolder folder;
  ManualClock clock{WallTime(std::chrono::milliseconds(1'772'352'000'000))};
  test::AuditService audit{folder / "audit",
                           "gw-test/audit",
                           key_of("audit"),
                           clock,
                           {"receive.egov", "deliver.internet", "custodian"}};
  zone::HalfLog half_log{audit.socket("deliver.internet")};
  zone::Fetches fetches{half_log, ZoneId::create("internet").value()};
  std::function<ledger::Reply(const ledger::Request&)> custodian_says;
  test::PacketServer custodian{
      folder / "custodian.sock", [this](const os::Message& packet) {
        const auto request = ledger::parse_request(packet.bytes).value();
        asked.push_back(request.index());
        return std::optional(Frame{ledger::encode(custodian_says(request))});
      }};
  std::vector<std::size_t> asked;  ///< kinds of requests, while the test waits for the answer
  crypto::SystemEntropy entropy;

  /// Types of the transfer's entries in the log, and the last entry.
  std::vector<std::string> entries(const TransferId& transfer, std::string* last = nullptr) {
    auto client = line::AuditClient::connect(audit.socket("custodian"), entropy).value();
    const auto head = client.checkpoint().value();
    const auto found = client.find(transfer).value();
    std::vector<std::string> out;
    for (const std::uint64_t index : found) {
      const std::string entry = client.prove(index, head.size).value().entry;
      out.emplace_back(audit::EntryHead::parse(entry).value().type);
      if (last != nullptr) *last = entry;
    }
    return out;
  }
};

/// A custodian that takes everything in; `stored` is what it says that the bytes are.
ledger::Reply takes_in(const ledger::Request& request, const crypto::ObjectDigest& stored) {
  if (std::holds_alternative<ledger::Begin>(request)) return ledger::Begun{};
  if (std::holds_alternative<ledger::Piece>(request)) return ledger::Nothing{};
  if (std::holds_alternative<ledger::Commit>(request)) return ledger::StoredObject{stored};
  if (std::holds_alternative<ledger::Received>(request)) return ledger::NewState{};
  if (std::holds_alternative<ledger::Acknowledge>(request))
    return ledger::NewState{flow::State::acknowledged};
  return ledger::Refused{ErrorCode::forbidden, "request-not-permitted", {}};
}

/// What a node asks deliver, and the answer.
net::Response ask(const net::Router& router, net::Method method, const std::string& path,
                  const std::string& node, std::string_view body = {}) {
  net::Request request;
  request.identity = node;
  const auto found = router.find(method, net::parse_target(path).value());
  if (const auto* const refused = std::get_if<net::Response>(&found))
    return net::empty_response(refused->status);
  const auto& match = std::get<net::Router::Match>(found);
  request.method = method;
  request.parts = match.parts;
  request.body_bytes = body.size();
  net::Reply reply = (*match.action)(request);
  if (auto* const response = std::get_if<net::Response>(&reply)) return std::move(*response);
  auto& sink = std::get<std::unique_ptr<net::BodySink>>(reply);
  if (const Done done = sink->write(bytes_of(body)); !done)
    return net::error_response(done.error());
  return sink->finish();
}
std::string text_of_body(const net::Response& response) {
  return std::string(text_of(std::get<Bytes>(response.body)));
}

}  // namespace

TEST_CASE("receive logs its step only for the bytes that the custodian stored", "[zone][lies]") {
  Middle m;
  const auto key = key_of("receive");
  zone::Links links(m.folder / "custodian.sock", m.audit.socket("receive.egov"), key);
  zone::Intake intake(links, ZoneId::create("egov").value());
  const zone::SealedPackage package{digest_of("a package"), to_bytes("a package"), {}};
  const TransferId transfer = zone::transfer_of(package.digest);

  m.custodian_says = [](const ledger::Request& request) {
    return takes_in(request, digest_of("another package"));
  };
  CHECK(intake.take(kSurvey, package).error().reason() == "digest-mismatch");
  CHECK(m.entries(transfer).empty());

  m.custodian_says = [](const ledger::Request& request) {
    return takes_in(request, digest_of("a package"));
  };
  const auto arrived = intake.take(kSurvey, package);
  REQUIRE(arrived);
  CHECK(arrived->transfer == transfer);
  CHECK(m.entries(transfer) == std::vector<std::string>{"transfer.received", "step.receive"});
}

TEST_CASE("receive acknowledges nothing before its step is in the log", "[zone][lies]") {
  Middle m;
  const auto key = key_of("receive");
  test::LyingAudit lying(m.folder / "audit.sock", m.audit.socket("receive.egov"));
  zone::Links links(m.folder / "custodian.sock", m.folder / "audit.sock", key);
  zone::Intake intake(links, ZoneId::create("egov").value());
  m.custodian_says = [](const ledger::Request& request) {
    return takes_in(request, digest_of("a package"));
  };
  lying.lie([](const audit::Request& request, const auto& honest) {
    if (const auto* const append = std::get_if<audit::AppendRequest>(&request)) {
      audit::AppendReply reply;
      reply.id = append->id;
      reply.outcome = audit::AppendOutcome::refused;
      reply.reason = "audit-disk-reserve";
      return std::optional(Frame{audit::to_bytes(audit::Reply(reply))});
    }
    return std::optional(Frame{audit::to_bytes(honest())});
  });
  const zone::SealedPackage package{digest_of("a package"), to_bytes("a package"), {}};
  CHECK_FALSE(intake.take(kSurvey, package));
  CHECK(std::ranges::count(m.asked, ledger::kKindOf<ledger::Received>) == 0);
}

TEST_CASE("deliver serves a released package to its recipients and to nobody else",
          "[zone][lies]") {
  Middle m;
  m.custodian_says = [](const auto&) { return ledger::Listing{}; };
  const TransferId transfer = TransferId::create(std::string(32, 'a')).value();
  const std::string start = m.folder / transfer.text();
  std::ofstream(start + ".json") << R"({"origin":"egov","recipients":["portal"],"sealed":")"
                                 << digest_of("sealed").to_text() << R"(","transfer":")"
                                 << transfer.text() << R"("})";
  const zone::Shelf shelf(m.folder.path());
  zone::Links links(m.folder / "custodian.sock");
  const net::Router router = zone::deliver_routes(shelf, m.fetches, links);
  const std::string path = "/v1/packages/" + transfer.text();
  // Not released yet: there for nobody.
  CHECK(ask(router, net::Method::get, path, "portal").status == 404);
  std::ofstream(start + ".hangu") << "sealed";
  CHECK(ask(router, net::Method::get, path, "portal").status == 200);
  CHECK(ask(router, net::Method::get, path, "survey").status == 404);
  CHECK(ask(router, net::Method::get, path, "").status == 404);
  CHECK(text_of_body(ask(router, net::Method::get, "/v1/packages", "survey")) ==
        R"({"packages":[]})");
  CHECK(
      text_of_body(ask(router, net::Method::get, "/v1/packages", "portal")).find(transfer.text()) !=
      std::string::npos);
}

TEST_CASE("who fetches a package is in the log, once, before anything is served", "[zone][lies]") {
  Middle m;
  const TransferId transfer = TransferId::create(std::string(32, 'a')).value();
  const std::string start = m.folder / transfer.text();
  std::ofstream(start + ".json") << R"({"origin":"egov","recipients":["portal"],"sealed":")"
                                 << digest_of("sealed").to_text() << R"(","transfer":")"
                                 << transfer.text() << R"("})";
  std::ofstream(start + ".hangu") << "sealed";
  const zone::Shelf shelf(m.folder.path());
  zone::Links links(m.folder / "custodian.sock");
  const std::string path = "/v1/packages/" + transfer.text();

  test::LyingAudit lying(m.folder / "audit.sock", m.audit.socket("deliver.internet"));
  lying.lie([](const audit::Request& request, const auto& honest) {
    if (const auto* const append = std::get_if<audit::AppendRequest>(&request)) {
      audit::AppendReply reply;
      reply.id = append->id;
      reply.outcome = audit::AppendOutcome::refused;
      reply.reason = "audit-disk-reserve";
      return std::optional(Frame{audit::to_bytes(audit::Reply(reply))});
    }
    return std::optional(Frame{audit::to_bytes(honest())});
  });
  zone::HalfLog full(m.folder / "audit.sock");
  zone::Fetches untold(full, ZoneId::create("internet").value());
  const net::Router silent = zone::deliver_routes(shelf, untold, links);
  CHECK(ask(silent, net::Method::get, path, "portal").status == 503);
  CHECK(m.entries(transfer).empty());

  const net::Router router = zone::deliver_routes(shelf, m.fetches, links);
  CHECK(ask(router, net::Method::head, path, "portal").status == 200);
  CHECK(ask(router, net::Method::get, path, "survey").status == 404);
  CHECK(m.entries(transfer).empty());
  for (int i = 0; i < 3; ++i) CHECK(ask(router, net::Method::get, path, "portal").status == 200);
  zone::Fetches restarted(m.half_log, ZoneId::create("internet").value());
  const net::Router again = zone::deliver_routes(shelf, restarted, links);
  CHECK(ask(again, net::Method::get, path, "portal").status == 200);
  std::string entry;
  CHECK(m.entries(transfer, &entry) == std::vector<std::string>{"transfer.fetched"});
  CHECK(entry.find(R"("event":{"node":"portal","zone":"internet","sealed":")" +
                   digest_of("sealed").to_text()) != std::string::npos);
}

TEST_CASE("a listing puts what its node has acknowledged last and says so", "[zone]") {
  Middle m;
  const TransferId done = TransferId::create(std::string(32, 'a')).value();
  const TransferId waits = TransferId::create(std::string(32, 'b')).value();
  for (const TransferId& transfer : {done, waits}) {
    const std::string start = m.folder / transfer.text();
    std::ofstream(start + ".json")
        << R"({"origin":"egov","recipients":["portal"],"sealed":")" << digest_of("sealed").to_text()
        << R"(","transfer":")" << transfer.text() << R"("})";
    std::ofstream(start + ".hangu") << "sealed";
  }
  bool away = true;
  m.custodian_says = [&](const ledger::Request& request) -> ledger::Reply {
    if (away) return ledger::Refused{ErrorCode::unavailable, "transfer-busy", {}};
    if (!std::holds_alternative<ledger::ListOfNode>(request))
      return takes_in(request, digest_of(""));
    ledger::Listing listing;
    listing.rows.push_back({.transfer = done, .zone = *ZoneId::create("egov"), .node = kPortal});
    return listing;
  };
  const zone::Shelf shelf(m.folder.path());
  zone::Links links(m.folder / "custodian.sock");
  const net::Router router = zone::deliver_routes(shelf, m.fetches, links);
  const auto listed = [&] {
    const auto json = wire::Json::parse(
        text_of_body(ask(router, net::Method::get, "/v1/packages", "portal")), 4096);
    std::string text;
    for (const wire::Json& one : *json->find("packages")->as_array())
      text += one.find("id")->as_string()->substr(0, 1) +
              (*one.find("acknowledged")->as_bool() ? "+" : "-");
    return text;
  };
  CHECK(listed() == "a-b-");  // the custodian cannot be asked: everything waits
  away = false;
  CHECK(listed() == "b-a+");
  const std::string path = "/v1/packages/" + waits.text() + "/acknowledgement";
  const std::string body = R"({"sealed":")" + digest_of("sealed").to_text() + R"("})";
  CHECK(ask(router, net::Method::post, path, "portal", body).status == 200);
  CHECK(listed() == "a+b+");
  CHECK(std::ranges::count(m.asked, ledger::kKindOf<ledger::ListOfNode>) == 2);
}

TEST_CASE("an acknowledgement of another package than was released does not count",
          "[zone][lies]") {
  Middle m;
  m.custodian_says = [](const ledger::Request& request) {
    return takes_in(request, digest_of(""));
  };
  const TransferId transfer = TransferId::create(std::string(32, 'a')).value();
  const std::string start = m.folder / transfer.text();
  std::ofstream(start + ".json") << R"({"origin":"egov","recipients":["portal"],"sealed":")"
                                 << digest_of("sealed").to_text() << R"(","transfer":")"
                                 << transfer.text() << R"("})";
  std::ofstream(start + ".hangu") << "sealed";
  const zone::Shelf shelf(m.folder.path());
  zone::Links links(m.folder / "custodian.sock");
  const net::Router router = zone::deliver_routes(shelf, m.fetches, links);
  const auto acknowledge = [&](const std::string& node, const std::string& body) {
    return ask(router, net::Method::post, "/v1/packages/" + transfer.text() + "/acknowledgement",
               node, body);
  };
  const auto about = [](std::string_view sealed) {
    return R"({"sealed":")" + digest_of(sealed).to_text() + R"("})";
  };
  CHECK(text_of_body(acknowledge("portal", about("seale"))).find("acknowledgement-mismatch") !=
        std::string::npos);
  CHECK(acknowledge("portal", "{}").status == 400);
  CHECK(acknowledge("portal", "").status == 400);
  CHECK(acknowledge("portal", std::string(1025, ' ')).status == 507);
  CHECK(acknowledge("survey", about("sealed")).status == 404);
  CHECK(m.asked.empty());  // none of these went to the middle
  CHECK(acknowledge("portal", about("sealed")).status == 200);
  CHECK(m.asked == std::vector<std::size_t>{ledger::kKindOf<ledger::Acknowledge>});
}

TEST_CASE("a deliver that acknowledges falsely says so on the record", "[zone][lies]") {
  // It can: no other program knows what a node has. What it claims stands in the log, once for each
  // node, beside the digest that emit sealed; and no package moves for it.
  Middle m;
  line::CustodianAudit log(m.audit.socket("custodian"), m.entropy);
  const TransferId transfer = TransferId::create(std::string(32, 'a')).value();
  REQUIRE(log.acknowledge(transfer, kPortal, digest_of("what was never sealed")));
  REQUIRE(log.acknowledge(transfer, kPortal, digest_of("sealed")));
  std::string entry;
  CHECK(m.entries(transfer, &entry) == std::vector<std::string>{"transfer.acknowledged"});
  CHECK(entry.find(digest_of("what was never sealed").to_text()) != std::string::npos);
  CHECK(entry.find("portal") != std::string::npos);
}
