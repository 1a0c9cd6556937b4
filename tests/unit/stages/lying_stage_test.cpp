// Attacks by a stage or a zone half that lies in the log's full view: what it signs is on record,
// and the mover does not act on it. docs/protocols/receipts.md §6.

#include "tests/unit/stages/emit_line.hpp"

namespace {

using namespace hangu;
using flow::Stage;
using test::EmitLine;
using test::Fate;

constexpr std::array kStages{Stage::receive,   Stage::verify, Stage::inspect, Stage::decide,
                             Stage::transform, Stage::check,  Stage::approve, Stage::clear};

crypto::ObjectDigest other_digest() {
  return crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of("something else"));
}

/// Lets the stages do as `change` says; what the mover made of it.
template <class Change>
std::string reason_when(Change change) {
  EmitLine line;
  change(line.b);
  const Fate fate = line.run();
  CHECK(line.released().empty());
  CHECK(line.emissions().empty());
  CHECK(line.custodian.completions().size() == 1);
  for (const auto& completion : line.custodian.completions())
    CHECK(completion.verdict == flow::Verdict::fail);
  return fate.reason;
}

}  // namespace

TEST_CASE("a step with another stage's signature is not that stage's", "[emit][lies]") {
  for (const Stage stage : kStages)
    for (const char* signer : {"emit", "verify", "check", "decide", "stranger"}) {
      const std::string own =
          stage == Stage::receive ? "receive.egov" : std::string(program_of(stage));
      if (own == signer) continue;
      INFO(flow::to_text(stage) << " signed by " << signer);
      CHECK(reason_when([&](test::ChainBuilder& b) { b.signer[stage] = signer; }) ==
            "warrant-stage-signature");
    }
  CHECK(reason_when([](test::ChainBuilder& b) { b.signer[Stage::receive] = "receive.internet"; }) ==
        "warrant-stage-signature");
}

TEST_CASE("a stage cannot log a step under another stage's name", "[emit][lies]") {
  EmitLine line;
  line.make_steps();
  crypto::SystemEntropy entropy;
  for (const Stage stage : kStages)
    for (const char* program : {"verify", "transform", "emit", "custodian"}) {
      if (program_of(stage) == program) continue;
      INFO(program << " logs " << flow::to_text(stage));
      auto client = line::AuditClient::connect(line.audit.socket(program), entropy).value();
      audit::AppendRequest request;
      request.id = client.new_request_id();
      request.type = "step." + std::string(flow::to_text(stage));
      request.transfer = line.b.transfer;
      request.keys = {"step:another-round"};
      request.kind = audit::BodyKind::statement;
      request.body = flow::Envelope::sign("x", to_bytes("{}"), line.b.key("verify"))->to_text();
      const auto reply = client.append(request);
      CHECK(reply.error().reason() == "audit-refused");
      CHECK(reply.error().context() == "type-forbidden");
    }
}

TEST_CASE("a statement of one stage logged as another's does not count", "[emit][lies]") {
  // check's socket, check's key, but the statement says transform.
  EmitLine line;
  const auto logged = line.b.log_into([&](const flow::Step& step, const flow::Envelope& envelope) {
    if (step.stage != Stage::check) return line.append(step, envelope);
    flow::Step renamed = step;
    renamed.stage = Stage::transform;
    return line.append_as(Stage::check, step,
                          renamed.to_statement().sign(line.b.key("check")).value());
  });
  line.take_steps(logged);
  const Fate fate = line.run();
  CHECK(fate.reason == "warrant-steps");
  CHECK(line.released().empty());
}

TEST_CASE("an object swapped between any two stages stays in", "[emit][lies]") {
  for (const Stage stage : kStages) {
    INFO(flow::to_text(stage));
    CHECK(reason_when([&](test::ChainBuilder& b) {
            b.change_step[stage] = [](flow::Step& step) { step.input = other_digest(); };
          }) == "warrant-tables");
  }
}

TEST_CASE("a receive that hands on another package than its receipt said gets nothing out",
          "[emit][lies]") {
  // Its step names one sealed package; the middle was given, and verified, another.
  CHECK(reason_when([](test::ChainBuilder& b) {
          b.change_step[Stage::receive] = [](flow::Step& step) {
            step.input = other_digest();
            step.output = other_digest();
          };
        }) == "warrant-tables");
}

TEST_CASE("a verify that vouches for a forged sender gets nothing out", "[emit][lies]") {
  CHECK(reason_when([](test::ChainBuilder& b) { b.sender = "stranger"; }) == "warrant-sender");
  CHECK(reason_when([](test::ChainBuilder& b) {
          b.change_step[Stage::verify] = [](flow::Step& s) { s.output = other_digest(); };
          b.change_step[Stage::inspect] = [](flow::Step& s) { s.input = other_digest(); };
        }) == "warrant-tables");
}

TEST_CASE("a forged verdict, certificate or approval gets nothing out", "[emit][lies]") {
  CHECK(reason_when([](test::ChainBuilder& b) {
          b.change_step[Stage::check] = [](flow::Step& s) { s.verdict = flow::Verdict::fail; };
        }) == "warrant-verdict");
  CHECK(reason_when([](test::ChainBuilder& b) {
          b.certificate = flow::ReleaseCertificate{other_digest(), flow::Verdict::pass, {}};
        }) == "warrant-certificate");
  CHECK(reason_when([](test::ChainBuilder& b) {
          b.certificate = flow::ReleaseCertificate{
              b.rendition.digest(crypto::HashAlgorithm::sha256), flow::Verdict::fail, {}};
        }) == "warrant-certificate");
  CHECK(reason_when([](test::ChainBuilder& b) { b.approvals = {b.approval_of("li")}; }) ==
        "warrant-approvals");
  CHECK(reason_when([](test::ChainBuilder& b) {
          b.approvals = {b.approval_of("li"),
                         b.sign_approval(b.approval_statement("wang"), "approve")};
        }) == "warrant-approvals");
}

TEST_CASE("a decide that sends elsewhere than the sender wrote gets nothing out", "[emit][lies]") {
  CHECK(reason_when([](test::ChainBuilder& b) {
          b.decision.destination = ZoneId::create("classified").value();
        }) == "warrant-destination");
  CHECK(reason_when([](test::ChainBuilder& b) {
          b.decision.recipients.front().node = NodeId::create("thief").value();
        }) == "warrant-destination");
  CHECK(reason_when([](test::ChainBuilder& b) {
          b.cleared = b.decision;
          b.cleared->allowed = false;
        }) == "warrant-decision");
  CHECK(reason_when([](test::ChainBuilder& b) {
          b.cleared = b.decision;
          b.cleared->obligations.declassifiers = {"offset-v3"};
        }) == "policy-changed");
}

TEST_CASE("a warrant for a zone that has no outbox here lets nothing out", "[emit][lies]") {
  EmitLine line;
  line.b.submission.destination_zone = ZoneId::create("nowhere").value();
  line.b.decision.destination = line.b.submission.destination_zone;
  const Fate fate = line.run();
  CHECK(fate.reason == "warrant-destination");
  CHECK_FALSE(fate.verdict);  // nothing is wrong with the transfer: it waits for people
  CHECK(line.released().empty());
}
