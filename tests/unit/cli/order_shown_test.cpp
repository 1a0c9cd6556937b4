// Orders of two auditors: what a person sees before signing.

#include <catch2/catch.hpp>

#include "audit/order.hpp"
#include "os/file.hpp"
#include "tests/unit/cli/invoke.hpp"
#include "tests/unit/cli/temporary_folder.hpp"

using namespace hangu;
using test::Invoked;
using test::TemporaryFolder;

namespace {

audit::Order prune_order() {
  return {.origin = "gw\x1b[2J/audit",
          .act = audit::PruneOrder{.before = 512, .archive = std::string(64, 'a')},
          .reason = "over\nand archived",
          .expires = *WallTime::parse("2029-04-01T00:00:00.000Z")};
}

struct Desk {
  TemporaryFolder folder;
  std::string file = folder.path() + "/prune.order";
  std::string pki = folder.path() + "/pki";

  Desk() {
    REQUIRE(os::write_file_durably(file, bytes_of(prune_order().to_text()), 0644));
    REQUIRE(test::invoke({"pki", "init", pki}).status == 0);
  }
  [[nodiscard]] std::string read() const {
    return std::string(text_of(os::read_file(file, 65536).value()));
  }
};

bool has(const Invoked& said, std::string_view text) {
  return said.out.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("an order is shown whole and escaped, signed or not, in both languages", "[cli][order]") {
  const Desk desk;
  const std::string before = desk.read();
  for (const char* language : {"zh", "en"}) {
    const Invoked said = test::invoke({"audit", "order", "show", desk.file, "--lang", language});
    CHECK(said.status == 0);
    for (const std::string& text :
         {std::string("512"), std::string(64, 'a'), std::string("gw\\u{1b}[2J/audit"),
          std::string("over\\u{a}and archived"), std::string("2029-04-01T00:00:00.000Z")})
      CHECK(has(said, text));
    CHECK_FALSE(has(said, "\x1b"));
  }
  const Invoked json = test::invoke({"audit", "order", "show", desk.file, "--json"});
  CHECK(has(json, R"("before":512)"));
  CHECK(has(json, R"("expires":"2029-04-01T00:00:00.000Z")"));
  CHECK(has(json, R"("signers":[])"));
  CHECK(desk.read() == before);
}

TEST_CASE("what is signed is shown first, also when the signature then fails", "[cli][order]") {
  const Desk desk;
  const std::string before = desk.read();
  const Invoked failed = test::invoke(
      {"audit", "order", "sign", desk.file, "--key", desk.pki + "/no-such.key", "--lang", "en"});
  CHECK(failed.status != 0);
  CHECK(has(failed, std::string(64, 'a')));
  CHECK(has(failed, "2029-04-01T00:00:00.000Z"));
  CHECK(desk.read() == before);
}

TEST_CASE("a file that is no order is told as such", "[cli][order]") {
  const Desk desk;
  for (const char* const text : {"no order", "{}", ""}) {
    REQUIRE(os::write_file_durably(desk.file, bytes_of(text), 0644));
    const Invoked said = test::invoke({"audit", "order", "show", desk.file, "--json"});
    CHECK(said.status == 4);
    CHECK(said.text("reason") == "order-invalid");
  }
}
