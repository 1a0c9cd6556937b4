// hangu-mosaic: the ledger of the ground that was released to each receiver.
// docs/protocols/mosaic.md.
//
// usage: hangu-mosaic --folder DIR (the gateway's)
// Its listener comes from outside as mosaic.decide. Exit status: 0 told to end, 1 the ledger cannot
// be kept, 2 wrong usage.

#include <exception>
#include <iostream>
#include <span>

#include "mosaic/folder.hpp"
#include "mosaic/service.hpp"
#include "os/file.hpp"
#include "os/process.hpp"
#include "os/standard.hpp"

namespace {

using namespace hangu;

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

void tell(const std::string& line) { std::cerr << line + "\n" << std::flush; }

Done serve(const std::string& gateway_folder) {
  HANGU_TRY(const os::UniqueFd stop, os::termination_signals());
  os::Readiness readiness = os::Readiness::prepare();
  HANGU_TRY(auto passed, os::passed_listeners());
  const auto door = passed.find("mosaic.decide");
  if (door == passed.end() || passed.size() != 1)
    return fail(ErrorCode::malformed, "listener-unknown", "want mosaic.decide");
  os::Listener listener(std::move(door->second));
  const std::string folder = mosaic::folder_below(gateway_folder);
  HANGU_CHECK(os::make_folders(folder));
  HANGU_TRY(const os::SandboxReport sandbox, os::enter_sandbox(mosaic::service_profile(folder)));
  HANGU_TRY(const auto ledger, mosaic::MosaicLedger::open(folder + "/mosaic.sqlite"));
  HANGU_TRY(const std::uint64_t last, ledger->last());
  HANGU_TRY(const std::uint64_t uncommitted, ledger->uncommitted());
  tell("HANGU-MOSAIC-0001 serving: " + std::to_string(last) + " reservations, " +
       std::to_string(uncommitted) + " that the log may not have yet, landlock " +
       std::to_string(sandbox.landlock_abi));
  readiness.tell("serving");
  return mosaic::serve(*ledger, listener, stop.view());
}

}  // namespace

int main(int count, char** values) {
  os::hold_standard_descriptors();
  const std::span arguments(values, static_cast<std::size_t>(count));
  if (arguments.size() != 3 || std::string_view(arguments[1]) != "--folder") {
    tell("usage: hangu-mosaic --folder DIR");
    return kExitUsage;
  }
  try {
    const Done served = serve(arguments[2]);
    if (served) return 0;
    tell("HANGU-MOSAIC-0002 the ledger cannot be kept: " + served.error().message());
  } catch (const std::exception& unexpected) {
    tell(std::string("HANGU-MOSAIC-0002 the ledger cannot be kept: ") + unexpected.what());
  }
  return kExitFailed;
}
