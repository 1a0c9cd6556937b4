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

Result<std::uint64_t> sealed_objects_bytes(const flow::ObjectTable& table) {
  std::uint64_t sum = 0;
  for (const flow::ObjectRow& row : table.rows()) {
    if (row.digest.size > kPackageBytesMax ||
        sealed_bytes(row.digest.size) > kPackageBytesMax - sum)
      return fail(ErrorCode::malformed, "package-too-large", "over 1 EiB");
    sum += sealed_bytes(row.digest.size);
  }
  return sum;
}

std::uint64_t statement_length_at(const Header& header) {
  return header.byte_count() + header.objects_bytes;
}

Result<Layout> Layout::create(const Header& header, const flow::ObjectTable& table,
                              std::size_t statement_bytes) {
  HANGU_TRY(const std::uint64_t objects_bytes, sealed_objects_bytes(table));
  if (objects_bytes != header.objects_bytes)
    return fail(ErrorCode::malformed, "package-objects-length",
                std::to_string(header.objects_bytes) + ", the statement's make " +
                    std::to_string(objects_bytes));
  Layout out;
  out.plain_bytes_.push_back(statement_bytes);
  out.starts_.push_back(statement_length_at(header) + kStatementLengthBytes);
  std::uint64_t at = header.byte_count();
  for (const flow::ObjectRow& row : table.rows()) {
    out.plain_bytes_.push_back(row.digest.size);
    out.starts_.push_back(at);
    at += sealed_bytes(row.digest.size);
  }
  return out;
}

}  // namespace hangu::package
