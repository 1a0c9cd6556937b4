// inspect and transform before a custodian that lies about the bytes: what they hand to workers is
// named by digest, and the digests that they sign are of bytes that a worker has looked at. A
// double stands for the worker here; that the real one keeps to the digest is tested in
// geo/worker_test.cpp.

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "flow/decision.hpp"
#include "plain/worker_protocol.hpp"
#include "stages/inspect/inspect.hpp"
#include "stages/transform/transform.hpp"
#include "tests/support/custodian_double.hpp"
#include "tests/unit/flow/chain_builder.hpp"
#include "tests/unit/os/scratch.hpp"

namespace {

using namespace hangu;
using line::Outcome;
using plain::WorkerJob;

constexpr auto kSha256 = crypto::HashAlgorithm::sha256;

crypto::ObjectDigest digest_of(std::string_view text) {
  return crypto::digest_of(kSha256, bytes_of(text));
}

/// A worker that "reads" by copying and takes the SHA-256 of the bytes for their content digest.
struct WorkerDouble {
  explicit WorkerDouble(const std::string& path)
      : server(path, [this](const os::Message& message) { return answer(message); }) {}

  std::optional<test::Frame> answer(const os::Message& message) {
    const auto request = plain::decode_request(message.bytes).value();
    requests.push_back(request);
    descriptors.push_back(message.descriptors.size());
    const Bytes bytes = test::bytes_in(message.descriptors.at(0).view());
    if (request.job != WorkerJob::measure)
      (void)os::write_all(message.descriptors.at(1).view(), bytes).has_value();
    if (no) return test::Frame{plain::encode(*no)};
    plain::WorkerReply reply;
    reply.verdict = flow::Verdict::pass;
    reply.reason = "ok";
    reply.content_digest = crypto::hash(kSha256, bytes);
    reply.facts = wire::Json(wire::JsonObject{});
    return test::Frame{plain::encode(reply)};
  }

  std::optional<plain::WorkerReply> no;        ///< what it answers instead
  std::vector<plain::WorkerRequest> requests;  ///< while the stage waits for the answer
  std::vector<std::size_t> descriptors;
  test::PacketServer server;
};

struct Shop {
  os::test::ScratchFolder folder;
  test::CustodianDouble custodian{folder / "custodian.sock"};
  WorkerDouble worker{folder / "worker.sock"};

  ledger::Work work(flow::Stage stage, const flow::ObjectTable& table) {
    ledger::Work out{.token = {std::byte{4}},
                     .transfer = TransferId::create(std::string(32, 'a')).value(),
                     .zone = ZoneId::create("egov").value(),
                     .node = NodeId::create("survey").value()};
    out.stage = stage;
    out.table = custodian.put(table.to_bytes());
    return out;
  }
  template <class Core>
  Result<Outcome> run(Core core, const ledger::Work& work) {
    custodian.offer(work);
    auto client = line::CustodianClient::connect(folder / "custodian.sock").value();
    const std::array stages{work.stage};
    const auto claimed = client.claim(stages, std::chrono::milliseconds(0)).value();
    REQUIRE(claimed);
    return core(*claimed, client, folder / "worker.sock");
  }
  flow::ObjectTable table_at(const crypto::ObjectDigest& digest) const {
    return flow::ObjectTable::parse(custodian.object(digest)).value();
  }
};

flow::ObjectTable one_row(const std::string& media_type, const crypto::ObjectDigest& digest) {
  return flow::ObjectTable::create({{"t.csv", media_type, digest}}).value();
}

}  // namespace

TEST_CASE("inspect has every byte checked that a worker reads", "[inspect][lies]") {
  for (const std::size_t size : {std::size_t{100}, kChunkBytes + 1}) {
    Shop shop;
    const auto digest = shop.custodian.put(Bytes(size, std::byte{'a'}));
    const auto outcome =
        shop.run(stages::inspect, shop.work(flow::Stage::inspect, one_row("text/csv", digest)));
    REQUIRE(outcome);
    CHECK(outcome->reason == "ok");
    const std::size_t leaves = size > kChunkBytes ? 1 : 0;
    REQUIRE(shop.worker.requests.size() == 2);
    CHECK(shop.worker.requests[0].job == WorkerJob::read);
    CHECK(shop.worker.requests[0].input == digest);
    CHECK(shop.worker.descriptors[0] == 2 + leaves);
    CHECK(shop.worker.requests[1].job == WorkerJob::measure);
    const auto plain_forms = shop.table_at(outcome->table);
    CHECK(shop.worker.requests[1].input == plain_forms.rows().at(0).digest);
    CHECK(shop.worker.descriptors[1] == 1 + leaves);
    CHECK(outcome->evidence.at("plain") == outcome->table);
  }
}

TEST_CASE("inspect says which object it refuses, and what its worker says of it", "[inspect]") {
  Shop shop;
  const auto digest = shop.custodian.put(bytes_of("a table"));
  const auto refused = [&](const std::string& media_type) {
    return shop.run(stages::inspect, shop.work(flow::Stage::inspect, one_row(media_type, digest)));
  };
  const auto unsupported = refused("application/zip");
  REQUIRE(unsupported);
  CHECK(unsupported->reason == "format-not-supported");
  CHECK(unsupported->detail == "t.csv: application/zip");

  shop.worker.no = plain::WorkerReply{};
  shop.worker.no->verdict = flow::Verdict::fail;
  shop.worker.no->reason = "plain-name";
  shop.worker.no->detail = "plain-name: column \"a \" of \"t\"";
  const auto named = refused("text/csv");
  REQUIRE(named);
  CHECK(named->verdict == flow::Verdict::fail);
  CHECK(named->detail == "t.csv: column \"a \" of \"t\"");
}

TEST_CASE("what a worker says of its own troubles is not told to the sender", "[inspect]") {
  Shop shop;
  const auto digest = shop.custodian.put(bytes_of("a table"));
  shop.worker.no = plain::WorkerReply{};
  shop.worker.no->verdict = flow::Verdict::error;
  shop.worker.no->reason = "worker-defect";
  shop.worker.no->detail = "worker-defect: /usr/lib/hangu: vector::at";
  const auto outcome =
      shop.run(stages::inspect, shop.work(flow::Stage::inspect, one_row("text/csv", digest)));
  REQUIRE(outcome);
  CHECK(outcome->verdict == flow::Verdict::error);
  CHECK(outcome->detail == "t.csv");
}

TEST_CASE("inspect signs no plain form that is not what the worker wrote", "[inspect][lies]") {
  // The custodian names another object, which it also has, as what was frozen.
  Shop shop;
  const auto digest = shop.custodian.put(bytes_of("the sender's table"));
  const auto another = shop.custodian.put(bytes_of("another table"));
  shop.custodian.lie([&](const ledger::Request& request, test::Frame honest) {
    if (std::holds_alternative<ledger::Freeze>(request))
      honest.bytes = ledger::encode(ledger::StoredObject{another});
    return std::optional(std::move(honest));
  });
  const auto outcome =
      shop.run(stages::inspect, shop.work(flow::Stage::inspect, one_row("text/csv", digest)));
  REQUIRE(outcome);
  CHECK(outcome->verdict == flow::Verdict::error);
  CHECK(outcome->reason == "worker-disagreement");
}

TEST_CASE("inspect signs no table of plain forms but its own", "[inspect][lies]") {
  Shop shop;
  const auto digest = shop.custodian.put(bytes_of("the sender's table"));
  const auto another = shop.custodian.put(bytes_of("another table"));
  shop.custodian.lie([&](const ledger::Request& request, test::Frame honest) {
    if (std::holds_alternative<ledger::Put>(request))
      honest.bytes = ledger::encode(ledger::StoredObject{another});
    return std::optional(std::move(honest));
  });
  const auto outcome =
      shop.run(stages::inspect, shop.work(flow::Stage::inspect, one_row("text/csv", digest)));
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().reason() == "object-mismatch");
}

TEST_CASE("transform has its plain forms checked and names the decision that it carried out",
          "[transform][lies]") {
  const test::ChainBuilder b;
  Shop shop;
  const auto form = shop.custodian.put(bytes_of("a plain form"));
  ledger::Work work =
      shop.work(flow::Stage::transform, one_row(std::string(stages::kPlainMediaType), form));
  const auto decision = shop.custodian.put(bytes_of(b.decision.to_json().to_text()));
  work.evidence.emplace("decision", decision);
  work.evidence.emplace("facts",
                        shop.custodian.put(bytes_of(R"([{"format":"csv","name":"t.csv"}])")));
  const auto outcome = shop.run(stages::transform, work);
  REQUIRE(outcome);
  CHECK(outcome->reason == "ok");
  REQUIRE(shop.worker.requests.size() == 1);
  CHECK(shop.worker.requests[0].job == WorkerJob::write);
  CHECK(shop.worker.requests[0].input == form);
  CHECK(outcome->evidence.at("decision") == decision);
  CHECK(shop.table_at(outcome->table) == one_row("text/csv", digest_of("a plain form")));

  // A decision that demands what this gateway cannot do is not carried out.
  flow::Decision demanding = b.decision;
  demanding.obligations.declassifiers = {"offset-v3"};
  work.evidence["decision"] = shop.custodian.put(bytes_of(demanding.to_json().to_text()));
  const auto refused = shop.run(stages::transform, work);
  REQUIRE(refused);
  CHECK(refused->verdict == flow::Verdict::fail);
  CHECK(refused->reason == "declassifier-missing");
}
