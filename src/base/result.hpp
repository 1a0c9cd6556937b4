#pragma once
// Result: a value or an Error. A class, so that an ignored one is a compiler warning (an error).

#include <expected>
#include <utility>

#include "base/error.hpp"

namespace hangu {

template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

/// Done: the Result of an act that has no value.
using Done = Result<void>;

/// fail builds the error side: `return fail(ErrorCode::malformed, "wire-short", "label");`
[[nodiscard]] inline std::unexpected<Error> fail(
    ErrorCode code, std::string_view reason, std::string context = {}, int os_error = 0,
    std::source_location where = std::source_location::current()) {
  return std::unexpected<Error>(Error(code, reason, std::move(context), os_error, where));
}

/// Stops the process: our own invariant is broken (a defect), nothing may go on.
[[noreturn]] void defect(const char* condition, std::source_location where);

}  // namespace hangu

#define HANGU_CAT2(a, b) a##b
#define HANGU_CAT(a, b) HANGU_CAT2(a, b)
#define HANGU_TRY_(t, lhs, ...)                         \
  auto t = (__VA_ARGS__);                               \
  if (!t) return std::unexpected(std::move(t).error()); \
  lhs = *std::move(t)
/// Binds the value, or returns the error: HANGU_TRY(const auto table, parse_table(bytes));
#define HANGU_TRY(lhs, ...) HANGU_TRY_(HANGU_CAT(try_, __LINE__), lhs, __VA_ARGS__)
/// Returns the error of a Result<void>: HANGU_CHECK(check_digest(manifest, payload));
#define HANGU_CHECK(...)                                                                         \
  do {                                                                                           \
    if (auto check_ = (__VA_ARGS__); !check_) return std::unexpected(std::move(check_).error()); \
  } while (false)
#define HANGU_ASSERT(condition)                                                     \
  do {                                                                              \
    if (!(condition)) ::hangu::defect(#condition, std::source_location::current()); \
  } while (false)
