// hangu audit verify and compare: words to the stand-alone verifier, its codes back.

#include <catch2/catch.hpp>

#include "tests/support/log_maker.hpp"
#include "tests/unit/cli/invoke.hpp"
#include "tests/unit/cli/temporary_folder.hpp"

using namespace hangu;
using test::invoke;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("audit verify without a check is full, and each check is a command of its own",
          "[cli][audit]") {
  const test::TemporaryFolder folder;
  audit::test::make_log(folder.path(), 2, 3);
  const std::string log = folder.path() + "/log";
  const std::string key = audit::test::log_vkey();
  const auto invoke = [&](std::vector<std::string> words) {
    if (words[1] == "verify") words.insert(words.end(), {"--key", key});
    return test::invoke(std::move(words));
  };
  const auto beside = test::invoke({"audit", "verify", log, "--lang", "en"});
  CHECK(beside.status == 0);
  CHECK(has(beside.err, "beside the log"));
  CHECK(invoke({"audit", "verify", log}).status == 0);
  CHECK(invoke({"audit", "verify", "full", log}).status == 0);
  for (const char* check : {"epochs", "gaps", "time"})
    CHECK(invoke({"audit", "verify", check, log, "--json"}).status == 0);
  CHECK(invoke({"audit", "verify", "range", log, "2", "5"}).status == 0);
  CHECK(invoke({"audit", "verify", "range", log, "2", "500"}).status == 2);
  CHECK(invoke({"audit", "verify", "proof", log, "--index", "4"}).status == 0);
  CHECK(invoke({"audit", "verify", "incremental", log, "--pin", log + "/checkpoint"}).status == 0);
  CHECK(invoke({"audit", "compare", log, log}).status == 0);
  CHECK(invoke({"audit", "compare", log, log + "/nothing"}).status == 4);
  std::filesystem::remove_all(folder.path() + "/anchors");
  CHECK(test::invoke({"audit", "verify", log}).status == 4);  // no key was given, none lies beside
  std::filesystem::remove(log + "/tile/0/000.p/10");
  CHECK(invoke({"audit", "verify", log, "--pin", log + "/checkpoint"}).status == 2);
}

TEST_CASE("audit verify with a word too many, or none, is told", "[cli][audit]") {
  CHECK(invoke({"audit", "verify", "--lang", "en"}).status == 4);
  const auto done = invoke({"audit", "verify", "full", "a", "b", "--lang", "en"});
  CHECK(done.status == 4);
  CHECK(has(done.err, "[usage-value] b"));
  CHECK(invoke({"audit", "verify", "range", "a", "1"}).status == 4);
  CHECK(invoke({"audit", "verify", "incremental", "a"}).status == 4);
  CHECK(invoke({"audit", "compare", "a", "--nothing"}).status == 4);
  const auto bare = invoke({"audit", "verify", "proof", "a.tlog-proof", "--lang", "en"});
  CHECK(bare.status == 4);
  CHECK(has(bare.err, "--entry"));
  CHECK(invoke({"audit", "search", "--nothing"}).status == 4);
}

TEST_CASE("audit verify's checks stand in help and man page", "[cli][audit]") {
  const std::string help = invoke({"audit", "verify", "--help", "--lang", "en"}).out;
  const std::string page = invoke({"man", "--lang", "zh"}).out;
  for (const char* check : {"full", "incremental", "proof", "range", "epochs", "gaps", "time"}) {
    CHECK(has(help, check));
    CHECK(has(page, "hangu audit verify " + std::string(check)));
  }
  CHECK(has(page, "hangu audit compare"));
}
