#pragma once
// What every fuzz target has in common.

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.hpp"

/// Called with one input; returns 0. Declared by libFuzzer, and by replay_main.cpp in its place.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace hangu::fuzz {

inline ByteView view(const std::uint8_t* data, std::size_t size) {
  return std::as_bytes(std::span(data, size));
}

/// Ends the process: the property that the target holds is broken.
inline void must_hold(bool holds) { HANGU_ASSERT(holds); }

}  // namespace hangu::fuzz
