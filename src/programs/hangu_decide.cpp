// hangu-decide: evaluates policy, and again just before release; keeps the gateway's posture on the
// record meanwhile.

#include <memory>

#include "config/gateway.hpp"
#include "config/trust.hpp"
#include "crypto/secret.hpp"
#include "line/records.hpp"
#include "line/stage_shell.hpp"
#include "os/clock.hpp"
#include "stages/decide/area_desk.hpp"
#include "stages/decide/day_count.hpp"
#include "stages/decide/decide.hpp"
#include "stages/decide/policy_record.hpp"
#include "stages/decide/posture_watch.hpp"
#include "stages/decide/profile.hpp"

namespace {

using namespace hangu;

/// How often the posture is looked at when there is nothing to decide.
constexpr std::chrono::milliseconds kLookEvery{1000};

Result<stages::Anchors> load_anchors(const config::Layout& layout) {
  HANGU_TRY(const config::StageKeys officers, config::load_stage_keys(layout.officer_keys()));
  HANGU_TRY(const config::StageKeys programs, config::load_stage_keys(layout.stage_keys()));
  HANGU_TRY(policy::Signers signers,
            policy::Signers::load(layout.signers(), layout.auditor_keys()));
  const auto gate = programs.find("gate");
  if (gate == programs.end()) return fail(ErrorCode::malformed, "trust-incomplete", "gate");
  std::vector<crypto::VerifyKey> keys;
  for (const auto& [name, key] : officers) keys.push_back(key);
  return stages::Anchors{std::move(keys), std::move(signers), gate->second};
}

/// Where the central directory answers, when one is configured.
Result<std::unique_ptr<stages::DirectoryDesk>> desk_of(const line::StageContext& context,
                                                       const config::Gateway& gateway) {
  if (!gateway.directory) return nullptr;
  HANGU_TRY(const config::StageKeys keys, config::load_stage_keys(context.layout.stage_keys()));
  const auto key = keys.find("directory");
  if (key == keys.end()) return fail(ErrorCode::malformed, "trust-incomplete", "directory");
  return std::make_unique<stages::DirectoryDesk>(context.layout.socket("directory", "decide"),
                                                 key->second, gateway.directory->ages,
                                                 os::monotonic_now());
}

/// What every evaluation begins with.
class Desk {
 public:
  /// `directory`: who is asked in place of the people file; nobody where it is null.
  Desk(const line::StageContext& context, const stages::Anchors& anchors,
       const config::Gateway& gateway, stages::DirectoryDesk* directory)
      : clock_(context.clock),
        standing_(context.layout.policy(), anchors, gateway, context.clock, directory),
        posture_(context.layout.policy(), anchors.signers, gateway.name),
        areas_(context.layout.socket("mosaic", "decide")) {}

  struct Moment {
    std::shared_ptr<const stages::DecideMeans> means;
    stages::Circumstances circumstances;
  };
  /// Reads all of it anew; what has changed is on the record before it counts.
  Result<Moment> moment(line::AuditClient& audit) {
    Moment out;
    HANGU_TRY(out.means, standing_.now());
    HANGU_CHECK(in_force_.tell(out.means, audit));
    const policy::Policy& rules = out.means->policy;
    if (rules.unwitnessed || rules.posture.unwitnessed_after) {
      HANGU_TRY(const audit::CheckpointReply reply, audit.checkpoint());
      out.circumstances.log = reply.witnessed;
    }
    HANGU_TRY(const WallTime now, clock_.now());
    HANGU_TRY(const stages::PostureNow posture,
              posture_.look(rules.posture, out.circumstances.log, now, audit));
    out.circumstances.posture = posture.posture;
    return out;
  }

  /// A place of the day first: what it takes in vain is the lesser loss.
  Result<std::string> reserve(const stages::OverTime& asked, line::AuditClient& audit) {
    if (asked.limits.per_day) {
      HANGU_TRY(const bool counted, stages::count_in_day(asked, audit));
      if (!counted) return std::string("limit-per-day");
    }
    if (asked.limits.contiguous_km2) return areas_.reserve(asked, audit);
    return std::string("ok");
  }

  /// So that a switch is on the record at once, also when nothing is to be decided. What cannot be
  /// read is told once.
  void watch(const std::string& audit_socket, const std::stop_token& stop) {
    crypto::SystemEntropy entropy;
    std::optional<line::AuditClient> audit;
    std::string told;
    while (!stop.stop_requested()) {
      if (!audit)
        if (auto made = line::AuditClient::connect(audit_socket, entropy)) audit = *std::move(made);
      if (audit) {
        const auto looked = moment(*audit);
        const std::string trouble =
            looked ? looked->means->shadow_trouble : looked.error().message();
        if (trouble != told && !trouble.empty()) line::log_line("HANGU-DECIDE-0001", trouble);
        told = trouble;
      }
      os::pause_for(kLookEvery);
    }
  }

 private:
  const Clock& clock_;
  stages::Standing standing_;
  stages::PolicyRecord in_force_;
  stages::PostureWatch posture_;
  stages::AreaDesk areas_;
};

}  // namespace

int main(int argc, char** argv) {
  const Result<line::StageContext> context = line::StageContext::load("decide", argc, argv);
  if (!context) return line::refuse_to_start(context.error());
  const Result<config::Gateway> gateway = config::Gateway::load(context->layout.configuration());
  if (!gateway) return line::refuse_to_start(gateway.error());
  const Result<stages::Anchors> anchors = load_anchors(context->layout);
  if (!anchors) return line::refuse_to_start(anchors.error());
  const Result<std::unique_ptr<stages::DirectoryDesk>> directory = desk_of(*context, *gateway);
  if (!directory) return line::refuse_to_start(directory.error());
  Desk desk(*context, *anchors, *gateway, directory->get());
  const auto decide = [&](const line::Work& work, line::CustodianClient& custodian,
                          line::StepLog& log) -> Result<line::Outcome> {
    HANGU_TRY(const Desk::Moment moment, desk.moment(log.client()));
    stages::Circumstances circumstances = moment.circumstances;
    circumstances.reserve = [&](const stages::OverTime& asked) {
      return desk.reserve(asked, log.client());
    };
    return line::recorded(work,
                          work.stage == flow::Stage::clear
                              ? stages::clear(work, custodian, *moment.means, circumstances)
                              : stages::decide(work, custodian, *moment.means, circumstances),
                          log.client());
  };
  line::StagePlan plan{{flow::Stage::decide, flow::Stage::clear},
                       stages::decide_profile(*context, gateway->directory.has_value()),
                       decide,
                       {},
                       line::kStageLines};
  plan.beside = [&](const std::stop_token& stop) { desk.watch(context->audit_socket(), stop); };
  return line::run_stage(*context, plan);
}
