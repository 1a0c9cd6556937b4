// Attacks on the mover by whoever stands in for the audit log without its key: over the real
// protocol, in front of the real service. docs/protocols/receipts.md §6.

#include "audit/note.hpp"
#include "line/custodian_audit.hpp"
#include "tests/unit/stages/emit_line.hpp"

namespace {

using namespace hangu;
using flow::Stage;
using test::EmitLine;
using test::Fate;
using test::Frame;
using Honest = test::LyingAudit::Honest;
using std::chrono::milliseconds;

std::optional<Frame> frame(const audit::Reply& reply) { return Frame{audit::to_bytes(reply)}; }

/// A line whose steps are made; the log answers requests of kind R as `lie` says.
template <class R>
void lie_about(EmitLine& line, std::function<std::optional<Frame>(const R&, const Honest&)> lie) {
  if (!line.work) line.make_steps();
  line.lying_audit.lie([lie = std::move(lie)](const audit::Request& request, const Honest& honest) {
    if (const auto* const asked = std::get_if<R>(&request)) return lie(*asked, honest);
    return frame(honest());
  });
}

/// The honest reply of kind A, changed.
template <class R, class A>
void change_answer(EmitLine& line, std::function<void(const R&, A&)> change) {
  lie_about<R>(line, [change = std::move(change)](const R& request, const Honest& honest) {
    audit::Reply reply = honest();
    if (auto* const answer = std::get_if<A>(&reply)) change(request, *answer);
    return frame(reply);
  });
}

Fate run_and_check_that_nothing_left(EmitLine& line) {
  const Fate fate = line.run();
  CHECK(line.released().empty());
  CHECK(line.emissions().empty());
  return fate;
}

/// An entry as the log would write it about `step`, signed by `key`; in no log.
std::string forged_entry(const flow::Step& step, const crypto::SigningKey& key) {
  audit::Entry entry;
  entry.type = "step." + std::string(flow::to_text(step.stage));
  entry.boot = std::string(16, 'b');
  entry.peer = {.program = "emit"};
  entry.transfer = step.transfer;
  entry.body = audit::statement_body(step.to_statement().sign(key).value().to_text());
  return entry.to_text();
}

flow::Step emit_step(const EmitLine& line, std::map<std::string, crypto::ObjectDigest> evidence) {
  return flow::Step{line.work->transfer,
                    1,
                    Stage::emit,
                    flow::Verdict::pass,
                    "ok",
                    line.work->table,
                    line.work->table,
                    line.work->previous(),
                    std::move(evidence),
                    std::nullopt};
}

crypto::ObjectDigest some_digest() {
  return crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of("something else"));
}

}  // namespace

TEST_CASE("a checkpoint by another key than the log's lets nothing out", "[emit][lies]") {
  // A whole second log: the same origin, the same steps at the same places, another key.
  EmitLine line;
  test::SeededEntropy entropy("forger");
  test::AuditService forged(
      line.folder / "forged", line.trust().log.origin,
      crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy).value(),
      line.clock, EmitLine::programs());
  line.make_steps();
  (void)line.b.log_into([&](const flow::Step& step, const flow::Envelope& envelope) {
    return line.append(forged, step, envelope);
  });
  test::LyingAudit to_forged(line.folder / "forged.sock", forged.socket("emit"));
  line.audit_socket = line.folder / "forged.sock";
  const Fate fate = run_and_check_that_nothing_left(line);
  CHECK(fate.reason == "checkpoint-unsigned");
}

TEST_CASE("a checkpoint that was changed after it was signed lets nothing out", "[emit][lies]") {
  const auto reason = [](const std::function<void(std::string&)>& change) {
    EmitLine line;
    change_answer<audit::CheckpointRequest, audit::CheckpointReply>(
        line, [&](const auto&, audit::CheckpointReply& reply) { change(reply.note); });
    return run_and_check_that_nothing_left(line).reason;
  };
  CHECK(reason([](std::string& note) {  // another root
          const std::size_t root = note.find('\n', note.find('\n') + 1) + 1;
          note[root] = note[root] == 'A' ? 'B' : 'A';
        }) == "checkpoint-unsigned");
  CHECK(reason([](std::string& note) { note.replace(0, 2, "gx"); }) == "checkpoint-origin");
  CHECK(reason([](std::string& note) { note.insert(note.find("\n\n") + 1, "more\n"); }) ==
        "checkpoint-malformed");
  CHECK(reason([](std::string& note) { note.resize(note.find("\n\n") + 2); }) ==
        "checkpoint-unsigned");
  CHECK(reason([](std::string& note) { note.clear(); }) == "checkpoint-malformed");
}

TEST_CASE("a stale checkpoint does not hold the steps that came after it", "[emit][lies]") {
  EmitLine line;
  crypto::SystemEntropy entropy;
  auto early = line::AuditClient::connect(line.audit.socket("emit"), entropy).value();
  const auto stale = early.checkpoint().value();  // genuine, from before the steps
  line.make_steps();
  SECTION("said as it is: the log cannot prove what it does not hold") {
    change_answer<audit::CheckpointRequest, audit::CheckpointReply>(
        line, [&](const auto&, audit::CheckpointReply& reply) {
          reply.size = stale.size;
          reply.note = stale.note;
        });
    CHECK(run_and_check_that_nothing_left(line).reason == "audit-failed");
  }
  SECTION("under proofs to the present one") {
    line.lying_audit.lie([&](const audit::Request& request, const Honest& honest) {
      if (const auto* const asked = std::get_if<audit::ProveRequest>(&request)) {
        auto proved = early.prove(asked->index, early.checkpoint().value().size).value();
        proved.id = asked->id;
        return frame(proved);
      }
      audit::Reply reply = honest();
      if (auto* const head = std::get_if<audit::CheckpointReply>(&reply)) head->note = stale.note;
      return frame(reply);
    });
    CHECK(run_and_check_that_nothing_left(line).reason == "proof-invalid");
  }
}

TEST_CASE("a proof of another index, another entry or another path lets nothing out",
          "[emit][lies]") {
  const auto reason = [](const std::function<void(EmitLine&, audit::ProveReply&)>& change) {
    EmitLine line;
    line.make_steps();
    const std::uint64_t wanted = line.work->steps[5].entry;
    change_answer<audit::ProveRequest, audit::ProveReply>(
        line, [&, wanted](const audit::ProveRequest& request, audit::ProveReply& reply) {
          if (request.index == wanted) change(line, reply);
        });
    return run_and_check_that_nothing_left(line).reason;
  };
  const auto of_other_index = [](EmitLine& line) {
    crypto::SystemEntropy entropy;
    auto client = line::AuditClient::connect(line.audit.socket("check"), entropy).value();
    return client.prove(line.work->steps[4].entry, client.checkpoint().value().size).value();
  };
  CHECK(reason([&](EmitLine& line, audit::ProveReply& reply) {
          const auto other = of_other_index(line);
          reply.entry = other.entry;
          reply.path = other.path;
        }) == "proof-invalid");
  CHECK(reason([&](EmitLine& line, audit::ProveReply& reply) {
          reply.entry = of_other_index(line).entry;
        }) == "proof-invalid");
  CHECK(reason([&](EmitLine& line, audit::ProveReply& reply) {
          reply.path = of_other_index(line).path;
        }) == "proof-invalid");
  CHECK(reason([](EmitLine&, audit::ProveReply& reply) { reply.entry.push_back(' '); }) ==
        "proof-invalid");
  CHECK(reason([](EmitLine&, audit::ProveReply& reply) { reply.path.pop_back(); }) ==
        "proof-invalid");
  CHECK(reason([](EmitLine&, audit::ProveReply& reply) {
          reply.path.push_back(reply.path.back());
        }) == "proof-invalid");
  CHECK(reason([](EmitLine&, audit::ProveReply& reply) { reply.path.clear(); }) == "proof-invalid");
  CHECK(
      reason([](EmitLine& line, audit::ProveReply& reply) {  // a verdict forged in place
        flow::Step step =
            flow::Step::parse(flow::parse_logged_statement(reply.entry).value().statement).value();
        reply.entry = forged_entry(step, line.b.key("check"));
      }) == "proof-invalid");
}

TEST_CASE("an emission that the log does not write does not take effect", "[emit][lies]") {
  // The audit step is dropped: the answer says appended, the log has nothing.
  EmitLine line;
  lie_about<audit::AppendRequest>(line, [](const audit::AppendRequest& request, const Honest&) {
    audit::AppendReply reply;
    reply.id = request.id;
    reply.outcome = audit::AppendOutcome::appended;
    reply.index = 10;
    return frame(reply);
  });
  const Fate fate = run_and_check_that_nothing_left(line);
  CHECK_FALSE(fate.finished);
  CHECK(line.custodian.completions().empty());
  // With the audit step done, the same work goes out.
  line.lying_audit.lie({});
  line.custodian.offer(*line.work);
  CHECK(line.run().finished);
  CHECK(line.released().size() == 1);
  CHECK(line.emissions().size() == 1);
}

TEST_CASE("an emission that is said to stand where another entry stands does not take effect",
          "[emit][lies]") {
  EmitLine line;
  line.make_steps();
  for (const std::uint64_t index : {std::uint64_t{0}, line.work->steps[7].entry}) {
    lie_about<audit::AppendRequest>(line, [&](const audit::AppendRequest& request, const Honest&) {
      audit::AppendReply reply;
      reply.id = request.id;
      reply.outcome = audit::AppendOutcome::appended;
      reply.index = index;
      return frame(reply);
    });
    line.custodian.offer(*line.work);
    CHECK_FALSE(run_and_check_that_nothing_left(line).finished);
  }
}

TEST_CASE("an earlier emission that the log made up does not take effect", "[emit][lies]") {
  for (const char* signer : {"emit", "verify", "stranger"}) {
    INFO(signer);
    EmitLine line;
    std::optional<crypto::ObjectDigest> sealed;
    lie_about<audit::AppendRequest>(line, [&](const audit::AppendRequest& request, const Honest&) {
      const auto own = flow::Step::parse(flow::Envelope::parse(request.body).value()).value();
      sealed = own.evidence.at("sealed");
      audit::AppendReply reply;
      reply.id = request.id;
      reply.outcome = audit::AppendOutcome::taken;
      reply.index = 10;
      reply.entry = forged_entry(emit_step(line, {{"sealed", *sealed}}), line.b.key(signer));
      return frame(reply);
    });
    CHECK_FALSE(run_and_check_that_nothing_left(line).finished);
    CHECK(sealed);
  }
}

TEST_CASE("an emission that the log finds and that never was lets nothing out", "[emit][lies]") {
  // It was sealed and lost to a withdrawal; now the log says that the mover had emitted it.
  EmitLine line;
  line.make_steps();
  crypto::SystemEntropy entropy;
  line::CustodianAudit sender(line.audit.socket("custodian"), entropy);
  std::optional<crypto::ObjectDigest> sealed;
  lie_about<audit::AppendRequest>(
      line, [&](const audit::AppendRequest& request, const Honest& honest) {
        const auto own = flow::Step::parse(flow::Envelope::parse(request.body).value()).value();
        sealed = own.evidence.at("sealed");
        CHECK(sender.end_transfer(line.b.transfer, flow::State::withdrawn, {}).value() ==
              flow::State::withdrawn);
        return frame(honest());
      });
  (void)run_and_check_that_nothing_left(line);
  REQUIRE(sealed);

  const auto claim_it_was = [&](std::map<std::string, crypto::ObjectDigest> evidence) {
    const std::string entry =
        forged_entry(emit_step(line, std::move(evidence)), line.b.key("stranger"));
    line.lying_audit.lie([&line, entry](const audit::Request& request, const Honest& honest) {
      audit::Reply reply = honest();
      if (auto* const found = std::get_if<audit::FindReply>(&reply)) {
        found->indices = {line.work->steps[0].entry};
      } else if (auto* const proved = std::get_if<audit::ProveReply>(&reply)) {
        if (proved->index == line.work->steps[0].entry) proved->entry = entry;
      } else if (const auto* const append = std::get_if<audit::AppendRequest>(&request)) {
        audit::AppendReply lie;
        lie.id = append->id;
        lie.outcome = audit::AppendOutcome::taken;
        lie.index = line.work->steps[0].entry;
        lie.entry = entry;
        return frame(lie);
      }
      return frame(reply);
    });
    line.custodian.offer(*line.work);
    return run_and_check_that_nothing_left(line);
  };
  CHECK_FALSE(claim_it_was({{"sealed", *sealed}}).finished);
  CHECK(claim_it_was({{"sealed", some_digest()}}).reason == "proof-invalid");
  CHECK(claim_it_was({}).reason == "proof-invalid");
}

TEST_CASE("an emission in the log that names no package, or one that was never kept, is an error",
          "[emit][lies]") {
  // Signed by the mover's own key, and logged: only a mover gone wrong could have done it.
  for (const bool named : {false, true}) {
    EmitLine line;
    line.make_steps();
    flow::Step step = emit_step(line, {});
    if (named) step.evidence.emplace("sealed", some_digest());
    (void)line.append(step, step.to_statement().sign(line.b.key("emit")).value());
    const Fate fate = line.run();
    CHECK(line.released().empty());
    CHECK(fate.reason == (named ? "sealed-lost" : "ok"));
    CHECK(fate.shell_reason == (named ? "sealed-lost" : "emission-not-logged"));
  }
}

TEST_CASE("a log that hides the emission does not make the mover spoil what is released",
          "[emit][lies]") {
  EmitLine line;
  REQUIRE(line.run().finished);
  const auto released = line.released();
  REQUIRE(released.size() == 1);
  const auto digest = line.digest_of_file(released[0]);
  change_answer<audit::HolderRequest, audit::FindReply>(
      line, [](const auto&, audit::FindReply& reply) { reply.indices.clear(); });
  line.custodian.offer(*line.work);
  (void)line.run();
  CHECK(line.released() == released);
  CHECK(line.digest_of_file(released[0]) == digest);
  CHECK(line.consignment().sealed == digest);
  CHECK(line.emissions() == std::vector{digest});
}

TEST_CASE("a withdrawal that the log keeps from the mover still holds the package in",
          "[emit][lies]") {
  // Withdrawn, on record; the log tells the mover that its emission was appended.
  EmitLine line;
  line.make_steps();
  crypto::SystemEntropy entropy;
  line::CustodianAudit sender(line.audit.socket("custodian"), entropy);
  REQUIRE(sender.end_transfer(line.b.transfer, flow::State::withdrawn, {}).value() ==
          flow::State::withdrawn);
  lie_about<audit::AppendRequest>(
      line, [&](const audit::AppendRequest& request, const Honest& honest) {
        const audit::Reply truth = honest();
        audit::AppendReply reply;
        reply.id = request.id;
        reply.outcome = audit::AppendOutcome::appended;
        reply.index = std::get<audit::AppendReply>(truth).index;  // of the withdrawal
        return frame(reply);
      });
  CHECK_FALSE(run_and_check_that_nothing_left(line).finished);
}

TEST_CASE("a log that refuses, answers another request or talks nonsense lets nothing out",
          "[emit][lies]") {
  const auto fate =
      [](std::function<std::optional<Frame>(const audit::AppendRequest&, const Honest&)> lie) {
        EmitLine line;
        line.audit_patience = milliseconds(500);
        lie_about<audit::AppendRequest>(line, std::move(lie));
        const Fate out = run_and_check_that_nothing_left(line);
        CHECK_FALSE(out.finished);
        return out.shell_reason;
      };
  for (const auto& [reason, seen] : {std::pair("audit-disk-reserve", "audit-unavailable"),
                                     std::pair("key-pruned", "audit-refused")})
    CHECK(fate([reason](const audit::AppendRequest& request, const Honest&) {
            audit::AppendReply reply;
            reply.id = request.id;
            reply.outcome = audit::AppendOutcome::refused;
            reply.reason = reason;
            return frame(reply);
          }) == seen);
  CHECK(fate([](const audit::AppendRequest&, const Honest&) {
          audit::AppendReply reply;
          reply.outcome = audit::AppendOutcome::appended;  // with nobody's id
          return frame(reply);
        }) == "audit-reply-invalid");
  CHECK(fate([](const audit::AppendRequest& request, const Honest&) {
          audit::FindReply reply;
          reply.id = request.id;
          return frame(reply);
        }) == "audit-reply-invalid");
  CHECK(fate([](const audit::AppendRequest& request, const Honest&) {
          audit::AppendReply reply;
          reply.id = request.id;
          Bytes bytes = audit::to_bytes(audit::Reply(reply));
          bytes.pop_back();
          return std::optional(Frame{std::move(bytes)});
        }) == "audit-reply-invalid");
  CHECK(fate([](const audit::AppendRequest&, const Honest&) {
          return std::optional(Frame{Bytes(kMessageBytesMax + 1)});
        }) == "message-truncated");
  CHECK(fate([](const audit::AppendRequest&, const Honest&) {
          return std::optional(Frame{});  // hangs up
        }) == "audit-unavailable");
  CHECK(fate([](const audit::AppendRequest&, const Honest&) -> std::optional<Frame> {
          return std::nullopt;  // silent
        }) == "audit-unavailable");
}

TEST_CASE("a log that is silent about receipts makes the mover try later", "[emit][lies]") {
  EmitLine line;
  line.audit_patience = milliseconds(500);
  lie_about<audit::ProveRequest>(
      line, [](const auto&, const Honest&) -> std::optional<Frame> { return std::nullopt; });
  CHECK(run_and_check_that_nothing_left(line).reason == "audit-unavailable");
  CHECK(line.custodian.given_back() == 1);
  line.lying_audit.lie({});
  CHECK(line.run().finished);
  CHECK(line.released().size() == 1);
}
