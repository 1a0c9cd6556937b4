#include "tests/unit/audit/faulty_disk.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace hangu::audit::test {
namespace {

constexpr std::size_t kSectorBytes = 512;
constexpr std::uint64_t kFreeBytes = std::uint64_t{1} << 40;

void write_into(Bytes& content, std::uint64_t offset, ByteView bytes) {
  const auto end = static_cast<std::size_t>(offset) + bytes.size();
  if (content.size() < end) content.resize(end);
  std::ranges::copy(bytes, content.begin() + static_cast<std::ptrdiff_t>(offset));
}

}  // namespace

/// One write that no sync has made durable; without bytes, a cut to `offset`.
struct FaultyDisk::Write {
  std::uint64_t offset = 0;
  std::optional<Bytes> bytes;
};

/// Names that change together; nothing = the name goes.
struct FaultyDisk::NameChange {
  std::map<std::string, std::shared_ptr<Node>> names;
};

struct FaultyDisk::Node {
  bool folder = false;
  Bytes content;  ///< as processes see it
  Bytes durable;
  std::vector<Write> writes;
  std::map<std::string, std::shared_ptr<Node>> names;
  std::map<std::string, std::shared_ptr<Node>> durable_names;
  std::vector<NameChange> changes;

  static void apply(const Write& write, Bytes& to) {
    if (write.bytes) {
      write_into(to, write.offset, *write.bytes);
    } else {
      to.resize(static_cast<std::size_t>(write.offset));
    }
  }
  static void apply(const NameChange& change, std::map<std::string, std::shared_ptr<Node>>& to) {
    for (const auto& [name, node] : change.names) {
      if (node) {
        to[name] = node;
      } else {
        to.erase(name);
      }
    }
  }
  void change(NameChange what) {
    apply(what, names);
    changes.push_back(std::move(what));
  }
};

class FaultyDisk::FaultyFile final : public File {
 public:
  FaultyFile(FaultyDisk& disk, std::shared_ptr<Node> node) : disk_(disk), node_(std::move(node)) {}

  Result<std::uint64_t> size() const override {
    HANGU_CHECK(disk_.turn(false).result);
    return node_->content.size();
  }
  Done read_at(std::uint64_t offset, MutableByteView into) const override {
    HANGU_CHECK(disk_.turn(false).result);
    if (offset + into.size() > node_->content.size())
      return fail(ErrorCode::malformed, "file-short");
    std::ranges::copy(
        ByteView(node_->content).subspan(static_cast<std::size_t>(offset), into.size()),
        into.begin());
    return {};
  }
  Done write_at(std::uint64_t offset, ByteView bytes) override {
    const Turn turn = disk_.turn(true);
    if (turn.partly) bytes = bytes.first(static_cast<std::size_t>(disk_.below(bytes.size() + 1)));
    if (turn.acts()) add({.offset = offset, .bytes = to_bytes(bytes)});
    return turn.result;
  }
  Done cut(std::uint64_t size) override {
    const Turn turn = disk_.turn(true);
    if (turn.acts()) add({.offset = size, .bytes = std::nullopt});
    return turn.result;
  }
  Done protect() override { return disk_.turn(true).result; }
  Done sync_data() override { return sync_all(); }
  Done sync_all() override {
    const Turn turn = disk_.turn(true);
    if (!turn.result) {
      if (disk_.fault_ != Fault::stop) disk_.lose_writes(*node_);
      return turn.result;
    }
    for (const Write& write : node_->writes) Node::apply(write, node_->durable);
    node_->writes.clear();
    return {};
  }

 private:
  void add(Write write) {
    Node::apply(write, node_->content);
    node_->writes.push_back(std::move(write));
  }
  FaultyDisk& disk_;
  std::shared_ptr<Node> node_;
};

class FaultyDisk::FaultyFolder final : public Folder {
 public:
  FaultyFolder(FaultyDisk& disk, std::shared_ptr<Node> node)
      : disk_(disk), node_(std::move(node)), generation_(disk.generation_) {}
  ~FaultyFolder() override {
    if (owns_lock_ && generation_ == disk_.generation_) disk_.locked_.erase(node_.get());
  }

  Result<std::unique_ptr<Folder>> again() const override { return subfolder(""); }
  Result<std::unique_ptr<Folder>> subfolder(const std::string& path) const override {
    HANGU_CHECK(disk_.turn(false).result);
    HANGU_TRY(auto found, find(path));
    if (!found->folder) return fail(ErrorCode::internal, "audit-folder-failed", path);
    return std::make_unique<FaultyFolder>(disk_, std::move(found));
  }
  Result<bool> make_subfolder(const std::string& name) const override {
    const Turn turn = disk_.turn(true);
    const bool fresh = !node_->names.contains(name);
    if (turn.acts() && fresh) {
      auto made = std::make_shared<Node>();
      made->folder = true;
      node_->change({.names = {{name, std::move(made)}}});
    }
    HANGU_CHECK(turn.result);
    return fresh;
  }
  Result<std::vector<std::string>> names(std::size_t names_max) const override {
    HANGU_CHECK(disk_.turn(false).result);
    if (node_->names.size() > names_max) return fail(ErrorCode::exhausted, "audit-folder-too-full");
    std::vector<std::string> names;
    for (const auto& [name, node] : node_->names) names.push_back(name);
    return names;
  }
  Result<bool> has(const std::string& path) const override {
    HANGU_CHECK(disk_.turn(false).result);
    return find(path).has_value();
  }

  Result<std::unique_ptr<File>> open_read(const std::string& path) const override {
    HANGU_CHECK(disk_.turn(false).result);
    HANGU_TRY(auto found, find(path));
    if (found->folder) return fail(ErrorCode::internal, "audit-folder-failed", path);
    return std::make_unique<FaultyFile>(disk_, std::move(found));
  }
  Result<std::unique_ptr<File>> open_write(const std::string& path) const override {
    return open_read(path);
  }
  Result<std::unique_ptr<File>> create(const std::string& name) const override {
    const Turn turn = disk_.turn(true);
    auto made = std::make_shared<Node>();
    if (turn.acts()) node_->change({.names = {{name, made}}});
    HANGU_CHECK(turn.result);
    return std::make_unique<FaultyFile>(disk_, std::move(made));
  }
  Done link(const std::string& from, const std::string& to) const override {
    const Turn turn = disk_.turn(true);
    if (!turn.acts()) return turn.result;
    HANGU_TRY(auto found, find(from));
    if (node_->names.contains(to)) return fail(ErrorCode::forbidden, "file-exists", to);
    node_->change({.names = {{to, std::move(found)}}});
    return turn.result;
  }
  Done rename(const std::string& from, const std::string& to) const override {
    const Turn turn = disk_.turn(true);
    if (!turn.acts()) return turn.result;
    HANGU_TRY(auto found, find(from));
    node_->change({.names = {{from, nullptr}, {to, std::move(found)}}});
    return turn.result;
  }
  Done remove(const std::string& name) const override {
    const Turn turn = disk_.turn(true);
    if (turn.acts() && node_->names.contains(name)) node_->change({.names = {{name, nullptr}}});
    return turn.result;
  }
  Done remove_subfolder(const std::string& name) const override {
    const Turn turn = disk_.turn(true);
    if (!turn.acts()) return turn.result;
    const auto found = node_->names.find(name);
    if (found == node_->names.end()) return turn.result;
    if (!found->second->names.empty())
      return fail(ErrorCode::internal, "audit-folder-failed", name);
    node_->change({.names = {{name, nullptr}}});
    return turn.result;
  }

  Done sync() const override {
    HANGU_CHECK(disk_.turn(true).result);
    node_->durable_names = node_->names;
    node_->changes.clear();
    return {};
  }
  Done lock() const override {
    HANGU_CHECK(disk_.turn(false).result);
    if (!disk_.locked_.insert(node_.get()).second)
      return fail(ErrorCode::unavailable, "audit-in-use");
    owns_lock_ = true;
    return {};
  }
  Result<std::uint64_t> free_bytes() const override {
    HANGU_CHECK(disk_.turn(false).result);
    return kFreeBytes;
  }

 private:
  [[nodiscard]] Result<std::shared_ptr<Node>> find(const std::string& path) const {
    std::shared_ptr<Node> at = node_;
    if (path.empty()) return at;
    for (const std::string_view name : split(path, '/')) {
      const auto found = at->names.find(std::string(name));
      if (found == at->names.end()) return fail(ErrorCode::internal, "file-missing", path);
      at = found->second;
    }
    return at;
  }

  FaultyDisk& disk_;
  std::shared_ptr<Node> node_;
  std::uint64_t generation_;
  mutable bool owns_lock_ = false;
};

FaultyDisk::FaultyDisk(std::uint64_t seed) : chance_(seed), root_(std::make_shared<Node>()) {
  root_->folder = true;
}
FaultyDisk::~FaultyDisk() = default;

std::unique_ptr<Folder> FaultyDisk::root() { return std::make_unique<FaultyFolder>(*this, root_); }

void FaultyDisk::plan(std::uint64_t after, Fault fault) {
  left_ = after;
  fault_ = fault;
  struck_ = false;
}

FaultyDisk::Turn FaultyDisk::turn(bool writes) {
  if (!struck_ && left_ && (*left_)-- == 0) {
    struck_ = true;
    left_.reset();
    if (fault_ == Fault::full && !writes) return {};
    return {.result = failure(), .partly = writes && toss()};
  }
  const bool goes_on = fault_ == Fault::stop || (fault_ == Fault::full && writes);
  if (struck_ && goes_on) return {.result = failure()};
  return {};
}

Done FaultyDisk::failure() const {
  switch (fault_) {
    case Fault::error: return fail(ErrorCode::internal, "disk-broken");
    case Fault::full: return fail(ErrorCode::exhausted, "disk-full");
    case Fault::stop: return fail(ErrorCode::internal, "killed");
  }
  return {};
}

void FaultyDisk::restart() {
  left_.reset();
  struck_ = false;
  locked_.clear();
  ++generation_;
}

void FaultyDisk::power_cut() {
  restart();
  lose_power(*root_);
}

/// One write reaches the disk, a part of its sectors, or nothing of it.
void FaultyDisk::reach(const Write& write, Node& node) {
  if (toss()) return;
  if (!write.bytes || toss()) return Node::apply(write, node.durable);
  const ByteView bytes(*write.bytes);
  for (std::size_t at = 0; at < bytes.size();) {
    const std::uint64_t offset = write.offset + at;
    const std::size_t length = std::min<std::size_t>(
        bytes.size() - at, kSectorBytes - static_cast<std::size_t>(offset % kSectorBytes));
    if (toss()) write_into(node.durable, offset, bytes.subspan(at, length));
    at += length;
  }
}

/// A sync failed: what of the writes is not on the disk now never will be. Cuts stay pending.
void FaultyDisk::lose_writes(Node& node) {
  for (const Write& write : node.writes)
    if (write.bytes) reach(write, node);
  std::erase_if(node.writes, [](const Write& write) { return write.bytes.has_value(); });
}

void FaultyDisk::lose_power(Node& node) {
  for (const Write& write : node.writes) reach(write, node);
  node.writes.clear();
  node.content = node.durable;
  for (const NameChange& change : node.changes)
    if (toss()) Node::apply(change, node.durable_names);
  node.changes.clear();
  node.names = node.durable_names;
  for (const auto& [name, child] : node.names) lose_power(*child);
}

}  // namespace hangu::audit::test
