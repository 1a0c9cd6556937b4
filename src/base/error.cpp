#include "base/error.hpp"

#include <system_error>

namespace hangu {

std::string_view to_text(ErrorCode code) {
  switch (code) {
    case ErrorCode::malformed: return "malformed";
    case ErrorCode::forbidden: return "forbidden";
    case ErrorCode::unavailable: return "unavailable";
    case ErrorCode::exhausted: return "exhausted";
    case ErrorCode::corrupt: return "corrupt";
    case ErrorCode::internal: return "internal";
  }
  return "internal";
}

std::string Error::message() const {
  std::string text(reason_);
  if (!context_.empty()) text += ": " + context_;
  if (os_error_ != 0) text += " (" + std::generic_category().message(os_error_) + ")";
  return text;
}

Error Error::within(std::string_view prefix) const {
  Error wrapped = *this;
  wrapped.context_ = context_.empty() ? std::string(prefix) : std::string(prefix) + ": " + context_;
  return wrapped;
}

}  // namespace hangu
