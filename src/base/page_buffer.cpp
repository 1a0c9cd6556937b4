#include "base/page_buffer.hpp"

#include <new>

namespace hangu {

PageBuffer::PageBuffer(std::size_t bytes) : bytes_(bytes) {
  if (bytes == 0) return;
  start_ = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start_ == MAP_FAILED) throw std::bad_alloc();
}

void PageBuffer::grow(std::size_t bytes) {
  if (bytes <= bytes_) return;
  if (start_ == nullptr) {
    *this = PageBuffer(bytes);
    return;
  }
  void* const moved = ::mremap(start_, bytes_, bytes, MREMAP_MAYMOVE);
  if (moved == MAP_FAILED) throw std::bad_alloc();
  start_ = moved;
  bytes_ = bytes;
}

}  // namespace hangu
