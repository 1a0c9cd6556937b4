#include "os/file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "os/clock.hpp"
#include "tests/unit/os/scratch.hpp"

using namespace hangu;
using namespace hangu::os;
using hangu::os::test::read_text;
using hangu::os::test::ScratchFolder;
using hangu::os::test::write_text;

namespace {

unsigned mode_of(const std::string& path) {
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

bool closes_on_exec(FdView fd) { return (::fcntl(fd.get(), F_GETFD) & FD_CLOEXEC) != 0; }

/// A finished unnamed output: its write descriptor and a read-only one.
struct Output {
  UniqueFd folder;
  UniqueFd writer;
  UniqueFd reader;
};

Output make_output(const ScratchFolder& scratch) {
  auto folder = open_folder(scratch.path());
  REQUIRE(folder);
  auto writer = create_unnamed(folder->view());
  REQUIRE(writer);
  REQUIRE(write_all(writer->view(), bytes_of("rendition")));
  auto reader = reopen_read_only(writer->view());
  REQUIRE(reader);
  return {std::move(*folder), std::move(*writer), std::move(*reader)};
}

}  // namespace

TEST_CASE("opening a file that is not there is unavailable, a second creation is refused", "[os]") {
  const ScratchFolder scratch;
  const auto absent = open_read(scratch / "absent");
  REQUIRE_FALSE(absent);
  CHECK(absent.error().code() == ErrorCode::unavailable);
  CHECK(absent.error().reason() == "file-missing");

  const auto first = create_file(scratch / "new");
  REQUIRE(first);
  CHECK(closes_on_exec(first->view()));
  const auto second = create_file(scratch / "new");
  REQUIRE_FALSE(second);
  CHECK(second.error().reason() == "file-exists");
}

TEST_CASE("a created file has exactly the mode asked for, whatever the umask", "[os]") {
  const ScratchFolder scratch;
  const mode_t before = ::umask(0077);
  CHECK(create_file(scratch / "public", 0644));
  CHECK(write_file_durably(scratch / "durable", bytes_of("x"), 0640));
  CHECK(make_folders(scratch / "a/b", 0755));
  ::umask(before);
  CHECK(mode_of(scratch / "public") == 0644);
  CHECK(mode_of(scratch / "durable") == 0640);
  CHECK(mode_of(scratch / "a/b") == 0755);
}

TEST_CASE("read_file takes a file of the largest size and refuses one byte more", "[os]") {
  const ScratchFolder scratch;
  write_text(scratch / "ten", "0123456789");
  const auto whole = read_file(scratch / "ten", 10);
  REQUIRE(whole);
  CHECK(text_of(*whole) == "0123456789");
  const auto longer = read_file(scratch / "ten", 9);
  REQUIRE_FALSE(longer);
  CHECK(longer.error().code() == ErrorCode::exhausted);
  CHECK(longer.error().reason() == "file-too-long");
  write_text(scratch / "empty", "");
  const auto empty = read_file(scratch / "empty", 0);
  REQUIRE(empty);
  CHECK(empty->empty());
}

TEST_CASE("read_file also reads what tells no size, within the bound", "[os]") {
  const auto kernel = read_file("/proc/self/status", 1 << 16);
  REQUIRE(kernel);
  CHECK(kernel->size() > 100);
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  REQUIRE(write_all(write_end.view(), bytes_of("hello")));
  write_end.reset();
  const auto piped = read_file(read_end.view(), 4);
  REQUIRE_FALSE(piped);
  CHECK(piped.error().reason() == "file-too-long");
}

TEST_CASE("reading past the end of a file is short, not partial", "[os]") {
  const ScratchFolder scratch;
  write_text(scratch / "f", "abcdef");
  const auto file = open_read(scratch / "f");
  REQUIRE(file);
  Bytes out(4);
  REQUIRE(read_exactly_at(file->view(), 2, out));
  CHECK(text_of(out) == "cdef");
  const auto past = read_exactly_at(file->view(), 3, out);
  REQUIRE_FALSE(past);
  CHECK(past.error().code() == ErrorCode::malformed);
  CHECK(past.error().reason() == "file-short");
}

TEST_CASE("a durable write replaces the file whole and leaves no temporary name", "[os]") {
  const ScratchFolder scratch;
  REQUIRE(write_file_durably(scratch / "state", bytes_of("old and long")));
  REQUIRE(write_file_durably(scratch / "state", bytes_of("new")));
  CHECK(read_text(scratch / "state") == "new");
  std::size_t names = 0;
  for (const auto& entry : std::filesystem::directory_iterator(scratch.path())) {
    names += entry.exists() ? 1U : 0U;
  }
  CHECK(names == 1);
  const auto nowhere = write_file_durably(scratch / "absent/state", bytes_of("x"));
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().reason() == "file-missing");
}

TEST_CASE("an unnamed file gets a name without overwriting", "[os]") {
  const ScratchFolder scratch;
  const Output output = make_output(scratch);
  REQUIRE(link_unnamed(output.writer.view(), output.folder.view(), "named"));
  CHECK(read_text(scratch / "named") == "rendition");
  CHECK(mode_of(scratch / "named") == 0400);

  write_text(scratch / "taken", "first");
  const auto again = link_unnamed(output.writer.view(), output.folder.view(), "taken");
  REQUIRE_FALSE(again);
  CHECK(again.error().code() == ErrorCode::forbidden);
  CHECK(again.error().reason() == "file-exists");
  CHECK(read_text(scratch / "taken") == "first");
}

TEST_CASE("an output is not frozen while its write descriptor is open", "[os][lease]") {
  const ScratchFolder scratch;
  Output output = make_output(scratch);
  const auto open = prove_frozen(output.reader.view());
  REQUIRE_FALSE(open);
  CHECK(open.error().code() == ErrorCode::forbidden);
  CHECK(open.error().reason() == "output-still-writable");
  output.writer.reset();
  CHECK(prove_frozen(output.reader.view()));
  CHECK(prove_frozen(output.reader.view()));  // the lease was given back
}

TEST_CASE("an output is not frozen while a copy of its write descriptor is open", "[os][lease]") {
  const ScratchFolder scratch;
  Output output = make_output(scratch);
  auto copy = output.writer.duplicate();
  REQUIRE(copy);
  CHECK(closes_on_exec(copy->view()));
  output.writer.reset();
  CHECK_FALSE(prove_frozen(output.reader.view()));
  copy->reset();
  CHECK(prove_frozen(output.reader.view()));
}

TEST_CASE("an output is not frozen while a shared writable mapping of it lives", "[os][lease]") {
  const ScratchFolder scratch;
  Output output = make_output(scratch);
  void* const map = ::mmap(nullptr, 9, PROT_READ | PROT_WRITE, MAP_SHARED, output.writer.get(), 0);
  REQUIRE(map != MAP_FAILED);
  output.writer.reset();
  CHECK_FALSE(prove_frozen(output.reader.view()));
  REQUIRE(::munmap(map, 9) == 0);
  CHECK(prove_frozen(output.reader.view()));
}

TEST_CASE("an output is not frozen while another process holds its write descriptor",
          "[os][lease]") {
  const ScratchFolder scratch;
  Output output = make_output(scratch);
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const UniqueFd wait_end(ends[0]);
  UniqueFd release(ends[1]);
  const pid_t holder = ::fork();
  REQUIRE(holder >= 0);
  if (holder == 0) {
    release.reset();
    std::byte one{};
    (void)!::read(wait_end.get(), &one, 1);  // until the parent lets go
    ::_exit(0);
  }
  output.writer.reset();
  CHECK_FALSE(prove_frozen(output.reader.view()));
  release.reset();
  int status = 0;
  REQUIRE(::waitpid(holder, &status, 0) == holder);
  CHECK(prove_frozen(output.reader.view()));
}

TEST_CASE("a descriptor that can write proves nothing", "[os][lease]") {
  const ScratchFolder scratch;
  const Output output = make_output(scratch);
  const auto itself = prove_frozen(output.writer.view());
  REQUIRE_FALSE(itself);
  CHECK(itself.error().reason() == "output-still-writable");
}

TEST_CASE("folders are made with their parents; a file in the way is refused", "[os]") {
  const ScratchFolder scratch;
  CHECK(make_folders(scratch / "a/b/c"));
  CHECK(make_folders(scratch / "a/b/c"));
  CHECK(make_folders(scratch / "a/b/c/"));
  CHECK(mode_of(scratch / "a/b/c") == 0700);
  write_text(scratch / "file", "x");
  CHECK(make_folders(scratch / "file").error().reason() == "folder-not-usable");
  CHECK(make_folders(scratch / "file/below").error().reason() == "folder-not-usable");
}

TEST_CASE("removing a missing name is fine, and free space is told", "[os]") {
  const ScratchFolder scratch;
  const auto folder = open_folder(scratch.path());
  REQUIRE(folder);
  write_text(scratch / "f", "x");
  CHECK(remove_file(folder->view(), "f"));
  CHECK(remove_file(folder->view(), "f"));
  CHECK_FALSE(std::filesystem::exists(scratch / "f"));
  const auto free = free_bytes(folder->view());
  REQUIRE(free);
  CHECK(*free == std::filesystem::space(scratch.path()).available);
}

TEST_CASE("a full file system is exhausted, not a defect", "[os]") {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  REQUIRE(full.valid());
  const auto written = write_all(full.view(), bytes_of("x"));
  REQUIRE_FALSE(written);
  CHECK(written.error().code() == ErrorCode::exhausted);
  CHECK(written.error().reason() == "disk-full");
}

TEST_CASE("clocks tell a time in range, and a required synchronisation is decided by the kernel",
          "[os]") {
  const auto now = SystemClock().now();
  REQUIRE(now);
  CHECK(now->since_epoch() > std::chrono::years(50));
  CHECK(monotonic_now() <= monotonic_now());
  const auto strict = SystemClock(true).now();
  if (!strict) CHECK(strict.error().reason() == "time-unknown");
}

TEST_CASE("writing back early and letting go of pages change nothing that a reader sees", "[os]") {
  const ScratchFolder scratch;
  const auto file = create_file(scratch / "spool");
  REQUIRE(file);
  Bytes bytes(3'000'001);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i % 251);
  REQUIRE(write_all(file->view(), bytes));
  start_writing_back(file->view(), 0, bytes.size());
  drop_behind(file->view(), 0, bytes.size());  // dirty or not
  REQUIRE(sync_data(file->view()));
  drop_behind(file->view(), 0, bytes.size());
  start_writing_back(file->view(), bytes.size(), 1'000);  // beyond the end
  const auto read = read_file(file->view(), bytes.size());
  REQUIRE(read);
  CHECK(*read == bytes);
}
