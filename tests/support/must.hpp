#pragma once
// What tests take for granted: a result that must be there, and files of the source tree.

#include <string>

#include <catch2/catch.hpp>

#include "os/file.hpp"

namespace hangu::test {

/// The value; without one the test fails with the error's message.
template <class T>
T must(Result<T> result) {
  if (!result) FAIL(result.error().message());
  return *std::move(result);
}

/// A text file by its path from the root of the source tree.
inline std::string source_file(const std::string& name) {
  constexpr std::size_t kBytesMax = std::size_t{1} << 20;
  return std::string(
      text_of(must(os::read_file(std::string(HANGU_SOURCE_DIR) + "/" + name, kBytesMax))));
}

}  // namespace hangu::test
