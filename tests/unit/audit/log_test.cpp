#include <map>

#include <catch2/catch.hpp>

#include "tests/unit/audit/support.hpp"

namespace hangu::audit::test {
namespace {

void publish_all(OpenedLog& opened) {
  const auto head = opened.publisher.publish(opened.log.head().size);
  REQUIRE(head);
  CHECK(*head == opened.log.head());
  opened.log.published(head->size);
}

std::string hex_of(const Result<std::vector<Hash>>& path) {
  std::string text;
  for (const Hash& hash : *path) text += (text.empty() ? "" : " ") + to_hex(hash);
  return text;
}

const std::string kLeaf0 = "d0d7360ab79f58ab1e1e3fe64ad77e2ea0bc07e36b5f46ed2223edd9298df9e9";
const std::string kLeaf1 = "ab1ab7f07c7c8fe0eff4ba6faa53c7e4412e91a599153e8aa4e01beece5b7825";
const std::string kLeaf2 = "671f146c5e471e8a1a83a3c214ce4ba907b8f3a5888d14cc8cd3ce75bb12ef94";
const std::string kNode01 = "4f55f619d9215235778b2b9f17d6f4915b16171214d152381293669764de722e";

}  // namespace

TEST_CASE("what a log has on its shelf proves the same as its files, and more than it holds",
          "[audit]") {
  const TestFolder folder;
  auto opened = open_log(folder.path());
  REQUIRE(opened);
  constexpr std::uint64_t kSize = 256 * (kShelfTilesMax / 2 + 3);  // a tile and a bundle for each
  for (std::uint64_t first = 0; first < kSize; first += 1000)
    REQUIRE(opened->log.commit(batch_of(first, std::min<std::uint64_t>(1000, kSize - first))));
  REQUIRE(opened->publisher.publish(kSize));
  const auto all_prove = [&] {
    for (std::uint64_t index = 0; index < kSize; index += 100) {
      INFO(index);
      const auto path = opened->log.prove(index, kSize);
      REQUIRE(path);
      const auto entry = opened->log.entry(index);
      REQUIRE(entry);
      CHECK(verify_inclusion(leaf_hash(*entry), index, opened->log.head(), *path));
    }
  };
  all_prove();  // from memory
  opened->log.published(kSize);
  all_prove();  // from the files
  all_prove();  // from the shelf, which has thrown the first away
}

TEST_CASE("the worked example's files, roots and proofs come out byte for byte", "[audit]") {
  const TestFolder folder;
  auto opened = open_log(folder.path());
  REQUIRE(opened);
  Log& log = opened->log;
  CHECK(log.note().empty());
  const auto leaves = log.commit(batch_with({entry_of("one"), entry_of("two"), entry_of("three")}));
  REQUIRE(leaves);
  CHECK(hex_of(*leaves) == kLeaf0 + " " + kLeaf1 + " " + kLeaf2);
  CHECK(to_hex(log.head().root) ==
        "5aac771c899ac292e74bf1afe2e6e302f8b55883b2d1bf197b46a6bea6dabca9");
  CHECK(hex_of(log.prove(0, 3)) == kLeaf1 + " " + kLeaf2);
  CHECK(hex_of(log.prove(1, 3)) == kLeaf0 + " " + kLeaf2);
  CHECK(hex_of(log.prove(2, 3)) == kNode01);
  CHECK(hex_of(log.prove_consistency(1, 3)) == kLeaf1 + " " + kLeaf2);
  CHECK(hex_of(log.prove_consistency(2, 3)) == kLeaf2);
  CHECK(log.prove(3, 3).error().reason() == "proof-range");
  CHECK(log.prove(0, 4).error().reason() == "proof-range");

  publish_all(*opened);
  CHECK(to_hex(read_bytes(folder / "tile/entries/000.p/3")) ==
        "00036f6e65"
        "000374776f"
        "00057468726565");
  CHECK(to_hex(read_bytes(folder / "tile/0/000.p/3")) == kLeaf0 + kLeaf1 + kLeaf2);
  CHECK(
      text_of(read_bytes(folder / "checkpoint")) ==
      "gate.example/audit\n3\nWqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=\n\n"
      "\xe2\x80\x94 gate.example/audit r0e2IuHd8WfcgFGAmd98iZ/mQQG4+ha/tbPktWIhEpMWa0VGf/Zq1SR7wmr"
      "TwEuSolg0VH0ZIXPS+wMbLo+w/EqAxwg=\n");
  CHECK(files_below(folder.path()) ==
        std::vector<std::string>{"checkpoint", "journal/00000000000000000000.wal", "tile/0/000.p/3",
                                 "tile/entries/000.p/3"});
  CHECK(*log.entry(1) == entry_of("two"));
}

TEST_CASE("any batching and any moments of publishing give the same tiles", "[audit]") {
  constexpr std::size_t kEntries = 700;
  std::map<std::string, Bytes> expected;
  Hash root{};
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    SeededEntropy chance(seed);
    const TestFolder folder;
    auto opened = open_log(folder.path(), {.segment_bytes_max = 4096});
    REQUIRE(opened);
    for (std::size_t done = 0; done < kEntries;) {
      const std::size_t count = std::min<std::size_t>(kEntries - done, 1 + chance.below(90));
      REQUIRE(opened->log.commit(batch_of(done, count)));
      done += count;
      if (chance.below(3) == 0) publish_all(*opened);
      if (chance.below(6) == 0) {
        opened = fail(ErrorCode::unavailable, "closed");
        opened = open_log(folder.path(), {.segment_bytes_max = 4096});
        REQUIRE(opened);
      }
    }
    publish_all(*opened);
    std::map<std::string, Bytes> found;
    for (const std::string& name : files_below(folder / "tile")) {
      if (name.find(".p/") == std::string::npos)
        found[name] = read_bytes(folder / ("tile/" + name));
    }
    for (const Tile& tile : partial_tiles_of(kEntries)) {
      found[tile.path()] = read_bytes(folder / tile.path());
    }
    CHECK(found.size() == 2 + 2 + 3);
    if (seed == 0) {
      expected = found;
      root = opened->log.head().root;
    }
    CHECK(found == expected);
    CHECK(opened->log.head().root == root);
    for (std::size_t i = 0; i < kEntries; i += 23) {
      REQUIRE(equal(*opened->log.entry(i), batch_of(i, 1)[0]));
      REQUIRE(opened->log.prove(i, kEntries));
      REQUIRE(opened->log.prove(i, i + 1));
      REQUIRE(opened->log.prove_consistency(i + 1, kEntries));
    }
  }
}

TEST_CASE("a log of 256 and then 70 000 entries has exactly the files of its size", "[audit]") {
  const TestFolder folder;
  auto opened = open_log(folder.path());
  REQUIRE(opened);
  REQUIRE(opened->log.commit(batch_of(0, 256)));
  publish_all(*opened);
  CHECK(files_below(folder / "tile") ==
        std::vector<std::string>{"0/000", "1/000.p/1", "entries/000"});
  for (std::size_t done = 256; done < 70'000;) {
    const std::size_t count = std::min<std::size_t>(70'000 - done, 1000);
    REQUIRE(opened->log.commit(batch_of(done, count)));
    done += count;
  }
  publish_all(*opened);
  std::vector<std::string> expected{"0/273.p/112", "1/000", "1/001.p/17", "2/000.p/1",
                                    "entries/273.p/112"};
  for (std::uint64_t n = 0; n < 273; ++n) {
    expected.push_back("0/" + tile_number_text(n));
    expected.push_back("entries/" + tile_number_text(n));
  }
  std::ranges::sort(expected);
  CHECK(files_below(folder / "tile") == expected);
  CHECK(opened->log.prove(0, 70'000));
  CHECK(opened->log.prove(65'536, 69'999));
  CHECK(opened->log.prove_consistency(256, 70'000));
}

TEST_CASE("partial tiles of a published size stay until the full tile is there", "[audit]") {
  const TestFolder folder;
  auto opened = open_log(folder.path());
  REQUIRE(opened);
  for (const std::size_t size : {10U, 20U, 255U}) {
    const auto done = static_cast<std::size_t>(opened->log.head().size);
    REQUIRE(opened->log.commit(batch_of(done, size - done)));
    publish_all(*opened);
  }
  CHECK(std::filesystem::exists(folder / "tile/entries/000.p/10"));
  CHECK(std::filesystem::exists(folder / "tile/0/000.p/255"));
  REQUIRE(opened->log.commit(batch_of(255, 2)));
  publish_all(*opened);
  CHECK_FALSE(std::filesystem::exists(folder / "tile/entries/000.p"));
  CHECK_FALSE(std::filesystem::exists(folder / "tile/0/000.p"));
  CHECK(files_below(folder / "checkpoints") == std::vector<std::string>{"257"});
}

TEST_CASE("a reader of an old checkpoint is served by the full bundle", "[audit]") {
  const TestFolder folder;
  {
    auto opened = open_log(folder.path());
    REQUIRE(opened);
    REQUIRE(opened->log.commit(batch_of(0, 200)));
    publish_all(*opened);
    const Bytes old = read_bytes(folder / "checkpoint");
    REQUIRE(opened->log.commit(batch_of(200, 100)));
    publish_all(*opened);
    // As after a power cut between the full tiles and the checkpoint.
    write_bytes(folder / "checkpoint", old);
  }
  auto again = open_log(folder.path());
  REQUIRE(again);
  CHECK(again->log.head().size == 300);
  CHECK(again->log.published_size() == 200);
  publish_all(*again);
}

TEST_CASE("segments rotate, go when they are published, and the log opens again", "[audit]") {
  const TestFolder folder;
  const LogLimits small{.segment_bytes_max = 1000};
  std::uint64_t seen = 0;
  {
    auto opened = open_log(folder.path(), small);
    REQUIRE(opened);
    for (std::size_t i = 0; i < 40; ++i) REQUIRE(opened->log.commit(batch_of(i * 3, 3)));
    CHECK(files_below(folder / "journal").size() > 10);
  }
  const auto count = [&](std::uint64_t index, ByteView entry) -> Done {
    REQUIRE(index == seen++);
    REQUIRE(equal(entry, batch_of(static_cast<std::size_t>(index), 1)[0]));
    return {};
  };
  {
    auto opened = open_log(folder.path(), small, count);
    REQUIRE(opened);
    CHECK(seen == 120);
    publish_all(*opened);
    CHECK(files_below(folder / "journal").size() <= 2);
    REQUIRE(opened->log.commit(batch_of(120, 1)));
  }
  seen = 0;
  auto opened = open_log(folder.path(), small, count);
  REQUIRE(opened);
  CHECK(seen == 121);
  CHECK(opened->recovery.discarded_bytes == 0);
}

TEST_CASE("a log has one writer at a time", "[audit]") {
  const TestFolder folder;
  {
    const auto first = open_log(folder.path());
    REQUIRE(first);
    CHECK(open_log(folder.path()).error().reason() == "audit-in-use");
  }
  CHECK(open_log(folder.path()));
}

TEST_CASE("another origin or another key does not open a log", "[audit]") {
  const TestFolder folder;
  {
    auto opened = open_log(folder.path());
    REQUIRE(opened);
    REQUIRE(opened->log.commit(batch_of(0, 3)));
  }
  auto root = open_disk_folder(folder.path().string());
  const auto visit = [](auto, auto) { return Done(); };
  CHECK(Log::open((*root)->again().value(),
                  std::make_shared<const NoteSigner>(
                      NoteSigner::create("other.example/audit", key_from(0)).value()),
                  {}, visit)
            .error()
            .reason() == "audit-origin");
  CHECK(Log::open((*root)->again().value(), shared_signer(1), {}, visit).error().reason() ==
        "audit-log-key");
  CHECK(NoteSigner::create("a b", key_from(1)).error().reason() == "note-name-invalid");
}

TEST_CASE("below the disk reserve, or too far ahead of publishing, nothing is accepted",
          "[audit]") {
  const TestFolder folder;
  auto root = open_disk_folder(folder.path().string());
  const LogLimits limits{.disk_reserve_bytes = std::uint64_t{1} << 62};
  const auto visit = [](auto, auto) { return Done(); };
  {
    auto opened = Log::open((*root)->again().value(), shared_signer(0), limits, visit);
    REQUIRE(opened);
    CHECK(opened->log.ready().error().reason() == "audit-disk-reserve");
  }
  auto opened = open_log(folder.path(), {.unpublished_bytes_max = 5000});
  REQUIRE(opened);
  CHECK(opened->log.ready());
  for (std::size_t first = 0; first < 600; first += 50)
    REQUIRE(opened->log.commit(batch_of(first, 50)));
  CHECK(opened->log.ready().error().reason() == "audit-behind");
  publish_all(*opened);
  CHECK(opened->log.ready());
}

TEST_CASE("entries are visited in order, from files and from memory", "[audit]") {
  const TestFolder folder;
  auto opened = open_log(folder.path());
  REQUIRE(opened);
  std::size_t made = 0;
  for (const std::size_t count : {1U, 1U, 250U, 10U, 245U, 10U, 83U}) {  // over bundles' ends too
    REQUIRE(opened->log.commit(batch_of(made, count)));
    made += count;
  }
  REQUIRE(made == 600);
  opened->log.published(opened->publisher.publish(600)->size);
  const Log& log = opened->log;
  for (const auto& [first, end] : std::vector<std::pair<std::uint64_t, std::uint64_t>>{
           {0, 600}, {255, 257}, {300, 300}, {511, 513}, {599, 600}}) {
    std::uint64_t at = first;
    const Done visited = log.visit(first, end, [&](std::uint64_t index, ByteView entry) -> Done {
      CHECK(index == at);
      CHECK(text_of(entry) == "entry number " + std::to_string(at));
      ++at;
      return {};
    });
    REQUIRE(visited);
    CHECK(at == end);
  }
  const VisitEntry pass = [](auto, auto) { return Done(); };
  CHECK(log.visit(0, 601, pass).error().reason() == "proof-range");
  CHECK(log.visit(0, 600,
                  [](auto index, auto) -> Done {
                    if (index == 300) return fail(ErrorCode::internal, "enough");
                    return {};
                  })
            .error()
            .reason() == "enough");
  CHECK(log.contains(log.head()).value());
  CHECK(log.contains({.size = 0, .root = empty_root()}).value());
  CHECK_FALSE(log.contains({.size = 600, .root = empty_root()}).value());
  CHECK_FALSE(log.contains({.size = 599, .root = log.head().root}).value());
  CHECK_FALSE(log.contains({.size = 601, .root = log.head().root}).value());
  CHECK(log.contains({.size = 300, .root = log.frontier_at(300)->root()}).value());
  CHECK(text_of(log.proved_entry(3).value()) == "entry number 3");
}

}  // namespace hangu::audit::test
