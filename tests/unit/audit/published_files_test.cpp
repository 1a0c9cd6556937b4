// How a publisher's files come to the disk, and what it does with what it finds there.

#include "audit/published_files.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/audit/support.hpp"

namespace hangu::audit::test {
namespace {

std::string text_at(const std::filesystem::path& path) {
  return std::string(text_of(read_bytes(path)));
}

}  // namespace

TEST_CASE("staged files get their names in order, once they are whole", "[audit]") {
  const TestFolder folder;
  const auto root = folder_at(folder.path());
  PublishedFiles files(*root);
  constexpr std::size_t kCount = kStagedFilesMax + 10;  // more than wait at once
  const auto path_of = [](std::size_t i) { return "tile/0/" + std::to_string(i); };
  std::vector<std::size_t> named;
  for (std::size_t i = 0; i < kCount; ++i) {
    REQUIRE(files.stage(path_of(i), bytes_of("file " + std::to_string(i)), [&, i]() -> Done {
      CHECK(text_at(folder / path_of(i)) == "file " + std::to_string(i));
      CHECK_FALSE(std::filesystem::exists(folder / path_of(i + 1)));  // what counts on it
      named.push_back(i);
      return {};
    }));
    CHECK(named.size() == (i + 1 < kStagedFilesMax ? 0 : kStagedFilesMax));
  }
  REQUIRE(files.settle());
  REQUIRE(files.settle_names());
  CHECK(named.size() == kCount);
  CHECK(std::ranges::is_sorted(named));
  for (const auto& entry : std::filesystem::directory_iterator(folder / "tile/0"))
    CHECK_FALSE(entry.path().string().ends_with(kTemporaryName));
}

TEST_CASE("a file that has its name is never replaced, and other bytes there are told", "[audit]") {
  const TestFolder folder;
  const auto root = folder_at(folder.path());
  PublishedFiles files(*root);
  REQUIRE(files.put("checkpoints/5", bytes_of("one")));
  REQUIRE(files.put("checkpoints/5", bytes_of("one")));
  write_bytes(folder / "checkpoints/5.new", bytes_of("left by a crash"));
  bool checked = false;
  REQUIRE(files.stage("checkpoints/5", bytes_of("one"), [&]() -> Done {
    checked = true;
    return {};
  }));
  CHECK(checked);
  CHECK_FALSE(std::filesystem::exists(folder / "checkpoints/5.new"));
  for (const Done& done : {files.stage("checkpoints/5", bytes_of("two")),
                           files.put("checkpoints/5", bytes_of("two"))}) {
    REQUIRE_FALSE(done);
    CHECK(done.error().reason() == "audit-tile-differs");
    CHECK(done.error().context() == "checkpoints/5");
  }
  CHECK(text_at(folder / "checkpoints/5") == "one");
}

TEST_CASE("what stands under a temporary name is neither followed nor published", "[audit]") {
  const TestFolder folder;
  const auto root = folder_at(folder.path());
  std::filesystem::create_directories(folder / "tile/0");
  const auto outside = folder / "outside";
  write_bytes(outside, bytes_of("of another"));
  std::filesystem::create_symlink(outside, folder / "tile/0/000.new");
  write_bytes(folder / "tile/0/001.new", bytes_of("half of what was being written, and longer"));
  PublishedFiles files(*root);
  REQUIRE(files.stage("tile/0/000", bytes_of("hashes")));
  REQUIRE(files.stage("tile/0/001", bytes_of("more")));
  REQUIRE(files.settle());
  CHECK(text_at(outside) == "of another");
  CHECK(std::filesystem::is_regular_file(std::filesystem::symlink_status(folder / "tile/0/000")));
  CHECK(text_at(folder / "tile/0/000") == "hashes");
  CHECK(text_at(folder / "tile/0/001") == "more");
  REQUIRE(files.settle_names());
  // A folder there is nobody's accident: it stops publishing, and so the log.
  std::filesystem::create_directories(folder / "tile/0/002.new/x");
  CHECK_FALSE(files.stage("tile/0/002", bytes_of("hashes")));
}

}  // namespace hangu::audit::test
