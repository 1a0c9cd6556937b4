// hangu audit pin: what it says of the cosignatures under a checkpoint that it keeps.

#include <fstream>

#include <catch2/catch.hpp>

#include "tests/support/log_maker.hpp"
#include "tests/unit/cli/invoke.hpp"
#include "tests/unit/cli/temporary_folder.hpp"

using namespace hangu;
using test::invoke;

namespace {

constexpr std::uint64_t kSeen = 1'760'000'000;
constexpr const char* kSeenText = "2025-10-09T08:53:20.000Z";

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

std::string read(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A log whose last checkpoint two witnesses cosigned, and policies of them.
struct Bench {
  Bench() {
    audit::test::make_log(folder.path(), 1, 3);
    const std::string one = audit::test::cosign_log(folder.path(), 0x20, kSeen);
    const std::string two = audit::test::cosign_log(folder.path(), 0x40, kSeen + 7);
    for (const auto& found : std::filesystem::directory_iterator(log + "/witness"))
      std::filesystem::rename(found.path(), log + "/witness/checkpoint");
    write(policy, "witness w1 " + one + "\nquorum w1\n");
    write(both, "witness w1 " + one + "\nwitness w2 " + two + "\ngroup g all w1 w2\nquorum g\n");
  }
  [[nodiscard]] test::Invoked pin(std::vector<std::string> more) const {
    std::vector<std::string> words{"audit", "pin", log,      "--key", audit::test::log_vkey(),
                                   "--out", out,   "--lang", "en"};
    words.insert(words.end(), more.begin(), more.end());
    return invoke(words);
  }
  test::TemporaryFolder folder;
  std::string log = folder.path() + "/log";
  std::string out = folder.path() + "/pin";
  std::string policy = folder.path() + "/one.tlog";
  std::string both = folder.path() + "/both.tlog";
};

/// name, time and whether it was checked, of each witness that was told.
std::vector<std::string> told(const test::Invoked& done) {
  std::vector<std::string> out;
  const std::vector<wire::Json> events = done.events();
  REQUIRE_FALSE(events.empty());
  for (const wire::Json& one : *events.back().find("witnesses")->as_array())
    out.push_back(*one.find("name")->as_string() + " " + *one.find("time")->as_string() + " " +
                  (*one.find("checked")->as_bool() ? "checked" : "not checked"));
  return out;
}

}  // namespace

TEST_CASE("without a policy a pin says of each cosignature that it was not checked",
          "[cli][audit]") {
  const Bench bench;
  const auto shown = bench.pin({});
  CHECK(shown.status == 0);
  CHECK(shown.out.find("(not checked") != std::string::npos);
  CHECK(shown.out.find("(checked)") == std::string::npos);
  CHECK(told(bench.pin({"--json"})) ==
        std::vector<std::string>{std::string("witness.example/w32 ") + kSeenText + " not checked",
                                 "witness.example/w64 2025-10-09T08:53:27.000Z not checked"});
}

TEST_CASE("by a policy a pin checks the lines of its witnesses, and marks the others",
          "[cli][audit]") {
  const Bench bench;
  CHECK(told(bench.pin({"--json", "--policy", bench.policy})) ==
        std::vector<std::string>{std::string("witness.example/w32 ") + kSeenText + " checked",
                                 "witness.example/w64 2025-10-09T08:53:27.000Z not checked"});
  const auto shown = bench.pin({"--policy", bench.both});
  CHECK(shown.status == 0);
  CHECK(shown.out.find("not checked") == std::string::npos);
}

TEST_CASE("a pin under a bad cosignature, or without the quorum, is not kept", "[cli][audit]") {
  const Bench bench;
  const std::string kept = bench.log + "/witness/checkpoint";
  const std::string good = read(kept);
  std::string bad = good;
  const std::size_t at = bad.find("witness.example/w32 ") + 60;
  bad[at] = bad[at] == 'A' ? 'B' : 'A';
  std::filesystem::remove(kept);
  write(kept, bad);
  const auto refused = bench.pin({"--policy", bench.policy});
  CHECK(refused.status != 0);
  CHECK(refused.err.find("cosignature-invalid") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(bench.out));
  write(kept, good.substr(0, good.rfind("\u2014 witness.example/w64")));
  CHECK(bench.pin({"--policy", bench.policy}).status == 0);
  const auto few = bench.pin({"--policy", bench.both});
  CHECK(few.status != 0);
  CHECK(few.err.find("quorum-missing") != std::string::npos);
  CHECK(bench.pin({"--policy", bench.both, "--published"}).status == 0);
}
