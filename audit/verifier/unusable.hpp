#pragma once
// Unusable: a thing that was asked for and cannot be had. Ends a check with "cannot tell".

#include <exception>
#include <string>

#include "audit/verifier/remarks.hpp"

namespace hangu_verify {

struct Unusable : std::exception {
  std::string reason;
  std::string place;
  Unusable(std::string why, std::string where) : reason(std::move(why)), place(std::move(where)) {}
  [[nodiscard]] std::string text(Language language) const;
};

}  // namespace hangu_verify
