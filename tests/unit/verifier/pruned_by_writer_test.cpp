// A log that the writer itself pruned, by the order of two auditors, is good to a verifier that
// shares no code with it.

#include <catch2/catch.hpp>

#include "audit/pruner.hpp"
#include "audit/verifier/log_check.hpp"
#include "os/clock.hpp"
#include "tests/unit/audit/writer_plan.hpp"

namespace hangu::audit::test {
namespace {

/// A writer of 700 entries, one epoch, then `months` later pruned up to entry 512.
void make_pruned(const std::filesystem::path& folder) {
  using namespace std::chrono;
  ManualClock clock{*WallTime::parse("2026-03-01T08:00:00.000Z")};
  SeededEntropy entropy{42};
  WriterPlan plan = writer_plan(folder, clock, entropy);
  plan.gm_key = gm_key();
  plan.counter = open_file_counter(folder_at(folder / "counter"));
  auto opened = Writer::open(std::move(plan)).value();
  Writer& writer = opened.writer;
  const auto publish = [&] {
    writer.published(opened.publisher.publish(writer.log().head().size).value().size);
  };
  for (int i = 0; i < 700; ++i) {
    clock.advance(seconds(1));
    REQUIRE(writer.note_event("heartbeat", heartbeat()));
  }
  REQUIRE(writer.close_epoch());
  publish();
  clock.advance(days(4 * 366));
  REQUIRE(writer.note_event("heartbeat", heartbeat()));
  Pruner pruner(folder_at(folder / "log"), kRetentionMonths);
  GivenOrder order{{{.origin = kOrigin,
                     .act = PruneOrder{.before = 512, .archive = std::string(64, 'a')},
                     .reason = "over",
                     .expires = clock.now().value() + hours(1)},
                    {"wang", "li"}},
                   {}};
  const auto one =
      flow::Envelope::sign(std::string(kOrderPayloadType),
                           hangu::to_bytes(order.signed_order.order.to_text()), key_from(0x50));
  order.envelope = sign_order(*one, key_from(0x70))->to_text();
  REQUIRE(pruner.take(order, writer, clock.now().value()));
  for (int i = 0; i < 5000 && pruner.busy(); ++i) {
    REQUIRE(pruner.step(writer));
    publish();
    os::pause_for(milliseconds(1));  // for what is written beside
  }
  REQUIRE_FALSE(pruner.busy());
  REQUIRE(writer.close_epoch());
  publish();
}

}  // namespace

TEST_CASE("what the writer pruned is good, and not without its word", "[verifier][prune]") {
  TestFolder folder;
  make_pruned(folder.path());
  hangu_verify::Request request;
  request.folder = (folder / "log").string();
  request.key = hangu_verify::parse_key(signer_from(0).key().to_text());
  for (const unsigned seed : {0x50U, 0x70U})
    request.auditors.emplace(std::to_string(seed), text_of(key_from(seed).verify_key().point()));
  const hangu_verify::Report report = hangu_verify::check_log(request);
  std::string said;
  for (const auto& remark : report.remarks) said += remark.code + " " + remark.path + "\n";
  for (const auto& remark : report.worth_a_look) said += remark.code + " " + remark.path + "\n";
  INFO(said);
  CHECK(report.finding == hangu_verify::Finding::good);
  CHECK(report.pruned == 512);
  // One bundle more, and no entry covers it.
  std::filesystem::remove_all(folder / "log/tile/entries/002.p");
  CHECK(hangu_verify::check_log(request).finding != hangu_verify::Finding::good);
}

}  // namespace hangu::audit::test
