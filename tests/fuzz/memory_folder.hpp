#pragma once
// MemoryFolder: files of any bytes under a log's names, to be read and not written.

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "audit/folder.hpp"

namespace hangu::fuzz {

class MemoryFile final : public audit::File {
 public:
  explicit MemoryFile(Bytes content) : content_(std::move(content)) {}
  Result<std::uint64_t> size() const override { return content_.size(); }
  Done read_at(std::uint64_t offset, MutableByteView into) const override {
    if (offset > content_.size() || into.size() > content_.size() - offset)
      return fail(ErrorCode::malformed, "file-short");
    std::ranges::copy(ByteView(content_).subspan(static_cast<std::size_t>(offset), into.size()),
                      into.begin());
    return {};
  }
  Done write_at(std::uint64_t, ByteView) override { return denied(); }
  Done cut(std::uint64_t) override { return denied(); }
  Done protect() override { return denied(); }
  Done sync_data() override { return denied(); }
  Done sync_all() override { return denied(); }
  static std::unexpected<Error> denied() { return fail(ErrorCode::forbidden, "file-forbidden"); }

 private:
  Bytes content_;
};

class MemoryFolder final : public audit::Folder {
 public:
  void put(const std::string& path, ByteView content) { files_[path] = to_bytes(content); }

  Result<std::unique_ptr<Folder>> again() const override {
    auto own = std::make_unique<MemoryFolder>();
    own->files_ = files_;
    return own;
  }
  Result<std::unique_ptr<Folder>> subfolder(const std::string& path) const override {
    auto inside = std::make_unique<MemoryFolder>();
    for (const auto& [name, content] : files_)
      if (name.starts_with(path + "/")) inside->put(name.substr(path.size() + 1), content);
    if (inside->files_.empty()) return missing(path);
    return inside;
  }
  Result<std::vector<std::string>> names(std::size_t names_max) const override {
    std::vector<std::string> out;
    for (const auto& [name, content] : files_)
      if (const std::string first = name.substr(0, name.find('/'));
          out.empty() || out.back() != first)
        out.push_back(first);
    if (out.size() > names_max) return fail(ErrorCode::exhausted, "audit-folder-too-full");
    return out;
  }
  Result<bool> has(const std::string& path) const override {
    return files_.contains(path) || subfolder(path).has_value();
  }
  Result<std::unique_ptr<audit::File>> open_read(const std::string& path) const override {
    const auto found = files_.find(path);
    if (found == files_.end()) return missing(path);
    return std::make_unique<MemoryFile>(found->second);
  }
  Result<std::unique_ptr<audit::File>> open_write(const std::string&) const override {
    return MemoryFile::denied();
  }
  Result<std::unique_ptr<audit::File>> create(const std::string&) const override {
    return MemoryFile::denied();
  }
  Result<bool> make_subfolder(const std::string&) const override { return MemoryFile::denied(); }
  Done link(const std::string&, const std::string&) const override { return MemoryFile::denied(); }
  Done rename(const std::string&, const std::string&) const override {
    return MemoryFile::denied();
  }
  Done remove(const std::string&) const override { return MemoryFile::denied(); }
  Done remove_subfolder(const std::string&) const override { return MemoryFile::denied(); }
  Done sync() const override { return {}; }
  Done lock() const override { return {}; }
  Result<std::uint64_t> free_bytes() const override { return 0; }

 private:
  static std::unexpected<Error> missing(const std::string& path) {
    return fail(ErrorCode::unavailable, "file-missing", path);
  }
  std::map<std::string, Bytes> files_;
};

}  // namespace hangu::fuzz
