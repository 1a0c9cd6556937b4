// The verifier's partial checks and lists: since a pin, a range, a receipt, two logs, epochs, gaps.

#include <algorithm>

#include <catch2/catch.hpp>

#include "audit/proof_text.hpp"
#include "audit/tile.hpp"
#include "audit/verifier/compare.hpp"
#include "audit/verifier/incremental.hpp"
#include "audit/verifier/proof.hpp"
#include "audit/verifier/range.hpp"
#include "tests/unit/verifier/small_log.hpp"

namespace hangu::audit::test {
namespace {

namespace fs = std::filesystem;
using hangu_verify::check_log;
using hangu_verify::check_proof;
using hangu_verify::check_range;
using hangu_verify::check_since_pin;
using hangu_verify::compare_logs;
using hangu_verify::Finding;
using hangu_verify::Listing;
using hangu_verify::Report;

std::string checkpoint_of(const SmallLog& log) {
  return std::string(text_of(read_bytes(log / "checkpoint")));
}

hangu_verify::Request since(const SmallLog& log, const std::string& pin) {
  hangu_verify::Request request = log.request();
  request.pins = {pin};
  return request;
}

/// Changes one byte of the entry `index`, deep enough not to change its length or form.
void change_entry(const SmallLog& log, std::uint64_t index) {
  const auto entries = entries_of(log.path().parent_path());
  const std::size_t width = std::min<std::size_t>(kTileWidth, entries.size() - index / 256 * 256);
  const std::string path = Tile{.level = {}, .number = index / 256, .width = width}.path();
  Bytes bytes = read_bytes(log / path);
  std::size_t at = 2 * (index % 256 + 1);
  for (std::uint64_t i = index / 256 * 256; i <= index; ++i) at += entries[i].size();
  bytes[at - 10] ^= std::byte{1};
  write_bytes(log / path, bytes);
}

std::string receipt_of(const SmallLog& log, std::uint64_t index) {
  const auto entries = entries_of(log.path().parent_path());
  TileHashes hashes([](const Tile&) -> Result<Bytes> { return Bytes(); });
  for (const std::string& entry : entries) hashes.append(leaf_hash(bytes_of(entry)));
  return LogProof{index, *inclusion_path(hashes, index, entries.size()), checkpoint_of(log)}
      .to_text();
}

}  // namespace

TEST_CASE("since a pin only what came after it is read, back to the end of an epoch before",
          "[verifier][incremental]") {
  const SmallLog before(3, 280);
  const SmallLog log(5, 280);  // the same, two runs later
  const std::string pin = checkpoint_of(before);
  Report report = check_since_pin(since(log, pin));
  INFO((report.remarks.empty() ? "" : report.remarks[0].code));
  CHECK(report.finding == Finding::good);
  CHECK(report.root == check_log(log.request()).root);
  CHECK(report.checkpoint == checkpoint_of(log));
  CHECK(report.entries > 560);
  CHECK(report.entries < 1100);
  // Of what lies further back nothing is said, of what came after all.
  change_entry(log, 100);
  CHECK(check_since_pin(since(log, pin)).finding == Finding::good);
  CHECK(check_log(log.request()).finding == Finding::tampered);
  change_entry(log, 1200);
  report = check_since_pin(since(log, pin));
  CHECK(report.finding == Finding::tampered);
  CHECK(report.first_bad == 1200);
  CHECK(!report.since.empty());
}

TEST_CASE("since a pin of another tree, or of more entries, is tampered or truncated",
          "[verifier][incremental]") {
  const SmallLog log(3, 280);
  const SmallLog anew(2, 281);
  Report report = check_since_pin(since(log, checkpoint_of(anew)));
  CHECK(report.finding == Finding::tampered);
  CHECK(report.remarks.front().code == "pin-wrong");
  const SmallLog longer(4, 280);
  report = check_since_pin(since(log, checkpoint_of(longer)));
  CHECK(report.finding == Finding::truncated);
  CHECK(report.remarks.front().code == "pin-ahead");
  CHECK(check_since_pin(since(log, "no checkpoint")).finding == Finding::cannot_tell);
  CHECK(check_since_pin(since(log, checkpoint_of(log))).finding == Finding::good);
}

TEST_CASE("a range is proven to the checkpoint without the rest", "[verifier][range]") {
  const SmallLog log(1, 900);
  fs::remove(log / "tile/entries/000");
  fs::remove(log / "tile/entries/002");
  Report report = check_range(log.request(), 300, 301);
  CHECK(report.finding == Finding::good);
  CHECK(report.entries == 256);
  CHECK(check_range(log.request(), 770, 902).finding == Finding::good);
  CHECK(check_range(log.request(), 902, 903).finding == Finding::truncated);
  CHECK(check_range(log.request(), 5, 5).finding == Finding::cannot_tell);
  report = check_range(log.request(), 300, 600);
  CHECK(report.finding == Finding::truncated);
  CHECK(report.first_bad == 512);
  const SmallLog changed(1, 900);
  change_entry(changed, 300);
  report = check_range(changed.request(), 400, 401);
  CHECK(report.finding == Finding::tampered);
  CHECK(report.remarks.back().code == "range-wrong");
  CHECK(report.remarks.back().path == "tile/entries/001");
}

TEST_CASE("a receipt holds for its entry, its index and its checkpoint only", "[verifier][proof]") {
  const SmallLog log(1, 300);
  const auto entries = entries_of(log.path().parent_path());
  hangu_verify::Request request = log.request();
  const Report by_key = check_proof(request, receipt_of(log, 0), entries[0], 0);
  CHECK(by_key.finding == Finding::good);
  REQUIRE(by_key.worth_a_look.size() == 1);
  CHECK(by_key.worth_a_look[0].code == "proof-unbound");
  const Report by_log =
      check_proof(request, receipt_of(log, 0), entries[0], 0, log.path().string());
  CHECK(by_log.finding == Finding::good);
  CHECK(by_log.worth_a_look.empty());
  const SmallLog other(1, 301);
  CHECK(check_proof(request, receipt_of(log, 0), entries[0], 0, other.path().string()).finding ==
        Finding::good);  // which goes on from it
  request.pins = {checkpoint_of(log)};
  for (const std::uint64_t index : {0U, 1U, 255U, 256U, 301U}) {
    const std::string receipt = receipt_of(log, index);
    const Report report = check_proof(request, receipt, entries[index], index);
    CHECK(report.finding == Finding::good);
    REQUIRE(report.told.size() == 1);
    CHECK(report.told[0].code == "proof-holds");
    CHECK(check_proof(request, receipt, entries[index], index + 1).finding == Finding::tampered);
    CHECK(check_proof(request, receipt, entries[index] + "\n", {}).finding == Finding::tampered);
    CHECK(check_proof(request, receipt.substr(0, receipt.size() - 5), entries[index], {}).finding !=
          Finding::good);
    std::string signed_wrong = receipt;
    signed_wrong[receipt.find("audit r0e2I") + 30] ^= 1;
    CHECK(check_proof(request, signed_wrong, entries[index], {}).finding != Finding::good);
  }
  hangu_verify::Request keyless = request;
  keyless.key.reset();
  CHECK(check_proof(keyless, receipt_of(log, 0), entries[0], {}).finding == Finding::cannot_tell);
  CHECK(check_proof(request, "c2sp.org/tlog-proof@v1\nindex 00\n\n", "", {}).finding ==
        Finding::cannot_tell);
}

TEST_CASE("two logs are equal, one the beginning of the other, or part at an entry that is named",
          "[verifier][compare]") {
  const SmallLog log(2, 400);
  const SmallLog before(1, 400);
  const hangu_verify::Request request = log.request();
  Report report = compare_logs(request, log.path().string(), log.path().string());
  CHECK(report.finding == Finding::good);
  CHECK(report.told.at(0).code == "compare-equal");
  report = compare_logs(request, log.path().string(), before.path().string());
  CHECK(report.finding == Finding::good);
  CHECK(report.told.at(0).code == "compare-prefix");
  report = compare_logs(request, (before / "checkpoint").string(), log.path().string());
  CHECK(report.told.at(0).code == "compare-prefix");
  report = compare_logs(request, (log / "checkpoint").string(), before.path().string());
  CHECK(report.finding == Finding::truncated);
  report = compare_logs(request, (log / "checkpoint").string(), (before / "checkpoint").string());
  CHECK(report.finding == Finding::cannot_tell);
  for (const std::size_t place :
       {std::size_t{1}, std::size_t{255}, std::size_t{256}, std::size_t{700}}) {
    const SmallLog forked(2, 400);
    auto entries = entries_of(forked.path().parent_path());
    std::swap(entries[place], entries[place + 1]);
    sign_anew(forked.path().parent_path(), entries);
    report = compare_logs(request, log.path().string(), forked.path().string());
    CHECK(report.finding == Finding::tampered);
    CHECK(report.remarks.at(0).code == "compare-fork");
    CHECK(report.first_bad == place);
  }
}

TEST_CASE("a hash tile that does not fit those below it is found when logs are compared",
          "[verifier][compare]") {
  const SmallLog log(1, 600);
  const SmallLog other(1, 601);
  Bytes tile = read_bytes(other / "tile/0/000");
  tile[32 * 100] ^= std::byte{1};
  write_bytes(other / "tile/0/000", tile);
  const SmallLog forked(1, 600);
  auto entries = entries_of(forked.path().parent_path());
  std::swap(entries[5], entries[6]);
  sign_anew(forked.path().parent_path(), entries);
  const Report report = compare_logs(log.request(), forked.path().string(), other.path().string());
  CHECK(report.finding == Finding::tampered);
  CHECK(report.remarks.at(0).code == "compare-tile");
}

TEST_CASE("epochs, gaps and times are listed of a log that is checked", "[verifier][listing]") {
  const SmallLog log(3, 2);
  Report report = check_log(log.request(), Listing::epochs);
  CHECK(report.finding == Finding::good);
  REQUIRE(report.told.size() == 3);
  CHECK(report.told[0].code == "epoch");
  CHECK(report.told[0].entry == report.told[1].entry.value() - 4);
  CHECK(report.told[2].code == "epoch-present");
  report = check_log(log.request(), Listing::gaps);
  const auto count = [&](const char* code) {
    return std::ranges::count(report.worth_a_look, code, &hangu_verify::Remark::code);
  };
  CHECK(count("boot-without-stop") == 2);
  CHECK(count("heartbeat-missing") == 0);
  report = check_log(log.request(), Listing::time);
  REQUIRE(report.told.size() == 2);
  CHECK(report.told[0].code == "time-first");
  CHECK(report.told[1].code == "time-last");
}

TEST_CASE("a minute without a heartbeat, an open transfer and a clock that stepped are listed",
          "[verifier][listing]") {
  const SmallLog log(1, 2);
  const fs::path folder = log.path().parent_path();
  auto entries = entries_of(folder);
  const auto entry = [](const std::string& time, const std::string& type, const std::string& more) {
    return R"({"time":"2026-03-01T)" + time + R"(","type":")" + type + R"(","boot":"7",)" + more +
           "}";
  };
  entries.push_back(entry("08:01:00.000Z", "boot", R"("event":{})"));
  entries.push_back(entry("08:03:00.000Z", "heartbeat", R"("event":{})"));
  entries.push_back(entry("08:05:01.000Z", "heartbeat", R"("event":{})"));
  entries.push_back(entry("08:05:02.000Z", "step.receive", R"("transfer":"aa","previous":null)"));
  entries.push_back(entry("08:05:02.000Z", "step.receive", R"("transfer":"bb","previous":null)"));
  entries.push_back(entry("08:05:03.000Z", "transfer.withdrawn",
                          R"("transfer":"bb","previous":)" + std::to_string(entries.size() - 1)));
  entries.push_back(entry("08:05:03.000Z", "clock",
                          R"("event":{"now":"2026-03-01T08:04:03.000Z","lastEntry":)"
                          R"("2026-03-01T08:05:03.000Z"})"));
  entries.push_back(entry("08:05:03.000Z", "heartbeat", R"("event":{"clock":"unknown"})"));
  sign_anew(folder, entries);
  Report report = check_log(log.request(), Listing::gaps);
  CHECK(report.finding == Finding::good);
  std::vector<std::string> told;
  for (const auto& remark : report.worth_a_look)
    if (remark.code != "stages-missing") told.push_back(remark.text(hangu_verify::Language::en));
  CHECK(told.size() == 3);
  const auto says = [&](const std::string& text) {
    return std::ranges::any_of(
        told, [&](const std::string& one) { return one.find(text) != std::string::npos; });
  };
  CHECK(says("did not end with stop"));
  CHECK(says("121 seconds without a heartbeat, since 2026-03-01T08:03:00.000Z"));
  CHECK(says("last of a transfer without an end, begun with 7: step.receive"));
  report = check_log(log.request(), Listing::time);
  told.clear();
  for (const auto& remark : report.told) told.push_back(remark.text(hangu_verify::Language::en));
  CHECK(says("stepped back to 2026-03-01T08:04:03.000Z"));
  CHECK(says("60 seconds"));
  CHECK(says("the time was unknown"));
}

TEST_CASE("a transfer ends when a stage refuses it, or the last recipient has acknowledged it",
          "[verifier][listing]") {
  const SmallLog log(1, 2);
  const fs::path folder = log.path().parent_path();
  auto entries = entries_of(folder);
  const auto about = [&](const std::string& type, const std::string& transfer,
                         const std::string& body) {
    entries.push_back(R"({"time":"2026-03-01T08:01:00.000Z","type":")" + type +
                      R"(","boot":"7","transfer":")" + transfer + R"(","previous":null,)" + body +
                      "}");
  };
  const auto step = [&](const std::string& transfer, const std::string& verdict) {
    const std::string payload = R"({"predicate":{"verdict":")" + verdict + R"("}})";
    const std::string envelope = R"({"payload":")" + to_base64(bytes_of(payload)) +
                                 R"(","payloadType":"x","signatures":[]})";
    about("step.decide", transfer, R"("statement":")" + to_base64(bytes_of(envelope)) + "\"");
  };
  const auto stated = [&](const std::string& transfer, const std::string& recipients) {
    about("transfer.stated", transfer, R"("event":{"recipients":[)" + recipients + "]}");
  };
  const auto acknowledged = [&](const std::string& transfer, const std::string& node) {
    about("transfer.acknowledged", transfer, R"("event":{"node":")" + node + R"("})");
  };
  stated("a0", R"("n1")");
  step("a0", "fail");
  stated("a1", R"("n1","n2")");
  step("a1", "pass");
  acknowledged("a1", "n1");
  stated("a2", R"("n1","n2")");
  acknowledged("a2", "n2");
  acknowledged("a2", "n1");
  stated("a3", R"("n1","n2")");
  acknowledged("a3", "n1");
  acknowledged("a3", "n1");  // the same one again is not the other
  stated("a4", R"("n1")");
  step("a4", "error");  // no end: people have to act
  stated("a5", R"("n1")");
  about("transfer.quarantined", "a5", R"("event":{})");
  sign_anew(folder, entries);
  const Report report = check_log(log.request(), Listing::gaps);
  std::vector<std::uint64_t> open;
  for (const auto& remark : report.worth_a_look)
    if (remark.code == "transfer-open") open.push_back(remark.entry.value());
  const std::uint64_t first = entries.size() - 15;
  CHECK(open == std::vector<std::uint64_t>{first + 4, first + 10, first + 12});
}

}  // namespace hangu::audit::test
