#include "audit/published_files.hpp"

#include "audit/limits.hpp"

namespace hangu::audit {
namespace {

struct Place {
  std::string folder;
  std::string name;
};

Place place_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {.folder = {}, .name = path};
  return {.folder = path.substr(0, slash), .name = path.substr(slash + 1)};
}

std::string temporary_of(const std::string& name) { return name + kTemporaryName; }

/// Whether the file is there, and then of these bytes: left by a round that did not come to its
/// checkpoint, or of the same width as before.
Result<bool> is_there(const Folder& folder, const std::string& path, ByteView bytes) {
  const std::string name = place_of(path).name;
  HANGU_TRY(const bool there, folder.has(name));
  if (!there) return false;
  HANGU_TRY(const Bytes stored, folder.read(name, kBundleBytesMax));
  if (!equal(stored, bytes)) return fail(ErrorCode::corrupt, "audit-tile-differs", path);
  return true;
}

}  // namespace

Done PublishedFiles::stage(const std::string& path, ByteView bytes, Then then) {
  const auto [folder_path, name] = place_of(path);
  HANGU_TRY(const Folder* folder, folder_of(folder_path));
  HANGU_TRY(const bool there, is_there(*folder, path, bytes));
  if (there) {
    HANGU_CHECK(folder->remove(temporary_of(name)));
    return then ? then() : Done();
  }
  HANGU_TRY(std::unique_ptr<File> file, folder->create(temporary_of(name)));
  HANGU_CHECK(file->write_at(0, bytes));
  HANGU_CHECK(file->protect());
  file->begin_sync();
  staged_.push_back(
      {.folder = folder, .name = name, .file = std::move(file), .then = std::move(then)});
  return staged_.size() < kStagedFilesMax ? Done() : settle();
}

Done PublishedFiles::put(const std::string& path, ByteView bytes) {
  const auto [folder_path, name] = place_of(path);
  HANGU_TRY(const Folder* folder, folder_of(folder_path));
  HANGU_TRY(const bool there, is_there(*folder, path, bytes));
  if (!there) {
    // One name for all: what a crash left is overwritten by the next.
    HANGU_CHECK(folder->write_temporary(kTemporaryName, bytes));
    HANGU_CHECK(folder->link(kTemporaryName, name));
    HANGU_CHECK(folder->remove(kTemporaryName));
  }
  return settle_names();
}

// The first sync waits for the disk and for the file system's own journal, and those behind it
// find their part done.
Done PublishedFiles::settle() {
  for (const Staged& staged : staged_) HANGU_CHECK(staged.file->sync_all());
  for (const Staged& staged : staged_) {
    const std::string temporary = temporary_of(staged.name);
    HANGU_CHECK(staged.folder->link(temporary, staged.name));
    HANGU_CHECK(staged.folder->remove(temporary));
    if (staged.then) HANGU_CHECK(staged.then());
  }
  staged_.clear();
  return {};
}

Done PublishedFiles::settle_names() {
  HANGU_ASSERT(staged_.empty());  // they stand in these folders
  for (const auto& [path, folder] : touched_) HANGU_CHECK(folder->sync());
  touched_.clear();
  return {};
}

Done PublishedFiles::remove_partials(const Tile& full) {
  const auto [folder_path, name] = place_of(full.path());
  const std::string partials = name + ".p";
  HANGU_TRY(const std::unique_ptr<Folder> folder, root_->subfolder(folder_path));
  HANGU_TRY(const bool there, folder->has(partials));
  if (!there) return {};
  HANGU_TRY(const std::unique_ptr<Folder> inside, folder->subfolder(partials));
  HANGU_TRY(const std::vector<std::string> names, inside->names(2 * kTileWidth));
  for (const std::string& width : names) HANGU_CHECK(inside->remove(width));
  HANGU_CHECK(folder->remove_subfolder(partials));
  known_.erase(std::string(folder_path).append("/").append(partials));
  return {};
}

/// The folder at `path` below the log's, made when missing; opened before any name in it changes,
/// so that the later sync speaks of this very folder.
Result<const Folder*> PublishedFiles::folder_of(const std::string& path) {
  if (const auto found = touched_.find(path); found != touched_.end()) return found->second.get();
  if (path.empty()) {
    HANGU_TRY(std::unique_ptr<Folder> root, root_->again());
    return touched_.emplace(path, std::move(root)).first->second.get();
  }
  const auto [parent_path, name] = place_of(path);
  if (!known_.contains(path)) {
    HANGU_TRY(const Folder* parent, folder_of(parent_path));
    HANGU_TRY(const bool made, parent->make_subfolder(name));
    static_cast<void>(made);  // one that was there may not be durable either: its parent is synced
    known_.insert(path);
  }
  HANGU_TRY(std::unique_ptr<Folder> folder, root_->subfolder(path));
  return touched_.emplace(path, std::move(folder)).first->second.get();
}

}  // namespace hangu::audit
