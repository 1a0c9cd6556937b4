// hangu-emit: the mover.

#include "config/trust.hpp"
#include "line/stage_shell.hpp"
#include "stages/emit/emit.hpp"

namespace {

using namespace hangu;

Result<flow::WarrantTrust> load_trust(const line::StageContext& context) {
  HANGU_TRY(config::StageKeys keys, config::load_stage_keys(context.layout.stage_keys()));
  const auto log = keys.find("audit");
  if (log == keys.end()) return fail(ErrorCode::malformed, "trust-incomplete", "audit's key");
  flow::LogIdentity identity{context.gateway.log_origin(), log->second};
  return flow::WarrantTrust{std::move(identity), std::move(keys)};
}

Result<std::map<ZoneId, stages::Outbox>> open_outboxes(const line::StageContext& context) {
  std::map<ZoneId, stages::Outbox> out;
  for (const config::Zone& zone : context.gateway.zones) {
    HANGU_TRY(stages::Outbox outbox, stages::Outbox::open(context.layout.outbox(zone.id)));
    out.emplace(zone.id, std::move(outbox));
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  const Result<line::StageContext> context = line::StageContext::load("emit", argc, argv);
  if (!context) return line::refuse_to_start(context.error());
  const Result<flow::WarrantTrust> trust = load_trust(*context);
  if (!trust) return line::refuse_to_start(trust.error());
  const Result<std::map<ZoneId, stages::Outbox>> outboxes = open_outboxes(*context);
  if (!outboxes) return line::refuse_to_start(outboxes.error());
  crypto::SystemEntropy entropy;
  const stages::EmitMeans means{*trust,    context->key,   context->gateway.name,
                                *outboxes, context->clock, entropy};
  os::Profile profile = line::stage_profile(*context);
  for (const config::Zone& zone : context->gateway.zones)
    profile.paths.push_back({context->layout.outbox(zone.id), os::PathUse::read_write});
  return line::run_stage(
      *context,
      {{flow::Stage::emit},
       std::move(profile),
       [&](const line::Work& work, line::CustodianClient& custodian, line::StepLog& log) {
         return stages::emit(work, custodian, log, means);
       },
       [&](const line::Work& work, const flow::Step& step) {
         return stages::hand_over(work, step, means);
       },
       2});
}
