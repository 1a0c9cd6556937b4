// Logs whose own keys rolled over: which key signs which size, which given key is the right one,
// and what who holds a former one can make of it.

#include <algorithm>

#include <catch2/catch.hpp>

#include "audit/verifier/incremental.hpp"
#include "audit/verifier/proof.hpp"
#include "tests/support/log_roller.hpp"
#include "tests/unit/verifier/small_log.hpp"

namespace hangu::audit::test {
namespace {

namespace fs = std::filesystem;
using hangu_verify::check_log;
using hangu_verify::Finding;
using hangu_verify::Remark;
using hangu_verify::Report;
using hangu_verify::Request;
using Steps = std::vector<std::string>;

constexpr unsigned kNext = 64;  ///< seed of the keys that come
const Steps kRolled{"+5", "end", "+3", "roll:64", "+4", "end", "+2"};  ///< 18 entries
constexpr std::uint64_t kRoll = 10;                                    ///< the entry that tells it

Steps with(Steps steps, const Steps& more) {
  steps.insert(steps.end(), more.begin(), more.end());
  return steps;
}

/// A log by hand.
class RolledLog {
 public:
  explicit RolledLog(const Steps& steps) { make_hand_log(folder_.path(), steps); }

  [[nodiscard]] Request request(unsigned seed = kNext) const {
    Request request;
    request.folder = (folder_ / "log").string();
    request.key = hangu_verify::parse_key(hand_vkey(seed));
    for (const unsigned auditor : kAuditorSeeds)
      request.auditors.emplace(std::to_string(auditor),
                               text_of(key_from(auditor).verify_key().point()));
    return request;
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    return std::string(text_of(read_bytes(folder_ / name)));
  }
  [[nodiscard]] fs::path log() const { return folder_ / "log"; }

 private:
  TestFolder folder_;
};

Report check(const Steps& steps, unsigned seed = kNext) {
  return check_log(RolledLog(steps).request(seed));
}

const Remark* find(const std::vector<Remark>& remarks, const std::string& code) {
  const auto found = std::ranges::find(remarks, code, &Remark::code);
  return found == remarks.end() ? nullptr : &*found;
}

/// True when it is tampered, and named so at this file.
bool missing_line(const Report& report, const std::string& path) {
  return report.finding == Finding::tampered &&
         std::ranges::any_of(report.remarks, [&](const Remark& remark) {
           return remark.code == "line-missing" && remark.path == path;
         });
}

}  // namespace

TEST_CASE("a log that rolled over is good by the key that it ends with", "[verifier][rolled]") {
  for (const Steps& steps :
       {kRolled, with({"bare"}, kRolled), Steps{"+5", "roll:64"}, {"roll:32", "+1", "roll:64"}}) {
    const Report report = check(steps);
    for (const auto& remark : report.remarks)
      UNSCOPED_INFO(remark.text(hangu_verify::Language::en));
    CHECK(report.finding == Finding::good);
  }
  CHECK(check({"+5", "roll:64", "+1", "roll:0", "+1"}, 0).finding == Finding::good);  // back again
}

TEST_CASE("by a key of an earlier time a verifier cannot tell, and names the present one",
          "[verifier][rolled]") {
  Report report = check(kRolled, 0);
  CHECK(report.finding == Finding::cannot_tell);
  REQUIRE(report.remarks.size() == 1);
  CHECK(report.remarks[0].code == "key-former");
  CHECK(report.remarks[0].entry == kRoll);
  CHECK(report.remarks[0].words == Steps{"vkey", hand_vkey(kNext)});
  report = check({"roll:32", "+1", "roll:64", "+1"}, 32);
  CHECK(find(report.remarks, "key-former")->entry == 3);
  const RolledLog log(kRolled);
  Request request = log.request();
  request.gm_key = hangu_verify::parse_key(hand_gm_vkey(0));
  report = check_log(request);
  CHECK(report.finding == Finding::cannot_tell);
  CHECK(find(report.remarks, "key-former")->words == Steps{"gmVkey", hand_gm_vkey(kNext)});
}

TEST_CASE("a key that was never in force is none of the log's", "[verifier][rolled]") {
  const Report report = check(kRolled, 32);
  CHECK(report.finding == Finding::tampered);
  CHECK(find(report.remarks, "genesis-key")->entry == 0);
  CHECK(missing_line(report, "checkpoint"));
  CHECK(find(check({"+3"}, kNext).remarks, "genesis-key") != nullptr);
}

TEST_CASE("a roll-over names the present keys, and another", "[verifier][rolled]") {
  const auto told = [](const std::string& step, unsigned seed = kNext) {
    return check({"+5", "end", "+3", step, "+2"}, seed);
  };
  CHECK(told("told:0:64:0:64:64").finding == Finding::good);
  for (const char* step : {"told:32:64:0:64:64", "told:0:64:32:64:64", "told:0:64:-:-:64",
                           "told:0:64:0:-:64", "told:0:64:-:64:64"}) {
    INFO(step);
    const Report report = told(step);
    CHECK(report.finding == Finding::tampered);
    REQUIRE(find(report.remarks, "log-keys-order") != nullptr);
    CHECK(find(report.remarks, "log-keys-order")->entry == kRoll);
  }
  CHECK(find(told("told:0:0:0:64:0", 0).remarks, "log-keys-order") != nullptr);  // no other
  CHECK(find(check({"bare", "told:0:64:0:64:64", "+1"}).remarks, "log-keys-order") != nullptr);
}

TEST_CASE("who holds a former key signs nothing that came after it", "[verifier][rolled]") {
  CHECK(missing_line(check(with(kRolled, {"note:log/checkpoint:18:0:0"})), "checkpoint"));
  CHECK(missing_line(check(with(kRolled, {"note:log/checkpoint:18:0:0"}), 0), "checkpoint"));
  CHECK(missing_line(check(with(kRolled, {"note:log/checkpoints/12:12:0:0"})), "checkpoints/12"));
  CHECK(check(with(kRolled, {"note:log/checkpoints/12:12:64:64"})).finding == Finding::good);
  CHECK(missing_line(check(with(kRolled, {"note:log/epoch/2.checkpoint:16:0:0"})),
                     "epoch/2.checkpoint"));
  // He goes on from before, or names a key of his own.
  CHECK(find(check({"+5", "end", "+3", "+40"}).remarks, "genesis-key") != nullptr);
  CHECK(find(check({"+5", "end", "+3", "roll:32", "+40"}).remarks, "genesis-key") != nullptr);
  CHECK(check({"+5", "end", "+3", "roll:32", "+40"}, 0).finding == Finding::cannot_tell);
}

TEST_CASE("the next key signs nothing that came before it", "[verifier][rolled]") {
  CHECK(check(with(kRolled, {"note:log/checkpoints/11:11:0:0"})).finding == Finding::good);
  CHECK(missing_line(check(with(kRolled, {"note:log/checkpoints/11:11:64:64"})), "checkpoints/11"));
  CHECK(missing_line(check(with(kRolled, {"note:log/checkpoints/0:0:64:64"})), "checkpoints/0"));
  CHECK(missing_line(check(with(kRolled, {"note:log/epoch/1.checkpoint:11:64:64"})),
                     "epoch/1.checkpoint"));
  CHECK(missing_line(check(with(kRolled, {"note:log/epoch/1.checkpoint:11:0:64"})),
                     "epoch/1.checkpoint"));
  CHECK(missing_line(check(with(kRolled, {"note:log/checkpoint:18:64:0"})), "checkpoint"));
  CHECK(missing_line(check(with(kRolled, {"note:log/witness/checkpoint:9:64:64"})),
                     "witness/checkpoint"));
  CHECK(check(with(kRolled, {"note:log/witness/checkpoint:9:0:0"})).finding == Finding::good);
}

TEST_CASE("a log that was pruned tells the keys to go on from", "[verifier][rolled][pruned]") {
  const Steps before{"+300", "prune:256", "roll:64", "+5"};
  CHECK(check(before).finding == Finding::good);
  CHECK(check(before, 0).finding == Finding::cannot_tell);
  CHECK(find(check(before, 32).remarks, "genesis-key")->entry == 301);
  const RolledLog behind({"+5", "roll:64", "+300", "prune:256"});
  Report report = check_log(behind.request());
  CHECK(report.finding ==
        Finding::cannot_tell);  // epoch/0.checkpoint is by a key that is told nowhere
  CHECK(find(report.remarks, "line-former")->path == "epoch/0.checkpoint");
  Request request = behind.request();
  request.former = {*hangu_verify::parse_key(hand_vkey(0))};
  CHECK(check_log(request).finding == Finding::good);
  request.former = {*hangu_verify::parse_key(hand_vkey(32))};
  CHECK(check_log(request).finding == Finding::cannot_tell);
}

TEST_CASE("a pin is held against the key of its size", "[verifier][rolled]") {
  const auto since = [](const std::string& note, unsigned seed = kNext) {
    const RolledLog log({"+300", "end", "roll:64", "+300", "note:pin:" + note});
    Request request = log.request(seed);
    request.pins = {log.read("pin")};
    const Report report = hangu_verify::check_since_pin(request);
    CHECK(check_log(request).finding == report.finding);
    return report;
  };
  for (const char* good : {"100:0:0", "300:0:0", "302:0:0", "303:0:0", "304:64:64", "600:64:64"}) {
    INFO(good);
    CHECK(since(good).finding == Finding::good);
    CHECK(since(good, 0).finding == Finding::cannot_tell);
  }
  for (const char* bad : {"100:64:64", "303:64:64", "304:0:0", "600:0:0", "300:32:32"}) {
    INFO(bad);
    const Report report = since(bad);
    CHECK(report.finding == Finding::cannot_tell);
    CHECK(find(report.remarks, "pin-unreadable") != nullptr);
  }
}

TEST_CASE("a receipt by a former key is the log's where the log or the auditor says so",
          "[verifier][rolled]") {
  const RolledLog log(with(kRolled, {"receipt:old:3:9:0", "receipt:stolen:3:13:0"}));
  const auto prove = [&](const std::string& name, const Request& request, bool by_log) {
    return hangu_verify::check_proof(request, log.read(name), log.read(name + ".entry"), 3,
                                     by_log ? log.log().string() : std::string());
  };
  Request request = log.request();
  CHECK(prove("old", request, false).finding == Finding::tampered);
  Report report = prove("old", request, true);
  CHECK(report.finding == Finding::good);
  CHECK(find(report.worth_a_look, "receipt-former-key") != nullptr);
  CHECK(prove("stolen", request, true).finding == Finding::tampered);
  request.former = {*hangu_verify::parse_key(hand_vkey(0))};
  report = prove("old", request, false);
  CHECK(report.finding == Finding::good);
  CHECK(find(report.worth_a_look, "receipt-former-key") != nullptr);
  CHECK(prove("stolen", request, true).finding == Finding::tampered);
  CHECK(prove("old", log.request(0), true).finding == Finding::cannot_tell);  // key-former
}

TEST_CASE("what the writer rolled over is good, with its journal", "[verifier][rolled][journal]") {
  TestFolder folder;
  make_live_log(folder.path(), 2, 40, 0);
  roll_log(folder.path(), 2, 30);
  Request request;
  request.folder = (folder / "log").string();
  request.key = hangu_verify::parse_key(rolled_vkey());
  Report report = check_log(request);
  for (const auto& remark : report.remarks) UNSCOPED_INFO(remark.text(hangu_verify::Language::en));
  CHECK(report.finding == Finding::good);
  CHECK(report.committed == report.entries);
  request.key = hangu_verify::parse_key(log_vkey());
  report = check_log(request);
  CHECK(report.finding == Finding::cannot_tell);
  REQUIRE(report.remarks.size() == 1);
  CHECK(report.remarks[0].code == "key-former");
}

}  // namespace hangu::audit::test
