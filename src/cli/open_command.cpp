// hangu open: opens a package for its recipient, checks where it comes from, and writes its
// objects below a folder.

#include <unistd.h>

#include <cerrno>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/digest_beside.hpp"
#include "cli/gateway_link.hpp"
#include "cli/identity.hpp"
#include "cli/log_trust.hpp"
#include "cli/phrases.hpp"
#include "cli/progress.hpp"
#include "cli/story.hpp"
#include "os/file.hpp"
#include "os/regular_file.hpp"
#include "package/folder.hpp"

namespace hangu::cli {
namespace {

constexpr std::size_t kAnchorsBytesMax = 64 * 1024;

/// Writes the objects so that they are on disk before anybody is told.
Done write_objects(Session& session, const package::Reader& reader, const std::string& folder) {
  HANGU_CHECK(os::make_folders(folder, 0700));
  HANGU_TRY(const os::UniqueFd opened, os::open_folder(folder));
  ProgressLine line(session.console, phrase::kOpening);
  if (const Done written = package::extract_to_folder(
          reader, opened.view(), 0,
          [&](std::uint64_t done, std::uint64_t total) { line.show(done, total); });
      !written)
    return std::unexpected(about_file(written.error(), folder));
  if (::syncfs(opened.get()) != 0)
    return fail(ErrorCode::internal, "sync-failed", printable(folder), errno);
  return {};
}

void tell_objects(Session& session, const package::Contents& contents, const std::string& folder) {
  const auto say = [&](const Bilingual& text) { return std::string(session.console.say(text)); };
  std::vector<std::vector<std::string>> rows{
      {say(phrase::kObject), say(phrase::kSize), say(phrase::kMediaType)}};
  for (const flow::ObjectRow& row : contents.table.rows()) {
    session.console.event("object", {{"name", row.name},
                                     {"mediaType", row.media_type},
                                     {"bytes", row.digest.size},
                                     {"digest", row.digest.to_text()}});
    rows.push_back({printable(row.name), bytes_text(row.digest.size), row.media_type});
  }
  session.console.table(rows);
  session.console.note(say(phrase::kOpened) + ": " + folder);
}

void tell_label(Session& session, const flow::Label& label) {
  const bool zh = session.console.style().language == Language::zh;
  session.console.line(
      std::string(session.console.say(phrase::kLabel)) + ": " +
      std::string(zh ? flow::to_chinese(label.secrecy) : flow::to_text(label.secrecy)) + " / " +
      std::string(zh ? flow::to_chinese(label.grade) : flow::to_text(label.grade)) + "  " +
      printable(label.owner));
}

/// Tells the gateway that the package was opened and is whole.
Result<Exit> acknowledge(Session& session, const Arguments& arguments,
                         const crypto::ObjectDigest& sealed, const TransferId& transfer) {
  HANGU_TRY(net::Client client, connect(arguments));
  const std::string body = wire::Json(wire::JsonObject{{"sealed", sealed.to_text()}}).to_text();
  const net::Ask what{net::Method::post,
                      "/v1/packages/" + transfer.text() + "/acknowledgement",
                      {{"Content-Type", "application/json"}}};
  Exit exit = Exit::done;
  HANGU_TRY(const auto json, ask(session, client, what, exit, bytes_of(body)));
  if (!json) return exit;
  session.console.event("acknowledged", {{"id", transfer.text()}});
  session.console.note(std::string(session.console.say(phrase::kAcknowledged)) + " " +
                       transfer.text());
  return Exit::done;
}

Result<Exit> open_release(Session& session, const Arguments& arguments, os::FdView package,
                          const package::Reader& reader) {
  const package::Contents& contents = reader.contents();
  const flow::Release& release = *contents.release;
  HANGU_TRY(const flow::ReceiptChain chain, read_story(reader));
  const bool checked = arguments.has("trust");
  if (checked) {
    const std::string origin =
        arguments.has("log-origin") ? arguments.text("log-origin") : release.gateway + "/audit";
    HANGU_TRY(const auto trusts, load_trusts(arguments.text("trust"), origin));
    HANGU_TRY(const flow::Warrant warrant, check_story(contents, chain, trusts));
    (void)warrant;
  }
  const bool acknowledges = checked && arguments.has("acknowledge");
  // What is acknowledged is the package's digest, made while its objects are opened.
  std::optional<DigestBeside> sealed;
  if (acknowledges) {
    HANGU_TRY(const std::uint64_t bytes, os::file_size(package));
    sealed.emplace(package, bytes);
  }
  HANGU_CHECK(write_objects(session, reader, arguments.text("to")));
  session.console.event("opened", {{"kind", "release"},
                                   {"id", release.transfer.text()},
                                   {"folder", arguments.text("to")},
                                   {"gateway", release.gateway},
                                   {"origin", release.origin_zone.text()},
                                   {"node", release.origin_node.text()},
                                   {"label", release.label.to_json()},
                                   {"checked", checked}});
  session.console.line(std::string(session.console.say(phrase::kTransfer)) + " " +
                       release.transfer.text() + "  " + release.origin_zone.text() + "/" +
                       release.origin_node.text() + " -> " + release.destination_zone.text());
  tell_label(session, release.label);
  tell_objects(session, contents, arguments.text("to"));
  tell_story(session, chain);
  if (!checked) {
    session.console.refusal("not-checked", session.console.say(phrase::kNotChecked));
    if (arguments.has("acknowledge"))
      session.console.note(session.console.say(phrase::kNotAcknowledged));
    return Exit::integrity;
  }
  session.console.line(
      session.console.coloured(Colour::good, session.console.say(phrase::kStoryGood)));
  if (!acknowledges) return Exit::done;
  HANGU_TRY(const crypto::ObjectDigest digest, sealed->get());
  return acknowledge(session, arguments, digest, release.transfer);
}

/// The sender's certificate and signature, by the anchors given; false when none are. Never by
/// those of the identity: a node that opens what it fetched must not take a sender's word for it.
Result<bool> check_sender(Session& session, const Arguments& arguments,
                          const package::Contents& contents) {
  const std::string path = arguments.text("anchors");
  if (path.empty()) return false;
  HANGU_TRY(const std::string pem, read_text(path, kAnchorsBytesMax));
  const Result<crypto::TrustAnchors> anchors = crypto::TrustAnchors::parse_pem(pem);
  if (!anchors)
    return fail(ErrorCode::malformed, "trust-file-invalid",
                "--anchors: " + printable(path) + ": " + anchors.error().message());
  HANGU_TRY(const WallTime now, session.clock.now());
  if (contents.envelope.signatures.size() != 1)
    return fail(ErrorCode::corrupt, "sender-signature", "one signature is wanted");
  HANGU_TRY(const crypto::Certificate certificate,
            anchors->check(contents.envelope.signatures.front().certificate,
                           crypto::HolderKind::node, now));
  const crypto::VerifyKey* key = certificate.verify_key();
  if (key == nullptr || !contents.envelope.signed_by(*key) ||
      certificate.subject().name != contents.submission->origin_node.text())
    return fail(ErrorCode::corrupt, "sender-signature", certificate.subject().name);
  return true;
}

/// A sender's package has no story. Who asks for one to be checked is given nothing else.
Result<Exit> open_submission(Session& session, const Arguments& arguments,
                             const package::Reader& reader) {
  for (const char* option : {"trust", "log-origin", "acknowledge"})
    if (arguments.has(option))
      return fail(ErrorCode::corrupt, "not-a-release", "--" + std::string(option));
  const package::Contents& contents = reader.contents();
  const flow::Submission& submission = *contents.submission;
  HANGU_TRY(const bool checked, check_sender(session, arguments, contents));
  HANGU_CHECK(write_objects(session, reader, arguments.text("to")));
  session.console.event("opened", {{"kind", "submission"},
                                   {"folder", arguments.text("to")},
                                   {"origin", submission.origin_zone.text()},
                                   {"node", submission.origin_node.text()},
                                   {"destination", submission.destination_zone.text()},
                                   {"product", submission.facts.product},
                                   {"sequence", submission.sequence},
                                   {"label", submission.label.to_json()},
                                   {"checked", checked}});
  session.console.line(submission.origin_zone.text() + "/" + submission.origin_node.text() +
                       " -> " + submission.destination_zone.text());
  tell_label(session, submission.label);
  tell_objects(session, contents, arguments.text("to"));
  if (!checked) {
    session.console.refusal("not-checked", session.console.say(phrase::kSenderNotChecked));
    return Exit::integrity;
  }
  session.console.line(session.console.say(phrase::kSenderGood));
  return Exit::done;
}

Result<Exit> run_open(Session& session, const Arguments& arguments) {
  if (arguments.has("acknowledge") && !arguments.has("gateway"))
    return usage("--acknowledge", "needs --gateway");
  HANGU_CHECK(check_not_dash("PACKAGE", arguments.text("package")));
  HANGU_CHECK(check_not_dash("--to", arguments.text("to")));
  HANGU_TRY(const std::vector<crypto::OpeningKey> keys,
            load_opening_keys(arguments.text("identity")));
  HANGU_TRY(const os::UniqueFd package,
            os::open_regular(arguments.text("package"), os::LastLink::follow));
  HANGU_TRY(const package::Reader reader, package::Reader::open(package.view(), keys));
  if (reader.contents().kind == package::Kind::release)
    return open_release(session, arguments, package.view(), reader);
  return open_submission(session, arguments, reader);
}

}  // namespace

CommandSpec open_command() {
  return {
      "open",
      both("打开数据包并核验来历", "open a package and check its story"),
      {{"package", "PACKAGE", both("数据包", "the package"), OptionKind::positional, true},
       identity_option(),
       {"--to", "DIR",
        both("对象写到这个文件夹下,不覆盖",
             "write the objects below this folder; nothing is overwritten"),
        OptionKind::value, true},
       {"--trust", "FILE", both("网关的 anchors/stages.json", "the gateway's anchors/stages.json")},
       {"--log-origin", "NAME",
        both("日志名(默认:网关名/audit)",
             "the log's origin (default: the gateway's name + /audit)")},
       {"--anchors", "FILE",
        both("签发机构证书,用于提交包", "authority certificates, for submission packages")},
       {"--acknowledge", "",
        both("核验成立后向网关回执", "acknowledge to the gateway when all holds"),
        OptionKind::flag},
       gateway_option(false),
       server_name_option()},
      run_open};
}

}  // namespace hangu::cli
