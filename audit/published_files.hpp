#pragma once
// PublishedFiles: how a publisher's files come to the disk: each whole or not at all, never in
// another's place, and many with as few waits as for one.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "audit/folder.hpp"
#include "audit/tile.hpp"

namespace hangu::audit {

/// Thread: one at a time. After an error it must not be used again. `root` must outlive it.
class PublishedFiles {
 public:
  explicit PublishedFiles(const Folder& root) : root_(&root) {}

  /// What is done once a file has its name.
  using Then = std::function<Done()>;
  /// Writes a file that gets its name with settle(); folders are made. When the name is there, it
  /// must be of these bytes. Errors: Corrupt "audit-tile-differs"; of files.
  [[nodiscard]] Done stage(const std::string& path, ByteView bytes, Then then = {});
  /// Waits until what is staged is on the disk, and gives it its names, in order. They are durable
  /// with settle_names(). Errors: of files; those of `then`.
  [[nodiscard]] Done settle();
  [[nodiscard]] Done settle_names();
  /// One file at once, durable with its name.
  [[nodiscard]] Done put(const std::string& path, ByteView bytes);
  /// Removes the partial files of a tile whose full one is durable: readers fall back to it.
  [[nodiscard]] Done remove_partials(const Tile& full);

 private:
  /// A file under its temporary name.
  struct Staged {
    const Folder* folder = nullptr;
    std::string name;
    std::unique_ptr<File> file;
    Then then;
  };
  [[nodiscard]] Result<const Folder*> folder_of(const std::string& path);

  const Folder* root_;
  std::vector<Staged> staged_;
  std::map<std::string, std::unique_ptr<Folder>, std::less<>>
      touched_;                               ///< folders with names not yet durable
  std::set<std::string, std::less<>> known_;  ///< folders that are durable themselves
};

}  // namespace hangu::audit
