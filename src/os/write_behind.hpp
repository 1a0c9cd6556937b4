#pragma once
// WriteBehind: has the kernel write a file to the disk while it is being made.

#include "os/descriptor.hpp"

namespace hangu::os {

/// WriteBehind begins to write back what is there (os::start_writing_back), a few MiB at a time, so
/// that the sync at the end is short. Borrows the file. Thread: one.
class WriteBehind {
 public:
  explicit WriteBehind(FdView file, std::uint64_t begun = 0) : file_(file), begun_(begun) {}
  /// Everything before `bytes` has been written. Less than before: the file was begun anew.
  void reached(std::uint64_t bytes);

 private:
  FdView file_;
  std::uint64_t begun_;
};

}  // namespace hangu::os
