// hangu posture set, show: the switch on a gateway, by who owns its folder.

#include <filesystem>

#include "base/limits.hpp"
#include "base/text.hpp"
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

/// The switch as it lies there, its signatures as they are.
struct Lying {
  flow::Envelope envelope;
  policy::PostureOrder order;
};

Result<std::optional<Lying>> lying_in(const config::Layout& layout) {
  if (!exists(layout.posture())) return std::nullopt;
  HANGU_TRY(const Bytes bytes, os::read_file(layout.posture(), kStatementBytesMax));
  Lying out;
  HANGU_TRY(out.envelope, flow::Envelope::parse(text_of(bytes)));
  HANGU_TRY(out.order, policy::posture_order_in(out.envelope));
  return out;
}

void tell(Session& session, const Lying& lying, const policy::Signers& signers) {
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
Done check_order(const Lying& candidate, const std::optional<Lying>& before,
                 const config::Gateway& gateway, const policy::Signers& signers) {
  if (candidate.order.gateway != gateway.name)
    return fail(ErrorCode::forbidden, "posture-other-gateway", candidate.order.gateway);
  const std::uint64_t next = before ? std::uint64_t{before->order.number} + 1 : 1;
  if (candidate.order.number != next)
    return fail(
        ErrorCode::forbidden, "posture-number",
        std::to_string(candidate.order.number) + "; " + std::to_string(next) + " is the next");
  const policy::Posture was = before ? before->order.posture : policy::Posture::normal;
  return check_posture_signatures(candidate.envelope, signers, candidate.order.posture < was);
}

Result<Exit> run_set(Session& session, const Arguments& arguments) {
  const std::string path = arguments.text("order");
  const Result<Bytes> bytes = os::read_file(path, kStatementBytesMax);
  if (!bytes) return std::unexpected(cli::about_file(bytes.error(), path));
  Lying candidate;
  HANGU_TRY(candidate.envelope, flow::Envelope::parse(text_of(*bytes)));
  HANGU_TRY(candidate.order, policy::posture_order_in(candidate.envelope));
  HANGU_TRY(const HeldFolder held, hold_folder(arguments));
  HANGU_TRY(const policy::Signers signers, policy::Signers::load(held.layout.signers()));
  HANGU_TRY(const std::optional<Lying> before, lying_in(held.layout));
  HANGU_CHECK(check_order(candidate, before, held.gateway, signers));
  HANGU_CHECK(os::write_file_durably(held.layout.posture(), *bytes, kKeyFileMode));
  HANGU_CHECK(let_read(held.layout.posture(), held.gateway, "decide", kKeyFileMode));
  tell(session, candidate, signers);
  return Exit::done;
}

Result<Exit> run_show(Session& session, const Arguments& arguments) {
  HANGU_TRY(const HeldFolder held, hold_folder(arguments));
  HANGU_TRY(const policy::Signers signers, policy::Signers::load(held.layout.signers()));
  HANGU_TRY(const std::optional<Lying> lying, lying_in(held.layout));
  if (lying) {
    tell(session, *lying, signers);
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
