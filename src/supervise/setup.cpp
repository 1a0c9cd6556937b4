#include "supervise/setup.hpp"

#include <unistd.h>

#include <optional>

#include "audit/witnessing.hpp"
#include "base/text.hpp"
#include "config/directory_paths.hpp"
#include "mosaic/folder.hpp"
#include "os/file.hpp"
#include "supervise/credentials.hpp"
#include "supervise/documents.hpp"
#include "supervise/examples.hpp"
#include "supervise/ownership.hpp"
#include "supervise/roster.hpp"

namespace hangu::supervise {
namespace {

constexpr unsigned kLogMode = 0750;      // the published log is read through the group
constexpr unsigned kOutboxMode = 02750;  // emit writes, deliver reads through the group

/// Replaces every `key = "…"` line's value in the example.
std::string with_line(std::string text, const std::string& start, const std::string& line) {
  for (std::size_t at = text.find(start); at != std::string::npos; at = text.find(start, at + 1)) {
    if (at > 0 && text[at - 1] != '\n') continue;
    const std::size_t end = text.find('\n', at);
    text.replace(at, end - at, line);
    at += line.size();
  }
  return text;
}

std::string adapted_example(const SetupPlan& plan) {
  std::string text =
      with_line(std::string(example_gateway()), "folder = ", "folder = \"" + plan.folder + "\"");
  if (::geteuid() != 0) text = with_line(text, "uid_base = ", "uid_base = 0");
  if (!plan.loopback) return text;
  text = with_line(text, "address = ", "address = \"127.0.0.1\"");
  text = with_line(text, "receive_port = ", "receive_port = 0");
  text = with_line(text, "deliver_port = ", "deliver_port = 0");
  return with_line(text, "network_namespace = ", "");
}

Result<std::string> config_text(const std::string& path) {
  HANGU_TRY(const Bytes bytes, os::read_file(path, config::kConfigBytesMax));
  return std::string(text_of(bytes));
}

Result<config::Gateway> make_configuration(const SetupPlan& plan) {
  const config::Layout layout(plan.folder);
  std::optional<std::string> given;
  if (!plan.config_file.empty()) {
    HANGU_TRY(given, config_text(plan.config_file));
  }
  if (exists(plan.folder)) HANGU_CHECK(check_folder_is_ours(layout));
  if (exists(layout.configuration())) {
    HANGU_TRY(const std::string text, config_text(layout.configuration()));
    if (given && *given != text)
      return fail(ErrorCode::malformed, "config-differs",
                  printable(plan.config_file) + ", " + printable(layout.configuration()));
    return config::Gateway::load(layout.configuration());
  }
  const std::string text = given.value_or(adapted_example(plan));
  const Result<config::Gateway> checked = config::Gateway::parse(text);
  if (!checked) return std::unexpected(checked.error().within(printable(plan.config_file)));
  if (checked->folder != plan.folder)
    return fail(ErrorCode::malformed, "config-value",
                printable(plan.config_file) + ": folder must be " + printable(plan.folder));
  HANGU_CHECK(os::make_folders(plan.folder, kOpenMode));
  HANGU_CHECK(check_folder_is_ours(layout));
  HANGU_CHECK(os::write_file_durably(layout.configuration(), bytes_of(text), kPublicFileMode));
  return config::Gateway::load(layout.configuration());
}

Done make_working_folders(const config::Layout& layout, const config::Gateway& gateway) {
  for (const std::string& folder : {layout.folder() + "/run", layout.folder() + "/credentials",
                                    layout.zones(), layout.folder() + "/log"})
    HANGU_CHECK(make_our_folder(folder));
  for (const LocalSocket& socket : local_sockets(gateway))
    HANGU_CHECK(make_our_folder(layout.socket_folder(socket.server)));
  HANGU_CHECK(os::make_folders(layout.store(), kOwnMode));
  HANGU_CHECK(own(layout.store(), gateway, "custodian", kOwnMode));
  HANGU_CHECK(os::make_folders(mosaic::folder_below(layout.folder()), kOwnMode));
  HANGU_CHECK(own(mosaic::folder_below(layout.folder()), gateway, "mosaic", kOwnMode));
  HANGU_CHECK(os::make_folders(layout.audit(), kOwnMode));
  HANGU_CHECK(settle(layout.audit(), uid_of(gateway, "audit"),
                     uid_of(gateway, std::string(kLogReaders)),
                     uid_of(gateway, "audit") ? kLogMode : kOwnMode));
  HANGU_CHECK(os::make_folders(layout.epoch_keys(), kOwnMode));
  HANGU_CHECK(own(layout.epoch_keys(), gateway, "audit", kOwnMode));
  HANGU_CHECK(os::make_folders(layout.audit_counter(), kOwnMode));
  HANGU_CHECK(own(layout.audit_counter(), gateway, "audit", kOwnMode));
  HANGU_CHECK(os::make_folders(layout.audit_orders(), kOpenMode));
  HANGU_CHECK(own(layout.audit_orders(), gateway, "audit", kOpenMode));
  if (gateway.witness) {  // into which `hangu witness return` writes too
    const std::string cosigned = layout.audit() + "/" + std::string(audit::kWitnessFolder);
    HANGU_CHECK(os::make_folders(cosigned, kOpenMode));
    HANGU_CHECK(own(cosigned, gateway, "audit", kOpenMode));
  }
  if (gateway.forward) {
    HANGU_CHECK(os::make_folders(layout.forward(), kOpenMode));
    HANGU_CHECK(own(layout.forward(), gateway, "forward", kOpenMode));
  }
  if (gateway.directory) {
    const std::string folder = config::directory_folder(layout);
    HANGU_CHECK(os::make_folders(folder, kOpenMode));
    HANGU_CHECK(own(folder, gateway, "directory", kOpenMode));
  }
  for (const config::Zone& zone : gateway.zones) {
    HANGU_CHECK(make_our_folder(layout.zones() + "/" + zone.id.text()));
    HANGU_CHECK(os::make_folders(layout.spool(zone.id), kOwnMode));
    HANGU_CHECK(own(layout.spool(zone.id), gateway, "receive." + zone.id.text(), kOwnMode));
    const std::string outbox = layout.outbox(zone.id);
    HANGU_CHECK(os::make_folders(outbox, kOwnMode));
    HANGU_CHECK(settle(outbox, uid_of(gateway, "emit"),
                       uid_of(gateway, "deliver." + zone.id.text()), kOutboxMode));
  }
  return {};
}

}  // namespace

Result<config::Gateway> set_up(const SetupPlan& plan, const Clock& clock, Entropy& entropy) {
  HANGU_TRY(config::Gateway gateway, make_configuration(plan));
  const config::Layout layout(gateway.folder);
  HANGU_CHECK(check_witness_policy(gateway, layout));
  Result<cli::Pki> pki = exists(plan.pki_folder + "/anchors.pem")
                             ? cli::Pki::open(plan.pki_folder, clock, entropy)
                             : cli::Pki::init(plan.pki_folder, clock, entropy);
  if (!pki) return std::unexpected(pki.error());
  HANGU_CHECK(make_working_folders(layout, gateway));
  HANGU_CHECK(make_credentials(layout, gateway, *pki, entropy));
  HANGU_TRY(const WallTime now, clock.now());
  HANGU_CHECK(publish_documents(layout, gateway, *pki, now));
  return gateway;
}

}  // namespace hangu::supervise
