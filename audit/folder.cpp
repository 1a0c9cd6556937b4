#include "audit/folder.hpp"

#include "base/text.hpp"

namespace hangu::audit {

Result<Bytes> Folder::read(const std::string& path, std::size_t bytes_max) const {
  HANGU_TRY(const std::unique_ptr<File> file, open_read(path));
  HANGU_TRY(const std::uint64_t size, file->size());
  if (size > bytes_max) return fail(ErrorCode::exhausted, "file-too-long", printable(path));
  Bytes bytes(static_cast<std::size_t>(size));
  if (auto done = file->read_at(0, bytes); !done)
    return std::unexpected(done.error().within(printable(path)));
  return bytes;
}

Done Folder::write_temporary(const std::string& name, ByteView bytes) const {
  HANGU_TRY(const std::unique_ptr<File> file, create(name));
  HANGU_CHECK(file->write_at(0, bytes));
  HANGU_CHECK(file->protect());
  return file->sync_all();
}

Done Folder::replace(const std::string& name, ByteView bytes) const {
  HANGU_CHECK(write_temporary(kTemporaryName, bytes));
  HANGU_CHECK(rename(kTemporaryName, name));
  return sync();
}

Done Folder::erase(const std::string& name) const {
  HANGU_TRY(const std::unique_ptr<File> file, open_write(name));
  HANGU_TRY(const std::uint64_t size, file->size());
  HANGU_CHECK(file->write_at(0, Bytes(static_cast<std::size_t>(size))));
  HANGU_CHECK(file->sync_data());
  return remove(name);
}

}  // namespace hangu::audit
