// The shell's one step, against a real audit log and a custodian double on real sockets.

#include <numeric>

#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "line/custodian_audit.hpp"
#include "line/records.hpp"
#include "line/stage_shell.hpp"
#include "tests/support/audit_service.hpp"
#include "tests/support/custodian_double.hpp"
#include "tests/support/seeded_entropy.hpp"
#include "tests/unit/os/scratch.hpp"

namespace {

using namespace hangu;
using flow::Stage;
using flow::Verdict;
using line::Outcome;
using std::chrono::milliseconds;

const TransferId kTransfer = TransferId::create("00112233445566778899aabbccddeeff").value();
const TransferId kOther = TransferId::create("ffffffffffffffffffffffffffffffff").value();
constexpr const char* kOrigin = "gw-test/audit";

crypto::SigningKey key_of(std::string_view seed) {
  test::SeededEntropy entropy(seed);
  return crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy).value();
}
crypto::ObjectDigest digest_of(std::string_view text) {
  return crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of(text));
}

/// A stage "verify" that is given one work at a time.
struct Shop {
  os::test::ScratchFolder folder;
  ManualClock clock{WallTime(milliseconds(1'772'352'000'000))};
  test::AuditService audit{
      folder / "audit", kOrigin, key_of("audit"), clock, {"verify", "custodian"}};
  test::LyingAudit lying{folder / "audit.sock", audit.socket("verify")};
  test::CustodianDouble custodian{folder / "custodian.sock"};
  crypto::SigningKey key = key_of("verify");
  crypto::SystemEntropy entropy;
  line::Patience patience{.answer = std::chrono::seconds(5),
                          .long_answer = std::chrono::seconds(5),
                          .reconnect = milliseconds(300)};
  line::TakeEffect effect;

  static ledger::Work work(const TransferId& transfer = kTransfer) {
    ledger::Work out{.token = {std::byte{7}},
                     .transfer = transfer,
                     .zone = ZoneId::create("egov").value(),
                     .node = NodeId::create("survey").value()};
    out.table = digest_of("sealed table");
    out.steps = {{Stage::receive, 5}};
    return out;
  }
  Done run(const line::StageCore& core, const TransferId& transfer = kTransfer) {
    return run(core, work(transfer));
  }
  Done run(const line::StageCore& core, const ledger::Work& offered) {
    custodian.offer(offered);
    auto client = line::CustodianClient::connect(folder / "custodian.sock", patience).value();
    line::StepLog log(
        line::AuditClient::connect(folder / "audit.sock", entropy, milliseconds(500)).value(), key);
    const std::array stages{Stage::verify};
    const auto claimed = client.claim(stages, milliseconds(0)).value();
    REQUIRE(claimed);
    return line::work_once(*claimed, client, log, core, effect);
  }
  /// What the log has of a transfer: type, verdict and reason of each entry.
  std::vector<std::string> entries(const TransferId& transfer = kTransfer) {
    auto client = line::AuditClient::connect(audit.socket("verify"), entropy).value();
    const auto head = client.checkpoint().value();
    const auto found = client.find(transfer).value();
    std::vector<std::string> out;
    for (const std::uint64_t index : found) {
      const auto entry = client.prove(index, head.size).value().entry;
      const auto logged = flow::parse_logged_statement(entry);
      if (!logged) {
        out.emplace_back("event");
        continue;
      }
      CHECK(logged->statement.signed_by(key.verify_key()));
      const auto step = flow::Step::parse(logged->statement).value();
      out.push_back(logged->type + " " + std::string(flow::to_text(step.verdict)) + " " +
                    step.reason);
    }
    return out;
  }
  ledger::Completion only_completion() {
    const auto all = custodian.completions();
    REQUIRE(all.size() == 1);
    return all[0];
  }
};

line::StageCore gives(Outcome outcome) {
  return [outcome = std::move(outcome)](const line::Work&, line::CustodianClient&,
                                        line::StepLog&) -> Result<Outcome> { return outcome; };
}
line::StageCore fails(ErrorCode code, std::string_view reason) {
  return [=](const line::Work&, line::CustodianClient&, line::StepLog&) -> Result<Outcome> {
    return fail(code, reason);
  };
}
Outcome passing() {
  Outcome outcome = Outcome::passed(digest_of("objects"));
  outcome.evidence.emplace("submission", digest_of("statement"));
  return outcome;
}
using Entries = std::vector<std::string>;

}  // namespace

TEST_CASE("a step that nobody could read back is neither logged nor completed", "[line]") {
  Shop shop;
  ledger::Work rootless = Shop::work();
  rootless.steps.clear();  // a lying custodian's: verify always follows receive
  for (const auto& core : {gives(passing()), fails(ErrorCode::forbidden, "no")}) {
    const Done done = shop.run(core, rootless);
    REQUIRE_FALSE(done);
    CHECK(done.error().reason() == "step-invalid");
  }
  CHECK(shop.entries().empty());
  CHECK(shop.custodian.completions().empty());
}

TEST_CASE("a step is in the log before it takes effect, and effective before it is completed",
          "[line]") {
  Shop shop;
  Entries at_effect;
  std::size_t completed_at_effect = 99;
  shop.effect = [&](const line::Effect& effect) -> Done {
    at_effect = shop.entries();
    completed_at_effect = shop.custodian.completions().size();
    CHECK(effect.logged.step->evidence == passing().evidence);
    return {};
  };
  REQUIRE(shop.run(gives(passing())));
  CHECK(at_effect == Entries{"step.verify pass ok"});
  CHECK(completed_at_effect == 0);
  const auto done = shop.only_completion();
  CHECK(done.verdict == Verdict::pass);
  CHECK(done.table == digest_of("objects"));
  CHECK(done.evidence == passing().evidence);
}

TEST_CASE("a core that fails quarantines the transfer with the reason", "[line]") {
  for (const ErrorCode code : {ErrorCode::malformed, ErrorCode::forbidden, ErrorCode::exhausted,
                               ErrorCode::corrupt, ErrorCode::internal}) {
    Shop shop;
    REQUIRE(shop.run(fails(code, "worker-limit")));
    CHECK(shop.entries() == Entries{"step.verify error worker-limit"});
    CHECK(shop.only_completion().verdict == Verdict::error);
    CHECK(shop.only_completion().reason == "worker-limit");
    CHECK(shop.custodian.given_back() == 0);
  }
}

TEST_CASE("a failure that may pass gives the work back, and logs nothing", "[line]") {
  for (const auto& [code, reason] : {std::pair(ErrorCode::unavailable, "peer-absent"),
                                     std::pair(ErrorCode::forbidden, "claim-unknown"),
                                     std::pair(ErrorCode::forbidden, "output-unknown")}) {
    INFO(reason);
    Shop shop;
    REQUIRE(shop.run(fails(code, reason)));
    CHECK(shop.entries().empty());
    CHECK(shop.custodian.completions().empty());
    CHECK(shop.custodian.given_back() == 1);
  }
}

TEST_CASE("a refusal ends the transfer in the log", "[line]") {
  Shop shop;
  REQUIRE(shop.run(gives(Outcome::refused(Shop::work(), "sender-signature"))));
  CHECK(shop.entries() == Entries{"step.verify fail sender-signature"});
  CHECK(shop.only_completion().verdict == Verdict::fail);
  CHECK(shop.only_completion().reason == "sender-signature");
  // A withdrawal comes too late.
  line::CustodianAudit sender(shop.audit.socket("custodian"), shop.entropy);
  CHECK(sender.end_transfer(kTransfer, flow::State::withdrawn, {}).value() == flow::State::refused);
}

TEST_CASE("a refusal says where, cut between characters and fit to be shown", "[line]") {
  const auto told = [](std::string_view object, std::string_view what) {
    return Outcome::refused(Shop::work(), "plain-name").at(object, what).detail;
  };
  CHECK(told("map.gpkg", "roads.名称") == "map.gpkg: roads.名称");
  CHECK(told("map.gpkg", "") == "map.gpkg");
  CHECK(told("", "roads") == "roads");
  CHECK(told("a.csv", "two\nlines") == "a.csv: two\\u{a}lines");
  CHECK(told("a.csv", "two\\u{a}lines") == "a.csv: two\\u{a}lines");  // the worker escaped it
  std::string name;
  for (int i = 0; i < 85; ++i) name += "图";
  std::string what;
  for (int i = 0; i < 500; ++i) what += "层";
  for (const std::string& detail :
       {told(name, what), told(std::string(255, 'n'), std::string(2000, '\xff')), told("", what),
        told(std::string(255, '\x01'), std::string(300, '\x01'))}) {
    INFO(detail);
    CHECK(is_printable(detail, ledger::kDetailBytesMax));
    CHECK(detail.size() > 200);
  }
  Shop shop;
  REQUIRE(shop.run(gives(Outcome::refused(Shop::work(), "plain-name").at("map.gpkg", "roads"))));
  CHECK(shop.only_completion().detail == "map.gpkg: roads");
}

TEST_CASE("where is not told of a step that an earlier attempt logged otherwise", "[line]") {
  Shop shop;
  REQUIRE(shop.run(gives(passing())));
  REQUIRE(shop.run(gives(Outcome::refused(Shop::work(), "plain-name").at("map.gpkg"))));
  const auto done = shop.custodian.completions();
  REQUIRE(done.size() == 2);
  CHECK(done[1].verdict == Verdict::pass);
  CHECK(done[1].detail.empty());
}

TEST_CASE("a key that another transfer holds refuses this one with the core's reason", "[line]") {
  Outcome outcome = passing();
  outcome.keys = {"submission:abc"};
  outcome.key_taken_reason = "submission-replayed";
  Shop shop;
  REQUIRE(shop.run(gives(outcome), kOther));
  REQUIRE(shop.run(gives(outcome)));
  CHECK(shop.entries(kOther) == Entries{"step.verify pass ok"});
  CHECK(shop.entries() == Entries{"step.verify fail submission-replayed"});
  REQUIRE(shop.custodian.completions().size() == 2);
  CHECK(shop.custodian.completions()[1].verdict == Verdict::fail);
  CHECK(shop.custodian.completions()[1].reason == "submission-replayed");
}

TEST_CASE("a step that is in the log already stands, whatever is made now", "[line]") {
  Shop shop;
  REQUIRE(shop.run(gives(passing())));
  Outcome other = Outcome::passed(digest_of("other objects"));
  REQUIRE(shop.run(gives(other)));
  REQUIRE(shop.run(fails(ErrorCode::internal, "disk-failed")));
  CHECK(shop.entries() == Entries{"step.verify pass ok"});
  const auto done = shop.custodian.completions();
  REQUIRE(done.size() == 3);
  for (const ledger::Completion& one : done) {
    CHECK(one.verdict == Verdict::pass);
    CHECK(one.table == digest_of("objects"));
    CHECK(one.evidence == passing().evidence);
    CHECK(one.entry == done[0].entry);
  }
}

TEST_CASE("a transfer that ended elsewhere is given back, and the effect hears of it", "[line]") {
  Shop shop;
  line::CustodianAudit sender(shop.audit.socket("custodian"), shop.entropy);
  REQUIRE(sender.end_transfer(kTransfer, flow::State::withdrawn, {}).value() ==
          flow::State::withdrawn);
  bool heard = false;
  shop.effect = [&](const line::Effect& effect) -> Done {
    heard = !effect.logged.step;
    return {};
  };
  REQUIRE(shop.run(gives(Outcome::refused(Shop::work(), "sender-zone"))));
  CHECK(heard);
  CHECK(shop.entries() == Entries{"event"});
  CHECK(shop.custodian.completions().empty());
  CHECK(shop.custodian.given_back() == 1);
}

TEST_CASE("an effect that fails keeps the step from being completed", "[line]") {
  Shop shop;
  shop.effect = [](const line::Effect&) { return Done(fail(ErrorCode::internal, "disk-full")); };
  CHECK(shop.run(gives(passing())).error().reason() == "disk-full");
  CHECK(shop.custodian.completions().empty());
  // Next time it works: the same entry, completed.
  shop.effect = {};
  REQUIRE(shop.run(gives(passing())));
  CHECK(shop.entries() == Entries{"step.verify pass ok"});
  CHECK(shop.only_completion().verdict == Verdict::pass);
}

TEST_CASE("without the log nothing takes effect", "[line]") {
  Shop shop;
  bool effective = false;
  shop.effect = [&](const line::Effect&) -> Done {
    effective = true;
    return {};
  };
  const auto core = [&](const line::Work&, line::CustodianClient&,
                        line::StepLog&) -> Result<Outcome> {
    shop.lying.lie([](const audit::Request&, const auto&) { return std::optional<test::Frame>(); });
    return passing();
  };
  CHECK(shop.run(core).error().reason() == "audit-unavailable");
  CHECK_FALSE(effective);
  CHECK(shop.custodian.completions().empty());
}

TEST_CASE("what the log does not take for a while is done again, in a core and after it",
          "[line]") {
  const auto refusing = [](const char* reason) {
    return [reason](const audit::Request& request, const test::LyingAudit::Honest& honest) {
      const auto* const append = std::get_if<audit::AppendRequest>(&request);
      if (append == nullptr) return std::optional(test::Frame{audit::to_bytes(honest())});
      audit::AppendReply reply;
      reply.id = append->id;
      reply.reason = reason;
      return std::optional(test::Frame{audit::to_bytes(audit::Reply(reply))});
    };
  };
  const auto core = [](bool in_core) {
    return [in_core](const line::Work& work, line::CustodianClient&,
                     line::StepLog& log) -> Result<Outcome> {
      const std::array records{
          line::received_record(work.zone, work.node, digest_of("sealed package"))};
      if (in_core) HANGU_CHECK(line::append_records(work.transfer, records, log.client()));
      return passing();
    };
  };
  for (const bool in_core : {true, false})
    for (const std::string_view reason : audit::kPassingRefusals) {
      CAPTURE(in_core, reason);
      Shop shop;
      shop.lying.lie(refusing(reason.data()));
      const Done done = shop.run(core(in_core));
      CHECK(done.has_value() == in_core);
      CHECK(shop.custodian.completions().empty());
      CHECK(shop.custodian.given_back() == (in_core ? 1 : 0));  // else its claim runs out
      CHECK(shop.entries().empty());
      shop.lying.lie({});
      REQUIRE(shop.run(gives(passing())));
      CHECK(shop.only_completion().verdict == Verdict::pass);
    }
  // What the log never takes is an error of the stage's own: people look at it.
  Shop shop;
  REQUIRE(shop.run(core(true)));  // the catalogue lets receive alone tell this
  CHECK(shop.only_completion().verdict == Verdict::error);
  CHECK(shop.only_completion().reason == "audit-refused");
  CHECK(shop.custodian.given_back() == 0);
}

TEST_CASE("a transfer with a thousand entries is found whole, and no log may turn in a circle",
          "[line]") {
  Shop shop;
  auto client = line::AuditClient::connect(shop.folder / "audit.sock", shop.entropy).value();
  std::vector<std::uint64_t> appended;
  for (int i = 0; i < 1000; ++i) {
    const auto reply = client.append({.id = client.new_request_id(),
                                      .type = "sequence.gap",
                                      .transfer = kTransfer,
                                      .keys = {},
                                      .kind = audit::BodyKind::event,
                                      .body = R"({"node":"n","sequence":3,"missing":2})"});
    appended.push_back(reply.value().index);
  }
  CHECK(client.find(kTransfer).value() == appended);
  CHECK(client.find(kOther).value().empty());
  shop.lying.lie([&](const audit::Request& request, const test::LyingAudit::Honest&) {
    audit::FindReply reply;
    reply.id = std::get<audit::FindRequest>(request).id;
    reply.indices.resize(256);
    std::iota(reply.indices.begin(), reply.indices.end(), 5);
    return std::optional(test::Frame{audit::to_bytes(audit::Reply(reply))});
  });
  CHECK(client.find(kTransfer).error().reason() == "audit-reply-invalid");
}

TEST_CASE("work that the core gave back itself leaves no trace", "[line]") {
  Shop shop;
  REQUIRE(shop.run(gives(Outcome::given_back())));
  CHECK(shop.entries().empty());
  CHECK(shop.custodian.completions().empty());
}

TEST_CASE("what a custodian calls stored bytes is compared with them", "[line]") {
  Shop shop;
  const std::string large(kSmallObjectBytesMax + 1, 'x');
  for (const std::string_view bytes : {std::string_view("small"), std::string_view(large)}) {
    shop.custodian.lie({});
    std::string reason;
    const auto core = [&](const line::Work& work, line::CustodianClient& custodian,
                          line::StepLog&) -> Result<Outcome> {
      CHECK(custodian.store(work.token, bytes_of(bytes)).value() == digest_of(bytes));
      shop.custodian.lie([](const ledger::Request& request, test::Frame honest) {
        if (std::holds_alternative<ledger::Put>(request) ||
            std::holds_alternative<ledger::Freeze>(request))
          honest.bytes = ledger::encode(ledger::StoredObject{digest_of("another object")});
        return std::optional(std::move(honest));
      });
      const auto stored = custodian.store(work.token, bytes_of(bytes));
      if (!stored) reason = stored.error().reason();
      return Outcome::given_back();
    };
    REQUIRE(shop.run(core));
    CHECK(reason == "object-mismatch");
  }
}
