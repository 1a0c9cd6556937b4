// hangu witness init | run | cosign | return: a witness of audit logs. docs/operations/witness.md.

#include <charconv>
#include <iostream>

#include "audit/disk_folder.hpp"
#include "audit/witness/limits.hpp"
#include "audit/witness/witness_state.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/identity.hpp"
#include "cli/log_keys.hpp"
#include "cli/phrases.hpp"
#include "cli/witness_return.hpp"
#include "crypto/certificate.hpp"
#include "os/file.hpp"
#include "witness/server.hpp"

namespace hangu::cli {
namespace {

constexpr std::size_t kKeyBytesMax = 16 * 1024;
constexpr unsigned kKeyMode = 0600;
constexpr unsigned kPublicMode = 0644;
constexpr unsigned kStateMode = 0700;
constexpr std::string_view kVkeyEnding = ".vkey";
constexpr std::string_view kCosignedEnding = ".cosigned";

OptionSpec state_option() {
  return {"--state", "DIR", both("记住各日志进度的文件夹", "folder that remembers each log"),
          OptionKind::value, true};
}
OptionSpec key_option() {
  return {"--key", "FILE",
          both("见证私钥(hangu witness init 所建)",
               "the witness's key, as hangu witness init makes it"),
          OptionKind::value, true};
}
OptionSpec log_option() {
  return {"--log", "VKEY",
          both("要见证的日志公钥,或存有它的文件;可重复",
               "key of a log to witness, or a file with it; may be repeated"),
          OptionKind::list, true};
}

/// The key, with the name that it was made for: `FILE.vkey` beside it.
Result<audit::Cosigner> load_cosigner(const std::string& path) {
  HANGU_TRY(Bytes pem, os::read_file(path, kKeyBytesMax));
  Result<crypto::SigningKey> secret = crypto::read_signing_key_pem(pem);
  crypto::wipe(pem);
  if (!secret) return std::unexpected(secret.error().within(printable(path)));
  HANGU_TRY(const audit::NoteKey vkey, load_note_key("--key", path + std::string(kVkeyEnding)));
  HANGU_TRY(audit::Cosigner cosigner, audit::Cosigner::create(vkey.name(), *std::move(secret)));
  if (cosigner.key().to_text() != vkey.to_text()) {
    return fail(ErrorCode::malformed, "vkey-invalid",
                printable(path) + std::string(kVkeyEnding) + " is of another key");
  }
  return cosigner;
}

Result<std::unique_ptr<audit::WitnessState>> open_state(Session& session,
                                                        const Arguments& arguments) {
  HANGU_TRY(audit::Cosigner cosigner, load_cosigner(arguments.text("key")));
  std::vector<audit::NoteKey> logs;
  for (const std::string& text : arguments.list("log")) {
    HANGU_TRY(audit::NoteKey key, load_note_key("--log", text));
    logs.push_back(std::move(key));
  }
  HANGU_CHECK(os::make_folders(arguments.text("state"), kStateMode));
  HANGU_TRY(auto folder, audit::open_disk_folder(arguments.text("state")));
  return audit::WitnessState::create(std::move(folder), std::move(cosigner), std::move(logs),
                                     session.clock);
}

Result<Exit> run_init(Session& session, const Arguments& arguments) {
  const std::string path = arguments.text("key");
  const std::string vkey_path = path + std::string(kVkeyEnding);
  for (const std::string& one : {path, vkey_path})
    if (path_exists(one)) return fail(ErrorCode::forbidden, "file-exists", printable(one));
  HANGU_TRY(crypto::SigningKey secret,
            crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, session.entropy));
  HANGU_TRY(Bytes pem, crypto::write_key_pem(secret));
  HANGU_TRY(
      const audit::Cosigner cosigner,
      from_option("--name", audit::Cosigner::create(arguments.text("name"), std::move(secret))));
  const Done written = os::write_file_durably(path, pem, kKeyMode);
  crypto::wipe(pem);
  HANGU_CHECK(written);
  const std::string vkey = cosigner.key().to_text();
  HANGU_CHECK(os::write_file_durably(vkey_path, bytes_of(vkey + "\n"), kPublicMode));
  session.console.event("witness", {{"key", path}, {"vkey", vkey}});
  session.console.line(vkey);
  return Exit::done;
}

/// "ADDRESS:PORT"; an IPv6 address in brackets.
struct Listen {
  std::string address;
  std::uint16_t port = 0;
};
Result<Listen> parse_listen(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return usage("--listen", "ADDRESS:PORT");
  Listen out;
  std::string_view address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']'))
    address = address.substr(1, address.size() - 2);
  out.address = address;
  const std::string_view port = text.substr(colon + 1);
  const auto [stop, problem] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (address.empty() || problem != std::errc{} || stop != port.data() + port.size())
    return usage("--listen", "ADDRESS:PORT");
  return out;
}

Result<Exit> run_witness(Session& session, const Arguments& arguments) {
  HANGU_TRY(const Listen listen, parse_listen(arguments.text("listen")));
  if (arguments.has("tls-cert") != arguments.has("tls-key"))
    return usage("--tls-cert", "together with --tls-key");
  HANGU_TRY(const auto state, open_state(session, arguments));
  witness::WitnessServerPlan plan{.state_folder = arguments.text("state"),
                                  .address = listen.address,
                                  .port = listen.port,
                                  .credentials = std::nullopt,
                                  .tell = [](const std::string& line) {
                                    std::cerr << line + "\n" << std::flush;
                                  }};
  Bytes tls_key;
  if (arguments.has("tls-cert")) {
    HANGU_TRY(const Bytes certificate, os::read_file(arguments.text("tls-cert"), kKeyBytesMax));
    HANGU_TRY(tls_key, os::read_file(arguments.text("tls-key"), kKeyBytesMax));
    plan.credentials.emplace();
    plan.credentials->certificate_pem = text_of(certificate);
    plan.credentials->key_pem = tls_key;
  }
  const auto listening = [&](std::uint16_t port) {
    crypto::wipe(tls_key);
    session.console.event("serving", {{"address", listen.address}, {"port", port}});
    session.console.line(listen.address + ":" + std::to_string(port));
    (void)session.console.flush();
  };
  HANGU_CHECK(witness::serve_witness(*state, std::move(plan), session.clock, listening));
  return Exit::done;
}

/// One file that a person carries: an add-checkpoint request; beside it goes the checkpoint with
/// our line.
Result<Exit> cosign_file(Session& session, audit::WitnessState& state, const std::string& path) {
  HANGU_CHECK(check_not_dash("FILE", path));
  HANGU_TRY(const std::string body, read_text(path, audit::kAddCheckpointBytesMax));
  if (const auto asked = audit::AddCheckpoint::parse(body); asked) {
    // Beside the lines that stand there ours must have room: what is cosigned is carried back.
    const auto note = audit::Note::parse(asked->note);
    if (note && note->signatures.size() == audit::kNoteSignaturesMax)
      return fail(ErrorCode::exhausted, "note-signatures", printable(path));
  }
  const audit::WitnessVerdict verdict = state.add_checkpoint(body);
  session.console.event(
      "cosigned", {{"file", path}, {"status", verdict.answer.status}, {"detail", verdict.detail}});
  session.console.line(path + "  " + std::to_string(verdict.answer.status) + "  " + verdict.detail);
  if (verdict.answer.status != audit::kWitnessCosigned) return Exit::integrity;
  HANGU_TRY(const audit::AddCheckpoint request, audit::AddCheckpoint::parse(body));
  HANGU_TRY(const auto lines, audit::parse_cosignature_answer(verdict.answer.body));
  HANGU_TRY(const std::string note, audit::with_signatures(request.note, lines));
  HANGU_CHECK(
      os::write_file_durably(path + std::string(kCosignedEnding), bytes_of(note), kPublicMode));
  return Exit::done;
}

Result<Exit> run_cosign(Session& session, const Arguments& arguments) {
  HANGU_TRY(const auto state, open_state(session, arguments));
  Exit worst = Exit::done;
  for (const std::string& path : arguments.list("file")) {
    HANGU_TRY(const Exit exit, cosign_file(session, *state, path));
    if (exit != Exit::done) worst = exit;
  }
  return worst;
}

}  // namespace

CommandSpec witness_command() {
  return {
      "witness",
      both("见证审计日志", "a witness of audit logs"),
      {},
      {},
      {{"init",
        both("生成见证密钥,打印公钥", "make a witness's key and print its vkey"),
        {{"--key", "FILE", both("私钥写到哪里", "where the key goes"), OptionKind::value, true},
         {"--name", "NAME",
          both("见证者的名字,如 directory.example/w1", "the witness's name: directory.example/w1"),
          OptionKind::value, true}},
        run_init},
       {"run",
        both("提供 tlog-witness 服务", "serve tlog-witness"),
        {state_option(),
         key_option(),
         log_option(),
         {"--listen", "ADDR:PORT", both("监听地址", "where to listen"), OptionKind::value, true},
         {"--tls-cert", "FILE",
          both("TLS 证书;不给则用明文 HTTP", "TLS certificate; without: HTTP")},
         {"--tls-key", "FILE", both("TLS 私钥", "its key")}},
        run_witness},
       {"cosign",
        both("离线见证:对介质带来的请求签名,写出 FILE.cosigned",
             "witness offline: sign requests that came on media into FILE.cosigned"),
        {state_option(),
         key_option(),
         log_option(),
         {"file", "FILE",
          both("hangu audit pin --request 写出的文件",
               "files that hangu audit pin --request wrote"),
          OptionKind::positional_list, true}},
        run_cosign},
       witness_return_command()}};
}

}  // namespace hangu::cli
