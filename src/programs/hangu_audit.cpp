// hangu-audit: the only writer of the audit log. docs/protocols/audit-log.md.
//
// usage: hangu-audit --folder DIR --epoch-keys DIR --origin NAME --key FILE --gm-key FILE
//                    [--witness-policy FILE] [--require-synchronised-clock]
// Listeners come from outside under the names audit.<program>; who connects to one is that program.
// Exit status: 0 told to end, 1 the log cannot be kept, 2 wrong usage.

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <iostream>
#include <map>
#include <string>
#include <string_view>

#include "audit/disk_folder.hpp"
#include "audit/service.hpp"
#include "audit/witness/limits.hpp"
#include "audit/witness/quorum_watch.hpp"
#include "crypto/certificate.hpp"
#include "crypto/prepare.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"
#include "os/process.hpp"
#include "os/sandbox.hpp"
#include "os/standard.hpp"

namespace {

using namespace hangu;

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
constexpr std::size_t kKeyFileBytesMax = 16 * 1024;
constexpr std::string_view kListenerPrefix = "audit.";

struct Arguments {
  std::string folder;
  std::string epoch_keys;
  std::string origin;
  std::string key;
  std::string gm_key;
  std::string witness_policy;  ///< empty: no witnesses
  bool require_synchronised_clock = false;
};

void tell(const std::string& line) { std::cerr << line + "\n" << std::flush; }

std::optional<Arguments> read_arguments(int count, char** values) {
  Arguments arguments;
  const std::map<std::string_view, std::string*> places{
      {"--folder", &arguments.folder}, {"--epoch-keys", &arguments.epoch_keys},
      {"--origin", &arguments.origin}, {"--key", &arguments.key},
      {"--gm-key", &arguments.gm_key}, {"--witness-policy", &arguments.witness_policy}};
  for (int i = 1; i < count; ++i) {
    const std::string_view flag(values[i]);
    if (flag == "--require-synchronised-clock") {
      arguments.require_synchronised_clock = true;
      continue;
    }
    const auto place = places.find(flag);
    if (place == places.end() || i + 1 >= count || !place->second->empty()) return std::nullopt;
    *place->second = values[++i];
  }
  const bool complete = std::ranges::none_of(places, [&](const auto& place) {
    return place.second->empty() && place.second != &arguments.witness_policy;
  });
  return complete ? std::optional(std::move(arguments)) : std::nullopt;
}

Result<crypto::SigningKey> read_key(const std::string& path) {
  HANGU_TRY(Bytes pem, os::read_file(path, kKeyFileBytesMax));
  Result<crypto::SigningKey> key = crypto::read_signing_key_pem(pem);
  crypto::wipe(pem);
  return key;
}

Result<std::map<std::string, os::Listener>> take_listeners() {
  HANGU_TRY(auto passed, os::passed_listeners());
  std::map<std::string, os::Listener> listeners;
  for (auto& [name, socket] : passed) {
    if (!name.starts_with(kListenerPrefix) || name.size() == kListenerPrefix.size()) {
      return fail(ErrorCode::malformed, "listeners-invalid", name);
    }
    listeners.emplace(name.substr(kListenerPrefix.size()), os::Listener(std::move(socket)));
  }
  if (listeners.empty()) return fail(ErrorCode::malformed, "listeners-invalid", "none passed");
  return listeners;
}

Result<std::optional<audit::WitnessPolicy>> read_witness_policy(const std::string& path) {
  if (path.empty()) return std::optional<audit::WitnessPolicy>();
  HANGU_TRY(const Bytes text, os::read_file(path, audit::kWitnessPolicyBytesMax));
  Result<audit::WitnessPolicy> policy = audit::WitnessPolicy::parse(text_of(text));
  if (!policy) return std::unexpected(policy.error().within(path));
  return std::optional(*std::move(policy));
}

Done serve(const Arguments& arguments) {
  HANGU_TRY(const os::UniqueFd stop, os::termination_signals());
  os::Readiness readiness = os::Readiness::prepare();
  HANGU_TRY(auto listeners, take_listeners());
  HANGU_TRY(crypto::SigningKey key, read_key(arguments.key));
  HANGU_TRY(crypto::SigningKey gm_key, read_key(arguments.gm_key));
  HANGU_TRY(auto folder, audit::open_disk_folder(arguments.folder));
  HANGU_TRY(auto epoch_keys, audit::open_disk_folder(arguments.epoch_keys));
  HANGU_TRY(auto witness_policy, read_witness_policy(arguments.witness_policy));
  HANGU_TRY(const auto published, folder->again());
  crypto::prepare();
  HANGU_TRY(const os::SandboxReport sandbox,
            os::enter_sandbox(audit::service_profile(arguments.folder, arguments.epoch_keys)));

  const os::SystemClock clock(arguments.require_synchronised_clock);
  crypto::SystemEntropy entropy;
  HANGU_TRY(audit::OpenedWriter opened,
            audit::Writer::open({.folder = std::move(folder),
                                 .epoch_keys = std::move(epoch_keys),
                                 .origin = arguments.origin,
                                 .key = std::move(key),
                                 .gm_key = std::move(gm_key),
                                 .clock = clock,
                                 .entropy = entropy,
                                 .self = {.program = "audit",
                                          .uid = ::getuid(),
                                          .pid = static_cast<std::uint32_t>(::getpid())},
                                 .limits = {}}));
  if (opened.recovery.discarded_bytes > 0) {
    tell("HANGU-AUDIT-0002 discarded " + std::to_string(opened.recovery.discarded_bytes) +
         " bytes of a batch that was never acknowledged");
  }
  tell("HANGU-AUDIT-0001 serving: size " + std::to_string(opened.writer.log().head().size) +
       ", key " + opened.writer.log().key().to_text() + ", landlock " +
       std::to_string(sandbox.landlock_abi));
  std::unique_ptr<audit::Witnessing> witnessing;
  if (witness_policy) {
    HANGU_TRY(witnessing, audit::QuorumWatch::open(*published, *std::move(witness_policy),
                                                   opened.writer.log().key(), clock));
  }
  audit::Service service(std::move(opened), {.listeners = std::move(listeners),
                                             .stop = stop.view(),
                                             .tell = tell,
                                             .witnessing = std::move(witnessing)});
  readiness.tell("serving");
  return service.run();
}

}  // namespace

int main(int count, char** values) {
  os::hold_standard_descriptors();
  try {
    const auto arguments = read_arguments(count, values);
    if (!arguments) {
      std::cerr << "usage: hangu-audit --folder DIR --epoch-keys DIR --origin NAME --key FILE"
                   " --gm-key FILE [--witness-policy FILE] [--require-synchronised-clock]\n";
      return kExitUsage;
    }
    const Done served = serve(*arguments);
    if (served) return 0;
    tell("HANGU-AUDIT-0003 the log cannot be kept: " + served.error().message());
  } catch (const std::exception& unexpected) {
    tell(std::string("HANGU-AUDIT-0003 the log cannot be kept: ") + unexpected.what());
  }
  return kExitFailed;
}
