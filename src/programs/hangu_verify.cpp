// hangu-verify: opens packages and checks who sent them.

#include "base/limits.hpp"
#include "config/gateway.hpp"
#include "crypto/prepare.hpp"
#include "line/stage_shell.hpp"
#include "os/file.hpp"
#include "stages/verify/profile.hpp"
#include "stages/verify/verify.hpp"

namespace {

using namespace hangu;

struct Keys {
  std::vector<crypto::OpeningKey> opening;
  crypto::TrustAnchors anchors;
};

Result<Keys> load_keys(const line::StageContext& context) {
  std::vector<crypto::OpeningKey> opening;
  for (const crypto::Suite suite : {crypto::Suite::intl, crypto::Suite::gm}) {
    HANGU_TRY(Bytes pem,
              context.credential("opening-" + std::string(crypto::to_text(suite)) + ".key"));
    Result<crypto::OpeningKey> key = crypto::read_opening_key_pem(suite, pem);
    crypto::wipe(pem);
    if (!key) return std::unexpected(key.error().within("opening key"));
    opening.push_back(*std::move(key));
  }
  HANGU_TRY(const Bytes pem, os::read_file(context.layout.node_anchors(), config::kConfigBytesMax));
  HANGU_TRY(crypto::TrustAnchors anchors, crypto::TrustAnchors::parse_pem(text_of(pem)));
  return Keys{std::move(opening), std::move(anchors)};
}

}  // namespace

int main(int argc, char** argv) {
  const Result<line::StageContext> context = line::StageContext::load("verify", argc, argv);
  if (!context) return line::refuse_to_start(context.error());
  const Result<Keys> keys = load_keys(*context);
  if (!keys) return line::refuse_to_start(keys.error());
  const Result<std::unique_ptr<line::KnownNodes>> nodes = line::KnownNodes::load(context->layout);
  if (!nodes) return line::refuse_to_start(nodes.error());
  const stages::VerifyMeans means{keys->opening, keys->anchors, context->clock, **nodes};
  crypto::prepare_opening();
  crypto::prepare_certificates();
  return line::run_stage(
      *context, {{flow::Stage::verify},
                 stages::verify_profile(*context),
                 [&](const line::Work& work, line::CustodianClient& custodian, line::StepLog& log) {
                   return stages::verify(work, custodian, log.client(), means);
                 },
                 {},
                 line::kStageLines});
}
