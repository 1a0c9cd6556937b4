// The full check of an audit log by the stand-alone verifier, beside what hashing alone costs in
// the same run: SHA-256 over the same bytes as one stream, and the two digests of each entry that
// the log's format asks for (SHA-256 of the tree, SM3 of the chain) by OpenSSL, one after the
// other. The log is written by our writer, with epochs, and lies in the page cache.
//
//   HANGU_BENCH_FOLDER  where the log lies (default: the working directory)
//   HANGU_BENCH_MB      of entries (default 300)

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <openssl/evp.h>

#include "audit/disk_folder.hpp"
#include "audit/verifier/log_check.hpp"
#include "audit/verifier/log_files.hpp"
#include "audit/writer.hpp"
#include "crypto/secret.hpp"
#include "flow/envelope.hpp"
#include "os/clock.hpp"
#include "os/process.hpp"
#include "tests/bench/scratch_folder.hpp"

namespace {

using namespace hangu;

constexpr std::size_t kStatementBytes = 300;  ///< of payload: entries of about 1,000 bytes
constexpr std::size_t kBatch = audit::kBatchEntriesMax - audit::kOwnEntriesPerBatchMax;
constexpr std::size_t kBatchesPerEpoch = 12;
constexpr double kTargetPerSecond = 500e6;  ///< bytes on one core,
constexpr double kTargetShare = 0.5;        ///< or this much of the hash limit

template <class T>
T must(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.error().message().c_str());
  std::exit(1);
}
void must(const Done& done) {
  if (done) return;
  std::fprintf(stderr, "%s\n", done.error().message().c_str());
  std::exit(1);
}

crypto::SigningKey bench_key() {
  Bytes seed(32, std::byte{7});
  return must(crypto::SigningKey::create(crypto::SignatureAlgorithm::ed25519,
                                         crypto::SecretBytes::take(seed)));
}

audit::OpenedWriter open_writer(const std::string& folder, const Clock& clock, Entropy& entropy) {
  std::filesystem::create_directories(folder + "/log");
  std::filesystem::create_directories(folder + "/keys");
  return must(audit::Writer::open({.folder = must(audit::open_disk_folder(folder + "/log")),
                                   .epoch_keys = must(audit::open_disk_folder(folder + "/keys")),
                                   .origin = "bench.example/audit",
                                   .key = bench_key(),
                                   .gm_key = {},
                                   .clock = clock,
                                   .entropy = entropy,
                                   .self = {.program = "audit"},
                                   .limits = {}}));
}

/// Writes a log of about `bytes` of entries; the log's verifier key.
std::string write_log(const std::string& folder, std::uint64_t bytes) {
  const os::SystemClock clock;
  crypto::SystemEntropy entropy;
  audit::OpenedWriter opened = open_writer(folder, clock, entropy);
  const std::string body =
      must(flow::Envelope::sign("application/vnd.in-toto+json",
                                Bytes(kStatementBytes, std::byte{'p'}), bench_key()))
          .to_text();
  std::uint64_t written = 0;
  for (std::size_t round = 1; written < bytes; ++round) {
    std::vector<audit::Submission> batch;
    for (std::size_t i = 0; i < kBatch; ++i) {
      audit::AppendRequest request{.id = audit::new_request_id(entropy),
                                   .type = "step.verify",
                                   .transfer = std::nullopt,
                                   .keys = {},
                                   .kind = audit::BodyKind::statement,
                                   .body = body};
      const std::string id = to_hex(request.id);
      request.transfer = must(TransferId::create(id));
      request.keys = {"step:" + id + ":1:verify"};
      batch.push_back({std::move(request), {.program = "verify", .uid = 1, .pid = 2}});
    }
    for (const audit::AppendReply& reply : must(opened.writer.append(batch)))
      written += reply.entry.size();
    if (round % kBatchesPerEpoch != 0) continue;
    opened.writer.published(must(opened.publisher.publish(opened.writer.log().head().size)).size);
    must(opened.writer.close_epoch());
  }
  (void)must(opened.publisher.publish(opened.writer.log().head().size));
  std::filesystem::remove_all(folder + "/log/journal");
  return must(audit::NoteKey::create("bench.example/audit", bench_key().verify_key())).to_text();
}

struct Bundles {
  std::vector<std::string> all;
  std::uint64_t bytes = 0;
};

Bundles read_bundles(const std::string& folder) {
  Bundles out;
  for (const auto& file :
       std::filesystem::recursive_directory_iterator(folder + "/log/tile/entries")) {
    if (!file.is_regular_file() || file.path().string().find(".p/") != std::string::npos) continue;
    std::ifstream in(file.path(), std::ios::binary);
    out.all.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    out.bytes += out.all.back().size();
  }
  return out;
}

/// Of the clock, and of processors: others may use the machine too, so a core's rate is by these.
struct Seconds {
  double wall = 0;
  double processor = 0;
};

double processor_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

template <class Work>
Seconds seconds_of(Work work) {
  const auto start = std::chrono::steady_clock::now();
  const double processor = processor_seconds();
  work();
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
          processor_seconds() - processor};
}

/// One stream over all bundles.
double hash_plain(const Bundles& bundles) {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  unsigned char digest[EVP_MAX_MD_SIZE];
  const Seconds seconds = seconds_of([&] {
    EVP_DigestInit_ex(context, EVP_sha256(), nullptr);
    for (const std::string& bundle : bundles.all)
      EVP_DigestUpdate(context, bundle.data(), bundle.size());
    EVP_DigestFinal_ex(context, digest, nullptr);
  });
  EVP_MD_CTX_free(context);
  return static_cast<double>(bundles.bytes) / seconds.processor;
}

/// SHA-256 and SM3 of each entry by itself.
double hash_both(const Bundles& bundles) {
  EVP_MD* const sha = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MD* const sm3 = EVP_MD_fetch(nullptr, "SM3", nullptr);
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  unsigned char digest[EVP_MAX_MD_SIZE];
  const Seconds seconds = seconds_of([&] {
    for (const std::string& bundle : bundles.all) {
      std::vector<std::string_view> entries;
      std::string_view rest;
      (void)hangu_verify::read_bundle(bundle, hangu_verify::kTileWidth, entries, rest);
      for (const std::string_view entry : entries)
        for (const EVP_MD* algorithm : {sha, sm3}) {
          EVP_DigestInit_ex2(context, algorithm, nullptr);
          EVP_DigestUpdate(context, entry.data(), entry.size());
          EVP_DigestFinal_ex(context, digest, nullptr);
        }
    }
  });
  EVP_MD_CTX_free(context);
  EVP_MD_free(sha);
  EVP_MD_free(sm3);
  return static_cast<double>(bundles.bytes) / seconds.processor;
}

Seconds check(const std::string& folder, const std::string& vkey, unsigned threads,
              std::uint64_t& entries) {
  hangu_verify::Request request;
  request.folder = folder + "/log";
  request.key = hangu_verify::parse_key(vkey);
  request.threads = threads;
  hangu_verify::Report report;
  const Seconds seconds = seconds_of([&] { report = hangu_verify::check_log(request); });
  if (report.finding != hangu_verify::Finding::good || report.epochs == 0) {
    std::fprintf(stderr, "the log is not good\n");
    std::exit(1);
  }
  entries = report.entries;
  return seconds;
}

int measure(const std::string& folder) {
  const std::string megabytes = os::environment("HANGU_BENCH_MB").value_or("300");
  const std::string vkey = write_log(folder, std::stoull(megabytes) * 1'000'000);
  const Bundles bundles = read_bundles(folder);
  const double plain_before = hash_plain(bundles);
  const double both = hash_both(bundles);
  std::uint64_t entries = 0;
  const unsigned cores =
      std::clamp(std::thread::hardware_concurrency(), 1U, hangu_verify::kThreadsMax);
  const Seconds one = check(folder, vkey, 1, entries);
  const Seconds all = check(folder, vkey, cores, entries);
  const double plain = (plain_before + hash_plain(bundles)) / 2;
  const auto bytes = static_cast<double>(bundles.bytes);
  std::printf("%.0f MB of bundles, %llu entries; rates by processor time\n", bytes / 1e6,
              static_cast<unsigned long long>(entries));
  std::printf(
      "limit: SHA-256 of the same bytes %.0f MB/s; SHA-256 and SM3 of each entry %.0f MB/s\n",
      plain / 1e6, both / 1e6);
  for (const auto& [threads, seconds] : {std::pair(1U, one), std::pair(cores, all)}) {
    const double rate = bytes / seconds.processor;
    std::printf(
        "verify, %u thread%s: %.0f MB/s a core, %.2f of SHA-256, %.2f of both; %.0f MB/s and "
        "%.0f entries/s by the clock\n",
        threads, threads == 1 ? "" : "s", rate / 1e6, rate / plain, rate / both,
        bytes / seconds.wall / 1e6, static_cast<double>(entries) / seconds.wall);
  }
  const double rate = bytes / one.processor;
  const bool met = rate >= kTargetPerSecond || rate >= kTargetShare * both;
  std::printf("%s the target: %.0f MB/s a core, or %.1f of the digests that the format asks for\n",
              met ? "meets" : "misses", kTargetPerSecond / 1e6, kTargetShare);
  return 0;
}

}  // namespace

int main() { return bench::in_scratch_folder("verify-bench", measure); }
