// hangu pending, approve, refuse: a reviewer at the gateway.

#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/identity.hpp"
#include "cli/phrases.hpp"
#include "cli/review_case.hpp"
#include "cli/values.hpp"
#include "config/layout.hpp"
#include "flow/approval.hpp"

namespace hangu::cli {
namespace {

constexpr std::size_t kReasonTextBytesMax = 1000;

/// Nothing but space, the ideographic one (U+3000) too.
bool is_blank(std::string_view text) {
  while (!text.empty()) {
    if (text.starts_with("\xe3\x80\x80")) {
      text.remove_prefix(3);
    } else if (std::string_view(" \t\r\n\v\f").contains(text.front())) {
      text.remove_prefix(1);
    } else {
      return false;
    }
  }
  return true;
}

/// approve's socket for people: --socket, or below the gateway's --folder.
Result<std::string> socket_path(const Arguments& arguments) {
  if (arguments.has("socket")) return arguments.text("socket");
  if (arguments.has("folder"))
    return config::Layout(arguments.text("folder")).socket("approve", "people");
  return usage("--folder", "the gateway's folder, or --socket, is wanted");
}

/// A refusal of the review service is told by its own reason.
Exit tell_review_error(Session& session, const Error& error) {
  if (error.reason() != "review-refused") {
    session.console.error(error);
    return exit_of(error);
  }
  const std::string& context = error.context();
  const std::size_t colon = context.find(": ");
  const std::string reason = context.substr(0, colon);
  session.console.refusal(reason, colon == std::string::npos ? "" : context.substr(colon + 2));
  return reason == "review-not-pending" || reason == "transfer-unknown" ? Exit::usage
                                                                        : Exit::authentication;
}

void tell_pending(Session& session, const std::vector<line::PendingRow>& pending) {
  const auto say = [&](const Bilingual& text) { return std::string(session.console.say(text)); };
  std::vector<std::vector<std::string>> rows{{say(phrase::kTransfer), say(phrase::kOrigin),
                                              say(phrase::kDestination), say(phrase::kSubmitter),
                                              say(phrase::kSize), say(phrase::kApprovals)}};
  for (const line::PendingRow& row : pending) {
    session.console.event("pending", {{"id", row.transfer.text()},
                                      {"origin", row.origin},
                                      {"destination", row.destination},
                                      {"submitter", row.submitter},
                                      {"bytes", row.bytes},
                                      {"approvalsNeeded", row.approvals_needed},
                                      {"approvalsGiven", row.approvals_given}});
    rows.push_back(
        {row.transfer.text(), printable(row.origin), printable(row.destination),
         printable(row.submitter), bytes_text(row.bytes),
         std::to_string(row.approvals_given) + "/" + std::to_string(row.approvals_needed)});
  }
  if (pending.empty()) session.console.note(say(phrase::kNothingWaits));
  if (!pending.empty()) session.console.table(rows);
}

Result<Exit> run_pending(Session& session, const Arguments& arguments) {
  if (arguments.has("to") && !arguments.has("id")) return usage("--to", "needs an ID");
  HANGU_TRY(const std::string path, socket_path(arguments));
  HANGU_TRY(line::ReviewClient client, line::ReviewClient::connect(path));
  if (!arguments.has("id")) {
    const auto pending = client.list();
    if (!pending) return tell_review_error(session, pending.error());
    tell_pending(session, *pending);
    return Exit::done;
  }
  HANGU_TRY(const TransferId transfer, transfer_of(arguments));
  const Result<ReviewCase> about = load_case(client, transfer);
  if (!about) return tell_review_error(session, about.error());
  if (const Done same = check_objects(session, client, *about, arguments.text("to")); !same)
    return tell_review_error(session, same.error());
  tell_case(session, *about);
  return Exit::done;
}

/// The role to sign in: the one given, or the only one that the person holds.
Result<std::string> role_of(const Arguments& arguments, const crypto::Subject& person) {
  if (arguments.has("role")) return arguments.text("role");
  if (person.roles.size() == 1) return *person.roles.begin();
  return usage("--role", "in which role?");
}

bool can_ask() { return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1; }

/// Asks on the terminal.
bool confirm(Session& session, bool approved) {
  session.console.messages() << session.console.say(approved ? phrase::kConfirmApprove
                                                             : phrase::kConfirmRefuse)
                             << std::flush;
  std::string answer;
  return std::getline(std::cin, answer) && answer == "yes";
}

Result<Exit> sign_verdict(Session& session, const Arguments& arguments, bool approved) {
  if (!arguments.has("yes") && !can_ask()) return fail(ErrorCode::forbidden, "no-terminal");
  HANGU_TRY(const TransferId transfer, transfer_of(arguments));
  HANGU_TRY(const std::string path, socket_path(arguments));
  HANGU_TRY(const std::chrono::milliseconds validity,
            parse_duration("--expires-in", arguments.text("expires-in")));
  const std::string reason = arguments.text("reason");
  if (is_blank(reason) || reason.size() > kReasonTextBytesMax || !is_utf8(reason))
    return usage("--reason", "1.." + std::to_string(kReasonTextBytesMax) + " bytes of text");
  HANGU_TRY(const Signer signer, load_person(arguments.text("identity")));
  const crypto::Subject& subject = signer.certificate.subject();
  HANGU_TRY(PersonId person, PersonId::create(subject.name));
  HANGU_TRY(std::string role, role_of(arguments, subject));
  HANGU_TRY(line::ReviewClient client, line::ReviewClient::connect(path));
  const Result<ReviewCase> about = load_case(client, transfer);
  if (!about) return tell_review_error(session, about.error());
  if (const Done same = check_objects(session, client, *about, arguments.text("to")); !same)
    return tell_review_error(session, same.error());
  tell_case(session, *about);
  if (!arguments.has("yes")) {
    if (!confirm(session, approved)) {
      session.console.note(session.console.say(phrase::kNotConfirmed));
      return Exit::pending;
    }
  }
  HANGU_TRY(const WallTime now, session.clock.now());
  const flow::Approval approval{transfer,
                                about->detail.rendition,
                                about->detail.certificate,
                                about->detail.decision,
                                std::move(person),
                                std::move(role),
                                approved,
                                reason,
                                now + validity};
  HANGU_TRY(const flow::Envelope envelope, approval.to_statement().sign(signer.key));
  const auto taken = client.give(transfer, envelope.to_text());
  if (!taken) return tell_review_error(session, taken.error());
  session.console.event("signed", {{"id", transfer.text()},
                                   {"person", subject.name},
                                   {"verdict", approved ? "approve" : "refuse"},
                                   {"complete", taken->complete},
                                   {"state", taken->state}});
  session.console.line(std::string(session.console.say(taken->complete ? phrase::kApprovalComplete
                                                                       : phrase::kApprovalTaken)) +
                       "  " + transfer.text());
  return Exit::done;
}

std::vector<OptionSpec> socket_options() {
  return {{"--folder", "DIR", both("网关文件夹", "the gateway's folder")},
          {"--socket", "FILE", both("approve 给人用的套接字", "approve's socket for people")},
          {"--to", "DIR", both("把对象另存一份供查看", "keep a copy of the objects for a look")}};
}

CommandSpec verdict_command(std::string name, const Bilingual& help, bool approved) {
  std::vector<OptionSpec> options{
      transfer_argument(),
      {"--identity", "DIR", both("人员的身份文件夹", "identity folder of the person"),
       OptionKind::value, true},
      {"--role", "ROLE",
       both("以哪个角色签署(默认:唯一的角色)", "role to sign in (default: the only one)")},
      {"--reason", "TEXT", both("理由,必填", "reason, mandatory"), OptionKind::value, true},
      {"--expires-in", "TIME", both("签署的有效期", "validity of the signature"), OptionKind::value,
       false, "3d"},
      {"--yes", "", both("不再询问", "do not ask"), OptionKind::flag}};
  std::ranges::move(socket_options(), std::back_inserter(options));
  return {std::move(name), help, std::move(options),
          [approved](Session& session, const Arguments& arguments) {
            return sign_verdict(session, arguments, approved);
          }};
}

}  // namespace

CommandSpec pending_command() {
  std::vector<OptionSpec> options{transfer_argument(false)};
  std::ranges::move(socket_options(), std::back_inserter(options));
  options.push_back({"--identity", "DIR",
                     both("人员的身份文件夹(查看时不需要)",
                          "identity folder of the person (not needed to look)")});
  return {"pending",
          both("等待人工审批的传输;给 ID 则显示将要离开的内容",
               "what awaits people; with an id, what would leave"),
          std::move(options), run_pending};
}

CommandSpec approve_command() {
  return verdict_command(
      "approve", both("查看、核算并签署同意", "look, recompute, and sign an approval"), true);
}

CommandSpec refuse_command() {
  return verdict_command(
      "refuse", both("查看、核算并签署拒绝", "look, recompute, and sign a refusal"), false);
}

}  // namespace hangu::cli
