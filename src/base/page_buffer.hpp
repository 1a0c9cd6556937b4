#pragma once
// PageBuffer: memory for bulk bytes that begins at a page and goes back to the system when it is
// done with. Kernel and libc copy with `rep movsb`, which on common processors falls to a sixth of
// its speed when the target stands up to 31 bytes behind the source within a page (measured: 2.5
// GB/s against 12). Between whole pages (of the page cache, of SQLite) and large memory of malloc,
// which begins 16 bytes behind a page's start, that is always so.

#include <sys/mman.h>

#include <cstddef>
#include <utility>

#include "base/bytes.hpp"

namespace hangu {

/// Throws std::bad_alloc, as `new` does, when there is no memory.
class PageBuffer {
 public:
  PageBuffer() = default;
  /// Zero-filled.
  explicit PageBuffer(std::size_t bytes);
  PageBuffer(PageBuffer&& other) noexcept
      : start_(std::exchange(other.start_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  PageBuffer& operator=(PageBuffer&& other) noexcept {
    std::swap(start_, other.start_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~PageBuffer() { ::munmap(start_, bytes_); }  // of nothing: refused
  /// At least `bytes` long from here on: what it holds stays, what is new is zero.
  void grow(std::size_t bytes);
  [[nodiscard]] std::size_t size() const { return bytes_; }
  [[nodiscard]] MutableByteView view() { return {static_cast<std::byte*>(start_), bytes_}; }
  [[nodiscard]] ByteView view() const { return {static_cast<const std::byte*>(start_), bytes_}; }

 private:
  void* start_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace hangu
