#include "ledger/object_store.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <thread>

#include "base/limits.hpp"
#include "os/file.hpp"

namespace hangu::ledger {
namespace {

constexpr std::string_view kLeavesSuffix = ".leaves";
constexpr unsigned kSubfolders = 256;
constexpr std::uint64_t kWriteBackBytes = std::uint64_t{8} << 20;  ///< begun at once

std::string name_of(const crypto::Hash& root) { return to_hex(root); }

/// Links `file` as `name`; that the name is taken is fine: the same bytes stand there.
Done link_once(os::FdView file, os::FdView folder, const std::string& name) {
  auto linked = os::link_unnamed(file, folder, name);
  if (!linked && linked.error().reason() == "file-exists") return {};
  return linked;
}

/// Has a large file written to the disk while it is hashed, so that the sync finds little left; its
/// result is the sync's. No thread to be had: the sync does all of it.
std::jthread write_back_beside(os::FdView file, std::uint64_t size) {
  if (size < kWriteBackBytes) return {};
  try {
    return std::jthread([file, size](const std::stop_token& stop) {
      for (std::uint64_t at = 0; at < size && !stop.stop_requested(); at += kWriteBackBytes) {
        os::start_writing_back(file, at, std::min(kWriteBackBytes, size - at));
      }
    });
  } catch (const std::system_error&) {
    return {};
  }
}

/// The root in an object's or leaves file's name, or nothing.
std::optional<crypto::Hash> root_in(std::string name) {
  if (name.ends_with(kLeavesSuffix)) name.resize(name.size() - kLeavesSuffix.size());
  const auto bytes = from_hex(name);
  crypto::Hash root{};
  if (!bytes || bytes->size() != root.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), root.begin());
  return root;
}

}  // namespace

Done ArrivingFile::follow(std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t from = tree_.hashed();
  os::start_writing_back(reader_.view(), from, size - std::min(size, from));
  return tree_.follow(reader_.get(), size);
}

Result<crypto::HashedObject> ArrivingFile::freeze() {
  const std::lock_guard lock(mutex_);
  if (tree_.hashed() == 0) {  // nothing came in while there was time: on all cores
    return ObjectStore::hash_frozen(reader_.view(), crypto::HashAlgorithm::sha256);
  }
  HANGU_CHECK(os::prove_frozen(reader_.view()));
  HANGU_TRY(const std::uint64_t size, os::file_size(reader_.view()));
  return tree_.finish(reader_.get(), size);
}

Result<std::unique_ptr<ObjectStore>> ObjectStore::open(const std::string& folder) {
  const std::string objects = folder + "/objects";
  HANGU_CHECK(os::make_folders(objects));
  for (unsigned i = 0; i < kSubfolders; ++i) {
    const auto byte = static_cast<std::byte>(i);
    HANGU_CHECK(os::make_folders(objects + "/" + to_hex(ByteView(&byte, 1))));
  }
  HANGU_TRY(os::UniqueFd root, os::open_folder(objects));
  HANGU_CHECK(os::sync_all(root.view()));
  return std::unique_ptr<ObjectStore>(new ObjectStore(objects, std::move(root)));
}

std::string ObjectStore::subfolder_of(const crypto::Hash& root) const {
  return folder_ + "/" + to_hex(ByteView(root).first(1));
}

Result<ObjectStore::NewOutput> ObjectStore::create() const {
  HANGU_TRY(os::UniqueFd writer, os::create_unnamed(root_.view()));
  HANGU_TRY(os::UniqueFd reader, os::reopen_read_only(writer.view()));
  return NewOutput{.writer = std::move(writer), .reader = std::move(reader)};
}

Result<crypto::HashedObject> ObjectStore::hash_frozen(os::FdView reader,
                                                      crypto::HashAlgorithm algorithm) {
  HANGU_CHECK(os::prove_frozen(reader));
  HANGU_TRY(const std::uint64_t size, os::file_size(reader));
  const std::jthread writing = write_back_beside(reader, size);
  return crypto::hash_file(reader.get(), algorithm);
}

Done ObjectStore::keep(os::FdView reader, const crypto::HashedObject& object) {
  const crypto::Hash& root = object.digest.root;
  {
    const std::lock_guard lock(mutex_);
    being_kept_.insert(root);
  }
  const auto kept = [&]() -> Done {
    HANGU_TRY(const os::UniqueFd folder, os::open_folder(subfolder_of(root)));
    HANGU_CHECK(os::sync_data(reader));
    if (object.leaves.size() > 1) {
      HANGU_TRY(const os::UniqueFd leaves, os::create_unnamed(root_.view()));
      Bytes bytes;
      bytes.reserve(object.leaves.size() * root.size());
      for (const auto& leaf : object.leaves) append(bytes, leaf);
      HANGU_CHECK(os::write_all(leaves.view(), bytes));
      HANGU_CHECK(os::sync_data(leaves.view()));
      HANGU_CHECK(
          link_once(leaves.view(), folder.view(), name_of(root) + std::string(kLeavesSuffix)));
    }
    HANGU_CHECK(link_once(reader, folder.view(), name_of(root)));
    return os::sync_all(folder.view());
  }();
  if (!kept) settle(object.digest);
  return kept;
}

void ObjectStore::settle(const crypto::ObjectDigest& digest) {
  const std::lock_guard lock(mutex_);
  const auto found = being_kept_.find(digest.root);
  if (found != being_kept_.end()) being_kept_.erase(found);
}

Result<ObjectStore::OpenedFile> ObjectStore::open_object(const crypto::ObjectDigest& digest) const {
  const auto open_named = [&](const std::string& name) -> Result<os::UniqueFd> {
    auto file = os::open_read(subfolder_of(digest.root) + "/" + name);
    if (!file && file.error().reason() == "file-missing") {
      return fail(ErrorCode::corrupt, "object-lost", digest.to_text());
    }
    return file;
  };
  OpenedFile opened;
  HANGU_TRY(opened.file, open_named(name_of(digest.root)));
  HANGU_TRY(const std::uint64_t size, os::file_size(opened.file.view()));
  if (size != digest.size) return fail(ErrorCode::corrupt, "object-lost", digest.to_text());
  if (crypto::chunk_count(digest.size) > 1) {
    HANGU_TRY(opened.leaves, open_named(name_of(digest.root) + std::string(kLeavesSuffix)));
  }
  return opened;
}

Result<os::UniqueFd> ObjectStore::file_of(ByteView bytes) const {
  HANGU_TRY(auto output, create());
  HANGU_CHECK(os::write_all(output.writer.view(), bytes));
  return std::move(output.reader);
}

Done ObjectStore::remove(const crypto::ObjectDigest& digest) {
  const std::lock_guard lock(mutex_);
  if (being_kept_.contains(digest.root)) return {};
  HANGU_TRY(const os::UniqueFd folder, os::open_folder(subfolder_of(digest.root)));
  HANGU_CHECK(os::remove_file(folder.view(), name_of(digest.root)));
  return os::remove_file(folder.view(), name_of(digest.root) + std::string(kLeavesSuffix));
}

Result<std::size_t> ObjectStore::sweep(
    const std::function<Result<bool>(const crypto::Hash&)>& is_known) {
  namespace fs = std::filesystem;
  std::size_t removed = 0;
  for (unsigned i = 0; i < kSubfolders; ++i) {
    const auto byte = static_cast<std::byte>(i);
    const std::string path = folder_ + "/" + to_hex(ByteView(&byte, 1));
    HANGU_TRY(const os::UniqueFd folder, os::open_folder(path));
    std::error_code error;
    fs::directory_iterator entries(path, error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
      const std::string name = entries->path().filename().string();
      const auto root = root_in(name);
      if (!root) continue;  // not a name of ours: left for people to look at
      HANGU_TRY(const bool known, is_known(*root));
      if (known) continue;
      HANGU_CHECK(os::remove_file(folder.view(), name));
      ++removed;
    }
    if (error) return fail(ErrorCode::internal, "read-failed", path, error.value());
  }
  return removed;
}

Result<std::uint64_t> ObjectStore::free_bytes() const { return os::free_bytes(root_.view()); }

}  // namespace hangu::ledger
