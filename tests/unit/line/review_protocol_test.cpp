#include "line/review_protocol.hpp"

#include <catch2/catch.hpp>

#include "base/text.hpp"

using namespace hangu;
using namespace hangu::line;

namespace {

/// The context of a refusal as the person's program reads it.
std::string context_over_the_wire(const std::string& context) {
  const auto reply = parse_review_reply(encode(ReviewReply(ReviewRefused{"busy", context})));
  REQUIRE(reply);
  return std::get<ReviewRefused>(*reply).context;
}

std::string repeated(std::string_view piece, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += piece;
  return out;
}

}  // namespace

TEST_CASE("the context of a refused review crosses as it is up to its bound", "[line]") {
  CHECK(context_over_the_wire("看过") == "看过");
  CHECK(context_over_the_wire(std::string(1000, 'a')) == std::string(1000, 'a'));
}

TEST_CASE("a longer context of a refused review is cut between characters", "[line]") {
  // 1000 bytes end within a character of three bytes.
  const std::string cut = context_over_the_wire(repeated("第", 400));
  CHECK(is_utf8(cut));
  CHECK(cut.size() <= 1000);
  CHECK(cut.starts_with(repeated("第", 300)));
  CHECK(cut.ends_with("…"));
}

TEST_CASE("a context of a refused review that is not UTF-8 crosses escaped", "[line]") {
  CHECK(context_over_the_wire("a\xff") == "a\\xff");
}
