#include <fcntl.h>

#include <sqlite3.h>

#include "tests/unit/ledger/yard.hpp"

using namespace hangu;
using namespace hangu::test;

namespace {

void run_sql(const std::string& path, const char* sql) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  CHECK(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
}

std::string reason_of_opening(const std::string& path) {
  const auto opened = SqliteLedger::open(path);
  return opened ? "opened" : std::string(opened.error().reason());
}

}  // namespace

TEST_CASE("a damaged ledger is refused", "[ledger]") {
  Folder folder;
  const std::string path = folder.path() + "/ledger.sqlite";
  {
    auto book = SqliteLedger::open(path);
    REQUIRE(book);
    REQUIRE((*book)->begin());
    for (int i = 0; i < 400; ++i) {
      const auto id = name_of_package(bytes_of("package " + std::to_string(i)));
      REQUIRE((*book)->add({.id = id, .zone = zone("egov"), .node = node("node-a")}));
    }
    REQUIRE((*book)->commit());
  }
  REQUIRE(reason_of_opening(path) == "opened");

  SECTION("rubbish in the middle") {
    const os::UniqueFd file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    const auto size = os::file_size(file.view()).value();
    REQUIRE(size > 40 * 4096);
    for (std::uint64_t at = 20 * 4096; at < size; at += 4096) {
      REQUIRE(os::write_all_at(file.view(), at, Bytes(64, std::byte{0xee})));
    }
    CHECK(reason_of_opening(path) == "ledger-corrupt");
  }
  SECTION("cut off") {
    REQUIRE(::truncate(path.c_str(), 10 * 4096) == 0);
    CHECK(reason_of_opening(path) == "ledger-corrupt");
  }
  SECTION("not a database at all") {
    REQUIRE(os::write_file_durably(path, Bytes(8192, std::byte{'x'})));
    CHECK(reason_of_opening(path) == "ledger-corrupt");
  }
}

TEST_CASE("a foreign or newer database is refused", "[ledger]") {
  Folder folder;
  const std::string path = folder.path() + "/ledger.sqlite";
  SECTION("foreign") {
    run_sql(path, "CREATE TABLE t (x)");
    CHECK(reason_of_opening(path) == "ledger-foreign");
  }
  SECTION("newer") {
    REQUIRE(reason_of_opening(path) == "opened");
    run_sql(path, "PRAGMA user_version = 999");
    CHECK(reason_of_opening(path) == "ledger-newer");
  }
}

TEST_CASE("a ledger of version 1 opens, and its transfers are there without a detail", "[ledger]") {
  Folder folder;
  const std::string path = folder.path() + "/ledger.sqlite";
  // The tables as version 1 wrote them; what else version 1 had has not changed since.
  REQUIRE(reason_of_opening(path) == "opened");
  run_sql(path, R"sql(
    DROP TABLE transfer;
    CREATE TABLE transfer (
      id TEXT PRIMARY KEY, zone TEXT NOT NULL, node TEXT NOT NULL, bytes INTEGER NOT NULL,
      state INTEGER NOT NULL, reason TEXT NOT NULL, round INTEGER NOT NULL,
      object_table BLOB NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL,
      expires INTEGER, ended INTEGER, recipients INTEGER NOT NULL, attention INTEGER NOT NULL,
      ending INTEGER, token BLOB, free_from INTEGER NOT NULL, attempts INTEGER NOT NULL,
      swept INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    INSERT INTO transfer VALUES ('0123456789abcdef0123456789abcdef', 'egov', 'node-a', 9, 11,
      'geometry-ring', 1,
      x'0000000000000000090000000000000000000000000000000000000000000000000000000000000000', 1, 2, NULL, 2, 0, 0, NULL, NULL, 3, 0, 0);
    DROP TABLE acknowledgement;
    CREATE TABLE acknowledgement (
      transfer TEXT NOT NULL, node TEXT NOT NULL, sealed BLOB NOT NULL, at INTEGER NOT NULL,
      PRIMARY KEY (transfer, node)) STRICT, WITHOUT ROWID;
    INSERT INTO acknowledgement VALUES ('0123456789abcdef0123456789abcdef', 'node-b',
      x'0000000000000000090000000000000000000000000000000000000000000000000000000000000000', 3);
    PRAGMA user_version = 1)sql");
  {
    auto book = SqliteLedger::open(path);
    REQUIRE(book);
    const auto id = TransferId::create("0123456789abcdef0123456789abcdef").value();
    auto row = (*book)->find(id).value();
    REQUIRE(row);
    CHECK(row->reason == "geometry-ring");
    CHECK(row->detail.empty());
    CHECK((*book)->acknowledgements(id).value() == 1);
    row->detail = "map.gpkg";
    REQUIRE((*book)->begin());
    REQUIRE((*book)->update(*row));
    REQUIRE((*book)->commit());
    CHECK((*book)->find(id).value() == row);
  }
  CHECK(reason_of_opening(path) == "opened");
}

TEST_CASE("a second custodian on the same ledger is refused", "[ledger]") {
  Folder folder;
  const std::string path = folder.path() + "/ledger.sqlite";
  const auto first = SqliteLedger::open(path);
  REQUIRE(first);
  CHECK(reason_of_opening(path) == "ledger-in-use");
}

TEST_CASE("a refused request leaves no trace, others of its transaction stay", "[ledger]") {
  Yard yard;
  const auto one = name_of_package(bytes_of("one"));
  const auto two = name_of_package(bytes_of("two"));
  REQUIRE(yard.book->begin());
  REQUIRE(yard.book->mark());
  REQUIRE(yard.book->add({.id = one, .zone = zone("egov"), .node = node("a")}));
  REQUIRE(yard.book->keep());
  REQUIRE(yard.book->mark());
  REQUIRE(yard.book->add({.id = two, .zone = zone("egov"), .node = node("a")}));
  REQUIRE(yard.book->undo());
  REQUIRE(yard.book->commit());
  yard.restart();
  CHECK(yard.book->find(one).value());
  CHECK_FALSE(yard.book->find(two).value());
}

TEST_CASE("a transfer's row comes back as it was written", "[ledger]") {
  Yard yard;
  TransferRow row{.id = name_of_package(bytes_of("x")), .zone = zone("egov"), .node = node("a")};
  row.bytes = kObjectBytesMax;
  row.state = State::awaiting_approval;
  row.reason = "format-mismatch";
  row.detail = "map.gpkg: roads";
  row.round = 3;
  row.table = crypto::digest_of(crypto::HashAlgorithm::sm3, bytes_of("t"));
  row.created = kStart;
  row.updated = kStart + std::chrono::milliseconds(1);
  row.free_from = kNever;
  REQUIRE(yard.book->begin());
  REQUIRE(yard.book->add(row));
  CHECK(yard.book->find(row.id).value() == row);
  row.expires = kStart;
  row.ended = kStart;
  row.ending = State::withdrawn;
  row.token = Token{std::byte{1}};
  row.recipients = 2;
  row.attention = row.swept = true;
  row.attempts = 4;
  REQUIRE(yard.book->update(row));
  CHECK(yard.book->find(row.id).value() == row);
  CHECK(yard.book->find_by_token(*row.token).value() == row);
  REQUIRE(yard.book->commit());
}
