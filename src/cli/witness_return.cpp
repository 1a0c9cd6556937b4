// hangu witness return: cosigned checkpoints that were carried back, to the log that they are of.
// docs/operations/witness.md.

#include "cli/witness_return.hpp"

#include "audit/disk_folder.hpp"
#include "audit/limits.hpp"
#include "audit/witness/files.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/identity.hpp"
#include "cli/phrases.hpp"
#include "config/gateway.hpp"
#include "config/layout.hpp"
#include "line/audit_client.hpp"
#include "witness/limits.hpp"
#include "witness/returned.hpp"

namespace hangu::cli {
namespace {

constexpr Bilingual kTaken =
    both("已交给审计程序", "audit has taken it as the last quorum, or has a later");
constexpr Bilingual kKept = both("已存放;网关没有运行", "kept; the gateway does not run");
constexpr Bilingual kFew = both("已存放;还不够法定数", "kept; it is no quorum");

/// Hands a quorum to audit as the feeder does, which checks it once more. False when no gateway
/// runs: its next quorum is a later one.
Result<bool> hand_over(Session& session, const config::Layout& layout, const std::string& note) {
  auto audit = line::AuditClient::connect(layout.socket("audit", "feeder"), session.entropy,
                                          witness::kAuditPatience);
  if (!audit) return false;
  HANGU_TRY(const audit::CheckpointReply reply, audit->cosigned(note));
  static_cast<void>(reply);
  return true;
}

Result<Exit> run_return(Session& session, const Arguments& arguments) {
  const config::Layout layout(arguments.text("folder"));
  HANGU_TRY(const config::Gateway gateway, config::Gateway::load(layout.configuration()));
  if (!gateway.witness)
    return fail(ErrorCode::malformed, "witness-absent", printable(layout.configuration()));
  HANGU_TRY(const audit::WitnessPolicy policy,
            audit::load_witness_policy(gateway.witness_policy_file()));
  HANGU_TRY(const audit::NoteKey log, audit::load_vkey(layout.log_key()));
  HANGU_TRY(const auto folder, audit::open_disk_folder(layout.audit()));
  for (const std::string& path : arguments.list("file")) {
    HANGU_TRY(const std::string note, read_text(path, audit::kNoteBytesMax));
    HANGU_TRY(const WallTime now, session.clock.now());
    const auto kept = witness::keep_returned(*folder, log, policy, note, now);
    if (!kept) return std::unexpected(kept.error().within(printable(path)));
    bool taken = false;
    if (kept->quorum) {
      HANGU_TRY(taken, hand_over(session, layout, note));
    }
    wire::JsonArray witnesses;
    for (const std::string& name : kept->witnesses) witnesses.emplace_back(name);
    session.console.event("returned", {{"file", path},
                                       {"size", kept->head.size},
                                       {"witnesses", std::move(witnesses)},
                                       {"quorum", kept->quorum},
                                       {"copy", kept->copy},
                                       {"taken", taken}});
    const Bilingual& said = taken ? kTaken : kept->quorum ? kKept : kFew;
    session.console.line(path + "  " + std::to_string(kept->head.size) + "  " +
                         std::string(session.console.say(said)));
  }
  return Exit::done;
}

}  // namespace

CommandSpec witness_return_command() {
  return {"return",
          both("把离线见证者签过、用介质带回的检查点交给网关的日志",
               "bring checkpoints that a witness without a network cosigned back to the log"),
          {{"--folder", "DIR", both("网关文件夹", "the gateway's folder"), OptionKind::value, true},
           {"file", "FILE", both("*.cosigned 文件", "*.cosigned files"),
            OptionKind::positional_list, true}},
          run_return};
}

}  // namespace hangu::cli
