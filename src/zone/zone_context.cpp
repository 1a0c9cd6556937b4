#include "zone/zone_context.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <thread>

#include "config/directory_paths.hpp"
#include "crypto/prepare.hpp"
#include "line/stage_shell.hpp"
#include "os/file.hpp"
#include "zone/edge_record.hpp"
#include "zone/receive/routes.hpp"

namespace hangu::zone {
namespace {

constexpr std::size_t kCredentialBytesMax = 64 * 1024;
constexpr std::uint64_t kDescriptorsMax = 1024;  ///< connections, uploads and files served
constexpr unsigned kRouteThreads = 4;
constexpr double kSecondsPerMinute = 60.0;

void observe(const net::AccessRecord& record) {
  line::log_line("ZONE-0001", record.peer_address + " " + record.identity + " " + record.method +
                                  " " + record.path + " " + std::to_string(record.status) + " " +
                                  std::to_string(record.bytes_in) + " " +
                                  std::to_string(record.bytes_out) + " " + record.failure);
}

/// What both halves have: threads, their listener's connections, local sockets to the middle, and
/// the node register, which officers sign anew.
os::Profile half_profile(const ZoneContext& context) {
  os::Profile profile;
  profile.name = "hangu-" + context.program;
  profile.paths = {{context.layout.socket("custodian", context.instance()), os::PathUse::connect},
                   {context.layout.socket("audit", context.instance()), os::PathUse::connect},
                   {context.layout.anchors(), os::PathUse::read}};
  if (context.gateway.directory)
    profile.paths.push_back({config::directory_folder(context.layout), os::PathUse::read});
  profile.accepts = true;
  profile.threads = true;
  profile.descriptors_max = kDescriptorsMax;
  return profile;
}

}  // namespace

os::Profile receive_profile(const ZoneContext& context) {
  os::Profile profile = half_profile(context);
  profile.paths.push_back({context.layout.spool(context.zone), os::PathUse::read_write});
  return profile;
}

os::Profile deliver_profile(const ZoneContext& context) {
  os::Profile profile = half_profile(context);
  profile.paths.push_back({context.layout.outbox(context.zone), os::PathUse::read});
  return profile;
}

Result<ZoneContext> ZoneContext::load(std::string program, int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  if (arguments.size() != 5 || std::string_view(arguments[1]) != "--config" ||
      std::string_view(arguments[3]) != "--zone")
    return fail(ErrorCode::malformed, "usage", "hangu-" + program + " --config FILE --zone ID");
  HANGU_TRY(config::Gateway gateway, config::Gateway::load(arguments[2]));
  HANGU_TRY(ZoneId zone, ZoneId::create(arguments[4]));
  if (gateway.zone(zone) == nullptr) return fail(ErrorCode::malformed, "zone-unknown", zone.text());
  config::Layout layout(gateway.folder);
  const std::string instance = program + "." + zone.text();
  const std::string credentials = layout.credentials(instance);
  HANGU_TRY(const Bytes certificate, os::read_file(credentials + "/tls.crt", kCredentialBytesMax));
  HANGU_TRY(Bytes key, os::read_file(credentials + "/tls.key", kCredentialBytesMax));
  HANGU_TRY(const Bytes anchors_pem, os::read_file(layout.node_anchors(), config::kConfigBytesMax));
  HANGU_TRY(crypto::TrustAnchors anchors, crypto::TrustAnchors::parse_pem(text_of(anchors_pem)));
  HANGU_TRY(std::unique_ptr<line::KnownNodes> nodes, line::KnownNodes::load(layout));
  HANGU_TRY(auto passed, os::passed_listeners());
  const auto listener = passed.find(instance);
  if (listener == passed.end()) return fail(ErrorCode::malformed, "listener-missing", instance);
  return ZoneContext{std::move(program),
                     std::move(gateway),
                     std::move(layout),
                     std::move(zone),
                     std::move(anchors),
                     std::move(nodes),
                     std::string(text_of(certificate)),
                     std::move(key),
                     std::move(listener->second),
                     os::SystemClock()};
}

Done serve(ZoneContext& context, net::Router router, const os::Profile& profile, EdgeRecord& edge) {
  HANGU_TRY(const os::UniqueFd stop, os::termination_signals());
  os::Readiness readiness = os::Readiness::prepare();
  net::ServerPlan plan;
  plan.credentials = {context.certificate_pem, context.tls_key_pem, context.anchors.pem()};
  plan.limits.requests_per_second =
      context.gateway.quotas.node_requests_per_minute / kSecondsPerMinute;
  plan.route_threads = kRouteThreads;
  plan.clock = &context.clock;
  plan.identify = [&](std::string_view pem) {
    Result<std::string> node =
        identify_node(context.anchors, *context.nodes, pem, context.zone, context.clock);
    if (node) edge.login(*node);
    if (!node) edge.refusal({}, std::string(node.error().reason()));
    return node;
  };
  plan.observe = [&edge](const net::AccessRecord& record) {
    observe(record);
    constexpr std::array kRefused{401, 403, 429};
    if (std::ranges::find(kRefused, record.status) != kRefused.end())
      edge.refusal(record.identity, "http-" + std::to_string(record.status));
  };
  std::vector<os::UniqueFd> listeners;
  listeners.push_back(std::move(context.listener));
  HANGU_TRY(net::Server server,
            net::Server::create(std::move(listeners), std::move(plan), std::move(router)));
  crypto::wipe(context.tls_key_pem);

  crypto::prepare();
  crypto::prepare_certificates();
  HANGU_TRY(const os::SandboxReport sandbox, os::enter_sandbox(profile));
  line::log_line("ZONE-0002",
                 context.instance() + " serving, landlock " + std::to_string(sandbox.landlock_abi));
  const std::jthread recorder([&edge](const std::stop_token& over) { edge.write_on(over); });
  readiness.tell("serving");
  return server.run(stop.view());
}

}  // namespace hangu::zone
