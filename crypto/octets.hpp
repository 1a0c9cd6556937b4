#pragma once
// The libraries speak unsigned char. Internal to crypto/.

#include "base/bytes.hpp"

namespace hangu::crypto {

[[nodiscard]] inline const unsigned char* octets(ByteView bytes) {
  const void* start = bytes.data();  // a void pointer: unsigned char may alias any object
  return static_cast<const unsigned char*>(start);
}

[[nodiscard]] inline unsigned char* octets_out(MutableByteView bytes) {
  void* start = bytes.data();
  return static_cast<unsigned char*>(start);
}

}  // namespace hangu::crypto
