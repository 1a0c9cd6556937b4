#include "package/folder.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "tests/unit/package/forgery.hpp"

using namespace hangu;
using namespace hangu::test;
namespace fs = std::filesystem;

namespace {

/// A folder that is removed at the end.
struct Scratch {
  Scratch() {
    std::string name = (fs::temp_directory_path() / "hangu-package-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
    folder = must(os::open_folder(name));
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { fs::remove_all(path); }

  [[nodiscard]] std::set<std::string> names() const {
    std::set<std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator(path))
      out.insert(entry.path().lexically_relative(path).string());
    return out;
  }

  fs::path path;
  os::UniqueFd folder;
};

const std::vector<SampleObject> kTree{
    {"图/世界/a.bin", pattern(kChunkBytes + 3)}, {"图/b.bin", {}}, {"c.bin", pattern(5, 3)}};

struct Opened {
  explicit Opened(const std::vector<SampleObject>& objects = kTree)
      : sample(seal_sample(objects, parties)),
        reader(must(package::Reader::open(sample.file.view(), parties.opener))) {}
  Parties parties{crypto::Suite::intl};
  SealedSample sample;
  package::Reader reader;
};

std::string reason_of(const Done& done) {
  return done ? std::string() : std::string(done.error().reason());
}

}  // namespace

TEST_CASE("a package is written below a folder with its sub-folders", "[package][folder]") {
  const Opened opened;
  const Scratch scratch;
  REQUIRE(reason_of(package::extract_to_folder(opened.reader, scratch.folder.view())) == "");
  CHECK(scratch.names() ==
        std::set<std::string>{"图", "图/世界", "图/世界/a.bin", "图/b.bin", "c.bin"});
  for (const SampleObject& object : kTree) {
    const auto file = must(os::open_read((scratch.path / object.name).string()));
    CHECK((content_of(file.view()) == object.bytes));
    CHECK((fs::status(scratch.path / object.name).permissions() & fs::perms::mask) ==
          (fs::perms::owner_read | fs::perms::owner_write));
  }
}

TEST_CASE("nothing is overwritten, and what was made before the clash is removed",
          "[package][folder]") {
  const Opened opened;
  const Scratch scratch;
  std::ofstream(scratch.path / "c.bin") << "mine";
  fs::create_directory(scratch.path / "图");
  CHECK(reason_of(package::extract_to_folder(opened.reader, scratch.folder.view())) ==
        "file-exists");
  CHECK(scratch.names() == std::set<std::string>{"c.bin", "图"});
  CHECK(fs::file_size(scratch.path / "c.bin") == 4);
  // A dangling link under the name of a file is no way out either.
  fs::remove(scratch.path / "c.bin");
  fs::create_symlink("/nowhere/at/all", scratch.path / "c.bin");
  CHECK(reason_of(package::extract_to_folder(opened.reader, scratch.folder.view())) ==
        "file-exists");
  CHECK(scratch.names() == std::set<std::string>{"c.bin", "图"});
}

TEST_CASE("a link or a file in the place of a sub-folder is not followed", "[package][folder]") {
  const Opened opened;
  const Scratch scratch;
  const Scratch elsewhere;
  fs::create_directory_symlink(elsewhere.path, scratch.path / "图");
  CHECK(reason_of(package::extract_to_folder(opened.reader, scratch.folder.view())) ==
        "folder-not-usable");
  CHECK(elsewhere.names().empty());
  CHECK(scratch.names() == std::set<std::string>{"图"});
  fs::remove(scratch.path / "图");
  std::ofstream(scratch.path / "图") << "a file";
  CHECK(reason_of(package::extract_to_folder(opened.reader, scratch.folder.view())) ==
        "folder-not-usable");
  CHECK(scratch.names() == std::set<std::string>{"图"});
}

TEST_CASE("a folder holds no file of a package whose last object is not as stated",
          "[package][folder]") {
  Parties parties(crypto::Suite::gm);
  Forgery forgery{.parties = parties, .statement = envelope_of(kTree, parties).to_text()};
  for (const SampleObject& object : kTree) forgery.objects.push_back(object.bytes);
  forgery.objects.back()[0] ^= std::byte{1};
  const os::UniqueFd file = memory_file(forgery.make());
  const auto reader = must(package::Reader::open(file.view(), parties.opener));
  const Scratch scratch;
  CHECK(reason_of(package::extract_to_folder(reader, scratch.folder.view())) ==
        "object-digest-mismatch");
  CHECK(scratch.names().empty());
}

TEST_CASE("hundreds of objects are extracted with few descriptors", "[package][folder]") {
  std::vector<SampleObject> objects;
  objects.reserve(700);
  for (std::uint32_t i = 0; i < 700; ++i)
    objects.push_back({"d" + std::to_string(i % 7) + "/" + std::to_string(i), pattern(i, i)});
  const Opened opened(objects);
  const Scratch scratch;
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit few{.rlim_cur = 2 * package::kOutputsAheadMax + 32, .rlim_max = before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
  const std::string reason =
      reason_of(package::extract_to_folder(opened.reader, scratch.folder.view(), 8));
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(reason == "");
  CHECK(scratch.names().size() == 707);
}
