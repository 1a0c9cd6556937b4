// hangu posture set, show: the switch on a gateway, by who owns its folder.

#include <filesystem>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "cli/folder_lock.hpp"
#include "cli/phrases.hpp"
#include "os/file.hpp"
#include "policy/posture.hpp"
#include "supervise/ownership.hpp"
#include "supervise/policy_commands.hpp"
#include "supervise/policy_releases.hpp"

namespace hangu::supervise {
namespace {

using cli::Arguments;
using cli::both;
using cli::Exit;
using cli::Session;

constexpr cli::Bilingual kNever =
    both("从未切换:normal;下一序号 1", "never switched: normal; the next number is 1");
constexpr cli::Bilingual kNext = both("下一序号", "the next number is");
constexpr cli::Bilingual kSignedBy = both("签署人", "signed by");

using Orders = std::vector<policy::SignedOrder>;

/// As they lie there; none where there is no file.
Result<Orders> orders_in(const config::Layout& layout) {
  if (!exists(layout.posture())) return Orders();
  HANGU_TRY(const Bytes bytes, os::read_file(layout.posture(), policy::kPostureFileBytesMax));
  return policy::read_orders(text_of(bytes));
}

void tell(Session& session, const policy::SignedOrder& lying, const policy::Signers& signers) {
  cli::Console& console = session.console;
  std::string humans;
  wire::JsonArray names;
  for (const policy::Signer* signer : signers.of(lying.envelope)) {
    humans += (humans.empty() ? "" : ", ") + signer->human;
    names.emplace_back(signer->human);
  }
  const policy::PostureOrder& order = lying.order;
  console.line(std::string(policy::to_text(order.posture)) + ": " + printable(order.reason) + "; " +
               std::string(console.say(kSignedBy)) + " " + humans + "; " + order.at.to_text() +
               "; " + std::string(console.say(kNext)) + " " +
               std::to_string(std::uint64_t{order.number} + 1));
  console.event("posture", {{"posture", policy::to_text(order.posture)},
                            {"number", order.number},
                            {"reason", order.reason},
                            {"ordered", order.at.to_text()},
                            {"signers", std::move(names)}});
}

/// What decide would not take does not replace what it has.
Done check_order(const policy::SignedOrder& candidate, const Orders& before,
                 const config::Gateway& gateway, const policy::Signers& signers) {
  if (candidate.order.gateway != gateway.name)
    return fail(ErrorCode::forbidden, "posture-other-gateway", candidate.order.gateway);
  const std::uint64_t next = before.empty() ? 1 : std::uint64_t{before.back().order.number} + 1;
  if (candidate.order.number != next)
    return fail(
        ErrorCode::forbidden, "posture-number",
        std::to_string(candidate.order.number) + "; " + std::to_string(next) + " is the next");
  const policy::Posture was =
      before.empty() ? policy::Posture::normal : before.back().order.posture;
  return check_posture_signatures(candidate.envelope, signers, candidate.order.posture < was);
}

Result<Exit> run_set(Session& session, const Arguments& arguments) {
  const std::string path = arguments.text("order");
  const Result<Bytes> bytes = os::read_file(path, kStatementBytesMax);
  if (!bytes) return std::unexpected(cli::about_file(bytes.error(), path));
  policy::SignedOrder candidate;
  HANGU_TRY(candidate.envelope, flow::Envelope::parse(text_of(*bytes)));
  HANGU_TRY(candidate.order, policy::posture_order_in(candidate.envelope));
  HANGU_TRY(const HeldFolder held, hold_folder(arguments));
  HANGU_TRY(const policy::Signers signers,
            policy::Signers::load(held.layout.signers(), held.layout.auditor_keys()));
  HANGU_TRY(const cli::FolderLock lock, cli::FolderLock::take(held.layout.policy()));
  HANGU_TRY(Orders orders, orders_in(held.layout));
  HANGU_CHECK(check_order(candidate, orders, held.gateway, signers));
  orders.push_back(candidate);
  if (orders.size() > policy::kPostureOrdersMax) orders.erase(orders.begin());
  HANGU_CHECK(write_for(held.layout.posture(), policy::orders_text(orders), held.gateway, "decide",
                        kKeyFileMode));
  tell(session, candidate, signers);
  return Exit::done;
}

Result<Exit> run_show(Session& session, const Arguments& arguments) {
  HANGU_TRY(const HeldFolder held, hold_folder(arguments));
  HANGU_TRY(const policy::Signers signers,
            policy::Signers::load(held.layout.signers(), held.layout.auditor_keys()));
  HANGU_TRY(const Orders orders, orders_in(held.layout));
  if (!orders.empty()) {
    tell(session, orders.back(), signers);
    return Exit::done;
  }
  session.console.line(session.console.say(kNever));
  session.console.event("posture", {{"posture", "normal"}, {"number", 0}});
  return Exit::done;
}

}  // namespace

std::vector<cli::CommandSpec> posture_commands() {
  return {
      {"set",
       both("在网关上执行态势命令", "carries out an order on a gateway"),
       {{"order", "FILE", both("命令文件", "the order's file"), cli::OptionKind::positional, true},
        folder_option()},
       run_set,
       {}},
      {"show",
       both("网关上的态势命令", "the order that a gateway goes by"),
       {folder_option()},
       run_show,
       {}}};
}

}  // namespace hangu::supervise
