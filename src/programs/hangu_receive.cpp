// hangu-receive: one zone's front door.

#include <cstdlib>

#include "line/stage_shell.hpp"
#include "os/file.hpp"
#include "zone/edge_record.hpp"
#include "zone/receive/routes.hpp"
#include "zone/zone_context.hpp"

namespace {

using namespace hangu;

Result<crypto::SigningKey> load_stage_key(const zone::ZoneContext& context) {
  constexpr std::size_t kKeyBytesMax = 16 * 1024;
  HANGU_TRY(Bytes pem, os::read_file(context.layout.credentials(context.instance()) + "/stage.key",
                                     kKeyBytesMax));
  Result<crypto::SigningKey> key = crypto::read_signing_key_pem(pem);
  crypto::wipe(pem);
  return key;
}

Done run(zone::ZoneContext& context) {
  HANGU_TRY(const crypto::SigningKey key, load_stage_key(context));
  zone::Links links(context.layout.socket("custodian", context.instance()),
                    context.layout.socket("audit", context.instance()), key);
  zone::Intake intake(links, context.zone);
  crypto::SystemEntropy entropy;
  const config::Quotas& quotas = context.gateway.quotas;
  const zone::SpoolLimits limits{quotas.package_bytes_max, quotas.node_bytes_in_flight_max,
                                 quotas.node_transfers_in_flight_max, quotas.node_uploads_open_max};
  const std::string folder = context.layout.spool(context.zone);
  HANGU_TRY(const std::unique_ptr<zone::Spool> spool,
            zone::Spool::open(folder, limits, intake, context.clock, entropy));
  zone::HalfLog log(context.layout.socket("audit", context.instance()));
  zone::EdgeRecord edge(log, context.zone);
  return zone::serve(context, zone::receive_routes(intake, *spool), zone::receive_profile(context),
                     edge);
}

}  // namespace

int main(int argc, char** argv) {
  Result<zone::ZoneContext> context = zone::ZoneContext::load("receive", argc, argv);
  if (!context) return line::refuse_to_start(context.error());
  const Done done = run(*context);
  return done ? EXIT_SUCCESS : line::refuse_to_start(done.error());
}
