#include "package/layout.hpp"

#include <algorithm>

namespace hangu::package {

std::uint64_t sealed_chunk_count(std::uint64_t plain_bytes) {
  return std::max<std::uint64_t>(1, crypto::chunk_count(plain_bytes));
}

std::uint64_t sealed_bytes(std::uint64_t plain_bytes) {
  return plain_bytes + sealed_chunk_count(plain_bytes) * crypto::kTagBytes;
}

std::size_t chunk_bytes(std::uint64_t plain_bytes, std::uint64_t index) {
  HANGU_ASSERT(index < sealed_chunk_count(plain_bytes));
  return static_cast<std::size_t>(
      std::min<std::uint64_t>(kChunkBytes, plain_bytes - index * kChunkBytes));
}

Result<Layout> Layout::create(const Header& header, const flow::ObjectTable& table) {
  Layout out;
  out.plain_bytes_.push_back(header.statement_bytes);
  for (const flow::ObjectRow& row : table.rows()) out.plain_bytes_.push_back(row.digest.size);
  std::uint64_t at = header.byte_count();
  for (const std::uint64_t plain : out.plain_bytes_) {
    out.starts_.push_back(at);
    if (plain > kPackageBytesMax || sealed_bytes(plain) > kPackageBytesMax - at)
      return fail(ErrorCode::malformed, "package-too-large", "over 1 EiB");
    at += sealed_bytes(plain);
  }
  out.starts_.push_back(at);
  return out;
}

}  // namespace hangu::package
