// What who holds the present keys can do to a log, what witnesses and pins say to it, and logs that
// were pruned or still have their journal. Each is named.

#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/unit/verifier/small_log.hpp"

namespace hangu::audit::test {
namespace {

namespace fs = std::filesystem;
using hangu_verify::check_log;
using hangu_verify::Finding;
using hangu_verify::Report;
using hangu_verify::Request;

constexpr std::uint64_t kBegin = 1'772'352'000;  ///< 2026-03-01T08:00:00Z, when made logs begin

bool says(const Report& report, const std::string& code) {
  return std::ranges::any_of(report.remarks,
                             [&](const auto& remark) { return remark.code == code; });
}
bool worth(const Report& report, const std::string& code) {
  return std::ranges::any_of(report.worth_a_look,
                             [&](const auto& remark) { return remark.code == code; });
}

fs::path top(const SmallLog& log) { return log.path().parent_path(); }

/// A policy that demands `wanted` of these witnesses.
hangu_verify::Policy policy_of(const std::vector<std::string>& vkeys, const std::string& wanted) {
  std::string text = "log " + log_vkey() + "\n";
  std::string members;
  for (std::size_t i = 0; i < vkeys.size(); ++i) {
    text += "witness w" + std::to_string(i) + " " + vkeys[i] + "\n";
    members += " w" + std::to_string(i);
  }
  std::string problem;
  const auto policy = hangu_verify::parse_policy(
      text + "group all-of-them " + wanted + members + "\nquorum all-of-them\n", problem);
  INFO(problem);
  REQUIRE(policy);
  return *policy;
}

Request with_policy(const SmallLog& log, const std::vector<std::string>& vkeys,
                    const std::string& wanted) {
  Request request = log.request();
  request.policy = policy_of(vkeys, wanted);
  return request;
}

/// A log of two epochs, of which the attacker holds the second's key.
template <class Change>
Report after(Change change) {
  const SmallLog log(2, 300);
  std::vector<std::string> entries = entries_of(top(log));
  change(entries);
  sign_anew(top(log), entries);
  return check_log(log.request());
}

}  // namespace

TEST_CASE("who holds the present keys cannot change, drop or reorder what a closed epoch has",
          "[verifier][attack]") {
  Report report = after([](auto& entries) { std::swap(entries[10], entries[11]); });
  CHECK(report.finding == Finding::tampered);
  CHECK(says(report, "entry-time"));
  CHECK(says(report, "root-wrong"));  // of epoch/0.checkpoint, which he cannot sign
  CHECK(report.first_bad < 303);
  report = after([](auto& entries) { entries.erase(entries.begin() + 20); });
  CHECK(report.finding == Finding::tampered);
  CHECK(says(report, "epoch-order"));
  report = after([](auto& entries) {
    const std::size_t at = entries[30].find("\"salt\":\"") + 8;
    entries[30][at] = entries[30][at] == '0' ? '1' : '0';
  });
  CHECK(report.finding == Finding::tampered);
  CHECK(says(report, "epoch-root"));
  CHECK(says(report, "epoch-chain"));
  CHECK(says(report, "root-wrong"));
}

TEST_CASE("what he does to the present epoch only a pin or a witness shows", "[verifier][attack]") {
  const SmallLog log(2, 300);
  const std::string kept(text_of(read_bytes(log / "checkpoint")));
  const std::string vkey = cosign_log(top(log), 0x20, kBegin + 700);
  const Bytes cosigned = read_bytes(log / "witness/checkpoint");
  std::vector<std::string> entries = entries_of(top(log));
  entries.erase(entries.end() - 5);
  fs::remove_all(log / "checkpoints");
  sign_anew(top(log), entries);
  fs::remove(log / "witness/checkpoint");
  CHECK(check_log(log.request()).finding == Finding::good);  // by itself
  write_bytes(log / "witness/checkpoint", cosigned);
  CHECK(says(check_log(log.request()), "witness-ahead"));  // without a policy too
  Request request = log.request();
  request.pins = {kept};
  fs::remove(log / "witness/checkpoint");
  Report report = check_log(request);
  CHECK(report.finding == Finding::truncated);
  CHECK(says(report, "pin-ahead"));
  write_bytes(log / "witness/checkpoint", cosigned);
  report = check_log(with_policy(log, {vkey}, "all"));
  CHECK(report.finding == Finding::truncated);
  CHECK(says(report, "witness-ahead"));
  entries.push_back(entries.back());
  sign_anew(top(log), entries);
  report = check_log(request);
  CHECK(report.finding == Finding::tampered);
  CHECK(says(report, "pin-wrong"));
  report = check_log(with_policy(log, {vkey}, "all"));
  CHECK(report.finding == Finding::tampered);
  CHECK(says(report, "root-wrong"));
}

TEST_CASE("a log is witnessed when the policy's quorum has cosigned it, else it is not",
          "[verifier][policy]") {
  const SmallLog log(1, 20);
  const std::string one = cosign_log(top(log), 0x20, kBegin + 30);
  const std::string two = cosign_log(top(log), 0x40, kBegin + 30);
  const SmallLog elsewhere(1, 1);
  const std::string absent = cosign_log(top(elsewhere), 0x60, kBegin);
  Report report = check_log(with_policy(log, {one, two}, "all"));
  CHECK(report.finding == Finding::good);
  CHECK(report.witnessed == 22);
  CHECK(check_log(with_policy(log, {one, two, absent}, "2")).finding == Finding::good);
  report = check_log(with_policy(log, {one, two, absent}, "all"));
  CHECK(report.finding == Finding::unwitnessed);
  CHECK(report.remarks.at(0).code == "unwitnessed");
  CHECK(report.witnessed == 0);
  Request none = log.request();
  std::string problem;
  none.policy = hangu_verify::parse_policy("quorum none\n", problem);
  CHECK(check_log(none).finding == Finding::good);
}

TEST_CASE(
    "entries that came after the last cosignature are not witnessed, but for a lag that is "
    "allowed",
    "[verifier][policy]") {
  const SmallLog log(1, 20);
  const std::string vkey = cosign_log(top(log), 0x20, kBegin + 30);
  const SmallLog longer(1, 30);  // the same, ten seconds later
  fs::create_directories(longer / "witness");
  fs::copy(log / "witness/checkpoint", longer / "witness/checkpoint");
  Request request = with_policy(longer, {vkey}, "all");
  Report report = check_log(request);
  CHECK(report.finding == Finding::unwitnessed);
  CHECK(report.witnessed == 22);
  CHECK(report.remarks.at(0).entry == 22);
  request.lag_seconds = 9;
  report = check_log(request);
  CHECK(report.finding == Finding::good);
  CHECK(worth(report, "not-yet-witnessed"));
  request.lag_seconds = 8;
  CHECK(check_log(request).finding == Finding::unwitnessed);
}

TEST_CASE("a cosignature that is wrong is tampered, even when others are enough",
          "[verifier][policy]") {
  const SmallLog log(1, 3);
  const std::string one = cosign_log(top(log), 0x20, kBegin + 30);
  const std::string two = cosign_log(top(log), 0x40, kBegin + 30);
  std::string note(text_of(read_bytes(log / "witness/checkpoint")));
  char& digit = note[note.rfind("w64 ") + 30];
  digit = digit == 'A' ? 'B' : 'A';  // still base64
  write_bytes(log / "witness/checkpoint", bytes_of(note));
  const Report report = check_log(with_policy(log, {one, two}, "any"));
  CHECK(report.finding == Finding::tampered);
  CHECK(says(report, "line-bad"));
  CHECK(report.remarks.at(0).path == "witness/checkpoint");
}

TEST_CASE("entries of a later time than that at which a witness saw them are found",
          "[verifier][time]") {
  const SmallLog log(1, 200);  // an entry each second
  const std::string on_time = cosign_log(top(log), 0x20, kBegin + 141);
  CHECK(check_log(with_policy(log, {on_time}, "all")).finding == Finding::good);
  const std::string early = cosign_log(top(log), 0x40, kBegin + 100);
  const Report report = check_log(with_policy(log, {on_time, early}, "all"));
  CHECK(report.finding == Finding::tampered);
  CHECK(says(report, "entry-future"));
  CHECK(report.first_bad == 162);  // genesis and boot come with the first
  CHECK(report.since == "2026-03-01T08:02:40.000Z");
}

TEST_CASE("a pruned log is good where its log.pruned covers what is missing",
          "[verifier][pruned]") {
  const SmallLog log(3, 300);
  prune_log(top(log), 512);
  Request request = log.request();
  Report report = check_log(request);
  for (const auto& remark : report.remarks) UNSCOPED_INFO(remark.text(hangu_verify::Language::en));
  CHECK(report.finding == Finding::good);
  CHECK(report.pruned == 512);
  CHECK(report.entries == entries_of(top(SmallLog(3, 300))).size() + 1 - 512);
  CHECK(worth(report, "pruned"));
  fs::remove(log / "tile/entries/002");
  report = check_log(request);
  CHECK(report.finding == Finding::truncated);
  CHECK(says(report, "file-missing"));
}

TEST_CASE("of a pruned log hash tiles, kept checkpoints, times, links and epochs still count",
          "[verifier][pruned]") {
  const auto broken = [](auto&& change) {
    const SmallLog log(3, 300);
    prune_log(top(log), 512);
    change(log);
    return check_log(log.request());
  };
  Report report = broken([](const SmallLog& log) {
    Bytes tile = read_bytes(log / "tile/0/001");
    tile[77] ^= std::byte{4};
    write_bytes(log / "tile/0/001", tile);
  });
  CHECK(report.finding == Finding::tampered);
  CHECK(says(report, "root-wrong"));
  report = broken([](const SmallLog& log) { fs::remove(log / "tile/0/000"); });
  CHECK(report.finding == Finding::truncated);
  report = broken([](const SmallLog& log) { fs::remove(log / "epoch/0.checkpoint"); });
  CHECK(report.finding == Finding::truncated);
  report = broken([](const SmallLog& log) {
    Bytes note = read_bytes(log / "epoch/1.checkpoint");
    note[note.size() - 40] ^= std::byte{1};
    write_bytes(log / "epoch/1.checkpoint", note);
  });
  CHECK(report.finding == Finding::tampered);
}

TEST_CASE("bundles that are missing without a log.pruned that covers them are damage",
          "[verifier][pruned]") {
  const SmallLog bare(1, 700);
  fs::remove(bare / "tile/entries/000");
  CHECK(says(check_log(bare.request()), "file-missing"));
  const auto with_event = [](const std::string& from, const std::string& to) {
    const SmallLog log(3, 300);
    prune_log(top(log), 256);
    Bytes bundle = read_bytes(log / "tile/entries/003.p/139");
    std::string text(text_of(bundle));
    const std::size_t at = text.rfind(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    write_bytes(log / "tile/entries/003.p/139", bytes_of(text));
    return check_log(log.request());
  };
  // Changed without signing: no covering entry, and the bundles that are missing are told first.
  CHECK(with_event("\"before\":256", "\"before\":255").finding == Finding::truncated);
}

TEST_CASE("a pruning stands on an order for exactly it that two auditors signed",
          "[verifier][pruned]") {
  const auto pruned_by = [](const std::vector<unsigned>& seeds, auto change) {
    const SmallLog log(3, 300);
    prune_log(top(log), 512, seeds);
    Request request = log.request();
    change(request);
    return check_log(request);
  };
  const auto nothing = [](Request&) {};
  CHECK(pruned_by(kAuditorSeeds, nothing).finding == Finding::good);
  for (const std::vector<unsigned>& seeds :
       {std::vector{kAuditorSeeds[0]}, {kAuditorSeeds[0], 1U}, {1U, 2U}}) {
    const Report report = pruned_by(seeds, nothing);
    CHECK(report.finding == Finding::tampered);
    CHECK(says(report, "prune-unsigned"));
  }
  const Report twice = pruned_by(kAuditorSeeds, [](Request& request) {
    const std::string one = request.auditors.begin()->second;
    request.auditors = {{"a", one}, {"b", one}};
  });
  CHECK(says(twice, "prune-unsigned"));
  const Report keyless =
      pruned_by(kAuditorSeeds, [](Request& request) { request.auditors.clear(); });
  CHECK(keyless.finding == Finding::cannot_tell);
  CHECK(says(keyless, "prune-unproven"));
}

TEST_CASE("a journal beside the log is followed to its end", "[verifier][journal]") {
  TestFolder folder;
  make_live_log(folder.path(), 2, 40, 7);
  Request request;
  request.folder = (folder / "log").string();
  request.key = hangu_verify::parse_key(log_vkey());
  Report report = check_log(request);
  for (const auto& remark : report.remarks) UNSCOPED_INFO(remark.text(hangu_verify::Language::en));
  CHECK(report.finding == Finding::good);
  CHECK(report.committed == report.entries + 7);
}

TEST_CASE("each changed byte of a batch in the journal is found, a torn end only looked at",
          "[verifier][journal]") {
  TestFolder folder;
  make_live_log(folder.path(), 1, 5, 4);
  Request request;
  request.folder = (folder / "log").string();
  request.key = hangu_verify::parse_key(log_vkey());
  const Report good = check_log(request);
  REQUIRE(good.finding == Finding::good);
  const fs::path journal = folder / "log/journal";
  for (const auto& file : fs::directory_iterator(journal)) {
    const Bytes bytes = read_bytes(file.path());
    // The last batch's COMMIT may be what a power cut left half written: before it nothing may.
    const std::size_t last = std::string(text_of(bytes)).rfind("\"type\":\"heartbeat\"");
    std::size_t tried = 0;
    for (std::size_t at = 0; at < last; at += 29, ++tried) {
      Bytes bad = bytes;
      bad[at] ^= std::byte{1};
      write_bytes(file.path(), bad);
      const Report report = check_log(request);
      INFO("byte " << at);
      REQUIRE(report.finding == Finding::tampered);
      REQUIRE(report.remarks.at(0).path.starts_with("journal/"));
    }
    CHECK(tried > 100);
    Bytes torn = bytes;
    torn.resize(bytes.size() - 3);
    write_bytes(file.path(), torn);
    const Report report = check_log(request);
    CHECK(report.finding == Finding::good);
    CHECK(worth(report, "journal-torn"));
    CHECK(report.committed == good.committed.value() - 1);
    // In a segment that was made of zeros first they follow, and say nothing.
    torn.resize(3 * bytes.size());
    write_bytes(file.path(), torn);
    CHECK(worth(check_log(request), "journal-torn"));
    Bytes zeros = bytes;
    zeros.resize(3 * bytes.size());
    write_bytes(file.path(), zeros);
    const Report whole = check_log(request);
    CHECK(whole.finding == Finding::good);
    CHECK_FALSE(worth(whole, "journal-torn"));
    CHECK(whole.committed == good.committed);
    torn.resize(bytes.size() / 2);
    write_bytes(file.path(), torn);
    const Report behind = check_log(request);
    CHECK(behind.finding == Finding::truncated);
    CHECK(says(behind, "journal-behind"));
    write_bytes(file.path(), bytes);
  }
}

TEST_CASE("a journal of another log, or with a gap, is found", "[verifier][journal]") {
  TestFolder folder;
  make_live_log(folder.path(), 1, 5, 4);
  const std::string name = "log/journal/00000000000000000000.wal";
  const Bytes bytes = read_bytes(folder / name);
  Request request;
  request.folder = (folder / "log").string();
  request.key = hangu_verify::parse_key(log_vkey());
  write_bytes(folder / "log/journal/00000000000000000100.wal", bytes);
  Report report = check_log(request);
  CHECK(report.finding == Finding::tampered);
  CHECK(says(report, "journal-start"));
  fs::remove(folder / "log/journal/00000000000000000100.wal");
  fs::rename(folder / name, folder / "log/journal/00000000000000000100.wal");
  report = check_log(request);
  CHECK(report.finding == Finding::truncated);
  CHECK(says(report, "journal-gap"));
}

}  // namespace hangu::audit::test
