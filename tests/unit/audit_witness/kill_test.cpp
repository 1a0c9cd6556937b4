// A witness that is killed at every single step of storing: whatever stands on the disk then, the
// next one cosigns no other history.

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

#include <catch2/catch.hpp>

#include "tests/unit/audit_witness/tree.hpp"

namespace hangu::audit::test {
namespace {

/// Kills this process with SIGKILL at a step of the disk.
class Steps {
 public:
  explicit Steps(std::uint64_t kill_at) : left_(kill_at) {}
  void next() {
    if (left_-- == 0) (void)::kill(::getpid(), SIGKILL);
  }

 private:
  std::uint64_t left_;
};

class KilledFile final : public File {
 public:
  KilledFile(std::unique_ptr<File> file, std::shared_ptr<Steps> steps)
      : file_(std::move(file)), steps_(std::move(steps)) {}
  Result<std::uint64_t> size() const override { return file_->size(); }
  Done read_at(std::uint64_t offset, MutableByteView into) const override {
    return file_->read_at(offset, into);
  }
  Done write_at(std::uint64_t offset, ByteView bytes) override {  // in two halves
    const std::size_t half = bytes.size() / 2;
    steps_->next();
    HANGU_CHECK(file_->write_at(offset, bytes.first(half)));
    steps_->next();
    return file_->write_at(offset + half, bytes.subspan(half));
  }
  Done cut(std::uint64_t size) override { return file_->cut(size); }
  Done protect() override {
    steps_->next();
    return file_->protect();
  }
  Done sync_data() override { return sync_all(); }
  Done sync_all() override {
    steps_->next();
    return file_->sync_all();
  }

 private:
  std::unique_ptr<File> file_;
  std::shared_ptr<Steps> steps_;  // of all files and folders of the process
};

class KilledFolder final : public Folder {
 public:
  KilledFolder(std::unique_ptr<Folder> folder, std::shared_ptr<Steps> steps)
      : folder_(std::move(folder)), steps_(std::move(steps)) {}
  Result<std::unique_ptr<Folder>> again() const override {
    HANGU_TRY(auto folder, folder_->again());
    return std::make_unique<KilledFolder>(std::move(folder), steps_);
  }
  Result<std::unique_ptr<Folder>> subfolder(const std::string& path) const override {
    return folder_->subfolder(path);
  }
  Result<bool> make_subfolder(const std::string& name) const override {
    return folder_->make_subfolder(name);
  }
  Result<std::vector<std::string>> names(std::size_t names_max) const override {
    return folder_->names(names_max);
  }
  Result<bool> has(const std::string& path) const override { return folder_->has(path); }
  Result<std::unique_ptr<File>> open_read(const std::string& path) const override {
    return folder_->open_read(path);
  }
  Result<std::unique_ptr<File>> open_write(const std::string& path) const override {
    return folder_->open_write(path);
  }
  Result<std::unique_ptr<File>> create(const std::string& name) const override {
    steps_->next();
    HANGU_TRY(auto file, folder_->create(name));
    return std::make_unique<KilledFile>(std::move(file), steps_);
  }
  Done link(const std::string& from, const std::string& to) const override {
    return folder_->link(from, to);
  }
  Done rename(const std::string& from, const std::string& to) const override {
    steps_->next();
    return folder_->rename(from, to);
  }
  Done remove(const std::string& name) const override { return folder_->remove(name); }
  Done remove_subfolder(const std::string& name) const override {
    return folder_->remove_subfolder(name);
  }
  Done sync() const override {
    steps_->next();
    HANGU_CHECK(folder_->sync());
    steps_->next();  // durable, and not yet answered
    return {};
  }
  Done lock() const override { return folder_->lock(); }
  Result<std::uint64_t> free_bytes() const override { return folder_->free_bytes(); }

 private:
  std::unique_ptr<Folder> folder_;
  std::shared_ptr<Steps> steps_;  // as above
};

/// The sizes that a witness in a process of its own cosigned before it was killed, 200 of 13 last.
struct Life {
  std::vector<std::size_t> cosigned;
  bool killed = false;
};
Life life_of(const TestFolder& folder, const TestLog& log, std::uint64_t kill_at) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const ManualClock clock(kTestTime);
    const auto witness = witness_in(
        std::make_unique<KilledFolder>(folder_at(folder.path()), std::make_shared<Steps>(kill_at)),
        clock);
    std::size_t known = 0;
    for (const std::size_t size : {5U, 5U, 8U, 13U}) {
      if (witness->add_checkpoint(log.request(known, size)).answer.status != 200) ::_exit(1);
      known = size;
      const auto told = static_cast<unsigned char>(size);
      if (::write(ends[1], &told, 1) != 1) ::_exit(1);
    }
    ::_exit(0);
  }
  REQUIRE(child > 0);
  ::close(ends[1]);
  Life life;
  unsigned char size = 0;
  while (::read(ends[0], &size, 1) == 1) life.cosigned.push_back(size);
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  life.killed = WIFSIGNALED(status);
  if (!life.killed) CHECK(status == 0);
  return life;
}

}  // namespace

TEST_CASE("killed at any step, a witness never cosigns two histories, and goes on with the first",
          "[witness]") {
  const TestLog log(40);
  const TestLog fork(40, 3);
  const ManualClock clock(kTestTime);
  std::uint64_t kills = 0;
  bool killed = true;
  for (std::uint64_t at = 0; killed; ++at) {  // ends: a life has fewer than 100 steps
    REQUIRE(at < 100);
    CAPTURE(at);
    const TestFolder folder;
    const Life life = life_of(folder, log, at);
    killed = life.killed;
    if (killed) ++kills;
    const auto next = witness_in(folder_at(folder.path()), clock);
    const auto note = next->latest(origin_hash_of(kOrigin));
    REQUIRE(note);
    const std::size_t kept =
        note->has_value() ? Checkpoint::parse(Note::parse(**note)->text)->head.size : 0;
    CHECK(kept >= (life.cosigned.empty() ? 0 : life.cosigned.back()));
    if (kept == 0) {  // nobody holds anything: either history may come first
      CHECK(next->add_checkpoint(fork.request(0, 9)).answer.status == 200);
      CHECK(next->add_checkpoint(log.request(0, 9)).answer.status == 409);
      CHECK(next->add_checkpoint(log.request(9, 20)).answer.status == 422);
      continue;
    }
    CHECK(next->add_checkpoint(fork.request(kept, kept)).answer.status == 422);
    CHECK(next->add_checkpoint(fork.request(kept, 20)).answer.status == 422);
    CHECK(next->add_checkpoint(fork.request(0, 20)).answer.status == 409);
    CHECK(next->add_checkpoint(log.request(kept, 20)).answer.status == 200);
  }
  CHECK(kills >= 28);  // create, two writes, protect, sync, rename, two of the folder: four times
}

}  // namespace hangu::audit::test
