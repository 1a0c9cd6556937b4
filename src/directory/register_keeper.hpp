#pragma once
// Register keeper: writes the node register of what stands, signed by hangu-directory, for those
// who meet nodes at the edge. docs/protocols/directory.md §4.

#include <optional>
#include <string>

#include "base/time.hpp"
#include "directory/standing.hpp"

namespace hangu::directory {

/// Thread: one.
class RegisterKeeper {
 public:
  RegisterKeeper(std::string path, const crypto::SigningKey& key)
      : path_(std::move(path)), key_(key) {}
  /// Writes it when nodes changed, or a term may have ended, since the last time; before the first
  /// load, nothing. What cannot be written is taken away, so that the edge lets nobody in by what
  /// is no longer so. Errors: Exhausted "file-too-long"; those of os::write_file_durably.
  [[nodiscard]] Done refresh(const Standing& standing, const Clock& clock, milliseconds now);

 private:
  [[nodiscard]] Done write(const flow::NodeRegister& nodes);

  std::string path_;
  const crypto::SigningKey& key_;
  std::optional<std::uint64_t> changes_;
  milliseconds at_{0};
  std::string written_;
};

}  // namespace hangu::directory
