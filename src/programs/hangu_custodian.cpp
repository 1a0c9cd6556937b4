// hangu-custodian: the ledger of transfers and the store of objects. docs/protocols/custodian.md.
//
// usage: hangu-custodian --folder DIR --audit SOCKET [--uid PROGRAM[.ZONE]=UID]...
//          [--claim-seconds N] [--retention-hours N] [--require-synchronised-clock]
// Listeners come from outside as custodian.<program>, and custodian.<half>.<zone> for zone halves;
// who connects to one is that program. With --uid its peers must have that user id as well.
// Exit status: 0 told to end, 1 the ledger cannot be kept, 2 wrong usage.

#include <charconv>
#include <exception>
#include <iostream>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "crypto/secret.hpp"
#include "ledger/server.hpp"
#include "ledger/sqlite_ledger.hpp"
#include "line/custodian_audit.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"
#include "os/process.hpp"
#include "os/sandbox.hpp"
#include "os/standard.hpp"

namespace {

using namespace hangu;

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
constexpr std::uint32_t kClaimSecondsMax = 3600;
constexpr std::uint32_t kRetentionHoursMax = 24 * 366;

struct Arguments {
  std::string folder;
  std::string audit;
  std::map<std::string, uid_t, std::less<>> uids;  ///< by the listener's name after "custodian."
  ledger::CustodianSettings settings;
  bool require_synchronised_clock = false;
};

void tell(const std::string& line) { std::cerr << line + "\n" << std::flush; }

std::optional<std::uint32_t> number(std::string_view text, std::uint32_t most) {
  std::uint32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value > most) return std::nullopt;
  return value;
}

bool take_value(Arguments& arguments, std::string_view flag, std::string_view value) {
  if (flag == "--folder") {
    arguments.folder = value;
    return !value.empty();
  }
  if (flag == "--audit") {
    arguments.audit = value;
    return !value.empty();
  }
  if (flag == "--uid") {
    const auto equals = value.find('=');
    if (equals == std::string_view::npos) return false;
    const auto uid = number(value.substr(equals + 1), UINT32_MAX - 1);
    return uid && arguments.uids.emplace(value.substr(0, equals), *uid).second;
  }
  if (flag == "--claim-seconds") {
    const auto seconds = number(value, kClaimSecondsMax);
    arguments.settings.claim_lasts = std::chrono::seconds(seconds.value_or(0));
    return seconds.value_or(0) > 0;
  }
  if (flag == "--retention-hours") {
    const auto hours = number(value, kRetentionHoursMax);
    arguments.settings.retention = std::chrono::hours(hours.value_or(0));
    return hours.has_value();
  }
  return false;
}

std::optional<Arguments> read_arguments(std::span<char*> values) {
  Arguments arguments;
  for (std::size_t i = 1; i < values.size(); ++i) {
    const std::string_view flag(values[i]);
    if (flag == "--require-synchronised-clock") {
      arguments.require_synchronised_clock = true;
      continue;
    }
    if (i + 1 >= values.size() || !take_value(arguments, flag, values[i + 1])) return std::nullopt;
    ++i;
  }
  if (arguments.folder.empty() || arguments.audit.empty()) return std::nullopt;
  return arguments;
}

Result<std::vector<ledger::Door>> take_doors(Arguments& arguments) {
  HANGU_TRY(auto passed, os::passed_listeners());
  std::vector<ledger::Door> doors;
  for (auto& [name, socket] : passed) {
    HANGU_TRY(auto caller, ledger::parse_listener(name));
    ledger::Door door{.listener = os::Listener(std::move(socket)), .caller = std::move(caller)};
    const auto uid = arguments.uids.find(std::string_view(name).substr(name.find('.') + 1));
    if (uid != arguments.uids.end()) {
      door.uid = uid->second;
      arguments.uids.erase(uid);
    }
    doors.push_back(std::move(door));
  }
  if (doors.empty()) return fail(ErrorCode::malformed, "listener-unknown", "none passed");
  if (!arguments.uids.empty()) {
    return fail(ErrorCode::malformed, "listener-unknown", "--uid " + arguments.uids.begin()->first);
  }
  return doors;
}

Done serve(Arguments arguments) {
  HANGU_TRY(const os::UniqueFd stop, os::termination_signals());
  os::Readiness readiness = os::Readiness::prepare();
  HANGU_TRY(auto doors, take_doors(arguments));
  HANGU_CHECK(os::make_folders(arguments.folder));
  HANGU_TRY(const os::SandboxReport sandbox,
            os::enter_sandbox(ledger::server_profile(arguments.folder, arguments.audit)));

  const os::SystemClock clock(arguments.require_synchronised_clock);
  crypto::SystemEntropy entropy;
  crypto::SystemEntropy entropy_of_audit;
  HANGU_TRY(const auto book, ledger::SqliteLedger::open(arguments.folder + "/ledger.sqlite"));
  HANGU_TRY(const auto store, ledger::ObjectStore::open(arguments.folder));
  line::CustodianAudit audit(arguments.audit, entropy_of_audit);
  ledger::Custodian custodian(arguments.settings, *book, *store, audit, clock, entropy);
  HANGU_TRY(const std::size_t swept, custodian.sweep_leftovers());
  HANGU_TRY(const auto server, ledger::Server::create(custodian, *book, std::move(doors)));
  tell("HANGU-CUSTODIAN-0001 serving: " + std::to_string(swept) + " leftovers removed, landlock " +
       std::to_string(sandbox.landlock_abi));
  readiness.tell("serving");
  HANGU_CHECK(server->run(stop.view()));
  const ledger::ServerCounts& counts = server->counts();
  tell("HANGU-CUSTODIAN-0002 told to end: " + std::to_string(counts.requests) + " requests in " +
       std::to_string(counts.transactions) + " transactions, " + std::to_string(counts.refused) +
       " refused, " + std::to_string(counts.turned_away) + " turned away");
  return {};
}

}  // namespace

int main(int count, char** values) {
  os::hold_standard_descriptors();
  try {
    auto arguments = read_arguments(std::span(values, static_cast<std::size_t>(count)));
    if (!arguments) {
      tell(
          "usage: hangu-custodian --folder DIR --audit SOCKET [--uid PROGRAM[.ZONE]=UID]..."
          " [--claim-seconds N] [--retention-hours N] [--require-synchronised-clock]");
      return kExitUsage;
    }
    const Done served = serve(*std::move(arguments));
    if (served) return 0;
    tell("HANGU-CUSTODIAN-0003 the ledger cannot be kept: " + served.error().message());
  } catch (const std::exception& unexpected) {
    tell(std::string("HANGU-CUSTODIAN-0003 the ledger cannot be kept: ") + unexpected.what());
  }
  return kExitFailed;
}
