#include "base/result.hpp"

#include <cerrno>
#include <memory>

#include <catch2/catch.hpp>

using namespace hangu;

namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return fail(ErrorCode::malformed, "odd", std::to_string(n));
  return n / 2;
}

Result<int> quarter(int n) {
  HANGU_TRY(const int once, half(n));
  HANGU_TRY(const int twice, half(once));
  return twice;
}

Done both_even(int a, int b) {
  HANGU_CHECK(half(a));
  HANGU_CHECK(half(b));
  return {};
}

}  // namespace

TEST_CASE("the macros bind a value or return the error of the call", "[base]") {
  CHECK(*quarter(8) == 2);
  CHECK(quarter(6).error().context() == "3");
  CHECK(both_even(2, 4));
  CHECK(both_even(2, 5).error().reason() == "odd");
}

TEST_CASE("a value that can only be moved passes through", "[base]") {
  const auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(5); };
  const auto pass = [&]() -> Result<std::unique_ptr<int>> {
    HANGU_TRY(auto made, make());
    return made;
  };
  CHECK(**pass() == 5);
}

TEST_CASE("an error tells reason, context, cause and place", "[base]") {
  const Error error(ErrorCode::unavailable, "file-missing", "label", ENOENT);
  CHECK_THAT(error.message(), Catch::StartsWith("file-missing: label"));
  CHECK_THAT(error.message(), Catch::Contains("No such file"));
  CHECK(error.within("package").context() == "package: label");
  CHECK(error.within("package").reason() == "file-missing");
  CHECK_THAT(error.where().file_name(), Catch::Contains("result_test"));
  CHECK(to_text(ErrorCode::exhausted) == "exhausted");
}
