#pragma once
// Input: what a worker's job reads. In the line it is a stored object whose bytes are checked
// against the digest that the stage was given, so that nobody (the store's owner least of all) can
// show the worker other bytes than those.

#include <cstdint>

#include "os/companion.hpp"
#include "os/descriptor.hpp"
#include "plain/verified_file.hpp"

namespace hangu::plain {

/// Input borrows what it reads and is cheap to copy.
class Input {
 public:
  /// A file as it is: for tests, and for files that nobody else can write. Implicit, since any
  /// descriptor can be read.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Input(os::FdView file) : file_(file) {}
  explicit Input(VerifiedFile& verified) : verified_(&verified) {}

  /// The same, for a job that has a companion: it may do what lies before and behind the parsing.
  [[nodiscard]] Input with(os::Companion* companion) const {
    Input out = *this;
    out.companion_ = companion;
    return out;
  }
  /// Null: there is none.
  [[nodiscard]] os::Companion* companion() const { return companion_; }

  /// True when what was read lately is in memory: reading little at a time costs little then.
  [[nodiscard]] bool keeps_chunks() const { return verified_ != nullptr; }

  [[nodiscard]] Result<std::uint64_t> size() const;
  /// Exactly out.size() bytes at `offset`. Errors: Malformed "file-short"; those of VerifiedFile.
  [[nodiscard]] Done read_at(std::uint64_t offset, MutableByteView out) const;

 private:
  os::FdView file_;
  VerifiedFile* verified_ = nullptr;
  os::Companion* companion_ = nullptr;
};

}  // namespace hangu::plain
