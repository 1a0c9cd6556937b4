// The walker of SQLite's pages. What it accepts uses every page once, and SQLite itself may then
// look at it, locked down.

#include "check/database.hpp"
#include "check/sqlite_walker.hpp"
#include "tests/fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hangu;
  const check::MemorySource source(fuzz::view(data, size));
  const Result<check::SqliteLayout> layout = check::walk_sqlite(source);
  if (!layout) {
    fuzz::must_hold(!layout.error().reason().empty());
    return 0;
  }
  std::uint64_t pages = 0;
  for (const check::SqliteTree& tree : layout->trees) pages += tree.pages;
  fuzz::must_hold(pages == layout->header.pages);
  fuzz::must_hold(layout->free_bytes <= size);
  const auto database = check::Database::open(source);
  if (!database) return 0;
  (void)database->check_integrity();
  for (const check::SqliteObject& object : layout->objects) {
    if (object.root == 0 || object.type != "table") continue;
    auto rows = database->select("SELECT * FROM " + check::quoted(object.name));
    if (!rows) continue;
    constexpr int kRowsTried = 64;
    for (int i = 0; i < kRowsTried; ++i) {
      const auto row = rows->step();
      if (!row || !*row) break;
    }
  }
  return 0;
}
