// Limits over time: transfers a day. Each service is the real audit log.

#include "stages/decide/day_count.hpp"

#include <thread>

#include <catch2/catch.hpp>

#include "audit/schema.hpp"
#include "tests/support/audit_service.hpp"
#include "tests/support/must.hpp"
#include "tests/support/seeded_entropy.hpp"
#include "tests/unit/os/scratch.hpp"

namespace {

using namespace hangu;
using stages::OverTime;
using test::must;

/// A log on disk, which may be started anew.
struct Log {
  test::SeededEntropy entropy{"day count"};
  os::test::ScratchFolder folder;
  ManualClock clock{must(WallTime::parse("2026-03-01T08:00:00Z"))};
  std::unique_ptr<test::AuditService> service;

  Log() { start(); }
  void start() {
    service.reset();
    test::SeededEntropy same("the log's key");
    auto key = must(crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, same));
    service = std::make_unique<test::AuditService>(folder / "audit", "gw/audit", std::move(key),
                                                   clock, std::vector<std::string>{"decide"});
  }
  line::AuditClient client() {
    return must(line::AuditClient::connect(service->socket("decide"), entropy));
  }
  /// Whether transfer `number` gets its place.
  bool counts(char number, const OverTime& like) {
    OverTime asked = like;
    asked.transfer = must(TransferId::create(std::string(32, number)));
    line::AuditClient audit = client();
    return must(stages::count_in_day(asked, audit));
  }
};

OverTime asking(const char* at, std::uint64_t per_day,
                const std::vector<std::string>& receivers = {"portal"},
                std::set<std::string> families = {"imagery"}) {
  OverTime out{.transfer = must(TransferId::create(std::string(32, 'a'))),
               .receivers = {},
               .families = std::move(families),
               .limits = {},
               .now = must(WallTime::parse(at))};
  out.limits.per_day = per_day;
  for (const std::string& node : receivers) out.receivers.push_back(must(NodeId::create(node)));
  return out;
}

}  // namespace

TEST_CASE("a day begins at midnight by UTC+8", "[limits]") {
  CHECK(stages::day_of(must(WallTime::parse("2026-03-01T15:59:59.999Z"))) == "2026-03-01");
  CHECK(stages::day_of(must(WallTime::parse("2026-03-01T16:00:00Z"))) == "2026-03-02");
}

TEST_CASE("as many transfers a day are counted as the limit says, and not one more", "[limits]") {
  Log log;
  const OverTime today = asking("2026-03-01T08:00:00Z", 2);
  CHECK(log.counts('1', today));
  CHECK(log.counts('2', today));
  CHECK_FALSE(log.counts('3', today));
  // Another receiver, another dataset class and another day have places of their own.
  CHECK(log.counts('3', asking("2026-03-01T08:00:00Z", 2, {"mirror"})));
  CHECK(log.counts('4', asking("2026-03-01T08:00:00Z", 2, {"portal"}, {"elevation"})));
  CHECK(log.counts('5', asking("2026-03-01T16:00:00Z", 2)));
  // Of several receivers and classes each must have one left.
  CHECK_FALSE(log.counts('6', asking("2026-03-01T08:00:00Z", 2, {"mirror", "portal"})));
  CHECK_FALSE(
      log.counts('7', asking("2026-03-01T08:00:00Z", 2, {"portal"}, {"elevation", "imagery"})));
  // A limit that is higher leaves more, one that is lower nothing.
  CHECK(log.counts('8', asking("2026-03-01T08:00:00Z", 3)));
  CHECK_FALSE(log.counts('9', asking("2026-03-01T08:00:00Z", 1)));
}

TEST_CASE(
    "a transfer that is cleared anew keeps its place, also on the next day and under a lower "
    "limit",
    "[limits]") {
  Log log;
  const OverTime today = asking("2026-03-01T15:55:00Z", 2);
  CHECK(log.counts('1', today));
  CHECK(log.counts('2', today));
  CHECK(log.counts('2', today));
  CHECK(log.counts('2', asking("2026-03-01T16:05:00Z", 2)));
  CHECK(log.counts('2', asking("2026-03-01T15:56:00Z", 1)));
  // It took nothing of the next day.
  CHECK(log.counts('3', asking("2026-03-01T16:05:00Z", 2)));
  CHECK(log.counts('4', asking("2026-03-01T16:05:00Z", 2)));
  CHECK_FALSE(log.counts('5', asking("2026-03-01T16:05:00Z", 2)));
}

TEST_CASE("neither a restart nor a clock that goes back gives a place back", "[limits]") {
  Log log;
  CHECK(log.counts('1', asking("2026-03-01T08:00:00Z", 1)));
  log.start();
  CHECK_FALSE(log.counts('2', asking("2026-03-01T08:00:00Z", 1)));
  CHECK(log.counts('2', asking("2026-03-02T08:00:00Z", 1)));
  CHECK_FALSE(log.counts('3', asking("2026-03-01T08:00:00Z", 1)));  // back on the day before
  CHECK(log.counts('1', asking("2026-03-01T08:00:00Z", 1)));        // its own it has still
}

TEST_CASE("many transfers at once share a day's places and none is given twice", "[limits]") {
  Log log;
  constexpr std::size_t kAtOnce = 12;
  constexpr std::uint64_t kLimit = 5;
  std::atomic<std::size_t> counted = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(kAtOnce);
    for (std::size_t i = 0; i < kAtOnce; ++i)
      threads.emplace_back([&, i] {
        crypto::SystemEntropy entropy;
        auto audit = must(line::AuditClient::connect(log.service->socket("decide"), entropy));
        OverTime asked = asking("2026-03-01T08:00:00Z", kLimit);
        asked.transfer = must(TransferId::create(std::string(32, "0123456789ab"[i])));
        if (must(stages::count_in_day(asked, audit))) ++counted;
      });
  }
  CHECK(counted == kLimit);
}

TEST_CASE("a place is told in the log, as its schema says", "[limits]") {
  Log log;
  CHECK(log.counts('1', asking("2026-03-01T08:00:00Z", 7)));
  line::AuditClient audit = log.client();
  const auto index = must(audit.holder("day:2026-03-01:portal:imagery:1"));
  REQUIRE(index);
  CHECK(must(audit.holder("counted:" + std::string(32, '1') + ":portal:imagery")) == index);
  const auto proved = must(audit.prove(*index, must(audit.checkpoint()).size));
  CHECK(proved.entry.find(R"("place":1,"limit":7)") != std::string::npos);
}
