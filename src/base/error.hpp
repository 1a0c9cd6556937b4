#pragma once
// Error: the failure half of a Result. A refusal by a rule is not an Error but a Verdict.

#include <source_location>
#include <string>
#include <string_view>

namespace hangu {

/// ErrorCode says what the caller should do about a failure.
enum class ErrorCode {
  malformed,    ///< the input breaks its format: refuse it
  forbidden,    ///< the peer may not ask for this: refuse it
  unavailable,  ///< a peer, file or clock is not there now: try again later
  exhausted,    ///< a bound (size, count, time, disk) is reached
  corrupt,      ///< stored bytes differ from what was recorded: stop and look
  internal,     ///< the operating system or a library failed unexpectedly
};

[[nodiscard]] std::string_view to_text(ErrorCode code);

/// Error carries a code, a stable kebab-case reason for scripts, and a context for people.
///
/// `reason` must be a string literal (it is kept as a view): e.g. "package-trailing-bytes".
/// `context` never holds secrets or payload; foreign text in it goes through printable().
class Error {
 public:
  Error(ErrorCode code, std::string_view reason, std::string context = {}, int os_error = 0,
        std::source_location where = std::source_location::current())
      : code_(code),
        os_error_(os_error),
        reason_(reason),
        context_(std::move(context)),
        where_(where) {}

  [[nodiscard]] ErrorCode code() const { return code_; }
  [[nodiscard]] std::string_view reason() const { return reason_; }
  [[nodiscard]] const std::string& context() const { return context_; }
  [[nodiscard]] int os_error() const { return os_error_; }
  [[nodiscard]] const std::source_location& where() const { return where_; }

  /// "reason: context (strerror)": one line for a log or a person.
  [[nodiscard]] std::string message() const;

  /// A copy whose context reads "prefix: context".
  [[nodiscard]] Error within(std::string_view prefix) const;

 private:
  ErrorCode code_;
  int os_error_;
  std::string_view reason_;
  std::string context_;
  std::source_location where_;
};

}  // namespace hangu
