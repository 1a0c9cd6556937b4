// What the boot entry takes from outside.

#include "audit/boot_documents.hpp"

#include <catch2/catch.hpp>

#include "audit/writer.hpp"
#include "tests/unit/audit/writer_plan.hpp"

namespace hangu::audit::test {
namespace {

std::string reason(std::string_view text) {
  const auto parsed = parse_boot_documents(text);
  return parsed ? "ok" : std::string(parsed.error().reason());
}

}  // namespace

TEST_CASE("a boot entry takes the software's version and documents and nothing else", "[audit]") {
  const std::string good = R"({"version":"1","documents":[{"name":"a","sha256":"00"}]})";
  CHECK(reason(good) == "ok");
  CHECK(wire::Json(parse_boot_documents(good).value()).to_text() == good);
  CHECK(reason(R"({"version":"1","documents":[]})") == "ok");
  for (const char* more : {"size", "epoch", "catalogue", "counter", "clock"}) {
    CAPTURE(more);
    CHECK(reason(R"({"version":"1","documents":[],")" + std::string(more) + R"(":1})") ==
          "field-unknown");
  }
  CHECK(reason(R"({"version":"1"})") == "field-missing");
  CHECK(reason(R"({"version":1,"documents":[]})") == "field-type");
  CHECK(reason(R"({"version":"1","version":"2","documents":[]})") == "json-duplicate-key");
  CHECK(reason(R"({"version":"1","documents":[{"name":"a"}]})") == "field-missing");
  CHECK(reason(R"({"version":"1","documents":[{"name":"a","sha256":"00","size":1}]})") ==
        "field-unknown");
  CHECK(reason("[]") == "field-type");
  const auto of = [](std::size_t count) {
    std::string text = R"({"version":"1","documents":[)";
    for (std::size_t i = 0; i < count; ++i)
      text += std::string(i == 0 ? "" : ",") + R"({"name":"a","sha256":"00"})";
    return text + "]}";
  };
  CHECK(reason(of(kBootDocumentsMax)) == "ok");
  CHECK(reason(of(kBootDocumentsMax + 1)) != "ok");
}

TEST_CASE("a boot entry whose members come twice is not written", "[audit]") {
  const TestFolder folder;
  const ManualClock clock(*WallTime::parse("2026-03-01T08:00:00.000Z"));
  SeededEntropy entropy(1);
  const auto open = [&](wire::JsonObject boot) {
    WriterPlan plan = writer_plan(folder.path(), clock, entropy);
    plan.boot = std::move(boot);
    const auto opened = Writer::open(std::move(plan));
    return opened ? "ok" : std::string(opened.error().reason());
  };
  CHECK(open({{"size", 7}}) == "audit-event-invalid");
  CHECK(open({{"other", 7}}) == "audit-event-invalid");
  CHECK(open({{"version", "1"}}) == "ok");
}

}  // namespace hangu::audit::test
