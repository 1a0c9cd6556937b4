#include <filesystem>

#include <catch2/catch.hpp>

#include "forward/cursor.hpp"
#include "forward/forwarder.hpp"
#include "forward/limits.hpp"
#include "line/forward_status.hpp"
#include "os/file.hpp"

namespace hangu::forward::test {
namespace {

constexpr const char* kOrigin = "gw-demo/audit";

class Scratch {
 public:
  Scratch() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "hangu-forward-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::filesystem::remove_all(path_); }
  std::string operator/(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace

// RFC 5425 §4.3.1: MSG-LEN is the octet count of the SYSLOG-MSG, before one space.
TEST_CASE("a message is framed by its length in octets, not in characters", "[forward]") {
  CHECK(octet_counted("<1>1 - - - - - -") == "16 <1>1 - - - - - -");
  CHECK(octet_counted("省") == "3 省");
  CHECK(octet_counted(std::string(70'000, 'x')).starts_with("70000 x"));
}

TEST_CASE("a cursor comes back as it was kept; none means the start of the log", "[forward]") {
  const Scratch scratch;
  const std::string path = scratch / "cursor.json";
  CHECK(*Cursor::load(path, kOrigin) == Cursor{kOrigin, 0, "", {}});
  const Cursor kept{kOrigin, 41, std::string(64, 'a'), {50, std::string(64, 'b')}};
  REQUIRE(kept.save(path));
  CHECK(*Cursor::load(path, kOrigin) == kept);
}

TEST_CASE("a cursor of another log, or a broken one, is not gone by", "[forward]") {
  const Scratch scratch;
  const std::string path = scratch / "cursor.json";
  REQUIRE(Cursor{kOrigin, 41, std::string(64, 'a'), {41, std::string(64, 'b')}}.save(path));
  CHECK(Cursor::load(path, "other/audit").error().reason() == "forward-cursor-other-log");
  for (const char* text :
       {"", "{}", R"({"v":3,"origin":"x","next":0,"leaf":""})",
        R"({"v":2,"origin":"x","next":0,"leaf":""})",
        R"({"v":2,"origin":"x","next":0,"leaf":"","size":1,"root":""})",
        R"({"v":2,"origin":"x","next":0,"leaf":"","size":0,"root":"a"})",
        R"({"v":1,"origin":"x","next":0,"leaf":"","size":0,"root":""})",
        R"({"v":1,"origin":"x","next":1,"leaf":""})", R"({"v":1,"origin":"x","next":-1,"leaf":""})",
        R"({"v":1,"origin":"x","next":0,"leaf":"","more":1})"})
    CHECK_FALSE(Cursor::parse(text));
  CHECK(Cursor::parse(R"({"v":1,"origin":"x","next":0,"leaf":""})"));  // of versions before
  CHECK(Cursor::parse(R"({"v":2,"origin":"x","next":0,"leaf":"","size":0,"root":""})"));
  const Cursor behind{"x", 41, std::string(64, 'a'), {40, std::string(64, 'b')}};
  CHECK_FALSE(Cursor::parse(behind.to_text()));
}

TEST_CASE("lines count as handed over once the connection stood long enough after they were taken",
          "[forward]") {
  Standing standing;
  const milliseconds begin{1000};
  standing.taken({10, "a"}, begin);
  standing.taken({20, "b"}, begin + milliseconds{1});
  CHECK_FALSE(standing.settled(begin + kSettleTime - milliseconds{1}));
  CHECK(standing.settled(begin + kSettleTime)->next == 10);
  CHECK_FALSE(standing.settled(begin + kSettleTime));
  CHECK(standing.settled(begin + kSettleTime + milliseconds{1})->next == 20);
}

TEST_CASE("of several marks that have stood, the farthest counts; the same again is not later",
          "[forward]") {
  Standing standing;
  const milliseconds begin{0};
  standing.taken({10, "a"}, begin);
  standing.taken({10, "a"}, begin + kSettleTime);  // would never settle if it counted anew
  CHECK(standing.settled(begin + kSettleTime)->leaf == "a");
  standing.taken({11, "b"}, begin);
  standing.taken({12, "c"}, begin);
  CHECK(standing.settled(begin + kSettleTime)->next == 12);
}

TEST_CASE("pauses between tries double up to a minute", "[forward]") {
  CHECK(retry_pause(1) == kRetryFirst);
  CHECK(retry_pause(2) == 2 * kRetryFirst);
  CHECK(retry_pause(6) == milliseconds{32'000});
  CHECK(retry_pause(7) == kRetryMax);
  CHECK(retry_pause(4'000'000'000U) == kRetryMax);
}

TEST_CASE("what the forwarder says of itself is read back", "[forward]") {
  line::ForwardStatus status;
  status.state = line::ForwardState::connected;
  status.receiver = "192.0.2.7:6514";
  status.published = 12;
  status.handed_over = 5;
  status.success = *WallTime::parse("2026-03-01T08:00:00.000Z");
  CHECK(status.lag() == 7);
  const auto again = line::ForwardStatus::parse(status.to_json());
  REQUIRE(again);
  CHECK(again->summary() == "connected, 7 entries behind, last success 2026-03-01T08:00:00.000Z");
  CHECK(again->to_json() == status.to_json());
  CHECK_FALSE(line::ForwardStatus::parse(*wire::Json::parse("{}", 10)));
}

}  // namespace hangu::forward::test
