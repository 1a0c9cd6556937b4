// custodian_bench: durable claims and completions a second through the custodian's server, beside
// the limit (SQLite alone, one small row a transaction, WAL and full sync) in the same folder.
//
// usage: custodian_bench [FOLDER]     (default: a folder below the temporary one)

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <thread>

#include "crypto/secret.hpp"
#include "flow/object_table.hpp"
#include "ledger/server.hpp"
#include "ledger/sqlite_ledger.hpp"
#include "line/custodian_client.hpp"
#include "os/clock.hpp"
#include "sqlite/database.hpp"

namespace {

using namespace hangu;
using namespace hangu::ledger;

constexpr int kLimitRows = 2000;
constexpr int kPackagesOfClient = 500;
constexpr std::array<int, 3> kClients{1, 4, 16};

[[noreturn]] void stop_with(const std::string& why) {
  std::cerr << why << "\n";
  std::exit(1);
}
template <class T>
T must(Result<T> result) {
  if (!result) stop_with(result.error().message());
  return *std::move(result);
}
void must(const Done& done) {
  if (!done) stop_with(done.error().message());
}

double seconds_since(std::chrono::milliseconds start) {
  return std::max(1e-3, static_cast<double>((os::monotonic_now() - start).count()) / 1000.0);
}

class NoAudit final : public AuditLog {
 public:
  Result<flow::State> end_transfer(const TransferId&, flow::State end,
                                   const std::optional<NodeId>&) override {
    return end;
  }
  Done acknowledge(const TransferId&, const NodeId&, const crypto::ObjectDigest&) override {
    return {};
  }
  Done quarantine(const TransferId&, std::uint32_t, flow::Stage, std::uint32_t) override {
    return {};
  }
};

TransferId transfer_of(int number) {
  const auto digest = crypto::digest_of(crypto::HashAlgorithm::sha256,
                                        bytes_of("package " + std::to_string(number)));
  return must(TransferId::create(to_hex(ByteView(digest.root).first(16))));
}

double limit(const std::string& path) {
  constexpr sqlite::Reasons kReasons{.in_use = "in-use", .corrupt = "corrupt", .failed = "failed"};
  auto database = must(sqlite::Database::open(path, sqlite::Keeping::record, kReasons));
  must(database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB)"));
  const Bytes body(200, std::byte{1});
  const auto start = os::monotonic_now();
  for (int i = 0; i < kLimitRows; ++i) {
    must(database.query("INSERT INTO t (body) VALUES (?)").bind(ByteView(body)).run());
  }
  return kLimitRows / seconds_since(start);
}

/// Puts transfers into state received, in one transaction.
void fill(SqliteLedger& book, WallTime now, int first, int count) {
  const Bytes table = must(flow::ObjectTable::create({})).to_bytes();
  const auto digest = crypto::digest_of(crypto::HashAlgorithm::sha256, table);
  must(book.begin());
  must(book.add_object(digest, table));
  for (int i = first; i < first + count; ++i) {
    TransferRow row{.id = transfer_of(i),
                    .zone = must(ZoneId::create("egov")),
                    .node = must(NodeId::create("bench"))};
    row.table = digest;
    row.created = row.updated = row.free_from = now;
    must(book.add(row));
    must(book.refer(row.id, digest, RefOrigin::table));
  }
  must(book.commit());
}

void claim_and_complete(const std::string& socket) {
  auto client = must(line::CustodianClient::connect(socket));
  const std::array stages{flow::Stage::verify};
  for (int i = 0; i < kPackagesOfClient; ++i) {
    const auto work = must(client.claim(stages, std::chrono::seconds(10)));
    if (!work) stop_with("no work");
    Completion done;
    done.stage = flow::Stage::verify;
    done.verdict = flow::Verdict::pass;
    done.reason = "ok";
    done.entry = 1;
    done.table = work->table;
    (void)must(client.complete(work->token, done));
  }
}

}  // namespace

int main(int count, char** values) {
  namespace fs = std::filesystem;
  const std::span arguments(values, static_cast<std::size_t>(count));
  const fs::path base = arguments.size() > 1 ? fs::path(arguments[1]) : fs::temp_directory_path();
  const fs::path folder = base / ("custodian-bench-" + std::to_string(os::monotonic_now().count()));
  fs::create_directories(folder);

  const double alone = limit((folder / "limit.sqlite").string());
  std::printf("SQLite alone, one row a transaction: %8.0f/s\n", alone);

  auto book = must(SqliteLedger::open((folder / "ledger.sqlite").string()));
  auto store = must(ObjectStore::open(folder.string()));
  NoAudit audit;
  const os::SystemClock clock;
  crypto::SystemEntropy entropy;
  Custodian custodian({}, *book, *store, audit, clock, entropy);
  const std::string socket = (folder / "verify").string();
  int filled = 0;
  for (const int clients : kClients) {
    fill(*book, must(clock.now()), filled, clients * kPackagesOfClient);
    filled += clients * kPackagesOfClient;
    std::vector<Door> doors;
    doors.push_back({.listener = must(os::Listener::bind(socket)),
                     .caller = must(parse_listener("custodian.verify"))});
    auto server = must(Server::create(custodian, *book, std::move(doors)));
    auto stop = must(os::Channel::pair());
    std::thread serving([&] { must(server->run(stop.first.view())); });
    const auto start = os::monotonic_now();
    std::vector<std::thread> threads;
    for (int i = 0; i < clients; ++i) {
      threads.emplace_back([&] { claim_and_complete(socket); });
    }
    for (auto& thread : threads) thread.join();
    const double rate = clients * kPackagesOfClient / seconds_since(start);
    must(stop.second.send(bytes_of("stop"), std::chrono::seconds(1)));
    serving.join();
    std::printf(
        "%2d stages, claim and complete:        %8.0f/s  (%.2f of the limit's rows; "
        "%.1f requests a transaction)\n",
        clients, rate, 2 * rate / alone,
        static_cast<double>(server->counts().requests) /
            static_cast<double>(server->counts().transactions));
  }
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  return 0;
}
