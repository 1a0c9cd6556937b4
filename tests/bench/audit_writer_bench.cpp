// Durable, signed appends in the writer, beside what a plain file and SQLite allow with the same
// records in the same batches: each round writes one batch to each of the three, one after the
// other, so that a shared disk's changing pace touches all alike. Medians of the rounds.
//
//   HANGU_BENCH_FOLDER   where the files lie (default: the working directory; a disk, not memory)
//   HANGU_BENCH_ROUNDS   of each batch size (default 200)

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <sqlite3.h>

#include "audit/disk_folder.hpp"
#include "audit/writer.hpp"
#include "crypto/secret.hpp"
#include "flow/envelope.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"
#include "os/process.hpp"
#include "tests/bench/scratch_folder.hpp"

namespace {

using namespace hangu;

constexpr std::size_t kStatementBytes = 300;  ///< of payload: entries of about 900 bytes
constexpr std::array<std::size_t, 4> kBatches{1, 16, 64, 256};
constexpr std::size_t kTargetBatch = 64;
constexpr double kTarget = 0.7;  ///< of the plain file, in batches of kTargetBatch

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message().c_str());
    std::exit(1);
  }
  return *std::move(result);
}
void must(const Done& done) {
  if (!done) {
    std::fprintf(stderr, "%s\n", done.error().message().c_str());
    std::exit(1);
  }
}
void must_sqlite(int code) {
  if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
  std::fprintf(stderr, "sqlite: %s\n", sqlite3_errstr(code));
  std::exit(1);
}

double seconds_of(const auto& act) {
  const auto start = std::chrono::steady_clock::now();
  act();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

crypto::SigningKey bench_key() {
  Bytes seed(32, std::byte{7});
  return must(crypto::SigningKey::create(crypto::SignatureAlgorithm::ed25519,
                                         crypto::SecretBytes::take(seed)));
}

/// The log's writer and what it is given.
class Log {
 public:
  explicit Log(const std::string& folder)
      : opened_(must(audit::Writer::open(plan(folder)))),
        body_(must(flow::Envelope::sign("application/vnd.in-toto+json",
                                        Bytes(kStatementBytes, std::byte{'p'}), bench_key()))
                  .to_text()) {}

  /// Requests come from outside: making them is not the writer's work.
  std::vector<audit::Submission> batch(std::size_t count) {
    std::vector<audit::Submission> out(count);
    for (audit::Submission& s : out) {
      s.request.id = audit::new_request_id(entropy_);
      s.request.type = "step.verify";
      const std::string id = to_hex(s.request.id);
      s.request.transfer = must(TransferId::create(id));
      s.request.keys = {"step:" + id + ":1:verify"};
      s.request.kind = audit::BodyKind::statement;
      s.request.body = body_;
      s.caller = {.program = "verify", .uid = 1, .pid = 1};
    }
    return out;
  }
  /// The bytes of the entries that it made.
  std::vector<std::string> append(std::span<const audit::Submission> batch) {
    std::vector<std::string> out;
    for (auto& reply : must(opened_.writer.append(batch))) out.push_back(std::move(reply.entry));
    return out;
  }
  void publish() {
    const audit::TreeHead head = must(opened_.publisher.publish(opened_.writer.log().head().size));
    opened_.writer.published(head.size);
    must(opened_.publisher.look_ahead());
  }

 private:
  audit::WriterPlan plan(const std::string& folder) {
    std::filesystem::create_directories(folder + "/log");
    std::filesystem::create_directories(folder + "/keys");
    return {.folder = must(audit::open_disk_folder(folder + "/log")),
            .epoch_keys = must(audit::open_disk_folder(folder + "/keys")),
            .origin = "bench.example/audit",
            .key = bench_key(),
            .gm_key = {},
            .clock = clock_,
            .entropy = entropy_,
            .self = {.program = "audit"},
            .limits = {}};
  }
  os::SystemClock clock_;
  crypto::SystemEntropy entropy_;
  audit::OpenedWriter opened_;
  std::string body_;
};

class PlainFile {
 public:
  explicit PlainFile(const std::string& path) : file_(must(os::create_file(path))) {}
  void append(const std::vector<std::string>& entries) {
    Bytes all;
    for (const std::string& entry : entries) hangu::append(all, bytes_of(entry));
    must(os::write_all(file_.view(), all));
    must(os::sync_data(file_.view()));
  }

 private:
  os::UniqueFd file_;
};

class Sqlite {
 public:
  explicit Sqlite(const std::string& path) {
    must_sqlite(sqlite3_open(path.c_str(), &database_));
    run("PRAGMA journal_mode=WAL");
    run("PRAGMA synchronous=FULL");
    run("CREATE TABLE entry(number INTEGER PRIMARY KEY, text BLOB NOT NULL)");
    must_sqlite(
        sqlite3_prepare_v2(database_, "INSERT INTO entry(text) VALUES(?)", -1, &insert_, nullptr));
  }
  ~Sqlite() {
    sqlite3_finalize(insert_);
    sqlite3_close(database_);
  }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;

  void append(const std::vector<std::string>& entries) {
    run("BEGIN");
    for (const std::string& entry : entries) {
      must_sqlite(sqlite3_bind_blob(insert_, 1, entry.data(), static_cast<int>(entry.size()),
                                    SQLITE_STATIC));
      must_sqlite(sqlite3_step(insert_));
      must_sqlite(sqlite3_reset(insert_));
    }
    run("COMMIT");
  }

 private:
  void run(const char* sql) {
    must_sqlite(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr));
  }
  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

int measure(const std::string& folder) {
  const int rounds = std::atoi(os::environment("HANGU_BENCH_ROUNDS").value_or("200").c_str());
  Log log(folder);
  PlainFile plain(folder + "/plain");
  Sqlite sqlite(folder + "/sqlite");
  std::printf("appends a second, durable; entries of some 900 bytes; medians of %d rounds\n",
              rounds);
  std::printf("%6s %12s %12s %12s %16s %12s\n", "batch", "plain file", "SQLite FULL", "writer",
              "writer/plain", "/SQLite");
  bool good = true;
  for (const std::size_t size : kBatches) {
    std::vector<double> by_plain;
    std::vector<double> by_sqlite;
    std::vector<double> by_log;
    for (int round = 0; round < rounds; ++round) {
      const auto batch = log.batch(size);
      std::vector<std::string> entries;
      by_log.push_back(seconds_of([&] { entries = log.append(batch); }));
      by_plain.push_back(seconds_of([&] { plain.append(entries); }));
      by_sqlite.push_back(seconds_of([&] { sqlite.append(entries); }));
      if (round % 16 == 0) log.publish();  // behind, and not in anybody's time
    }
    const double ratio = median(by_plain) / median(by_log);
    const auto rate = [&](const std::vector<double>& seconds) {
      return static_cast<double>(size) / median(seconds);
    };
    std::printf("%6zu %12.0f %12.0f %12.0f %16.2f %12.2f", size, rate(by_plain), rate(by_sqlite),
                rate(by_log), ratio, median(by_sqlite) / median(by_log));
    if (size == kTargetBatch) {
      good = ratio >= kTarget;
      std::printf("   target %.1f %s", kTarget, good ? "met" : "MISSED");
    }
    std::printf("\n");
  }
  return good ? 0 : 1;
}

}  // namespace

int main() { return bench::in_scratch_folder("audit-writer-bench", measure); }
