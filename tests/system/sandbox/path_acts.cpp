// Acts on paths and on local sockets.

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "tests/system/sandbox/acts.hpp"

namespace hangu::sandbox_test {
namespace {

constexpr const char* kNewName = "/hangu-probe";
constexpr unsigned kNewMode = 0600;

int try_open(const std::string& path, int flags) {
  const os::UniqueFd file(::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  return file.valid() ? 0 : errno;
}

int try_create(const std::string& folder) {
  const std::string path = folder + kNewName;
  const os::UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kNewMode));
  return file.valid() ? outcome(::unlink(path.c_str())) : errno;
}

int try_connect(const std::string& path) {
  const os::UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return errno;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return ENAMETOOLONG;
  std::ranges::copy(path, address.sun_path);
  return outcome(
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
}

std::vector<Place> places_of_gateway(const config::Gateway& gateway) {
  std::vector<std::string> folders{"store",         "audit",       "policy",  "run",
                                   "run/custodian", "credentials", "forward", "credentials/gate",
                                   "mosaic"};
  std::vector<std::string> files{
      "store/ledger.sqlite", "mosaic/mosaic.sqlite",  "audit/checkpoint",
      "policy/policy.toml",  "anchors/nodes.pem",     "policy/in-force.json",
      "anchors/stages.json", "anchors/officers.json", "gateway.toml",
      "log/audit.log",       "forward/cursor.json",   "credentials/gate/stage.key"};
  for (const supervise::Member& member : supervise::roster(gateway)) {
    folders.push_back("credentials/" + member.name);
    for (const std::string& key : key_files(member.name))
      files.push_back("credentials/" + member.name + "/" + key);
  }
  for (const config::Zone& zone : gateway.zones) {
    const std::string below = "zones/" + zone.id.text();
    folders.push_back(below + "/spool");
    folders.push_back(below + "/outbox");
    files.push_back(below + "/spool/upload");
    files.push_back(below + "/outbox/package");
  }
  std::vector<Place> out;
  out.reserve(folders.size() + files.size());
  for (const std::string& name : folders) out.push_back({name, gateway.folder + "/" + name, true});
  for (const std::string& name : files) out.push_back({name, gateway.folder + "/" + name, false});
  return out;
}

}  // namespace

std::vector<std::string> key_files(const std::string& member) {
  if (member == "audit") return {"log.key"};
  if (member == "custodian" || member == "mosaic" || member == "worker" || member == "feeder")
    return {};
  if (member == "verify") return {"stage.key", "opening-intl.key", "opening-gm.key"};
  if (member.starts_with("receive.")) return {"stage.key", "tls.key"};
  if (member.starts_with("deliver.") || member == "forward") return {"tls.key"};
  if (member == "directory") return {"stage.key", "tls.key"};
  return {"stage.key"};
}

std::vector<Place> places(const config::Gateway& gateway) {
  std::vector<Place> out = places_of_gateway(gateway);
  for (const char* path : {"/etc/passwd", "/etc/shadow", "/proc/1/environ", "/proc/self/mem",
                           "/proc/self/maps", "/dev/null", "/usr/share/proj/proj.db", "/bin/true"})
    out.push_back({path, path, false});
  for (const char* path : {"/", "/etc", "/tmp", "/run", "/usr/share/proj"})
    out.push_back({path, path, true});
  for (const config::Zone& zone : gateway.zones) {
    if (!zone.network_namespace) continue;
    const std::string path = "/run/netns/" + *zone.network_namespace;
    out.push_back({path, path, false, true});
  }
  return out;
}

std::vector<Act> all_acts(const Stand& stand) {
  std::vector<Act> out;
  for (const Place& place : places(stand.gateway)) {
    const int folder = place.folder ? O_DIRECTORY : 0;
    out.push_back({"read " + place.name, [=] { return try_open(place.path, O_RDONLY | folder); }});
    if (place.namespace_file) continue;
    out.push_back({"write " + place.name, [=] {
                     return place.folder ? try_create(place.path) : try_open(place.path, O_WRONLY);
                   }});
  }
  for (const supervise::LocalSocket& socket : supervise::local_sockets(stand.gateway))
    out.push_back(
        {"connect to " + socket.server + " as " + socket.client,
         [path = stand.layout.socket(socket.server, socket.client)] { return try_connect(path); }});
  for (Act& act : call_acts(stand)) out.push_back(std::move(act));
  return out;
}

}  // namespace hangu::sandbox_test
