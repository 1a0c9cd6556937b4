// Sealing and opening packages, beside what the primitives allow and beside age, on the same file
// in the same run. Every act runs in a child of its own: its wall time, processor time and highest
// resident memory are its own. Figures are medians of kRounds.
//
//   HANGU_BENCH_FOLDER  where the files lie (default /tmp; they stay in the page cache)
//   HANGU_BENCH_MIB     size of the file (default 512)

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>

#include <openssl/evp.h>

#include "os/file.hpp"
#include "os/process.hpp"
#include "package/reader.hpp"
#include "package/writer.hpp"

namespace {

using namespace hangu;

constexpr int kRounds = 5;
constexpr std::uint64_t kPrimitiveBytes = std::uint64_t{512} << 20;
constexpr double kOneCoreTarget = 0.8;
constexpr double kTwoCoresTarget = 1.8;

/// What one act took.
struct Measure {
  double wall = 0;       // seconds
  double processor = 0;  // seconds, all threads
  double peak_mib = 0;
};

std::uint64_t status_bytes(std::string_view name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name)) return std::stoull(line.substr(name.size() + 1)) * 1024;
  return 0;
}

[[noreturn]] void stop(const std::string& why) {
  std::fprintf(stderr, "package_bench: %s\n", why.c_str());
  std::exit(1);
}

template <class T>
T must(Result<T> result) {
  if (!result) stop(result.error().message());
  return *std::move(result);
}
void must(const Done& done) {
  if (!done) stop(done.error().message());
}

Measure measured_once(const std::function<void()>& act, const std::vector<std::string>& outputs) {
  for (const std::string& path : outputs) ::unlink(path.c_str());  // not the act's work
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) stop("pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    std::ofstream("/proc/self/clear_refs") << "5";  // the peak starts anew
    const std::uint64_t before = status_bytes("VmRSS:");
    const auto start = std::chrono::steady_clock::now();
    act();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const auto peak = static_cast<double>(status_bytes("VmHWM:") - before) / (1 << 20);
    const std::string text = std::to_string(took.count()) + " " + std::to_string(peak);
    ::_exit(::write(ends[1], text.data(), text.size()) > 0 ? 0 : 1);
  }
  ::close(ends[1]);
  std::string text(100, '\0');
  const ssize_t n = ::read(ends[0], text.data(), text.size());
  ::close(ends[0]);
  int status = 0;
  rusage usage{};
  if (::wait4(child, &status, 0, &usage) != child || status != 0 || n <= 0) stop("an act failed");
  Measure out;
  if (std::sscanf(text.c_str(), "%lf %lf", &out.wall, &out.peak_mib) != 2) stop("no figures");
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  out.processor = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  return out;
}

/// The median of kRounds, by wall time; processor time and peak of their own. `outputs` are removed
/// before each round.
Measure measured(const std::function<void()>& act, const std::vector<std::string>& outputs = {}) {
  (void)measured_once(act, outputs);  // the machine finds its memory
  std::array<Measure, kRounds> rounds;
  for (Measure& round : rounds) round = measured_once(act, outputs);
  Measure out;
  for (const auto field : {&Measure::wall, &Measure::processor, &Measure::peak_mib}) {
    std::ranges::sort(rounds, {}, field);
    out.*field = rounds[kRounds / 2].*field;
  }
  return out;
}

double rate(std::uint64_t bytes, double seconds) {
  return static_cast<double>(bytes) / 1e6 / seconds;
}

/// A rate by wall time and by processor time (MB/s): the second is what one core does, also when
/// others use the machine.
void print(const char* name, std::uint64_t bytes, const Measure& m) {
  std::printf("  %-34s %8.0f MB/s wall %8.0f MB/s processor %7.1f MiB\n", name, rate(bytes, m.wall),
              rate(bytes, m.processor), m.peak_mib);
  std::fflush(stdout);
}

Bytes buffer() { return Bytes(kChunkBytes, std::byte{0x5a}); }

const unsigned char* octets(const Bytes& bytes) {
  const void* start = bytes.data();
  return static_cast<const unsigned char*>(start);
}
unsigned char* octets(Bytes& bytes) {
  void* start = bytes.data();
  return static_cast<unsigned char*>(start);
}

void hash_primitive(const EVP_MD* algorithm) {
  const Bytes plain = buffer();
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  for (std::uint64_t done = 0; done < kPrimitiveBytes; done += plain.size()) {
    EVP_DigestInit_ex(context, algorithm, nullptr);
    EVP_DigestUpdate(context, plain.data(), plain.size());
    EVP_DigestFinal_ex(context, out.data(), nullptr);
  }
  EVP_MD_CTX_free(context);
}

void cipher_primitive(const EVP_CIPHER* cipher, std::uint64_t bytes) {
  const Bytes plain = buffer();
  Bytes sealed(plain.size() + 16);
  const std::array<unsigned char, 32> key{1};
  std::array<unsigned char, 16> nonce{};
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  for (std::uint64_t done = 0; done < bytes; done += plain.size()) {
    int n = 0;
    ++nonce[0];
    EVP_EncryptInit_ex(context, cipher, nullptr, key.data(), nonce.data());
    EVP_EncryptUpdate(context, octets(sealed), &n, octets(plain), static_cast<int>(plain.size()));
    EVP_EncryptFinal_ex(context, octets(sealed), &n);
  }
  EVP_CIPHER_CTX_free(context);
}

/// Seconds per byte, by processor time, of a hash and a cipher of OpenSSL on one core.
struct Limit {
  double hash = 0;
  double cipher = 0;
  [[nodiscard]] double both() const { return hash + cipher; }
};

Limit limit_of(crypto::Suite suite) {
  const bool gm = suite == crypto::Suite::gm;
  const std::uint64_t cipher_bytes = gm ? kPrimitiveBytes / 8 : kPrimitiveBytes;
  const Measure hash = measured([&] { hash_primitive(gm ? EVP_sm3() : EVP_sha256()); });
  const Measure cipher =
      measured([&] { cipher_primitive(gm ? EVP_sm4_ctr() : EVP_aes_256_gcm(), cipher_bytes); });
  print(gm ? "OpenSSL SM3" : "OpenSSL SHA-256", kPrimitiveBytes, hash);
  print(gm ? "OpenSSL SM4-CTR (it has no SM4-GCM)" : "OpenSSL AES-256-GCM", cipher_bytes, cipher);
  const Limit limit{hash.processor / static_cast<double>(kPrimitiveBytes),
                    cipher.processor / static_cast<double>(cipher_bytes)};
  std::printf("  %-34s %8.0f MB/s\n", "the two together", 1 / (limit.both() * 1e6));
  return limit;
}

/// The files of a run, removed at its end.
struct Files {
  std::string folder;
  std::uint64_t bytes = 0;
  [[nodiscard]] std::string path(const char* name) const { return folder + "/" + name; }
  ~Files() {
    for (const char* name : {"plain", "sealed", "opened", "age.key", "age.sealed", "age.opened"})
      ::unlink(path(name).c_str());
    ::rmdir(folder.c_str());
  }
};

os::UniqueFd created(const std::string& path) { return must(os::create_file(path)); }

flow::Envelope signed_submission(const flow::ObjectTable& table, crypto::Suite suite,
                                 const crypto::SigningKey& signer) {
  const flow::Submission submission{
      .objects = table,
      .label = {.secrecy = flow::Secrecy::open,
                .grade = flow::DataGrade::general,
                .term_years = 0,
                .owner = "bench",
                .compartments = {}},
      .suite = suite,
      .origin_zone = must(ZoneId::create("egov")),
      .origin_node = must(NodeId::create("bench")),
      .destination_zone = must(ZoneId::create("internet")),
      .destination_nodes = {must(NodeId::create("bench"))},
      .facts =
          {.product = "bench", .areas = {}, .scale = {}, .crs = "", .date_from = {}, .date_to = {}},
      .sequence = 1,
      .previous = {},
      .not_before = WallTime(std::chrono::milliseconds(0)),
      .expires = WallTime(std::chrono::milliseconds(1000))};
  return must(submission.to_statement().sign(signer));
}

struct SuiteMeasures {
  Measure tree, pack, open;
};

SuiteMeasures measure_suite(const Files& files, crypto::Suite suite, unsigned threads) {
  crypto::SystemEntropy entropy;
  const auto signer = must(crypto::SigningKey::generate(crypto::signature_of(suite), entropy));
  std::vector<crypto::OpeningKey> keys;
  keys.push_back(must(crypto::OpeningKey::generate(suite, entropy)));
  const std::vector<crypto::RecipientKey> recipients{keys.front().recipient_key()};
  const package::Source source = package::SourcePath{files.path("plain")};

  SuiteMeasures out;
  out.tree = measured(
      [&] { (void)must(package::digest_source(source, crypto::hash_of(suite), threads)); });
  print("chunk tree", files.bytes, out.tree);
  const package::SourceObject object{"plain", "application/octet-stream", source};
  // As `hangu pack` and the mover do.
  out.pack = measured(
      [&] {
        const os::UniqueFd file = created(files.path("sealed"));
        const package::StateObjects state =
            [&](const flow::ObjectTable& table) -> Result<flow::Envelope> {
          return signed_submission(table, suite, signer);
        };
        (void)must(package::seal({.suite = suite,
                                  .recipients = recipients,
                                  .objects = {&object, 1},
                                  .state = state,
                                  .threads = threads,
                                  .progress = {}},
                                 file.view(), entropy));
      },
      {files.path("sealed")});
  print("pack: seal, two chunk trees, sign", files.bytes, out.pack);
  out.open = measured(
      [&] {
        const os::UniqueFd file = must(os::open_read(files.path("sealed")));
        const auto reader = must(package::Reader::open(file.view(), keys));
        if (!reader.contents().envelope.signed_by(signer.verify_key())) stop("signature");
        const os::UniqueFd opened = created(files.path("opened"));
        must(reader.extract(0, opened.view(), threads));
      },
      {files.path("opened")});
  print("open: verify, open, digest", files.bytes, out.open);
  return out;
}

void run(const std::string& command) {
  if (std::system(command.c_str()) != 0) stop("failed: " + command);  // NOLINT: a benchmark
}

struct AgeMeasures {
  Measure seal, open;
};

AgeMeasures measure_age(const Files& files) {
  run("age-keygen -o " + files.path("age.key") + " 2>/dev/null");
  const std::string to = "$(age-keygen -y " + files.path("age.key") + ")";
  AgeMeasures out;
  out.seal = measured(
      [&] { run("age -r " + to + " -o " + files.path("age.sealed") + " " + files.path("plain")); },
      {files.path("age.sealed")});
  out.seal.peak_mib = 0;  // of the shell, not of age
  print("age: encrypt", files.bytes, out.seal);
  out.open = measured(
      [&] {
        run("age -d -i " + files.path("age.key") + " -o " + files.path("age.opened") + " " +
            files.path("age.sealed"));
      },
      {files.path("age.opened")});
  out.open.peak_mib = 0;
  print("age: decrypt", files.bytes, out.open);
  return out;
}

void print_ratio(const char* name, double ratio, double target) {
  std::printf("  %-52s %6.2f", name, ratio);
  if (target > 0) std::printf("   target %.2f %s", target, ratio >= target ? "met" : "MISSED");
  std::printf("\n");
}

void bench_suite(const Files& files, crypto::Suite suite, unsigned cores, const AgeMeasures& age) {
  const std::string name(crypto::to_text(suite));
  std::printf("suite %s, limits on one core\n", name.c_str());
  const Limit limit = limit_of(suite);
  std::printf("suite %s, one thread\n", name.c_str());
  const SuiteMeasures one = measure_suite(files, suite, 1);
  std::printf("suite %s, %u threads\n", name.c_str(), cores);
  const SuiteMeasures all = measure_suite(files, suite, cores);

  const bool intl = suite == crypto::Suite::intl;
  const double ideal = limit.both() * static_cast<double>(files.bytes);
  std::printf("suite %s, ratios\n", name.c_str());
  print_ratio("pack, one thread / cipher and hash together", ideal / one.pack.processor,
              intl ? kOneCoreTarget : 0);
  print_ratio("open, one thread / cipher and hash together", ideal / one.open.processor,
              intl ? kOneCoreTarget : 0);
  const double wanted = intl && cores == 2 ? kTwoCoresTarget : 0;
  print_ratio("pack, all threads / one thread (wall)", one.pack.wall / all.pack.wall, wanted);
  print_ratio("open, all threads / one thread (wall)", one.open.wall / all.open.wall, wanted);
  print_ratio("pack, all threads / age encrypt (wall)", age.seal.wall / all.pack.wall,
              intl ? 1 : 0);
  print_ratio("open, all threads / age decrypt (wall)", age.open.wall / all.open.wall,
              intl ? 1 : 0);
}

/// What `cores` threads are to one on this machine at this moment, where nothing is shared: others
/// may use its cores, and they may be halves of one.
double scaling_of_machine(unsigned cores) {
  const Bytes piece(4 * kChunkBytes, std::byte{0x5a});
  const auto work = [&](unsigned) {
    package::Leaves leaves;
    for (std::uint64_t done = 0; done < kPrimitiveBytes; done += piece.size()) {
      leaves.clear();
      crypto::leaf_hashes(crypto::HashAlgorithm::sha256, ByteView(piece), leaves);
    }
  };
  const Measure one = measured([&] { package::on_threads(1, work); });
  const Measure all = measured([&] { package::on_threads(cores, work); });
  return cores * one.wall / all.wall;
}

void write_plain(const Files& files) {
  crypto::SystemEntropy entropy;
  const os::UniqueFd file = created(files.path("plain"));
  Bytes piece(kChunkBytes);
  entropy.fill(piece);
  for (std::uint64_t at = 0; at < files.bytes; at += piece.size()) {
    store_u64(piece, at);  // no two chunks alike
    must(os::write_all_at(file.view(), at, piece));
  }
}

}  // namespace

int main() {
  Files files;
  files.folder = os::environment("HANGU_BENCH_FOLDER").value_or("/tmp") + "/hangu-package-bench-" +
                 std::to_string(::getpid());
  files.bytes = std::stoull(os::environment("HANGU_BENCH_MIB").value_or("512")) << 20;
  must(os::make_folders(files.folder));
  write_plain(files);
  const unsigned cores = os::processor_count();
  std::printf("one file of %.0f MB in %s, %u cores, medians of %d\n",
              static_cast<double>(files.bytes) / 1e6, files.folder.c_str(), cores, kRounds);
  std::printf("hashing in cache, %u threads / one thread: %.2f\n", cores,
              scaling_of_machine(cores));
  std::printf("peer\n");
  const AgeMeasures age = measure_age(files);
  for (const crypto::Suite suite : {crypto::Suite::intl, crypto::Suite::gm})
    bench_suite(files, suite, cores, age);
  return 0;
}
