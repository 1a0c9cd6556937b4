#include "supervise/supervisor.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "config/tpm_device.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"
#include "os/network_namespace.hpp"
#include "os/process.hpp"
#include "supervise/key_rollover.hpp"
#include "supervise/ownership.hpp"
#include "supervise/process_identity.hpp"
#include "supervise/software.hpp"
#include "supervise/zone_network.hpp"
#include "wire/json.hpp"

namespace hangu::supervise {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kReadyTime = std::chrono::seconds(60);
constexpr milliseconds kStopTime = std::chrono::seconds(10);
constexpr milliseconds kTick{200};
constexpr milliseconds kSettled = std::chrono::seconds(5);  // a life shorter than this waits a bit
constexpr std::string_view kClaimSeconds =
    "15";  // how long a dead stage's work lies before another takes it
constexpr std::size_t kRunningBytesMax = 256 * 1024;
constexpr unsigned kSocketMode = 0600;
constexpr unsigned kRunningMode = 0644;

std::string running_path(const config::Layout& layout) {
  return layout.folder() + "/run/gateway.json";
}

/// Whether a program says through its pipe, in time, that it is ready.
bool is_ready(os::FdView pipe) {
  const std::array watched{pipe};
  const auto readable = os::wait_readable(watched, kReadyTime);
  if (!readable || readable->empty()) return false;
  std::array<std::byte, 256> text{};
  const Result<std::size_t> n = os::read_some(pipe, text);
  return n && *n > 0;
}

/// Ends programs: tells all of them, and kills those that do not listen in time.
void stop(std::span<const pid_t> pids) {
  for (const pid_t pid : pids) ::kill(pid, SIGTERM);
  const milliseconds until = os::monotonic_now() + kStopTime;
  for (const pid_t pid : pids) {
    const auto gone = os::wait_for(pid, std::max(until - os::monotonic_now(), kTick));
    if (gone && *gone) continue;
    ::kill(pid, SIGKILL);
    (void)os::wait_for(pid, kStopTime).has_value();
  }
}

bool is_audit(const Member& member) { return member.name == "audit"; }

/// Programs end in this order, those of one turn together: what asks before what answers.
int turn_of_end(const Member& member) {
  if (is_audit(member)) return 2;
  return member.name == "custodian" || member.name == "mosaic" ? 1 : 0;
}
constexpr int kTurnsOfEnd = 3;

}  // namespace

wire::Json RunningGateway::to_json() const {
  wire::JsonArray rows;
  for (const RunningProgram& p : programs)
    rows.emplace_back(wire::JsonObject{
        {"name", p.name}, {"pid", p.pid}, {"uid", p.uid}, {"restarts", p.restarts}});
  wire::JsonArray zones;
  for (const Endpoint& e : endpoints)
    zones.emplace_back(wire::JsonObject{{"zone", e.zone},
                                        {"receive", e.receive},
                                        {"deliver", e.deliver},
                                        {"clientNamespace", e.client_namespace}});
  return wire::JsonObject{{"supervisor", supervisor},
                          {"identity", identity},
                          {"programs", std::move(rows)},
                          {"zones", std::move(zones)}};
}

Result<RunningGateway> RunningGateway::load(const config::Layout& layout) {
  HANGU_TRY(const Bytes bytes, os::read_file(running_path(layout), kRunningBytesMax));
  HANGU_TRY(const wire::Json json, wire::Json::parse(text_of(bytes), kRunningBytesMax));
  wire::Fields f(json, "gateway");
  RunningGateway out;
  constexpr std::int64_t kPidMax = 1 << 30;
  out.supervisor = static_cast<pid_t>(f.integer("supervisor", 1, kPidMax));
  constexpr std::size_t kIdentityBytesMax = 100;
  out.identity = f.text("identity", kIdentityBytesMax);
  const wire::JsonArray programs = f.array("programs", 100);
  const wire::JsonArray zones = f.array("zones", config::kZonesMax);
  HANGU_CHECK(f.finish());
  for (const wire::Json& item : programs) {
    wire::Fields p(item, "program");
    RunningProgram row;
    row.name = p.text("name", 64);
    row.pid = static_cast<pid_t>(p.integer("pid", 0, kPidMax));
    row.uid = static_cast<std::uint32_t>(p.integer("uid", 0, 0xffffffffLL));
    row.restarts = static_cast<std::uint32_t>(p.integer("restarts", 0, 0xffffffffLL));
    HANGU_CHECK(p.finish());
    out.programs.push_back(std::move(row));
  }
  for (const wire::Json& item : zones) {
    wire::Fields z(item, "zone");
    Endpoint row;
    row.zone = z.text("zone", 64);
    row.receive = z.text("receive", 100);
    row.deliver = z.text("deliver", 100);
    row.client_namespace = z.text("clientNamespace", 100);
    HANGU_CHECK(z.finish());
    out.endpoints.push_back(std::move(row));
  }
  return out;
}

bool RunningGateway::lives() const {
  return !identity.empty() && process_identity(supervisor) == identity;
}

Done Supervisor::bind_local() {
  for (const LocalSocket& socket : local_sockets(gateway_)) {
    const std::string path = layout_.socket(socket.server, socket.client);
    HANGU_TRY(os::Listener listener, os::Listener::bind(path, kSocketMode));
    const std::optional<std::uint32_t> uid = uid_of(gateway_, socket.client);
    if (uid && ::chown(path.c_str(), *uid, *uid) != 0)
      return fail(ErrorCode::internal, "supervisor-failed", "chown " + path, errno);
    listeners_.insert_or_assign(socket.listener_name(), std::move(listener).release());
  }
  return {};
}

Done Supervisor::bind_zones() {
  endpoints_.clear();
  for (const config::Zone& zone : gateway_.zones) {
    HANGU_TRY(os::TcpListener receive,
              os::listen_tcp(zone.network_namespace, zone.address, zone.receive_port));
    HANGU_TRY(os::TcpListener deliver,
              os::listen_tcp(zone.network_namespace, zone.address, zone.deliver_port));
    endpoints_.push_back({zone.id.text(), zone.address + ":" + std::to_string(receive.port),
                          zone.address + ":" + std::to_string(deliver.port),
                          zone.network_namespace ? client_namespace(zone) : ""});
    listeners_.insert_or_assign("receive." + zone.id.text(), std::move(receive.socket));
    listeners_.insert_or_assign("deliver." + zone.id.text(), std::move(deliver.socket));
  }
  return {};
}

std::vector<std::string> Supervisor::audit_arguments() const {
  const LogKeyFiles keys(layout_);
  const config::AuditTerms& terms = gateway_.audit;
  std::vector<std::string> out;
  const auto add = [&](const char* flag, std::string value) {
    out.emplace_back(flag);
    out.push_back(std::move(value));
  };
  add("--folder", layout_.audit());
  add("--epoch-keys", layout_.epoch_keys());
  add("--origin", gateway_.log_origin());
  add("--key", keys.key);
  add("--gm-key", keys.gm_key);
  if (exists(keys.former_key)) {
    add("--former-key", keys.former_key);
    add("--former-gm-key", keys.former_gm_key);
  }
  if (exists(layout_.log_former_keys())) add("--former-vkeys", layout_.log_former_keys());
  add("--counter", terms.tpm.empty() ? "file:" + layout_.audit_counter() : "tpm:" + terms.tpm);
  add("--auditors", layout_.auditor_keys());
  add("--orders", layout_.audit_orders());
  add("--retention-months", std::to_string(terms.retention_months));
  add("--documents", layout_.software());
  if (gateway_.witness) add("--witness-policy", gateway_.witness_policy_file());
  return out;
}

std::vector<std::string> Supervisor::arguments_of(const Member& member) const {
  if (is_audit(member)) return audit_arguments();
  if (member.name == "custodian") {
    std::vector<std::string> out{"--folder",        layout_.store(),
                                 "--audit",         layout_.socket("audit", "custodian"),
                                 "--claim-seconds", std::string(kClaimSeconds)};
    for (const LocalSocket& socket : local_sockets(gateway_)) {
      if (socket.server != "custodian") continue;
      if (const auto uid = uid_of(gateway_, socket.client)) {
        out.emplace_back("--uid");
        out.push_back(socket.client + "=" + std::to_string(*uid));
      }
    }
    return out;
  }
  if (member.name == "worker") return {};
  if (member.name == "forward" || member.name == "directory")
    return {"--config", layout_.configuration()};
  if (member.zone) return {"--config", layout_.configuration(), "--zone", member.zone->text()};
  if (member.network) return {"--config", layout_.configuration()};
  return {"--folder", layout_.folder()};
}

Result<pid_t> Supervisor::launch(const Member& member, bool await_ready) {
  // The log's boot entry tells what it finds in this file.
  if (is_audit(member)) HANGU_CHECK(write_software(layout_, gateway_, binaries_));
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return fail(ErrorCode::internal, "supervisor-failed", "pipe", errno);
  const os::UniqueFd read_end(ends[0]);
  os::UniqueFd write_end(ends[1]);

  os::SpawnPlan plan;
  plan.program = binaries_ + "/" + member.binary;
  plan.arguments = arguments_of(member);
  plan.environment = {{"PATH", "/usr/bin:/bin"}, {"LANG", "C.UTF-8"}};
  plan.uid = uid_of(gateway_, member.name);
  const bool root = ::geteuid() == 0;
  if (const auto& zone = member.zone ? member.zone : member.network) {
    plan.network_namespace = gateway_.zone(*zone)->network_namespace;
  } else if (member.name == "forward") {
    plan.network_namespace = gateway_.forward->network_namespace;
  } else if (member.name == "directory") {
    plan.network_namespace = gateway_.directory->network_namespace;
  } else {
    plan.private_network = root;
  }
  for (const auto& [name, socket] : listeners_)
    if (name.starts_with(member.name + ".") || name == member.name)
      plan.listeners.emplace_back(name, socket.view());
  const std::optional<std::uint32_t> readers = uid_of(gateway_, std::string(kLogReaders));
  if (member.reads_log && readers) plan.groups = {*readers};
  if (const auto device = config::tpm_device(gateway_.audit.tpm); device && is_audit(member))
    if (const auto group = config::tpm_group(*device)) plan.groups.push_back(*group);
  plan.ready = write_end.view();
  plan.log_path = layout_.log(member.name);
  HANGU_TRY(const pid_t pid, os::spawn(plan));
  write_end.reset();
  if (!await_ready || is_ready(read_end.view())) return pid;
  stop({&pid, 1});
  return fail(ErrorCode::unavailable, "program-not-ready",
              member.binary + "; see " + layout_.log(member.name));
}

Done Supervisor::start() {
  HANGU_CHECK(bind_local());
  HANGU_CHECK(bind_zones());
  for (const Member& member : roster(gateway_)) {
    const bool tells_of_former = is_audit(member) && exists(LogKeyFiles(layout_).former_key);
    const Result<pid_t> pid = launch(member, true);
    if (!pid) {
      stop_all();
      return std::unexpected(pid.error());
    }
    children_.push_back({member, *pid, 0, os::monotonic_now()});
    if (!tells_of_former) continue;
    if (const Done erased = erase_former_log_keys(layout_); !erased) {  // it serves: it has told
      stop_all();
      return erased;
    }
  }
  Done written = write_running();
  if (!written) stop_all();
  return written;
}

RunningGateway Supervisor::running() const {
  RunningGateway out;
  out.supervisor = ::getpid();
  out.identity = process_identity(out.supervisor);
  out.endpoints = endpoints_;
  for (const Child& child : children_)
    out.programs.push_back({child.member.name, child.pid,
                            uid_of(gateway_, child.member.name).value_or(::geteuid()),
                            child.restarts});
  return out;
}

Done Supervisor::write_running() const {
  return os::write_file_durably(running_path(layout_), bytes_of(running().to_json().to_text()),
                                kRunningMode);
}

/// What runs must be what the log's boot entry told. Where a program, the configuration or a list
/// of keys has changed since, the log's program starts anew first, and tells it.
void Supervisor::tell_software() {
  const auto audit = std::ranges::find_if(
      children_, [](const Child& child) { return is_audit(child.member) && child.pid > 0; });
  if (audit == children_.end()) return;  // its own start tells
  const auto text = software(layout_, gateway_, binaries_);
  const auto told = os::read_file(layout_.software(), kSoftwareBytesMax);
  if (text && told && text_of(*told) == *text) return;
  stop({&audit->pid, 1});
  const Result<pid_t> pid = launch(audit->member, true);
  audit->started = os::monotonic_now();
  ++audit->restarts;
  audit->pid = pid ? *pid : 0;
}

void Supervisor::reap_and_restart() {
  bool changed = false;
  for (Child& child : children_) {
    int status = 0;
    if (child.pid > 0 && ::waitpid(child.pid, &status, WNOHANG) == child.pid) child.pid = 0;
    if (child.pid > 0) continue;
    // A program that dies at once is not started in a circle: each life lasts, or the next waits.
    if (os::monotonic_now() - child.started < std::min(kSettled, kTick * child.restarts)) continue;
    if (!is_audit(child.member)) tell_software();
    const Result<pid_t> pid = launch(child.member, false);
    child.started = os::monotonic_now();
    ++child.restarts;
    child.pid = pid ? *pid : 0;
    changed = true;
  }
  if (changed) (void)write_running().has_value();  // `hangu ps` then shows the old list
}

Done Supervisor::run(os::FdView stop) {
  const std::array watched{stop};
  while (true) {
    HANGU_TRY(const std::vector<std::size_t> ready, os::wait_readable(watched, kTick));
    if (!ready.empty()) break;
    reap_and_restart();
  }
  stop_all();
  return {};
}

void Supervisor::stop_all() {
  for (int turn = 0; turn < kTurnsOfEnd; ++turn) {
    std::vector<pid_t> pids;
    for (const Child& child : children_) {
      if (child.pid > 0 && turn_of_end(child.member) == turn) pids.push_back(child.pid);
    }
    stop(pids);
  }
  children_.clear();
  ::unlink(running_path(layout_).c_str());
}

}  // namespace hangu::supervise
