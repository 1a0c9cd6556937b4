#include "base/page_buffer.hpp"

#include <sys/mman.h>

#include <new>

namespace hangu {

PageBuffer::~PageBuffer() {
  if (start_ != nullptr) ::munmap(start_, bytes_);
}

void PageBuffer::grow(std::size_t bytes) {
  if (bytes <= bytes_) return;
  void* const grown = start_ == nullptr ? ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                                        : ::mremap(start_, bytes_, bytes, MREMAP_MAYMOVE);
  if (grown == MAP_FAILED) throw std::bad_alloc();
  start_ = grown;
  bytes_ = bytes;
}

}  // namespace hangu
