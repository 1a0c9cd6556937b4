// hangu-audit: the only writer of the audit log. docs/protocols/audit-log.md.
//
// usage: hangu-audit --folder DIR --epoch-keys DIR --origin NAME --key FILE --gm-key FILE
//                    [--counter file:DIR|tpm:TCTI] [--auditors FILE --orders DIR]
//                    [--retention-months N] [--documents FILE] [--witness-policy FILE]
//                    [--former-key FILE --former-gm-key FILE] [--former-vkeys FILE]
//                    [--require-synchronised-clock]
//
//   --counter     raised at each epoch's end; a TPM is named as tpm2-tss does, "device:/dev/tpmrm0"
//   --auditors    whose orders count, two together; --orders is where they put them
//   --former-key, --former-gm-key   at the start at which the log's own keys roll over
//   --former-vkeys                  public keys that they rolled over from, one a line
//   --documents   JSON {"version":…,"documents":[{"name":…,"sha256":…}…]}, told in the boot entry
// Listeners come from outside under the names audit.<program>; who connects to one is that program.
// Exit status: 0 told to end, 1 the log cannot be kept, 2 wrong usage.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <exception>
#include <iostream>
#include <map>
#include <string>
#include <string_view>

#include "audit/boot_documents.hpp"
#include "audit/disk_folder.hpp"
#include "audit/service.hpp"
#include "audit/tpm/tpm_counter.hpp"
#include "audit/witness/files.hpp"
#include "audit/witness/quorum_watch.hpp"
#include "config/trust.hpp"
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
constexpr std::string_view kFileCounter = "file:";
constexpr std::string_view kTpmCounter = "tpm:";

struct Arguments {
  std::string folder;
  std::string epoch_keys;
  std::string origin;
  std::string key;
  std::string gm_key;
  std::string counter;
  std::string auditors;
  std::string orders;
  std::string retention_months;
  std::string documents;
  std::string witness_policy;  ///< empty: no witnesses
  std::string former_key;      ///< empty: nothing rolls over
  std::string former_gm_key;
  std::string former_vkeys;
  bool require_synchronised_clock = false;
};

void tell(const std::string& line) { std::cerr << line + "\n" << std::flush; }

std::optional<Arguments> read_arguments(int count, char** values) {
  Arguments arguments;
  const std::map<std::string_view, std::string*> places{
      {"--folder", &arguments.folder},
      {"--epoch-keys", &arguments.epoch_keys},
      {"--origin", &arguments.origin},
      {"--key", &arguments.key},
      {"--gm-key", &arguments.gm_key},
      {"--counter", &arguments.counter},
      {"--auditors", &arguments.auditors},
      {"--orders", &arguments.orders},
      {"--retention-months", &arguments.retention_months},
      {"--documents", &arguments.documents},
      {"--witness-policy", &arguments.witness_policy},
      {"--former-key", &arguments.former_key},
      {"--former-gm-key", &arguments.former_gm_key},
      {"--former-vkeys", &arguments.former_vkeys}};
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
  const std::array needed{&arguments.folder, &arguments.epoch_keys, &arguments.origin,
                          &arguments.key, &arguments.gm_key};
  const bool complete =
      std::ranges::none_of(needed, [](const auto* place) { return place->empty(); });
  if (!complete || arguments.auditors.empty() != arguments.orders.empty() ||
      arguments.former_key.empty() != arguments.former_gm_key.empty())
    return std::nullopt;
  return arguments;
}

Result<crypto::SigningKey> read_key(const std::string& path) {
  HANGU_TRY(Bytes pem, os::read_file(path, kKeyFileBytesMax));
  Result<crypto::SigningKey> key = crypto::read_signing_key_pem(pem);
  crypto::wipe(pem);
  return key;
}

Result<std::optional<audit::LogSecrets>> read_former(const Arguments& arguments) {
  if (arguments.former_key.empty()) return std::optional<audit::LogSecrets>();
  HANGU_TRY(crypto::SigningKey key, read_key(arguments.former_key));
  HANGU_TRY(crypto::SigningKey gm_key, read_key(arguments.former_gm_key));
  return std::optional(audit::LogSecrets{.key = std::move(key), .gm_key = std::move(gm_key)});
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
  HANGU_TRY(audit::WitnessPolicy policy, audit::load_witness_policy(path));
  return std::optional(std::move(policy));
}

/// Before the sandbox: a TPM's connection stays open.
Result<std::unique_ptr<audit::MonotonicCounter>> open_counter(const std::string& text) {
  if (text.empty()) return std::unique_ptr<audit::MonotonicCounter>();
  if (text.starts_with(kFileCounter)) {
    HANGU_TRY(auto folder, audit::open_disk_folder(text.substr(kFileCounter.size())));
    return audit::open_file_counter(std::move(folder));
  }
  if (text.starts_with(kTpmCounter))
    return audit::open_tpm_counter(text.substr(kTpmCounter.size()));
  return fail(ErrorCode::malformed, "usage", "--counter file:DIR or tpm:TCTI");
}

Result<std::unique_ptr<audit::OrderDesk>> open_orders(const Arguments& arguments) {
  if (arguments.orders.empty()) return std::unique_ptr<audit::OrderDesk>();
  HANGU_TRY(const config::StageKeys keys, config::load_stage_keys(arguments.auditors));
  std::vector<audit::Auditor> auditors = audit::auditors_of(keys);
  HANGU_TRY(auto folder, audit::open_disk_folder(arguments.orders));
  return std::make_unique<audit::OrderDesk>(std::move(folder), std::move(auditors),
                                            arguments.origin, tell);
}

/// Errors: Malformed "usage": not a number, or fewer months than the law asks for.
Result<unsigned> read_months(const std::string& text) {
  if (text.empty()) return audit::kRetentionMonths;
  unsigned months = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), months);
  if (error != std::errc() || end != text.data() + text.size() ||
      months < audit::kRetentionMonthsMin || months > audit::kRetentionMonthsMax)
    return fail(ErrorCode::malformed, "usage", "--retention-months 6..1200");
  return months;
}

/// More members of the boot entry.
Result<wire::JsonObject> read_documents(const std::string& path) {
  if (path.empty()) return wire::JsonObject();
  HANGU_TRY(const Bytes text, os::read_file(path, audit::kBootDocumentsBytesMax));
  auto members = audit::parse_boot_documents(text_of(text));
  if (!members) return std::unexpected(members.error().within(path));
  return members;
}

/// What is opened before the program locks itself in.
struct Means {
  std::map<std::string, os::Listener> listeners;
  crypto::SigningKey key;
  crypto::SigningKey gm_key;
  std::optional<audit::LogSecrets> former;
  std::vector<audit::NoteKey> former_vkeys;
  std::unique_ptr<audit::Folder> folder;
  std::unique_ptr<audit::Folder> epoch_keys;
  std::unique_ptr<audit::MonotonicCounter> counter;
  std::unique_ptr<audit::OrderDesk> orders;
  unsigned months;
  wire::JsonObject boot;
  std::optional<audit::WitnessPolicy> witness_policy;
};

Result<Means> open_means(const Arguments& arguments) {
  HANGU_TRY(auto listeners, take_listeners());
  HANGU_TRY(crypto::SigningKey key, read_key(arguments.key));
  HANGU_TRY(crypto::SigningKey gm_key, read_key(arguments.gm_key));
  HANGU_TRY(auto former, read_former(arguments));
  std::vector<audit::NoteKey> former_vkeys;
  if (!arguments.former_vkeys.empty()) {
    HANGU_TRY(former_vkeys, audit::load_vkeys(arguments.former_vkeys));
  }
  HANGU_TRY(auto folder, audit::open_disk_folder(arguments.folder));
  HANGU_TRY(auto epoch_keys, audit::open_disk_folder(arguments.epoch_keys));
  HANGU_TRY(auto counter, open_counter(arguments.counter));
  HANGU_TRY(auto orders, open_orders(arguments));
  HANGU_TRY(const unsigned months, read_months(arguments.retention_months));
  HANGU_TRY(wire::JsonObject boot, read_documents(arguments.documents));
  HANGU_TRY(auto witness_policy, read_witness_policy(arguments.witness_policy));
  return Means{std::move(listeners),    std::move(key),
               std::move(gm_key),       std::move(former),
               std::move(former_vkeys), std::move(folder),
               std::move(epoch_keys),   std::move(counter),
               std::move(orders),       months,
               std::move(boot),         std::move(witness_policy)};
}

/// What a quorum saw last is read before the log is touched.
Result<std::unique_ptr<audit::Witnessing>> open_witnessing(const Arguments& arguments, Means& means,
                                                           const Clock& clock) {
  if (!means.witness_policy) return std::unique_ptr<audit::Witnessing>();
  HANGU_TRY(audit::NoteKey key, audit::NoteKey::create(arguments.origin, means.key.verify_key()));
  return audit::QuorumWatch::open(*means.folder, *std::move(means.witness_policy), std::move(key),
                                  clock, means.former_vkeys);
}

audit::BoxPaths box_of(const Arguments& arguments) {
  audit::BoxPaths paths{.folder = arguments.folder, .epoch_keys = arguments.epoch_keys};
  if (arguments.counter.starts_with(kFileCounter))
    paths.counter = arguments.counter.substr(kFileCounter.size());
  paths.orders = arguments.orders;
  return paths;
}

Done serve(const Arguments& arguments) {
  HANGU_TRY(const os::UniqueFd stop, os::termination_signals());
  os::Readiness readiness = os::Readiness::prepare();
  HANGU_TRY(Means means, open_means(arguments));
  crypto::prepare();
  HANGU_TRY(const os::SandboxReport sandbox,
            os::enter_sandbox(audit::service_profile(box_of(arguments))));

  const os::SystemClock clock(arguments.require_synchronised_clock);
  crypto::SystemEntropy entropy;
  std::vector<audit::GivenOrder> orders;
  if (const Result<WallTime> now = clock.now(); means.orders && now)
    orders = means.orders->read(*now);
  HANGU_TRY(auto pruner_folder, means.folder->again());
  HANGU_TRY(auto witnessing, open_witnessing(arguments, means, clock));
  HANGU_TRY(audit::OpenedWriter opened,
            audit::Writer::open({.folder = std::move(means.folder),
                                 .epoch_keys = std::move(means.epoch_keys),
                                 .origin = arguments.origin,
                                 .key = std::move(means.key),
                                 .gm_key = std::move(means.gm_key),
                                 .clock = clock,
                                 .entropy = entropy,
                                 .self = {.program = "audit",
                                          .uid = ::getuid(),
                                          .pid = static_cast<std::uint32_t>(::getpid())},
                                 .limits = {},
                                 .counter = std::move(means.counter),
                                 .orders = std::move(orders),
                                 .boot = std::move(means.boot),
                                 .witnessed = witnessing ? witnessing->head() : std::nullopt,
                                 .former = std::move(means.former)}));
  if (opened.recovery.discarded_bytes > 0) {
    tell("HANGU-AUDIT-0002 discarded " + std::to_string(opened.recovery.discarded_bytes) +
         " bytes of a batch that was never acknowledged");
  }
  tell("HANGU-AUDIT-0001 serving: size " + std::to_string(opened.writer.log().head().size) +
       ", key " + opened.writer.log().key().to_text() + ", landlock " +
       std::to_string(sandbox.landlock_abi));
  audit::Service service(std::move(opened), {.listeners = std::move(means.listeners),
                                             .stop = stop.view(),
                                             .tell = tell,
                                             .witnessing = std::move(witnessing),
                                             .orders = std::move(means.orders),
                                             .pruner = std::make_unique<audit::Pruner>(
                                                 std::move(pruner_folder), means.months)});
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
                   " --gm-key FILE [--counter file:DIR|tpm:TCTI] [--auditors FILE --orders DIR]"
                   " [--retention-months N] [--documents FILE] [--witness-policy FILE]"
                   " [--former-key FILE --former-gm-key FILE] [--former-vkeys FILE]"
                   " [--require-synchronised-clock]\n";
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
