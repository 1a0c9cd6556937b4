#pragma once
// The stage shell: what every stage program shares around its pure core. It locks the program in,
// claims work, keeps the claim alive, signs and logs the outcome, and completes the step — in that
// order, so that a crash anywhere leaves nothing half done. docs/protocols/receipts.md §3.

#include <functional>
#include <span>
#include <stop_token>
#include <string>

#include "config/layout.hpp"
#include "line/custodian_client.hpp"
#include "line/effect.hpp"
#include "os/clock.hpp"
#include "os/sandbox.hpp"

namespace hangu::line {

/// What a stage program has at hand before it locks itself in.
struct StageContext {
  std::string program;
  config::Layout layout;
  crypto::SigningKey key;
  os::SystemClock clock;

  /// Reads `--folder DIR` (the gateway's) from the arguments, and the stage key.
  [[nodiscard]] static Result<StageContext> load(std::string program, int argc, char** argv);
  [[nodiscard]] std::string custodian_socket() const { return layout.socket("custodian", program); }
  [[nodiscard]] std::string audit_socket() const { return layout.socket("audit", program); }
  /// Where inspect and transform ask for workers.
  [[nodiscard]] std::string worker_socket() const { return layout.socket("worker", program); }
  /// The whole of a file in this program's credentials folder.
  [[nodiscard]] Result<Bytes> credential(const std::string& name) const;
};

/// The stage's core: work in, outcome out. A refusal is an Outcome. An Error that may pass
/// (unavailable, a custodian that was started anew) gives the work back for later; any other
/// quarantines the transfer.
using StageCore = std::function<Result<Outcome>(const Work&, CustodianClient&, StepLog&)>;

/// Transfers that a stage works on at once, after the first step since it began: a step waits for
/// disks more than it computes, and four packages of any size being sealed stay within 256 MiB.
inline constexpr unsigned kStageLines = 4;

struct StagePlan {
  std::vector<flow::Stage> stages;
  os::Profile profile;
  StageCore core;
  /// Runs after the log has answered and before the step is completed, also when another end of
  /// the transfer came first; may be empty.
  TakeEffect take_effect;
  unsigned lines = 1;  ///< how many transfers at once, each on its own thread
  /// Runs on a thread of its own beside the lines (approve's people); may be empty.
  std::function<void(const std::stop_token&)> beside{};
};

/// Connects, enters the sandbox, tells readiness, and works until SIGTERM. The exit status.
[[nodiscard]] int run_stage(const StageContext& context, const StagePlan& plan);

/// One step of one transfer: core, log, effect, completion. For run_stage and for tests.
[[nodiscard]] Done work_once(const Work& work, CustodianClient& custodian, StepLog& log,
                             const StageCore& core, const TakeEffect& take_effect);

/// The profile that a stage without special needs has.
[[nodiscard]] os::Profile stage_profile(const StageContext& context);

/// Says why the program cannot start; the exit status.
[[nodiscard]] int refuse_to_start(const Error& error);

/// One line on stderr for the operations log: "HANGU-<ID> text".
void log_line(std::string_view id, const std::string& text);

}  // namespace hangu::line
