#include "line/stage_shell.hpp"

#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "base/text.hpp"
#include "crypto/certificate.hpp"
#include "crypto/prepare.hpp"
#include "os/file.hpp"
#include "os/process.hpp"
#include "os/standard.hpp"

namespace hangu::line {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kClaimWait = std::chrono::seconds(2);
constexpr milliseconds kRetryDelay = std::chrono::seconds(2);
constexpr milliseconds kProbation = std::chrono::seconds(10);
constexpr milliseconds kPause = std::chrono::milliseconds(500);
constexpr std::size_t kCredentialBytesMax = 64 * 1024;

/// Keeps a claim alive from a thread and a link of its own while the core works; ends at once.
class Renewal {
 public:
  Renewal(const std::string& socket, const Work& work)
      : thread_([socket, token = work.token,
                 every = work.claim_lasts / 3](const std::stop_token& stop) {
          std::mutex mutex;
          std::condition_variable_any stopped;
          std::unique_lock lock(mutex);
          std::optional<CustodianClient> link;
          while (true) {
            stopped.wait_for(lock, stop, every, [] { return false; });
            if (stop.stop_requested()) return;
            if (!link) {
              if (auto made = CustodianClient::connect(socket)) link = *std::move(made);
            }
            if (link && !link->renew(token)) link.reset();
          }
        }) {}

 private:
  std::jthread thread_;
};

flow::Step step_of(const Work& work, const Outcome& outcome) {
  return flow::Step{work.transfer,    work.round,         work.stage,    outcome.verdict,
                    outcome.reason,   work.table,         outcome.table, work.previous(),
                    outcome.evidence, outcome.valid_until};
}

/// The completion of a step as it stands in the log.
Completion completion_of(const flow::Step& step, std::uint64_t index, const Outcome& outcome) {
  Completion done;
  done.stage = step.stage;
  done.verdict = step.verdict;
  done.reason = step.reason;
  done.detail = step.reason == outcome.reason ? outcome.detail : "";  // not of an earlier attempt
  done.entry = index;
  done.table = step.output;
  done.evidence = step.evidence;
  done.evidence.erase("sealed");  // lies in a zone's outbox, not in the store
  done.expires = outcome.expires;
  done.recipients = outcome.recipients;
  return done;
}

/// True when the middle itself is to blame and the same work may well succeed later: something was
/// not there, or the custodian was started anew and forgot a claim or an output in the making.
bool try_later(const Error& error) {
  return error.code() == ErrorCode::unavailable || error.reason() == "claim-unknown" ||
         error.reason() == "output-unknown";
}

/// What the core came to, as an outcome; nothing when the work should be tried again later. A
/// refusal is an Outcome that the core made; an Error never is one, it quarantines.
std::optional<Outcome> settle(const Work& work, Result<Outcome> outcome) {
  if (outcome) return *std::move(outcome);
  const Error& error = outcome.error();
  log_line("STEP-0002", work.transfer.text() + " " + std::string(flow::to_text(work.stage)) + ": " +
                            error.message());
  if (try_later(error)) return std::nullopt;
  return Outcome::failed(work, error.reason());
}

/// How the lines of a program run. Only the first works until one step is through, or for
/// kProbation: a transfer that kills the program again and again then takes no other with it.
struct Course {
  std::atomic<bool> stopping = false;
  std::atomic<bool> proven = false;
  void prove() {
    if (!proven.exchange(true)) proven.notify_all();
  }
};

/// One thread's loop.
void work_on(const StageContext& context, const StagePlan& plan, Course& course, bool first) {
  if (!first) course.proven.wait(false);
  crypto::SystemEntropy entropy;
  std::optional<CustodianClient> custodian;
  std::optional<StepLog> log;
  while (!course.stopping.load()) {
    if (!custodian) {
      if (auto made =
              CustodianClient::connect(context.custodian_socket(), {.ending = &course.stopping}))
        custodian = *std::move(made);
    }
    if (!log) {
      if (auto made = AuditClient::connect(context.audit_socket(), entropy))
        log.emplace(*std::move(made), context.key);
    }
    if (!custodian || !log) {
      os::pause_for(kPause);
      continue;
    }
    const Result<std::optional<Work>> work = custodian->claim(plan.stages, kClaimWait);
    if (!work) {
      log_line("STEP-0003", "claim: " + work.error().message());
      os::pause_for(kPause);
      continue;
    }
    if (!*work) continue;
    const Renewal renewal(context.custodian_socket(), **work);
    if (const Done done = work_once(**work, *custodian, *log, plan.core, plan.take_effect); !done)
      log_line("STEP-0004", (*work)->transfer.text() + ": " + done.error().message());
    course.prove();
  }
}

}  // namespace

void log_line(std::string_view id, const std::string& text) {
  const std::string line = "HANGU-" + std::string(id) + " " + printable(text, 1000) + "\n";
  (void)!::write(STDERR_FILENO, line.data(), line.size());
}

int refuse_to_start(const Error& error) {
  log_line("STEP-0008", "cannot start: " + error.message());
  return EXIT_FAILURE;
}

Result<StageContext> StageContext::load(std::string program, int argc, char** argv) {
  os::hold_standard_descriptors();
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  if (arguments.size() != 3 || std::string_view(arguments[1]) != "--folder")
    return fail(ErrorCode::malformed, "usage", program + " --folder DIR");
  config::Layout layout(arguments[2]);
  HANGU_TRY(Bytes pem,
            os::read_file(layout.credentials(program) + "/stage.key", kCredentialBytesMax));
  Result<crypto::SigningKey> key = crypto::read_signing_key_pem(pem);
  crypto::wipe(pem);
  if (!key) return std::unexpected(key.error().within(program + " stage key"));
  return StageContext{std::move(program), std::move(layout), *std::move(key), os::SystemClock()};
}

Result<Bytes> StageContext::credential(const std::string& name) const {
  return os::read_file(layout.credentials(program) + "/" + name, kCredentialBytesMax);
}

os::Profile stage_profile(const StageContext& context) {
  os::Profile profile;
  profile.name = "hangu-" + context.program;
  profile.paths = {{context.custodian_socket(), os::PathUse::connect},
                   {context.audit_socket(), os::PathUse::connect}};
  profile.threads = true;
  return profile;
}

Done work_once(const Work& work, CustodianClient& custodian, StepLog& log, const StageCore& core,
               const TakeEffect& take_effect) {
  std::optional<Outcome> outcome = settle(work, core(work, custodian, log));
  if (!outcome) return custodian.release(work.token, kRetryDelay);
  if (outcome->handed_back) return {};

  HANGU_TRY(LoggedOutcome logged, log.append(step_of(work, *outcome), outcome->keys));
  if (!logged.step && logged.taken_transfer != work.transfer.text() &&
      !outcome->key_taken_reason.empty()) {
    // Another transfer holds a key that only one may have: this one is refused.
    *outcome = Outcome::refused(work, outcome->key_taken_reason);
    HANGU_TRY(logged, log.append(step_of(work, *outcome), {}));
  }
  if (take_effect) HANGU_CHECK(take_effect({work, *outcome, logged, log}));
  if (!logged.step) {
    log_line("STEP-0005", work.transfer.text() + " ended before: " + logged.taken_type);
    return custodian.release(work.token, kRetryDelay);
  }
  HANGU_TRY(const flow::State state,
            custodian.complete(work.token, completion_of(*logged.step, logged.index, *outcome)));
  log_line("STEP-0001", work.transfer.text() + " " + std::string(flow::to_text(work.stage)) + " " +
                            std::string(flow::to_text(logged.step->verdict)) + " " +
                            logged.step->reason + " -> " + std::string(flow::to_text(state)) + " " +
                            outcome->detail);
  return {};
}

int run_stage(const StageContext& context, const StagePlan& plan) {
  Result<os::UniqueFd> stop = os::termination_signals();
  if (!stop) return refuse_to_start(stop.error());
  os::Readiness readiness = os::Readiness::prepare();
  crypto::prepare();
  const Result<os::SandboxReport> sandbox = os::enter_sandbox(plan.profile);
  if (!sandbox) return refuse_to_start(sandbox.error());
  Course course;
  std::vector<std::jthread> lines;
  lines.reserve(plan.lines + 1);
  for (unsigned i = 0; i < plan.lines; ++i)
    lines.emplace_back([&, i] { work_on(context, plan, course, i == 0); });
  if (plan.beside) lines.emplace_back(plan.beside);
  readiness.tell("working");
  const std::array watched{stop->view()};
  for (milliseconds patience = kProbation;; patience = std::chrono::hours(1)) {  // ends: told to
    const auto ready = os::wait_readable(watched, patience);
    course.stopping = ready && !ready->empty();
    course.prove();
    if (course.stopping) break;
  }
  return EXIT_SUCCESS;
}

}  // namespace hangu::line
