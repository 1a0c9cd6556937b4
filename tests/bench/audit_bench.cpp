// Acknowledged appends, beside what the disk allows: one fdatasync of a growing file, measured
// before and after each shape (a shared disk changes its pace, so both figures are shown). The
// service runs in a child of its own over real sockets; N writers keep one append each under way,
// and then 64 send as many a millisecond as the target asks for, while a thread beside them syncs a
// file of its own now and then: what one fdatasync takes under that load. A plain file that takes
// entries at the same pace, each millisecond's by one fdatasync, shows what the disk allows. Then
// the log is opened again.
//
//   HANGU_BENCH_FOLDER   where the log lies (default: the working directory; a disk, not memory)
//   HANGU_BENCH_SECONDS  of each shape (default 5)

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "audit/disk_folder.hpp"
#include "audit/service.hpp"
#include "crypto/secret.hpp"
#include "flow/envelope.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"
#include "os/process.hpp"
#include "tests/bench/scratch_folder.hpp"

namespace {

using namespace hangu;
using std::chrono::milliseconds;

constexpr std::size_t kStatementBytes = 300;  ///< of payload
constexpr std::size_t kEntryBytes = 900;      ///< that make an entry of about so many
constexpr int kSyncs = 300;
constexpr milliseconds kPatience{10'000};
constexpr milliseconds kBetweenSyncs{10};    ///< under load
constexpr double kTargetPerSecond = 10'000;  ///< with 64 writers, on 2 cores
constexpr std::size_t kPerMillisecond = 10;  ///< which is that rate
constexpr double kTargetP99 = 3;             ///< fdatasyncs, at that rate
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

/// A growing file beside the log.
class SyncProbe {
 public:
  explicit SyncProbe(const std::string& folder) : path_(folder + "/sync-probe") {
    std::filesystem::remove(path_);
    file_ = must(os::create_file(path_), "probe");
  }
  ~SyncProbe() { std::filesystem::remove(path_); }
  SyncProbe(const SyncProbe&) = delete;
  SyncProbe& operator=(const SyncProbe&) = delete;

  /// Writes so many entries' size and waits for the disk.
  void sync(std::size_t entries = 1) {
    bytes_.resize(entries * kEntryBytes, std::byte{'x'});
    must(os::write_all(file_.view(), bytes_), "probe");
    must(os::sync_data(file_.view()), "probe");
  }

 private:
  std::string path_;
  os::UniqueFd file_;
  Bytes bytes_;
};

/// Seconds of one write of an entry's size and one fdatasync.
double one_sync(const std::string& folder) {
  SyncProbe probe(folder);
  const auto start = os::monotonic_now();
  for (int i = 0; i < kSyncs; ++i) probe.sync();
  return seconds_since(start) / kSyncs;
}

double percentile(std::vector<double>& values, std::size_t hundredths) {
  std::ranges::sort(values);
  return values.empty() ? 0 : values[values.size() * hundredths / 100];
}

crypto::SigningKey bench_key() {
  Bytes seed(32, std::byte{7});
  return must(crypto::SigningKey::create(crypto::SignatureAlgorithm::ed25519,
                                         crypto::SecretBytes::take(seed)),
              "key");
}

audit::WriterPlan plan_of(std::unique_ptr<audit::Folder> folder,
                          std::unique_ptr<audit::Folder> keys, const hangu::Clock& clock,
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
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
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

using Clock = std::chrono::steady_clock;

/// Of what began at `start` and ends now; `waits` in milliseconds.
Shape shape_of(std::vector<double>& waits, Clock::time_point start) {
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return {.appends = static_cast<double>(waits.size()),
          .per_second = static_cast<double>(waits.size()) / seconds,
          .median_ms = percentile(waits, 50),
          .p99_ms = percentile(waits, 99)};
}

/// When each of a row of appends is due: so many together, every millisecond.
class Pace {
 public:
  explicit Pace(std::size_t per_millisecond) : per_millisecond_(per_millisecond) {}

  [[nodiscard]] Clock::time_point due() const {
    return start_ + milliseconds(count_ / per_millisecond_);
  }
  void next() { ++count_; }

 private:
  Clock::time_point start_ = Clock::now();
  std::size_t per_millisecond_;
  std::size_t count_ = 0;
};

/// What the disk allows at a pace: whatever is due is written to a plain file in one piece, and one
/// fdatasync acknowledges it.
Shape paced_plain_file(const std::string& folder, std::size_t per_millisecond,
                       milliseconds duration) {
  SyncProbe file(folder);
  std::vector<double> waits;
  Pace pace(per_millisecond);
  const auto start = Clock::now();
  while (Clock::now() < start + duration) {
    std::this_thread::sleep_until(pace.due());
    std::vector<Clock::time_point> batch;
    for (const auto now = Clock::now(); pace.due() <= now; pace.next()) batch.push_back(pace.due());
    file.sync(batch.size());
    for (const auto due : batch)
      waits.push_back(std::chrono::duration<double, std::milli>(Clock::now() - due).count());
  }
  return shape_of(waits, start);
}

/// Connections that each have at most one append under way. Latencies count from when an append
/// was due.
class Writers {
 public:
  Writers(const std::string& folder, std::size_t count) : due_(count) {
    for (std::size_t i = 0; i < count; ++i) {
      channels_.push_back(must(os::Channel::connect(folder + "/verify.sock"), "connect"));
      views_.push_back(channels_.back().view());
      idle_.push_back(i);
    }
  }

  /// Each sends its next append when it has the answer to the one before.
  Shape at_once(milliseconds duration) {
    return run(duration, [this](Clock::time_point now) {
      while (!idle_.empty()) send(now);
    });
  }
  /// So many each millisecond, in all.
  Shape paced(std::size_t per_millisecond, milliseconds duration) {
    tick_ = os::UniqueFd(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
    const itimerspec each_millisecond{.it_interval = {.tv_sec = 0, .tv_nsec = 1'000'000},
                                      .it_value = {.tv_sec = 0, .tv_nsec = 1'000'000}};
    ::timerfd_settime(tick_.get(), 0, &each_millisecond, nullptr);
    views_.push_back(tick_.view());
    Pace pace(per_millisecond);
    return run(duration, [this, pace](Clock::time_point now) mutable {
      for (; !idle_.empty() && pace.due() <= now; pace.next()) send(pace.due());
    });
  }

 private:
  template <class SendDue>
  Shape run(milliseconds duration, SendDue send_due) {
    std::vector<double> waits;
    const auto start = Clock::now();
    for (auto now = start; now < start + duration || idle_.size() < channels_.size();
         now = Clock::now()) {
      if (now < start + duration) send_due(now);
      for (const std::size_t i : must(os::wait_readable(views_, kPatience), "wait")) {
        if (i < channels_.size())
          waits.push_back(take_answer(i));
        else
          take_tick();
      }
    }
    return shape_of(waits, start);
  }
  void take_tick() const {
    std::uint64_t ticks = 0;
    if (::read(tick_.get(), &ticks, sizeof ticks) != sizeof ticks) std::exit(1);
  }
  void send(Clock::time_point due) {
    const std::size_t i = idle_.back();
    idle_.pop_back();
    audit::AppendRequest request{.id = audit::new_request_id(entropy_),
                                 .type = "step.verify",
                                 .transfer = std::nullopt,
                                 .keys = {},
                                 .kind = audit::BodyKind::statement,
                                 .body = body_};
    const std::string id = to_hex(request.id);
    request.transfer = must(TransferId::create(id), "id");
    request.keys = {"step:" + id + ":1:verify"};
    due_[i] = due;
    must(channels_[i].send(audit::to_bytes(audit::Request(request)), kPatience), "send");
  }
  double take_answer(std::size_t i) {
    const auto message = must(channels_[i].receive(kPatience), "receive");
    const auto reply = must(audit::parse_reply(message.bytes), "reply");
    const auto* append = std::get_if<audit::AppendReply>(&reply);
    if (append == nullptr || append->outcome != audit::AppendOutcome::appended) {
      std::fprintf(stderr, "an append was not taken\n");
      std::exit(1);
    }
    idle_.push_back(i);
    return std::chrono::duration<double, std::milli>(Clock::now() - due_[i]).count();
  }

  crypto::SystemEntropy entropy_;
  std::string body_ =
      must(flow::Envelope::sign("application/vnd.in-toto+json",
                                Bytes(kStatementBytes, std::byte{'p'}), bench_key()),
           "sign")
          .to_text();
  std::vector<os::Channel> channels_;
  os::UniqueFd tick_;              ///< each millisecond, at a pace
  std::vector<os::FdView> views_;  ///< of the channels, then of the tick
  std::vector<std::size_t> idle_;
  std::vector<Clock::time_point> due_;
};

const char* verdict(bool good) { return good ? "meets" : "misses"; }

/// At the rate that is asked for, not at the highest: returns how many were acknowledged.
double at_the_target(const std::string& folder, milliseconds duration) {
  const double before = one_sync(folder);
  std::vector<double> syncs;  // ms, under the load
  std::jthread beside([&](const std::stop_token& stop) {
    SyncProbe probe(folder);
    while (!stop.stop_requested()) {
      const auto start = Clock::now();
      probe.sync();
      syncs.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
      os::pause_for(kBetweenSyncs);
    }
  });
  const Shape shape = Writers(folder, 64).paced(kPerMillisecond, duration);
  beside.request_stop();
  beside.join();
  const double sync = 1000 * (before + one_sync(folder)) / 2;
  std::printf(
      "at a pace: %8.0f acked/s; median %.2f ms, p99 %.2f ms, %.1fx one fdatasync of %.2f ms"
      " (%s the target of %.0f)\n",
      shape.per_second, shape.median_ms, shape.p99_ms, shape.p99_ms / sync, sync,
      verdict(shape.p99_ms <= kTargetP99 * sync), kTargetP99);
  std::printf(
      "            one fdatasync under that load: median %.2f ms, p99 %.2f ms, of which the"
      " acknowledgements' are %.1fx and %.1fx\n",
      percentile(syncs, 50), percentile(syncs, 99), shape.median_ms / percentile(syncs, 50),
      shape.p99_ms / percentile(syncs, 99));
  const Shape plain = paced_plain_file(folder, kPerMillisecond, duration);
  std::printf(
      "            a plain file at that pace: median %.2f ms, p99 %.2f ms, %.1fx one fdatasync; the"
      " acknowledgements' are %.1fx and %.1fx of that\n",
      plain.median_ms, plain.p99_ms, plain.p99_ms / sync, shape.median_ms / plain.median_ms,
      shape.p99_ms / plain.p99_ms);
  return shape.appends;
}

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

int measure(const std::string& folder) {
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
    const Shape shape = Writers(folder, writers).at_once(duration);
    const double after = one_sync(folder);
    acknowledged += shape.appends;
    const double sync = (before + after) / 2;
    std::printf(
        "%2zu writers: %8.0f acked/s, %6.1fx one fdatasync (%.2f ms before, %.2f after);"
        " median %.1f ms, p99 %.1f ms\n",
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
  acknowledged += at_the_target(folder, duration);
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
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace

int main() { return bench::in_scratch_folder("audit-bench", measure); }
