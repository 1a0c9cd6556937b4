#pragma once
// File descriptors: UniqueFd owns, FdView borrows.

#include <utility>

#include "base/result.hpp"

namespace hangu::os {

class FdView {
 public:
  constexpr FdView() = default;
  constexpr explicit FdView(int fd) : fd_(fd) {}
  [[nodiscard]] constexpr int get() const { return fd_; }
  [[nodiscard]] constexpr bool valid() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  [[nodiscard]] FdView view() const { return FdView(fd_); }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }
  void reset();
  /// A second descriptor of the same open file (F_DUPFD_CLOEXEC).
  [[nodiscard]] Result<UniqueFd> duplicate() const;

 private:
  int fd_ = -1;
};

}  // namespace hangu::os
