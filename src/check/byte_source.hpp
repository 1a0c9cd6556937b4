#pragma once
// ByteSource: the bytes of one finished object, read by offset. A file in the line, memory in
// tests and fuzzing.

#include <cstdint>
#include <memory>

#include "base/bytes.hpp"
#include "os/descriptor.hpp"

namespace hangu::check {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  /// Exactly out.size() bytes at `offset`. Errors: Malformed "bytes-beyond-end"; those of the file.
  [[nodiscard]] virtual Done read_at(std::uint64_t offset, MutableByteView out) const = 0;

  /// The same bytes, for another thread.
  [[nodiscard]] virtual std::unique_ptr<ByteSource> twin() const = 0;

  /// True when all `length` bytes at `offset` are zero. Errors: as read_at().
  [[nodiscard]] Result<bool> is_zero(std::uint64_t offset, std::uint64_t length) const;

 protected:
  [[nodiscard]] Done check_range(std::uint64_t offset, std::uint64_t length) const;
};

/// MemorySource borrows its bytes.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(ByteView bytes) : bytes_(bytes) {}
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] Done read_at(std::uint64_t offset, MutableByteView out) const override;
  [[nodiscard]] std::unique_ptr<ByteSource> twin() const override {
    return std::make_unique<MemorySource>(bytes_);
  }

 private:
  ByteView bytes_;
};

/// FileSource borrows a descriptor and reads by pread, so it does not depend on the position.
class FileSource final : public ByteSource {
 public:
  [[nodiscard]] static Result<FileSource> open(os::FdView file);
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] Done read_at(std::uint64_t offset, MutableByteView out) const override;
  [[nodiscard]] std::unique_ptr<ByteSource> twin() const override {
    return std::make_unique<FileSource>(*this);
  }

 private:
  FileSource(os::FdView file, std::uint64_t size) : file_(file), size_(size) {}
  os::FdView file_;
  std::uint64_t size_;
};

/// True when every byte is zero.
[[nodiscard]] bool all_zero(ByteView bytes);

}  // namespace hangu::check
