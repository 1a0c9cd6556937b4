#include "supervise/zone_network.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "base/text.hpp"
#include "os/network_namespace.hpp"
#include "os/process.hpp"

namespace hangu::supervise {
namespace {

constexpr std::string_view kIp = "/usr/sbin/ip";
constexpr std::chrono::milliseconds kIpTime = std::chrono::seconds(10);
constexpr std::string_view kProbe = "hangu-probe";

/// Runs `ip` with the words of `line`.
Done ip(const std::string& line) {
  os::SpawnPlan plan;
  plan.program = kIp;
  for (const std::string_view word : split(line, ' ')) plan.arguments.emplace_back(word);
  plan.log_path = "/dev/null";
  HANGU_TRY(const pid_t child, os::spawn(plan));
  HANGU_TRY(const std::optional<int> status, os::wait_for(child, kIpTime));
  if (!status || !WIFEXITED(*status) || WEXITSTATUS(*status) != 0)
    return fail(ErrorCode::internal, "network-failed", "ip " + line);
  return {};
}

/// The other end of the pair: the gateway's address with a last octet of 2 (or 3).
std::string neighbour_address(const std::string& address) {
  const std::size_t dot = address.rfind('.');
  return address.substr(0, dot) + (address.substr(dot) == ".2" ? ".3" : ".2");
}

Done make_one(const config::Zone& zone, std::size_t number) {
  const std::string gateway_end = "hangu" + std::to_string(number) + "g";
  const std::string network_end = "hangu" + std::to_string(number) + "n";
  const std::string inner = *zone.network_namespace;
  const std::string outer = client_namespace(zone);
  for (const std::string& name : {inner, outer}) {
    HANGU_CHECK(os::remove_network_namespace(name));
    HANGU_CHECK(os::create_network_namespace(name));
  }
  // Made inside the zone's namespace, so that a left-over of the same name elsewhere is no matter.
  HANGU_CHECK(ip("-n " + inner + " link add " + gateway_end + " type veth peer name " +
                 network_end + " netns " + outer));
  HANGU_CHECK(ip("-n " + inner + " addr add " + zone.address + "/24 dev " + gateway_end));
  HANGU_CHECK(ip("-n " + outer + " addr add " + neighbour_address(zone.address) + "/24 dev " +
                 network_end));
  HANGU_CHECK(ip("-n " + inner + " link set " + gateway_end + " up"));
  return ip("-n " + outer + " link set " + network_end + " up");
}

}  // namespace

std::string client_namespace(const config::Zone& zone) {
  return zone.network_namespace.value_or("") + "-net";
}

Done make_zone_networks(const config::Gateway& gateway) {
  std::size_t number = 0;
  for (const config::Zone& zone : gateway.zones)
    if (zone.network_namespace) HANGU_CHECK(make_one(zone, number++));
  return {};
}

Done remove_zone_networks(const config::Gateway& gateway) {
  for (const config::Zone& zone : gateway.zones) {
    if (!zone.network_namespace) continue;
    HANGU_CHECK(os::remove_network_namespace(*zone.network_namespace));
    HANGU_CHECK(os::remove_network_namespace(client_namespace(zone)));
  }
  return {};
}

bool can_make_namespaces() {
  if (::geteuid() != 0 || ::access(std::string(kIp).c_str(), X_OK) != 0) return false;
  const std::string probe(kProbe);
  const bool made = os::remove_network_namespace(probe).has_value() &&
                    os::create_network_namespace(probe).has_value();
  return made && os::remove_network_namespace(probe).has_value();
}

}  // namespace hangu::supervise
