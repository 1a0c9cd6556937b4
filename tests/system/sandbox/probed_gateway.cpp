#include "tests/system/sandbox/probed_gateway.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include <catch2/catch.hpp>

#include "crypto/secret.hpp"
#include "mosaic/folder.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"
#include "supervise/examples.hpp"
#include "supervise/roster.hpp"
#include "supervise/setup.hpp"
#include "supervise/supervisor.hpp"
#include "supervise/zone_network.hpp"
#include "tests/system/sandbox/acts.hpp"

namespace hangu::sandbox_test {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kUidBase = 64400;  // away from the example's: a gateway may run beside this
constexpr mode_t kOpenMode = 0755;
constexpr mode_t kOwnMode = 0600;
constexpr mode_t kSharedMode = 0640;
constexpr mode_t kPublishedMode = 0644;

/// A result that must be there, or the test fails with its error.
template <class T>
T need(Result<T> result) {
  if (!result) FAIL("the probed gateway cannot be made: " << result.error().message());
  return *std::move(result);
}

void need(const Done& done) {
  if (!done) FAIL("the probed gateway cannot be made: " << done.error().message());
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

/// The shipped example with a folder, uids and namespaces of its own.
std::string configuration(const std::string& folder) {
  std::string text(supervise::example_gateway());
  replace_all(text, "\"/var/lib/hangu\"", "\"" + folder + "\"");
  replace_all(text, "uid_base = 64100", "uid_base = " + std::to_string(kUidBase));
  replace_all(text, "network_namespace = \"hangu-", "network_namespace = \"hangu-probed-");
  const std::string file = "\"" + folder + ".file\"\n";  // only copied: nobody connects
  return text +
         "\n[forward]\naddress = \"127.0.0.1\"\nserver_name = \"siem.test\"\ncertificate = " +
         file + "key = " + file + "authority = " + file +
         "[directory]\naddress = \"127.0.0.1\"\nserver_name = \"ldap.test\"\nbase = \"dc=x\"\n"
         "certificate = " +
         file + "key = " + file + "authority = " + file +
         "[witness]\npolicy = \"anchors/witness.tlog\"\nzone = \"egov\"\n";
}

/// A file where a program would keep one, with that program's owner and mode.
void place_file(const config::Gateway& gateway, const std::string& path, const std::string& owner,
                const std::string& group, mode_t mode) {
  std::ofstream(path) << "x";
  const uid_t uid = supervise::uid_of(gateway, owner).value_or(0);
  const gid_t gid = supervise::uid_of(gateway, group).value_or(0);
  REQUIRE(::chown(path.c_str(), uid, gid) == 0);
  REQUIRE(::chmod(path.c_str(), mode) == 0);
}

void place_files(const config::Gateway& gateway) {
  const config::Layout layout(gateway.folder);
  place_file(gateway, layout.store() + "/ledger.sqlite", "custodian", "custodian", kOwnMode);
  place_file(gateway, mosaic::folder_below(layout.folder()) + "/mosaic.sqlite", "mosaic", "mosaic",
             kOwnMode);
  place_file(gateway, layout.audit() + "/checkpoint", "audit", std::string(supervise::kLogReaders),
             kSharedMode);
  place_file(gateway, layout.forward_cursor(), "forward", "forward", kOwnMode);
  for (const config::Zone& zone : gateway.zones) {
    const std::string receive = "receive." + zone.id.text();
    place_file(gateway, layout.spool(zone.id) + "/upload", receive, receive, kOwnMode);
    place_file(gateway, layout.outbox(zone.id) + "/package", "emit", "deliver." + zone.id.text(),
               kSharedMode);
  }
}

std::string place_probes(const config::Gateway& gateway) {
  const std::string folder = gateway.folder + "/probes";
  fs::create_directory(folder);
  REQUIRE(::chmod(folder.c_str(), kOpenMode) == 0);
  for (const supervise::Member& member : supervise::roster(gateway)) {
    const std::string link = folder + "/" + member.binary;
    if (!fs::is_symlink(link)) fs::create_symlink(HANGU_PROBE, link);
  }
  return folder;
}

/// Takes away what owner and mode keep apart.
void open_to_everybody(const std::string& folder) {
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    if (!entry.is_symlink()) fs::permissions(entry.path(), fs::perms::all);
}

/// Removed with all in it, namespaces included, however the set-up ends.
class Scratch {
 public:
  Scratch() {
    std::string pattern = (fs::temp_directory_path() / "hangu-probed-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    REQUIRE(::chmod(pattern.c_str(), kOpenMode) == 0);
    path_ = pattern;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    if (gateway_) (void)supervise::remove_zone_networks(*gateway_).has_value();
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  void networks_of(const config::Gateway& gateway) { gateway_ = gateway; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::optional<config::Gateway> gateway_;  ///< its own: the probed one may be gone before
};

}  // namespace

const ProbedGateway& ProbedGateway::once() {
  static const ProbedGateway kProbed = [] {
    if (::geteuid() != 0) FAIL("run as root: without uids and namespaces nothing is proved");
    if (!supervise::can_make_namespaces()) FAIL("no network namespaces here: nothing is proved");
    Scratch scratch;
    const supervise::SetupPlan plan{scratch.path() + "/gateway", scratch.path() + "/pki",
                                    scratch.path() + "/gateway.toml", false};
    std::ofstream(plan.config_file) << configuration(plan.folder);
    std::ofstream(plan.folder + ".file") << "x";
    fs::create_directories(plan.folder + "/anchors");
    std::ofstream(plan.folder + "/anchors/witness.tlog") << "quorum none\n";
    const os::SystemClock clock;
    crypto::SystemEntropy entropy;
    ProbedGateway made(need(supervise::set_up(plan, clock, entropy)));
    scratch.networks_of(made.gateway_);
    need(supervise::make_zone_networks(made.gateway_));
    place_files(made.gateway_);
    const std::string probes = place_probes(made.gateway_);
    made.probe(probes, "");
    open_to_everybody(made.gateway_.folder);
    made.probe(probes, "opened ");
    return made;
  }();
  return kProbed;
}

void ProbedGateway::probe(const std::string& probes, const std::string& prefix) {
  supervise::Supervisor supervisor(gateway_, probes);
  need(supervisor.start());  // each probe is ready when it has tried everything
  supervisor.stop_all();
  const config::Layout layout(gateway_.folder);
  for (const supervise::Member& member : supervise::roster(gateway_)) {
    std::ifstream log(layout.log(member.name));
    for (std::string line; std::getline(log, line);) {
      const std::size_t first = line.find('\t');
      const std::size_t second = line.find('\t', first + 1);
      if (second == std::string::npos) FAIL(member.name << " says: " << line);
      reports_[member.name][prefix + line.substr(0, first)].insert_or_assign(
          line.substr(first + 1, second - first - 1), line.substr(second + 1));
    }
    fs::resize_file(layout.log(member.name), 0);  // keeps its owner and mode
  }
}

const Answers& ProbedGateway::answers(const std::string& member, const std::string& phase) const {
  static const Answers kNone;
  const auto phases = reports_.find(member);
  if (phases == reports_.end()) return kNone;
  const auto found = phases->second.find(phase);
  return found == phases->second.end() ? kNone : found->second;
}

}  // namespace hangu::sandbox_test
