#include "supervise/policy_commands.hpp"

#include <filesystem>

#include "cli/folder_lock.hpp"
#include "cli/phrases.hpp"
#include "cli/policy_bundle.hpp"
#include "cli/policy_file.hpp"
#include "cli/policy_replay.hpp"
#include "supervise/ownership.hpp"
#include "supervise/policy_releases.hpp"

namespace hangu::supervise {
namespace {

using cli::Arguments;
using cli::Bilingual;
using cli::both;
using cli::Exit;
using cli::OptionKind;
using cli::Session;
using policy::ReleaseMode;

constexpr Bilingual kInForce = both("已执行", "in force");
constexpr Bilingual kShadowed = both("已作影子策略", "in the shadow");
constexpr Bilingual kWould =
    both("可以执行(未改动任何内容)", "may come into force (nothing was changed)");
constexpr Bilingual kRelease = both("发布号", "release");
constexpr Bilingual kSignedBy = both("签署人", "signed by");
constexpr Bilingual kPassed = both("通过检查", "passed the gate");
constexpr Bilingual kNothing = both("没有策略在执行", "no policy is in force");
constexpr Bilingual kStandsBy =
    both("备用(hangu policy rollback)", "stands by for `hangu policy rollback`");
constexpr Bilingual kShadowEnded = both("影子策略已撤下", "the shadow is gone");
constexpr Bilingual kNotReplayed =
    both("本网关以前的决定未能重判", "the past decisions of this gateway were not asked again");
constexpr Bilingual kStale =
    both("与现行策略不再配对,不参与比较", "made beside another release: it is not asked");

void tell_release(cli::Console& console, const Bilingual& what, const policy::Release& release) {
  std::string humans;
  wire::JsonArray names;
  for (const std::string& human : release.report.signers) {
    humans += (humans.empty() ? "" : ", ") + human;
    names.emplace_back(human);
  }
  console.line(std::string(console.say(what)) + ": " + release.report.policy + ", " +
               std::string(console.say(kRelease)) + " " + std::to_string(release.report.release) +
               "; " + std::string(console.say(kSignedBy)) + " " + humans + "; " +
               std::string(console.say(kPassed)) + " " + release.report.at.to_text());
  console.event("policy-release", {{"mode", policy::to_text(release.report.mode)},
                                   {"policy", release.report.policy},
                                   {"release", release.report.release},
                                   {"bundle", release.report.bundle},
                                   {"previous", release.report.previous},
                                   {"widens", release.report.widens},
                                   {"signers", std::move(names)},
                                   {"passed", release.report.at.to_text()}});
}

/// What the last decisions of this gateway would be by the candidate, where its log can be read;
/// for the eyes of who activates it: what it changes is said and counted by the gate.
void replay_here(Session& session, const config::Layout& layout, const Consideration& found) {
  Arguments of_log;
  of_log.set("dir", {layout.audit()});
  of_log.set("key", {layout.log_key()});
  const auto log = cli::open_published_log(session, of_log, cli::KeyFrom::others);
  const auto replay = log ? cli::replay_last(*log, found.candidate.reading.policy,
                                             found.candidate.catalogue, cli::kReplayedAtGate)
                          : Result<policy::Replay>(std::unexpected(log.error()));
  if (replay) return cli::tell_replay(session.console, found.policy, *replay);
  session.console.note(std::string(session.console.say(kNotReplayed)) + ": " +
                       replay.error().message());
}

/// Looks at a bundle, tells what is found, and puts it in its place unless it only was to look.
Result<Exit> let_in(Session& session, const config::Layout& layout, const PolicyReleases& releases,
                    const flow::Envelope& envelope, const std::string& name, ReleaseMode mode,
                    bool only_look) {
  HANGU_TRY(const WallTime now, session.clock.now());
  HANGU_TRY(const Consideration found, releases.consider(envelope, now));
  cli::tell_gate(session.console, name, found.ruling, found.widens);
  if (!found.ruling.passes()) return Exit::integrity;
  replay_here(session, layout, found);
  if (only_look) {
    HANGU_CHECK(found.signatures);
    session.console.line(found.policy + ": " + std::string(session.console.say(kWould)));
    return Exit::done;
  }
  HANGU_CHECK(releases.activate(found, mode, now));
  HANGU_TRY(const auto release, releases.standing(mode));
  tell_release(session.console, mode == ReleaseMode::enforced ? kInForce : kShadowed, *release);
  return Exit::done;
}

/// Whether `rollback` could follow the bundle as if that were in force; else told.
Result<bool> can_follow(Session& session, const PolicyReleases& releases,
                        const cli::BundleFile& rollback, const flow::Envelope& bundle) {
  HANGU_TRY(const WallTime now, session.clock.now());
  HANGU_TRY(const Consideration first, releases.consider(bundle, now));
  HANGU_TRY(const Consideration then, releases.consider_after(rollback.envelope, first, now));
  if (!then.ruling.passes()) {
    cli::tell_gate(session.console, rollback.path, then.ruling, then.widens);
    return false;
  }
  if (!then.signatures) return std::unexpected(then.signatures.error().within(rollback.path));
  return true;
}

Result<Exit> run_activate(Session& session, const Arguments& arguments) {
  HANGU_TRY(const cli::BundleFile file, cli::read_bundle(arguments.text("bundle")));
  HANGU_TRY(const HeldFolder held, hold_folder(arguments));
  HANGU_TRY(const PolicyReleases releases, PolicyReleases::open(held.layout, held.gateway));
  HANGU_TRY(const cli::FolderLock lock, cli::FolderLock::take(held.layout.policy()));
  std::optional<cli::BundleFile> rollback;
  if (arguments.has("rollback")) {
    HANGU_TRY(rollback, cli::read_bundle(arguments.text("rollback")));
    HANGU_TRY(const bool ready, can_follow(session, releases, *rollback, file.envelope));
    if (!ready) return Exit::integrity;
  }
  const bool only_look = arguments.has("dry-run");
  const bool shadow = arguments.has("shadow");
  HANGU_TRY(const Exit exit,
            let_in(session, held.layout, releases, file.envelope, file.path,
                   shadow ? ReleaseMode::shadow : ReleaseMode::enforced, only_look));
  if (exit != Exit::done || only_look || shadow) return exit;
  if (!rollback) {  // what stood by was signed to follow another
    HANGU_CHECK(releases.drop_rollback());
    return exit;
  }
  HANGU_CHECK(releases.keep_rollback(rollback->envelope));
  session.console.line(rollback->path + ": " + std::string(session.console.say(kStandsBy)));
  return Exit::done;
}

Result<Exit> run_rollback(Session& session, const Arguments& arguments) {
  HANGU_TRY(const HeldFolder held, hold_folder(arguments));
  HANGU_TRY(const PolicyReleases releases, PolicyReleases::open(held.layout, held.gateway));
  HANGU_TRY(const auto bundle, releases.rollback_bundle());
  if (!bundle)
    return fail(ErrorCode::unavailable, "rollback-missing", held.layout.policy_rollback());
  const bool only_look = arguments.has("dry-run");
  HANGU_TRY(const Exit exit,
            let_in(session, held.layout, releases, *bundle, held.layout.policy_rollback(),
                   ReleaseMode::enforced, only_look));
  if (exit == Exit::done && !only_look) HANGU_CHECK(releases.drop_rollback());
  return exit;
}

Result<Exit> run_releases(Session& session, const Arguments& arguments) {
  HANGU_TRY(const HeldFolder held, hold_folder(arguments));
  HANGU_TRY(const PolicyReleases releases, PolicyReleases::open(held.layout, held.gateway));
  cli::Console& console = session.console;
  if (arguments.has("end-shadow")) {
    HANGU_CHECK(releases.end_shadow());
    console.line(console.say(kShadowEnded));
  }
  HANGU_TRY(const auto in_force, releases.standing(ReleaseMode::enforced));
  HANGU_TRY(const auto shadow, releases.standing(ReleaseMode::shadow));
  HANGU_TRY(const auto rollback, releases.rollback_bundle());
  if (in_force) tell_release(console, kInForce, *in_force);
  if (!in_force) console.line(console.say(kNothing));
  if (shadow) tell_release(console, kShadowed, *shadow);
  if (shadow && (!in_force || shadow->report.previous != in_force->report.bundle))
    console.line("  " + std::string(console.say(kStale)));
  if (rollback) {
    HANGU_TRY(const policy::Bundle bundle, policy::bundle_in(*rollback));
    console.line(std::string(console.say(kRelease)) + " " + std::to_string(bundle.release) + ": " +
                 std::string(console.say(kStandsBy)));
    console.event("policy-rollback",
                  {{"release", bundle.release}, {"bundle", policy::digest_of(*rollback)}});
  }
  return Exit::done;
}

cli::OptionSpec dry_run_option() {
  return {"--dry-run", "", both("只检查,不改动", "look only, change nothing"), OptionKind::flag};
}

using Run = Result<Exit> (*)(Session&, const Arguments&);
std::function<Result<Exit>(Session&, const Arguments&)> settled(Run run) {
  return [run](Session& session, const Arguments& arguments) {
    return cli::settle_policy(session, run(session, arguments));
  };
}

}  // namespace

Result<HeldFolder> hold_folder(const Arguments& arguments) {
  std::error_code failed;
  const std::string folder = std::filesystem::absolute(arguments.text("folder"), failed).string();
  if (failed) return fail(ErrorCode::internal, "no-working-folder");
  config::Layout layout(folder);
  HANGU_CHECK(check_folder_is_ours(layout));
  HANGU_TRY(config::Gateway gateway, config::Gateway::load(layout.configuration()));
  return HeldFolder{std::move(layout), std::move(gateway)};
}

cli::OptionSpec folder_option() {
  return {"--folder",        "DIR", both("网关文件夹", "the gateway's folder"),
          OptionKind::value, false, "hangu-gateway"};
}

std::vector<cli::CommandSpec> policy_commands() {
  return {{"activate",
           both("核对签名并检查,使策略包在网关上执行",
                "checks a bundle's signatures and runs the gate, then puts it in force"),
           {{"bundle", "FILE", both("策略包", "the bundle"), OptionKind::positional, true},
            folder_option(),
            {"--shadow", "",
             both("先作影子策略:只比较,不执行",
                  "in the shadow first: asked beside, and decides nothing"),
             OptionKind::flag},
            {"--rollback", "BUNDLE",
             both("备用的策略包(旧内容,更大的发布号)",
                  "the bundle that stands by: old content, a higher release")},
            dry_run_option()},
           settled(run_activate),
           {}},
          {"rollback",
           both("使备用的策略包执行", "puts in force the bundle that stands by"),
           {folder_option(), dry_run_option()},
           settled(run_rollback),
           {}},
          {"releases",
           both("网关上的策略:执行的、影子的、备用的",
                "the policies of a gateway: in force, in the shadow, standing by"),
           {folder_option(),
            {"--end-shadow", "", both("撤下影子策略", "takes the shadow away"), OptionKind::flag}},
           settled(run_releases),
           {}}};
}

}  // namespace hangu::supervise
