// hangu-decide: evaluates policy, and again just before release.

#include "config/trust.hpp"
#include "line/stage_shell.hpp"
#include "stages/decide/decide.hpp"

namespace {

using namespace hangu;

/// The officers whose signature makes a document count: anchors/officers.json.
Result<std::vector<crypto::VerifyKey>> load_officers(const line::StageContext& context) {
  HANGU_TRY(const config::StageKeys keys,
            config::load_stage_keys(context.layout.officer_keys()));
  std::vector<crypto::VerifyKey> out;
  for (const auto& [name, key] : keys) out.push_back(key);
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  const Result<line::StageContext> context = line::StageContext::load("decide", argc, argv);
  if (!context) return line::refuse_to_start(context.error());
  const Result<std::vector<crypto::VerifyKey>> officers = load_officers(*context);
  if (!officers) return line::refuse_to_start(officers.error());
  // Read anew for every evaluation: policy and people of that moment, from signed files only.
  const auto decide = [&](const line::Work& work, line::CustodianClient& custodian,
                          line::StepLog&) -> Result<line::Outcome> {
    HANGU_TRY(const stages::DecideMeans means,
              stages::load_means(context->layout.policy(), *officers, context->gateway,
                                 context->clock));
    return work.stage == flow::Stage::clear ? stages::clear(work, custodian, means)
                                            : stages::decide(work, custodian, means);
  };
  os::Profile profile = line::stage_profile(*context);
  profile.paths.push_back({context->layout.policy(), os::PathUse::read});
  return line::run_stage(
      *context, {{flow::Stage::decide, flow::Stage::clear}, std::move(profile), decide, {}, 2});
}
