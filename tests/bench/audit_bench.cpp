// Acknowledged appends, beside what the disk allows: one fdatasync of a growing file, measured
// before and after each shape (a shared disk changes its pace, so both figures are shown). The
// service runs in a child of its own over real sockets; N writers keep one append each under way.
// Then the log is opened again and read whole.
//
//   HANGU_BENCH_FOLDER   where the log lies (default: the working directory; a disk, not memory)
//   HANGU_BENCH_SECONDS  of each shape (default 5)

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "audit/disk_folder.hpp"
#include "audit/service.hpp"
#include "crypto/secret.hpp"
#include "flow/envelope.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"
#include "os/process.hpp"

namespace {

using namespace hangu;
using std::chrono::milliseconds;

constexpr std::size_t kStatementBytes = 300;  ///< of payload: entries of about 900 bytes
constexpr int kSyncs = 300;
constexpr milliseconds kPatience{10'000};
constexpr double kTargetPerSecond = 10'000;  ///< with 64 writers, on 2 cores
constexpr double kTargetSingle = 1.5;        ///< fdatasyncs that one append may take
constexpr double kTargetRecovery = 200'000;  ///< entries read back in a second

double seconds_since(milliseconds start) {
  return std::chrono::duration<double>(os::monotonic_now() - start).count();
}

[[noreturn]] void stop(const char* what, const Error& error) {
  std::fprintf(stderr, "%s: %s\n", what, error.message().c_str());
  std::exit(1);
}

template <class T>
T must(Result<T> result, const char* what) {
  if (!result) stop(what, result.error());
  return *std::move(result);
}
void must(Done done, const char* what) {
  if (!done) stop(what, done.error());
}

/// Seconds of one write of an entry's size and one fdatasync.
double one_sync(const std::string& folder) {
  const std::string path = folder + "/sync-probe";
  std::filesystem::remove(path);
  const auto file = must(os::create_file(path), "probe");
  const Bytes bytes(900, std::byte{'x'});
  const auto start = os::monotonic_now();
  for (int i = 0; i < kSyncs; ++i) {
    must(os::write_all(file.view(), bytes), "probe");
    must(os::sync_data(file.view()), "probe");
  }
  std::filesystem::remove(path);
  return seconds_since(start) / kSyncs;
}

crypto::SigningKey bench_key() {
  Bytes seed(32, std::byte{7});
  return must(crypto::SigningKey::create(crypto::SignatureAlgorithm::ed25519,
                                         crypto::SecretBytes::take(seed)),
              "key");
}

audit::WriterPlan plan_of(std::unique_ptr<audit::Folder> folder,
                          std::unique_ptr<audit::Folder> keys, const Clock& clock,
                          Entropy& entropy) {
  return {.folder = std::move(folder),
          .epoch_keys = std::move(keys),
          .origin = "bench.example/audit",
          .key = bench_key(),
          .gm_key = {},
          .clock = clock,
          .entropy = entropy,
          .self = {.program = "audit"},
          .limits = {}};
}

[[noreturn]] void serve(const std::string& folder) {
  const auto stop_fd = must(os::termination_signals(), "signals");
  auto log = must(audit::open_disk_folder(folder + "/log"), "folder");
  auto keys = must(audit::open_disk_folder(folder + "/keys"), "folder");
  std::map<std::string, os::Listener> listeners;
  listeners.emplace("verify", must(os::Listener::bind(folder + "/verify.sock"), "listener"));
  const os::SystemClock clock;
  crypto::SystemEntropy entropy;
  audit::Service service(
      must(audit::Writer::open(plan_of(std::move(log), std::move(keys), clock, entropy)), "open"),
      {.listeners = std::move(listeners),
       .stop = stop_fd.view(),
       .tell = [](const std::string& line) { std::puts(line.c_str()); }});
  must(service.run(), "service");
  std::_Exit(0);
}

struct Shape {
  double appends = 0;
  double per_second = 0;
  double median_ms = 0;
  double p99_ms = 0;
};

/// `writers` connections, each with one append under way, for `duration`.
Shape drive(const std::string& folder, std::size_t writers, milliseconds duration) {
  crypto::SystemEntropy entropy;
  std::vector<os::Channel> channels;
  std::vector<milliseconds> sent(writers);
  std::vector<os::FdView> views;
  for (std::size_t i = 0; i < writers; ++i) {
    channels.push_back(must(os::Channel::connect(folder + "/verify.sock"), "connect"));
    views.push_back(channels.back().view());
  }
  const auto key = bench_key();
  const std::string body = must(flow::Envelope::sign("application/vnd.in-toto+json",
                                                     Bytes(kStatementBytes, std::byte{'p'}), key),
                                "sign")
                               .to_text();
  const auto send = [&](std::size_t i) {
    audit::AppendRequest request{.id = audit::new_request_id(entropy),
                                 .type = "step.verify",
                                 .transfer = std::nullopt,
                                 .keys = {},
                                 .kind = audit::BodyKind::statement,
                                 .body = body};
    const std::string id = to_hex(request.id);
    request.transfer = must(TransferId::create(id), "id");
    request.keys = {"step:" + id + ":1:verify"};
    sent[i] = os::monotonic_now();
    must(channels[i].send(audit::to_bytes(audit::Request(request)), kPatience), "send");
  };
  std::vector<double> waits;
  const auto start = os::monotonic_now();
  for (std::size_t i = 0; i < writers; ++i) send(i);
  std::size_t under_way = writers;
  while (under_way > 0) {
    const bool over = os::monotonic_now() - start >= duration;
    for (const std::size_t i : must(os::wait_readable(views, kPatience), "wait")) {
      const auto message = must(channels[i].receive(kPatience), "receive");
      const auto reply = must(audit::parse_reply(message.bytes), "reply");
      const auto* append = std::get_if<audit::AppendReply>(&reply);
      if (append == nullptr || append->outcome != audit::AppendOutcome::appended) {
        std::fprintf(stderr, "an append was not taken\n");
        std::exit(1);
      }
      waits.push_back(
          std::chrono::duration<double, std::milli>(os::monotonic_now() - sent[i]).count());
      if (over)
        --under_way;
      else
        send(i);
    }
  }
  const double seconds = seconds_since(start);
  std::ranges::sort(waits);
  return {.appends = static_cast<double>(waits.size()),
          .per_second = static_cast<double>(waits.size()) / seconds,
          .median_ms = waits[waits.size() / 2],
          .p99_ms = waits[waits.size() * 99 / 100]};
}

const char* verdict(bool good) { return good ? "meets" : "misses"; }

/// Opens the log again, every entry hashed and indexed.
void reopen(const std::string& folder) {
  auto log = must(audit::open_disk_folder(folder + "/log"), "folder");
  auto keys = must(audit::open_disk_folder(folder + "/keys"), "folder");
  const os::SystemClock clock;
  crypto::SystemEntropy entropy;
  const auto start = os::monotonic_now();
  const auto opened =
      must(audit::Writer::open(plan_of(std::move(log), std::move(keys), clock, entropy)), "open");
  const double seconds = seconds_since(start);
  const auto size = static_cast<double>(opened.writer.log().head().size);
  std::printf("reopen: %.0f entries in %.2f s, %.0f/s (%s the target of %.0f)\n", size, seconds,
              size / seconds, verdict(size / seconds >= kTargetRecovery), kTargetRecovery);
}

}  // namespace

int main() {
  const std::string base = os::environment("HANGU_BENCH_FOLDER").value_or(".");
  const std::string folder = base + "/audit-bench-" + std::to_string(::getpid());
  const milliseconds duration{
      1000 * std::atoi(os::environment("HANGU_BENCH_SECONDS").value_or("5").c_str())};
  std::filesystem::create_directories(folder + "/log");
  std::filesystem::create_directories(folder + "/keys");
  const pid_t child = ::fork();
  if (child == 0) serve(folder);
  for (int i = 0; i < 500 && !std::filesystem::exists(folder + "/verify.sock"); ++i) {
    os::pause_for(milliseconds(10));
  }
  os::pause_for(milliseconds(200));
  double acknowledged = 0;
  for (const std::size_t writers : {std::size_t{1}, std::size_t{8}, std::size_t{64}}) {
    const double before = one_sync(folder);
    const Shape shape = drive(folder, writers, duration);
    const double after = one_sync(folder);
    acknowledged += shape.appends;
    const double sync = (before + after) / 2;
    std::printf(
        "%2zu writers: %8.0f acked/s, %6.1fx one fdatasync (%.2f ms before, %.2f after);"
        " median %.0f ms, p99 %.0f ms\n",
        writers, shape.per_second, shape.per_second * sync, 1000 * before, 1000 * after,
        shape.median_ms, shape.p99_ms);
    if (writers == 1) {
      const double syncs = 1 / (shape.per_second * sync);
      std::printf("            %.2f fdatasyncs an append (%s the target of %.1f)\n", syncs,
                  verdict(syncs <= kTargetSingle), kTargetSingle);
    }
    if (writers == 64) {
      std::printf("            (%s the target of %.0f/s)\n",
                  verdict(shape.per_second >= kTargetPerSecond), kTargetPerSecond);
    }
  }
  ::kill(child, SIGTERM);
  int status = 0;
  rusage used{};
  ::wait4(child, &status, 0, &used);
  const double processor =
      static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
      1e-6 * static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
  std::printf("service: %.0f us of processor an append, publishing included; peak %ld MiB\n",
              1e6 * processor / acknowledged, used.ru_maxrss / 1024);
  reopen(folder);
  std::filesystem::remove_all(folder);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
