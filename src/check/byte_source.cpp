#include "check/byte_source.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "os/file.hpp"

namespace hangu::check {

bool all_zero(ByteView bytes) {
  return std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; });
}

Done ByteSource::check_range(std::uint64_t offset, std::uint64_t length) const {
  if (offset > size() || length > size() - offset) {
    return fail(ErrorCode::malformed, "bytes-beyond-end",
                std::to_string(length) + " bytes at " + std::to_string(offset));
  }
  return {};
}

Result<bool> ByteSource::is_zero(std::uint64_t offset, std::uint64_t length) const {
  std::array<std::byte, 4096> window;
  while (length > 0) {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(length, window.size()));
    const MutableByteView part(window.data(), n);
    HANGU_CHECK(read_at(offset, part));
    if (!all_zero(part)) return false;
    offset += n;
    length -= n;
  }
  return true;
}

Done MemorySource::read_at(std::uint64_t offset, MutableByteView out) const {
  HANGU_CHECK(check_range(offset, out.size()));
  const ByteView from = bytes_.subspan(static_cast<std::size_t>(offset), out.size());
  if (!out.empty()) std::memcpy(out.data(), from.data(), out.size());
  return {};
}

Result<FileSource> FileSource::open(os::FdView file) {
  HANGU_TRY(const std::uint64_t size, os::file_size(file));
  return FileSource(file, size);
}

Done FileSource::read_at(std::uint64_t offset, MutableByteView out) const {
  HANGU_CHECK(check_range(offset, out.size()));
  return os::read_exactly_at(file_, offset, out);
}

}  // namespace hangu::check
