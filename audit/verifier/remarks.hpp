#pragma once
// What the verifier has to say, in Chinese or English.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hangu_verify {

/// Exit statuses. Of several findings the lowest that is not good wins.
enum class Finding : std::uint8_t {
  good = 0,
  tampered = 1,
  truncated = 2,
  unwitnessed = 3,
  cannot_tell = 4,
};

enum class Language : std::uint8_t { en, zh };

struct Remark {
  std::string code;                       ///< of the table in remarks.cpp
  std::optional<std::uint64_t> entry{};   ///< index it is about
  std::vector<std::string> words{};       ///< what stands for {0}, {1}, … in the text
  std::string path{};                     ///< of the file it is about, below the log's folder
  std::optional<std::uint64_t> offset{};  ///< in that file, bytes

  [[nodiscard]] std::string text(Language language) const;
};

}  // namespace hangu_verify
