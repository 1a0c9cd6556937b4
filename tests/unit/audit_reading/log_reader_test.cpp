// The published files of real logs, read and proved; and logs that were spoiled.

#include "audit/reading/log_reader.hpp"

#include <sys/stat.h>

#include "audit/entry.hpp"
#include "tests/support/must.hpp"
#include "tests/support/story_log.hpp"

using namespace hangu;
using namespace hangu::audit;
using namespace hangu::audit::test;
using hangu::test::must;

namespace {

NoteKey log_key() { return signer_from(0).key(); }

LogReader reader_of(const std::filesystem::path& folder) {
  return must(LogReader::open(folder_at(folder), log_key()));
}

std::string reason_of_opening(const std::filesystem::path& folder,
                              const std::optional<NoteKey>& key = log_key()) {
  const auto opened = LogReader::open(folder_at(folder), key);
  return opened ? "opened" : std::string(opened.error().reason());
}

/// A log of `entries` raw entries "entry <i>".
void make_numbered(const std::filesystem::path& folder, std::uint64_t entries) {
  StoryLog log(folder);
  while (log.size() < entries) (void)log.add_raw("entry " + std::to_string(log.size()));
  log.publish();
}

std::vector<std::string> texts_of(const LogReader& reader, std::uint64_t first, std::uint64_t end,
                                  bool proved) {
  std::vector<std::string> texts;
  const VisitStored visit = [&](const StoredEntry& entry) -> Done {
    CHECK(entry.index == first + texts.size());
    CHECK(entry.leaf == leaf_hash(bytes_of(entry.text)));
    texts.emplace_back(entry.text);
    return {};
  };
  const Done done =
      proved ? reader.authenticate(first, end, visit) : reader.read(first, end, visit);
  REQUIRE(done);
  return texts;
}

std::string reason_of(const Done& done) { return done ? "ok" : std::string(done.error().reason()); }

const VisitStored kPass = [](const StoredEntry&) { return Done(); };

}  // namespace

TEST_CASE("a range of any log is read in order, and proved to its signed root", "[audit]") {
  // Sizes around tiles: one bundle, partial ones, a second level.
  const std::uint64_t size = GENERATE(1U, 255U, 256U, 257U, 600U, 70'000U);
  TestFolder folder;
  make_numbered(folder.path(), size);
  const LogReader reader = reader_of(folder.path());
  REQUIRE(reader.size() == size);
  CHECK(reader.first() == 0);
  for (const auto& [first, end] : std::vector<std::pair<std::uint64_t, std::uint64_t>>{
           {0, size}, {0, 1}, {size - 1, size}, {size / 3, size / 3 + 1}, {size / 2, size / 2}}) {
    const auto proved = texts_of(reader, first, end, true);
    REQUIRE(proved.size() == end - first);
    CHECK(proved == texts_of(reader, first, end, false));
    if (!proved.empty()) CHECK(proved.front() == "entry " + std::to_string(first));
  }
}

TEST_CASE("a changed entry is found and named when its range is proved", "[audit]") {
  TestFolder folder;
  make_numbered(folder.path(), 1000);
  const auto bundle = folder / "tile/entries/001";
  Bytes bytes = read_bytes(bundle);
  constexpr std::size_t kStride = 2 + std::size("entry 300") - 1;
  bytes[44 * kStride + 2] ^= std::byte{1};
  write_bytes(bundle, bytes);
  const LogReader reader = reader_of(folder.path());
  const Done within = reader.authenticate(300, 400, kPass);
  CHECK(reason_of(within) == "log-root-differs");
  CHECK(within.error().context() == "from entry 300");
  CHECK(reason_of(reader.authenticate(0, 1000, kPass)) == "log-root-differs");
  CHECK(reason_of(reader.authenticate(0, 256, kPass)) == "ok");     // the bundle before
  CHECK(reason_of(reader.authenticate(512, 1000, kPass)) == "ok");  // and those behind
}

TEST_CASE("entries and hash tiles changed together are found", "[audit]") {
  TestFolder folder;
  make_numbered(folder.path(), 1000);
  Bytes bundle = read_bytes(folder / "tile/entries/001");
  bundle[2] ^= std::byte{1};  // the first byte of entry 256
  write_bytes(folder / "tile/entries/001", bundle);
  Bytes tile = read_bytes(folder / "tile/0/001");
  const Hash other = leaf_hash(ByteView(bundle).subspan(2, 9));
  std::ranges::copy(other, tile.begin());
  write_bytes(folder / "tile/0/001", tile);
  const LogReader reader = reader_of(folder.path());
  CHECK(reason_of(reader.authenticate(256, 300, kPass)) == "log-root-differs");
  CHECK(reason_of(reader.authenticate(600, 700, kPass)) == "ok");  // by the hashes above both
}

TEST_CASE("what is missing or cut is told", "[audit]") {
  TestFolder folder;
  make_numbered(folder.path(), 1000);
  SECTION("a bundle in the middle") {
    std::filesystem::remove(folder / "tile/entries/001");
    CHECK(reason_of(reader_of(folder.path()).read(256, 300, kPass)) == "log-bundle-missing");
  }
  SECTION("the end of a bundle") {
    Bytes bytes = read_bytes(folder / "tile/entries/001");
    bytes.resize(bytes.size() - 1);
    write_bytes(folder / "tile/entries/001", bytes);
    CHECK(reason_of(reader_of(folder.path()).read(256, 300, kPass)) == "log-bundle-invalid");
  }
  SECTION("a hash tile") {
    std::filesystem::remove(folder / "tile/0/003.p/232");
    CHECK(reason_of(reader_of(folder.path()).authenticate(0, 10, kPass)) == "log-tile-missing");
  }
  SECTION("the end of a hash tile") {
    write_bytes(folder / "tile/0/003.p/232", Bytes(231 * 32));
    CHECK(reason_of(reader_of(folder.path()).authenticate(0, 10, kPass)) == "log-tile-invalid");
  }
  SECTION("a pipe in place of a bundle is not waited for") {
    std::filesystem::remove(folder / "tile/entries/001");
    REQUIRE(::mkfifo((folder / "tile/entries/001").c_str(), 0600) == 0);
    CHECK(reason_of(reader_of(folder.path()).read(256, 300, kPass)) == "log-bundle-invalid");
  }
  SECTION("the checkpoint") {
    std::filesystem::remove(folder / "checkpoint");
    CHECK(reason_of_opening(folder.path()) == "log-missing");
  }
}

TEST_CASE("a checkpoint counts by the log's key alone", "[audit]") {
  TestFolder folder;
  make_numbered(folder.path(), 10);
  CHECK(reason_of_opening(folder.path()) == "opened");
  CHECK(reason_of_opening(folder.path(), signer_from(1).key()) == "log-key-other");
  CHECK(reason_of_opening(folder.path(), std::nullopt) == "log-no-key");  // no genesis in it
  Bytes note = read_bytes(folder / "checkpoint");
  note[note.size() - 10] =
      note[note.size() - 10] == std::byte{'A'} ? std::byte{'B'} : std::byte{'A'};
  write_bytes(folder / "checkpoint", note);
  CHECK(reason_of_opening(folder.path()) != "opened");
}

TEST_CASE("without a key a log's own word for it is taken, and marked so", "[audit]") {
  TestFolder folder;
  {
    StoryLog log(folder.path());
    (void)log.add_event("genesis", "", {{"vkey", log_key().to_text()}}, "audit");
    log.publish();
  }
  const auto reader = must(LogReader::open(folder_at(folder.path()), std::nullopt));
  CHECK_FALSE(reader.key_given());
  CHECK(reader.key().to_text() == log_key().to_text());
}

TEST_CASE("a log that grows meanwhile is read as its checkpoint said", "[audit]") {
  TestFolder folder;
  StoryLog log(folder.path());
  while (log.size() < 300) (void)log.add_raw("entry " + std::to_string(log.size()));
  log.publish();
  const LogReader reader = reader_of(folder.path());
  while (log.size() < 70'000) (void)log.add_raw("entry " + std::to_string(log.size()));
  log.publish();  // partial files of size 300 are gone
  REQUIRE_FALSE(std::filesystem::exists(folder / "tile/entries/001.p/44"));
  CHECK(reader.size() == 300);
  CHECK(texts_of(reader, 0, 300, true).back() == "entry 299");
  CHECK(reader_of(folder.path()).size() == 70'000);
}

TEST_CASE("a pruned prefix is told, and what is left still proves", "[audit]") {
  TestFolder folder;
  make_numbered(folder.path(), 2000);
  for (int n = 0; n < 3; ++n)
    std::filesystem::remove(folder / ("tile/entries/00" + std::to_string(n)));
  const LogReader reader = reader_of(folder.path());
  CHECK(reader.first() == 768);
  CHECK(texts_of(reader, 768, 2000, true).size() == 1232);
  CHECK(reason_of(reader.read(767, 769, kPass)) == "log-pruned");
  CHECK(reason_of(reader.authenticate(0, 2000, kPass)) == "log-pruned");
}

TEST_CASE("while a prefix is being removed it is pruned already, not damaged", "[audit]") {
  TestFolder folder;
  make_numbered(folder.path(), 2000);
  const auto bundle = [&](int n) { return folder / ("tile/entries/00" + std::to_string(n)); };
  const LogReader before = reader_of(folder.path());
  // Prepared and not begun: all is there.
  write_bytes(folder / "pruned/768.json", bytes_of("{}"));
  write_bytes(folder / "pruned/junk", {});
  CHECK(reader_of(folder.path()).first() == 0);
  // The highest bundle goes first.
  std::filesystem::remove(bundle(2));
  const LogReader during = reader_of(folder.path());
  CHECK(during.first() == 768);
  CHECK(reason_of(during.read(0, 10, kPass)) == "log-pruned");
  CHECK(texts_of(during, 768, 2000, true).size() == 1232);
  // One that was open before meets it on the way.
  CHECK(texts_of(before, 0, 512, true).size() == 512);
  CHECK(reason_of(before.read(0, 2000, kPass)) == "log-pruned");
  std::filesystem::remove(bundle(0));
  CHECK(reason_of(before.read(0, 10, kPass)) == "log-pruned");
  // What no pruning covers is damage, as before.
  std::filesystem::remove(bundle(4));
  CHECK(reason_of(before.read(1024, 1030, kPass)) == "log-bundle-missing");
  CHECK(reader_of(folder.path()).first() == 768);
}

TEST_CASE("the first entry of a time is found by halving over proved bundles", "[audit]") {
  TestFolder folder;
  {
    StoryLog log(folder.path());
    while (log.size() < 1000) (void)log.add_event("heartbeat", "", {{"n", log.size()}}, "audit");
    log.publish();
  }
  const LogReader reader = reader_of(folder.path());
  const WallTime start = *WallTime::parse("2026-03-01T08:00:00.000Z");
  const auto at = [&](std::chrono::milliseconds after) {
    return must(reader.find_time(start + after));
  };
  for (const int second : {0, 1, 255, 256, 257, 511, 512, 768, 999})
    CHECK(at(std::chrono::seconds(second)) == static_cast<std::uint64_t>(second));
  CHECK(at(std::chrono::milliseconds(-1)) == 0);
  CHECK(at(std::chrono::milliseconds(1)) == 1);  // between two entries: the later
  CHECK(at(std::chrono::seconds(1000)) == 1000);

  Bytes bundle = read_bytes(folder / "tile/entries/001");
  bundle[2] ^= std::byte{1};
  write_bytes(folder / "tile/entries/001", bundle);
  const auto spoiled = reader_of(folder.path()).find_time(start + std::chrono::seconds(300));
  REQUIRE_FALSE(spoiled);
  CHECK(spoiled.error().reason() == "log-root-differs");
}

TEST_CASE("an earlier root is known again, another is not", "[audit]") {
  TestFolder folder;
  StoryLog log(folder.path());
  Frontier frontier;
  for (int i = 0; i < 300; ++i) {
    const std::string text = "entry " + std::to_string(i);
    frontier.append(leaf_hash(bytes_of(text)));
    (void)log.add_raw(text);
  }
  const Hash root = frontier.root();
  while (log.size() < 700) (void)log.add_raw("more");
  log.publish();
  const LogReader reader = reader_of(folder.path());
  CHECK(reader.check_root(300, root));
  CHECK(reader.check_root(0, empty_root()));
  CHECK(reader.check_root(700, reader.checkpoint().head.root));
  CHECK(reason_of(reader.check_root(299, root)) == "log-root-differs");
  CHECK(reason_of(reader.check_root(0, root)) == "log-root-differs");
  CHECK(reason_of(reader.check_root(701, root)) == "log-root-differs");
}
