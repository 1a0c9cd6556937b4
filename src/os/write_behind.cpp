#include "os/write_behind.hpp"

#include "os/file.hpp"

namespace hangu::os {
namespace {

constexpr std::uint64_t kStepBytes = std::uint64_t{8} << 20;

}  // namespace

void WriteBehind::reached(std::uint64_t bytes) {
  if (bytes < begun_) begun_ = 0;
  if (bytes - begun_ < kStepBytes) return;
  start_writing_back(file_, begun_, bytes - begun_);
  begun_ = bytes;
}

}  // namespace hangu::os
