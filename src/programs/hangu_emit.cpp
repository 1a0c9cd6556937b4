// hangu-emit: the mover. It reads no configuration: what it trusts stands in anchors/, and where it
// may write are the outboxes that stand there.

#include <filesystem>

#include "config/trust.hpp"
#include "line/stage_shell.hpp"
#include "stages/emit/emit.hpp"
#include "stages/emit/profile.hpp"

namespace {

using namespace hangu;

Result<flow::WarrantTrust> load_trust(const line::StageContext& context) {
  HANGU_TRY(config::StageKeys keys, config::load_stage_keys(context.layout.stage_keys()));
  const auto log = keys.find("audit");
  if (log == keys.end()) return fail(ErrorCode::malformed, "trust-incomplete", "audit's key");
  HANGU_TRY(std::string origin, config::load_log_origin(context.layout.log_key()));
  flow::LogIdentity identity{std::move(origin), log->second};
  return flow::WarrantTrust{std::move(identity), std::move(keys)};
}

Result<std::map<ZoneId, stages::Outbox>> open_outboxes(const line::StageContext& context) {
  std::map<ZoneId, stages::Outbox> out;
  std::error_code problem;
  for (const auto& folder : std::filesystem::directory_iterator(context.layout.zones(), problem)) {
    HANGU_TRY(ZoneId zone, ZoneId::create(folder.path().filename().string()));
    HANGU_TRY(stages::Outbox outbox, stages::Outbox::open(context.layout.outbox(zone)));
    out.emplace(std::move(zone), std::move(outbox));
  }
  if (problem) return fail(ErrorCode::unavailable, "file-open-failed", context.layout.zones());
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
  const std::string gateway = config::gateway_of(trust->log.origin);
  crypto::SystemEntropy entropy;
  const stages::EmitMeans means{*trust, context->key, gateway, *outboxes, context->clock, entropy};
  return line::run_stage(
      *context, {{flow::Stage::emit},
                 stages::emit_profile(*context, *outboxes),
                 [&](const line::Work& work, line::CustodianClient& custodian, line::StepLog& log) {
                   return stages::emit(work, custodian, log, means);
                 },
                 [&](const line::Effect& effect) { return stages::hand_over(effect, means); },
                 line::kStageLines});
}
