// One winner: movers that race each other, work that is offered again, and withdrawals. Whatever
// the custodian offers, one package leaves, the one in the log, or none. docs/protocols/receipts.md
// §6.

#include <thread>

#include "line/custodian_audit.hpp"
#include "tests/unit/stages/emit_line.hpp"

namespace {

using namespace hangu;
using ledger::Work;
using test::EmitLine;
using test::Fate;
using test::Frame;

}  // namespace

TEST_CASE("work that was emitted goes out once, however often it is offered", "[emit][lies]") {
  EmitLine line;
  REQUIRE(line.run().reason == "ok");
  const auto released = line.released();
  REQUIRE(released.size() == 1);
  const auto digest = line.digest_of_file(released[0]);
  const auto sealed = line.consignment().sealed;
  CHECK(sealed == digest);
  const auto again = [&](auto change) {
    Work work = *line.work;
    change(work);
    line.custodian.offer(work);
    (void)line.run();
    CHECK(line.released() == released);
    CHECK(line.digest_of_file(released[0]) == digest);
    CHECK(line.emissions().size() == 1);
    CHECK(line.consignment().sealed == sealed);
  };
  again([](Work&) {});
  again([](Work& work) { work.round = 2; });
  again([](Work& work) { work.steps.clear(); });
  again([](Work& work) {
    work.table = crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of("another table"));
  });
}

TEST_CASE("two movers at the same work release one package, the one in the log", "[emit][lies]") {
  for (int attempt = 0; attempt < 8; ++attempt) {
    EmitLine line(test::long_text(kChunkBytes));
    line.make_steps();
    line.custodian.lie([&](const ledger::Request& request, Frame honest) {
      if (!std::holds_alternative<ledger::Claim>(request)) return std::optional(std::move(honest));
      return std::optional(Frame{ledger::encode(ledger::ClaimedWork{line.work})});  // to everyone
    });
    std::vector<std::thread> movers;
    std::array<Fate, 3> fates;
    for (Fate& fate : fates) movers.emplace_back([&] { fate = line.run(); });
    for (std::thread& mover : movers) mover.join();
    const auto released = line.released();
    REQUIRE(released.size() == 1);
    const auto emissions = line.emissions();
    REQUIRE(emissions.size() == 1);
    CHECK(line.digest_of_file(released[0]) == emissions[0]);
    CHECK(line.open(released[0]).object == line.content());
    CHECK(line.consignment().sealed == emissions[0]);
    CHECK(std::ranges::any_of(fates, &Fate::finished));
  }
}

TEST_CASE("a slow mover that is overtaken while it seals spoils nothing", "[emit][lies]") {
  EmitLine line;
  line.make_steps();
  line.custodian.lie([&](const ledger::Request& request, Frame honest) {
    if (!std::holds_alternative<ledger::Claim>(request)) return std::optional(std::move(honest));
    return std::optional(Frame{ledger::encode(ledger::ClaimedWork{line.work})});
  });
  bool overtaken = false;
  line.after_sealing = [&] {
    if (std::exchange(overtaken, true)) return;
    const Fate other = line.run();  // seals, logs and releases, all before the first one logs
    CHECK(other.finished);
  };
  const Fate slow = line.run();
  CHECK(slow.reason == "ok");
  const auto released = line.released();
  REQUIRE(released.size() == 1);
  const auto emissions = line.emissions();
  REQUIRE(emissions.size() == 1);
  CHECK(line.digest_of_file(released[0]) == emissions[0]);
  CHECK(line.consignment().sealed == emissions[0]);
}

TEST_CASE("a withdrawal that is in the log first keeps the package in", "[emit][lies]") {
  EmitLine line;
  line.make_steps();
  crypto::SystemEntropy entropy;
  line::CustodianAudit sender(line.audit.socket("custodian"), entropy);
  line.after_sealing = [&] {
    CHECK(
        sender.end_transfer(line.b.transfer, flow::State::withdrawn, line.b.submission.origin_node)
            .value() == flow::State::withdrawn);
  };
  const Fate fate = line.run();
  CHECK(fate.reason == "ok");  // it was sealed; it is not released
  CHECK(line.released().empty());
  CHECK(line.emissions().empty());
  CHECK(line.custodian.completions().empty());
  CHECK(line.custodian.given_back() == 1);
  // Offered again by a custodian that hides the withdrawal.
  line.after_sealing = {};
  for (int again = 0; again < 3; ++again) {
    line.custodian.offer(*line.work);
    (void)line.run();
    CHECK(line.released().empty());
    CHECK(line.emissions().empty());
  }
}

TEST_CASE("a withdrawal after the emission comes too late", "[emit][lies]") {
  EmitLine line;
  REQUIRE(line.run().reason == "ok");
  crypto::SystemEntropy entropy;
  line::CustodianAudit sender(line.audit.socket("custodian"), entropy);
  CHECK(sender.end_transfer(line.b.transfer, flow::State::withdrawn, line.b.submission.origin_node)
            .value() == flow::State::emitted);
  CHECK(line.released().size() == 1);
}
