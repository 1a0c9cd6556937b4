// hangu-decide: evaluates policy, and again just before release.

#include <memory>

#include "config/gateway.hpp"
#include "config/trust.hpp"
#include "line/records.hpp"
#include "line/stage_shell.hpp"
#include "os/clock.hpp"
#include "stages/decide/decide.hpp"
#include "stages/decide/policy_record.hpp"
#include "stages/decide/profile.hpp"

namespace {

using namespace hangu;

/// The officers whose signature makes a document count: anchors/officers.json.
Result<std::vector<crypto::VerifyKey>> load_officers(const line::StageContext& context) {
  HANGU_TRY(const config::StageKeys keys, config::load_stage_keys(context.layout.officer_keys()));
  std::vector<crypto::VerifyKey> out;
  for (const auto& [name, key] : keys) out.push_back(key);
  return out;
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

}  // namespace

int main(int argc, char** argv) {
  const Result<line::StageContext> context = line::StageContext::load("decide", argc, argv);
  if (!context) return line::refuse_to_start(context.error());
  const Result<config::Gateway> gateway = config::Gateway::load(context->layout.configuration());
  if (!gateway) return line::refuse_to_start(gateway.error());
  Result<std::vector<crypto::VerifyKey>> officers = load_officers(*context);
  if (!officers) return line::refuse_to_start(officers.error());
  const Result<std::unique_ptr<stages::DirectoryDesk>> desk = desk_of(*context, *gateway);
  if (!desk) return line::refuse_to_start(desk.error());
  stages::Standing standing(context->layout.policy(), *std::move(officers), *gateway,
                            context->clock, desk->get());
  stages::PolicyRecord in_force;
  const auto decide = [&](const line::Work& work, line::CustodianClient& custodian,
                          line::StepLog& log) -> Result<line::Outcome> {
    HANGU_TRY(const std::shared_ptr<const stages::DecideMeans> means, standing.now());
    HANGU_CHECK(in_force.tell(means, log.client()));
    audit::Witnessed witnessed;
    if (means->policy.unwitnessed) {
      HANGU_TRY(const audit::CheckpointReply reply, log.client().checkpoint());
      witnessed = reply.witnessed;
    }
    return line::recorded(work,
                          work.stage == flow::Stage::clear
                              ? stages::clear(work, custodian, *means, witnessed)
                              : stages::decide(work, custodian, *means, witnessed),
                          log.client());
  };
  return line::run_stage(*context,
                         {{flow::Stage::decide, flow::Stage::clear},
                          stages::decide_profile(*context, gateway->directory.has_value()),
                          decide,
                          {},
                          line::kStageLines});
}
