#pragma once
// Outcome: what reading or writing a file came to.

#include <string>

#include "plain/schema.hpp"

namespace hangu::geo {

struct Outcome {
  plain::Trailer trailer;  ///< of the plain form that was written or read
  std::uint64_t input_bytes = 0;
  std::uint64_t output_bytes = 0;
  std::string left_behind;  ///< reading: what the file had that plain form has no word for
};

}  // namespace hangu::geo
