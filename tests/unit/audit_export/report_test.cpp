#include "audit/export/report.hpp"

#include <catch2/catch.hpp>

#include "audit/export/report_charts.hpp"
#include "audit/export/report_html.hpp"
#include "audit/export/report_words.hpp"
#include "tests/unit/audit_export/facts_maker.hpp"

namespace hangu::audit::test {
namespace {

constexpr std::chrono::minutes kBeijing{8 * 60};
const std::string kOne(32, '1');
const std::string kTwo(32, '2');
const std::string kThree(32, '3');

ReportScope march() { return *ReportScope::create("2026-03", kBeijing); }

Report report_of(const ReportScope& scope, const std::vector<EntryFacts>& entries) {
  ReportMaker maker(scope);
  for (const EntryFacts& facts : entries) REQUIRE(maker.add(facts));
  return maker.take();
}

/// One released, one refused, one quarantined; all on a Monday in office hours.
std::vector<EntryFacts> busy_day() {
  return {
      stated(10, "2026-03-02T01:00:00.000Z", kOne),
      stated(11, "2026-03-02T01:00:10.000Z", kTwo, "survey", "map", "egov", "internet"),
      stated(12, "2026-03-02T01:00:20.000Z", kThree),
      act(13, "2026-03-02T01:00:30.000Z", "step.decide", kTwo, Ruling::deny, "policy-no-permit"),
      act(14, "2026-03-02T01:00:40.000Z", "step.inspect", kThree, Ruling::error, "worker-died"),
      act(15, "2026-03-02T01:00:50.000Z", "step.emit", kOne, Ruling::allow, "ok"),
      act(16, "2026-03-02T01:01:00.000Z", "transfer.acknowledged", kOne)};
}

}  // namespace

TEST_CASE("a month is local: its first instant is eight hours before UTC's in China", "[report]") {
  const ReportScope scope = march();
  CHECK(scope.begin == at("2026-02-28T16:00:00.000Z"));
  CHECK(scope.end == at("2026-03-31T16:00:00.000Z"));
  CHECK(scope.days() == 31);
  CHECK(scope.day_of(scope.begin) == 1);
  CHECK(scope.day_of(at("2026-03-01T15:59:59.999Z")) == 1);
  CHECK(scope.day_of(at("2026-03-01T16:00:00.000Z")) == 2);
  CHECK(ReportScope::create("2028-02", kBeijing)->days() == 29);
  CHECK(ReportScope::create("2026-02", kBeijing)->days() == 28);
}

TEST_CASE("what is no month is refused", "[report]") {
  for (const char* text : {"", "2026", "2026-13", "2026-00", "2026-3", "26-03", "2026/03",
                           "2026-03-01", "-026-03", "1970-01", "9999-12", "2026-+3"})
    CHECK(ReportScope::create(text, kBeijing).error().reason() == "report-month");
  CHECK(ReportScope::create("1971-01", kBeijing));
  CHECK(ReportScope::create("9998-12", kBeijing));
}

TEST_CASE("office hours are local, from the first until before the last, Monday to Friday",
          "[report]") {
  const ReportScope scope = march();
  CHECK(scope.off_hours(at("2026-03-01T23:59:59.999Z")));        // Monday 07:59:59
  CHECK_FALSE(scope.off_hours(at("2026-03-02T00:00:00.000Z")));  // Monday 08:00
  CHECK_FALSE(scope.off_hours(at("2026-03-02T09:59:59.999Z")));  // Monday 17:59:59
  CHECK(scope.off_hours(at("2026-03-02T10:00:00.000Z")));        // Monday 18:00
  CHECK(scope.off_hours(at("2026-03-07T04:00:00.000Z")));        // Saturday noon
}

TEST_CASE("transfers are counted by what became of them, in all tables alike", "[report]") {
  const Report report = report_of(march(), busy_day());
  CHECK(report.entries == 7);
  CHECK(report.first == 10U);
  CHECK(report.last == 16U);
  CHECK(report.total.submitted == 3);
  CHECK(report.total.released == 1);
  CHECK(report.total.refused == 1);
  CHECK(report.total.quarantined == 1);
  CHECK(report.total.acknowledged == 1);
  CHECK(report.total.bytes_submitted == 3 * 2048);
  CHECK(report.total.bytes_released == 2048);
  CHECK(report.zone_pairs.at("internet>egov").submitted == 2);
  CHECK(report.zone_pairs.at("egov>internet").refused == 1);
  CHECK(report.nodes.at("survey").refused == 1);
  CHECK(report.days.at(1).submitted == 3);
  CHECK(report.days.at(0).submitted == 0);
  CHECK(report.reasons.at({"decide", "deny", "policy-no-permit"}) == 1);
  CHECK(report.reasons.at({"inspect", "error", "worker-died"}) == 1);
  CHECK(report.count_of(ExceptionKind::refusal) == 1);
  CHECK(report.list_of(ExceptionKind::quarantine).at(0).index == 14);
  CHECK(report.count_of(ExceptionKind::off_hours) == 0);
}

TEST_CASE("a zone pair or a node narrows transfers, not what the log says of itself", "[report]") {
  auto entries = busy_day();
  entries.push_back(act(17, "2026-03-02T01:02:00.000Z", "clock", ""));
  ReportScope scope = march();
  scope.from_zone = "egov";
  scope.to_zone = "internet";
  Report report = report_of(scope, entries);
  CHECK(report.total.submitted == 1);
  CHECK(report.total.refused == 1);
  CHECK(report.total.released == 0);
  CHECK(report.count_of(ExceptionKind::clock_step) == 1);
  ReportScope of_node = march();
  of_node.node = "portal";
  report = report_of(of_node, entries);
  CHECK(report.total.submitted == 2);
  CHECK(report.total.refused == 0);
}

TEST_CASE("only the month counts, and what began before it is counted where it ended", "[report]") {
  const Report report = report_of(
      march(), {stated(1, "2026-02-28T15:59:59.999Z", kOne),
                act(2, "2026-02-28T16:00:00.000Z", "step.emit", kOne, Ruling::allow, "ok"),
                stated(3, "2026-03-31T15:59:59.999Z", kTwo),
                act(4, "2026-03-31T16:00:00.000Z", "step.decide", kTwo, Ruling::deny, "x-y")});
  CHECK(report.total.submitted == 1);
  CHECK(report.total.released == 1);
  CHECK(report.total.refused == 0);
  CHECK(report.nodes.at("portal").released == 1);
  CHECK(report.first == 2U);
  CHECK(report.last == 3U);
}

TEST_CASE("the same node and product after a failure is told; another product is not", "[report]") {
  auto entries = busy_day();
  entries.push_back(stated(20, "2026-03-02T01:02:00.000Z", std::string(32, '4'), "survey", "map"));
  entries.push_back(
      stated(21, "2026-03-02T01:02:01.000Z", std::string(32, '5'), "survey", "other"));
  entries.push_back(stated(22, "2026-03-02T01:02:02.000Z", std::string(32, '6'), "portal", "map"));
  const Report report = report_of(march(), entries);
  CHECK(report.count_of(ExceptionKind::resubmit) == 1);
  CHECK(report.list_of(ExceptionKind::resubmit).at(0).index == 20);
}

TEST_CASE("a silence longer than two heartbeats and a half is told, an ordinary pause is not",
          "[report]") {
  const Report report = report_of(march(), {act(1, "2026-03-02T01:00:00.000Z", "heartbeat", ""),
                                            act(2, "2026-03-02T01:02:30.000Z", "heartbeat", ""),
                                            act(3, "2026-03-02T01:05:00.001Z", "heartbeat", "")});
  CHECK(report.heartbeats == 3);
  REQUIRE(report.count_of(ExceptionKind::silence) == 1);
  CHECK(report.list_of(ExceptionKind::silence).at(0).index == 3);
  CHECK(report.list_of(ExceptionKind::silence).at(0).what == "2:30");
}

TEST_CASE("a start after a stop is usual, a start without one is told", "[report]") {
  const auto booted = [](std::uint64_t index, const char* time, const char* type, char run) {
    EntryFacts facts = act(index, time, type, "");
    facts.boot = std::string(16, run);
    return facts;
  };
  const Report report =
      report_of(march(), {booted(1, "2026-03-02T01:00:00.000Z", "boot", 'a'),
                          booted(2, "2026-03-02T01:00:10.000Z", "stop", 'a'),
                          booted(3, "2026-03-02T05:00:00.000Z", "boot", 'b'),
                          booted(4, "2026-03-02T05:00:10.000Z", "heartbeat", 'b'),
                          booted(5, "2026-03-02T06:00:00.000Z", "epoch.close", 'c')});
  CHECK(report.starts == 3);
  REQUIRE(report.count_of(ExceptionKind::unclean_stop) == 1);
  CHECK(report.list_of(ExceptionKind::unclean_stop).at(0).index == 5);
  CHECK(report.count_of(ExceptionKind::silence) == 0);
}

TEST_CASE("gaps, recoveries, pruning, changes and unreadable bytes are exceptions", "[report]") {
  EntryFacts gap = act(11, "2026-03-02T01:00:01.000Z", "sequence.gap", kOne);
  gap.count = 41;
  EntryFacts unreadable;
  unreadable.index = 16;
  const Report report =
      report_of(march(), {stated(10, "2026-03-02T01:00:00.000Z", kOne), gap,
                          act(12, "2026-03-02T01:00:02.000Z", "recovery", ""),
                          act(13, "2026-03-02T01:00:03.000Z", "log.pruned", ""),
                          act(15, "2026-03-02T01:00:05.000Z", "clock", ""), unreadable});
  CHECK(report.list_of(ExceptionKind::sequence_gap).at(0).what == "41");
  CHECK(report.list_of(ExceptionKind::sequence_gap).at(0).node == "portal");
  for (const ExceptionKind kind : {ExceptionKind::recovery, ExceptionKind::pruned,
                                   ExceptionKind::clock_step, ExceptionKind::unreadable})
    CHECK(report.count_of(kind) == 1);
  CHECK(report.types.at("recovery") == 1);
  CHECK(report.types.at("transfer.stated") == 1);
}

TEST_CASE("that the log's own keys were replaced is an exception, the end of an epoch is not",
          "[report]") {
  EntryFacts rolled = act(11, "2026-03-02T01:00:01.000Z", "epoch.close", "");
  rolled.detail = "old -> new";
  const Report report =
      report_of(march(), {act(10, "2026-03-02T01:00:00.000Z", "epoch.close", ""), rolled});
  REQUIRE(report.count_of(ExceptionKind::administration) == 1);
  CHECK(report.list_of(ExceptionKind::administration).at(0).index == 11);
  CHECK(report.list_of(ExceptionKind::administration).at(0).what == "old -> new");
}

TEST_CASE("a start with the files of the one before is no change, another file is", "[report]") {
  const auto booted = [](std::uint64_t index, const char* time, const char* type,
                         std::vector<DocumentFacts> documents) {
    EntryFacts facts = act(index, time, type, "");
    facts.documents = std::move(documents);
    return facts;
  };
  const DocumentFacts config{"gateway.toml", "aa"};
  const DocumentFacts other{"gateway.toml", "ab"};
  const DocumentFacts keys{"stages.json", "cc"};
  const Report report = report_of(
      march(), {booted(1, "2026-02-02T01:00:00.000Z", "boot", {config, keys}),
                booted(2, "2026-03-02T01:00:00.000Z", "boot", {config, keys}),
                booted(3, "2026-03-02T01:00:01.000Z", "policy.changed", {config}),  // the first
                booted(4, "2026-03-02T01:00:02.000Z", "policy.changed", {config}),
                booted(5, "2026-03-02T01:00:03.000Z", "boot", {other, keys}),
                booted(6, "2026-03-02T01:00:04.000Z", "boot", {other})});
  REQUIRE(report.count_of(ExceptionKind::administration) == 2);
  CHECK(report.list_of(ExceptionKind::administration).at(0).index == 5);
  CHECK(report.list_of(ExceptionKind::administration).at(0).what == "boot: gateway.toml");
  CHECK(report.list_of(ExceptionKind::administration).at(1).what == "boot: stages.json");
}

TEST_CASE("each recipient's acknowledgement counts for its transfer", "[report]") {
  EntryFacts first = stated(1, "2026-03-02T01:00:00.000Z", kOne);
  first.recipients = {"portal", "press", "archive"};
  const auto acknowledged = [](std::uint64_t index, const char* node) {
    EntryFacts facts = act(index, "2026-03-02T01:00:01.000Z", "transfer.acknowledged", kOne);
    facts.node = node;
    return facts;
  };
  const Report report = report_of(march(), {first, acknowledged(2, "press"),
                                            acknowledged(3, "portal"), acknowledged(4, "archive")});
  CHECK(report.total.acknowledged == 3);
  CHECK(report.nodes.at("portal").acknowledged == 3);  // of the sender
  CHECK_FALSE(report.nodes.contains("?"));
}

TEST_CASE("witnesses, the counter, log-ins and who was turned away are told", "[report]") {
  EntryFacts alarm =
      act(1, "2026-03-02T01:00:00.000Z", "witness.alarm", "", Ruling::error, "ahead");
  EntryFacts access = act(2, "2026-03-02T01:00:01.000Z", "edge.access", "", Ruling::deny);
  access.logins = {{.zone = "egov", .node = "portal", .count = 3}};
  access.refused = {{.zone = "egov", .node = "portal", .reason = "node-quota", .count = 2}};
  const Report report = report_of(
      march(), {alarm, access, act(3, "2026-03-02T01:00:02.000Z", "counter.released", "")});
  CHECK(report.list_of(ExceptionKind::witness).at(0).what == "witness.alarm ahead");
  CHECK(report.count_of(ExceptionKind::counter_released) == 1);
  CHECK(report.list_of(ExceptionKind::turned_away).at(0).what == "egov/portal node-quota x2");
  CHECK(report.access.at("egov/portal").logins == 3);
  CHECK(report.access.at("egov/portal").refusals == 2);
}

TEST_CASE("approvals are counted by person, off hours and self-approval apart", "[report]") {
  const auto approval = [](std::uint64_t index, const char* time, const char* person,
                           Ruling decision) {
    EntryFacts facts = act(index, time, "approval.given", kOne, decision);
    facts.person = person;
    return facts;
  };
  const Report report =
      report_of(march(), {stated(1, "2026-03-02T01:00:00.000Z", kOne),
                          approval(2, "2026-03-02T01:00:01.000Z", "li-na", Ruling::allow),
                          approval(3, "2026-03-02T01:00:02.000Z", "li-na", Ruling::deny),
                          approval(4, "2026-03-02T12:00:00.000Z", "wang-wei", Ruling::allow),
                          act(5, "2026-03-02T12:00:01.000Z", "step.approve", kOne, Ruling::deny,
                              "approval-submitter")});
  CHECK(report.people.at("li-na").approved == 1);
  CHECK(report.people.at("li-na").refused == 1);
  CHECK(report.people.at("li-na").off_hours == 0);
  CHECK(report.people.at("wang-wei").off_hours == 1);
  CHECK(report.count_of(ExceptionKind::off_hours) == 1);
  CHECK(report.count_of(ExceptionKind::self_approval) == 1);
}

TEST_CASE("so many exceptions of one kind are listed, and all are counted", "[report]") {
  std::vector<EntryFacts> entries{stated(1, "2026-03-02T01:00:00.000Z", kOne)};
  for (std::size_t i = 0; i <= kReportExceptionsMax; ++i)
    entries.push_back(
        act(i + 2, "2026-03-02T01:00:01.000Z", "step.inspect", kOne, Ruling::error, "worker-died"));
  const Report report = report_of(march(), entries);
  CHECK(report.count_of(ExceptionKind::quarantine) == kReportExceptionsMax + 1);
  CHECK(report.list_of(ExceptionKind::quarantine).size() == kReportExceptionsMax);
  const std::string html = report_html(
      report, {.source = source(), .made = at("2026-04-01T00:00:00.000Z"), .explain = {}});
  CHECK(html.contains("More, not listed here: 1<"));
}

TEST_CASE("a table has so many rows and no more", "[report]") {
  ReportMaker maker(march());
  for (std::size_t i = 0; i <= kReportRowsMax; ++i)
    REQUIRE(maker.add(stated(i, "2026-03-02T01:00:00.000Z", kOne, "n" + std::to_string(i))));
  CHECK(maker.add(stated(9, "2026-03-02T01:00:00.000Z", kOne, "one-more")).error().reason() ==
        "report-too-large");
}

TEST_CASE("no name becomes a tag, an attribute or a script in the report", "[report]") {
  const std::string evil = "<script>alert(1)</script>\" onload='x'&\u202e";
  const Report report = report_of(
      march(), {stated(1, "2026-03-02T01:00:00.000Z", kOne, evil, evil, evil, evil),
                act(2, "2026-03-02T01:00:01.000Z", "step.decide", kOne, Ruling::deny, evil)});
  LineSource hostile = source();
  hostile.origin = evil + "/audit";
  const std::string html = report_html(
      report, {.source = hostile, .made = at("2026-04-01T00:00:00.000Z"), .explain = {}});
  CHECK_FALSE(html.contains("<script"));
  CHECK_FALSE(html.contains("onload='"));
  CHECK_FALSE(html.contains("\u202e"));
  CHECK(html.contains(
      "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#39;x&#39;&amp;\\u{202e}"));
}

TEST_CASE("the report refers to nothing outside itself", "[report]") {
  const std::string html =
      report_html(report_of(march(), busy_day()),
                  {.source = source(), .made = at("2026-04-01T00:00:00.000Z"), .explain = {}});
  for (const char* word : {" src=", " href=", "url(", "@import", "<link", "<script", "javascript:"})
    CHECK_FALSE(html.contains(word));
  CHECK(html.contains("default-src 'none'"));
  CHECK(html.contains(std::string(64, 'a')));
}

TEST_CASE("every kind of exception has words, once", "[report]") {
  std::set<ExceptionKind> seen;
  for (const ExceptionWords& words : exception_words()) {
    CHECK(seen.insert(words.kind).second);
    CHECK_FALSE(words.name.zh.empty());
    CHECK_FALSE(words.meaning.en.empty());
  }
  CHECK(seen.size() == kExceptionKinds);
}

TEST_CASE("a bar is as long as its share, and what is there is seen", "[report]") {
  const std::string svg =
      bar_chart({{"a", 390, "390"}, {"b", 195, "195"}, {"c", 1, "1"}, {"d", 0, "0"}}, "t");
  CHECK(svg.contains("width=\"390\" height=\"16\""));
  CHECK(svg.contains("width=\"195\" height=\"16\""));
  CHECK(svg.contains("width=\"1\" height=\"16\""));
  CHECK(svg.contains("width=\"0\" height=\"16\""));
  CHECK(svg.contains("<title>t</title>"));
}

TEST_CASE("volumes and offsets are written for people", "[report]") {
  CHECK(volume_text(1023) == "1023 B");
  CHECK(volume_text(1024) == "1.0 KiB");
  CHECK(volume_text(std::uint64_t{5} << 40) == "5.0 TiB");
  CHECK(offset_text(kBeijing) == "+08:00");
  CHECK(offset_text(std::chrono::minutes(-210)) == "-03:30");
  CHECK(local_time_text(at("2026-02-28T16:00:00.000Z"), kBeijing) == "2026-03-01 00:00:00");
}

}  // namespace hangu::audit::test
