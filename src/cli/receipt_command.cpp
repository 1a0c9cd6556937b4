// hangu receipt: the log entries of a transfer with their proofs; checks and keeps them.

#include "audit/proof_text.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/draft_file.hpp"
#include "cli/gateway_link.hpp"
#include "cli/identity.hpp"
#include "cli/log_trust.hpp"
#include "cli/phrases.hpp"
#include "flow/log_proof.hpp"
#include "flow/receipt.hpp"
#include "os/file.hpp"

namespace hangu::cli {
namespace {

constexpr std::size_t kReceiptsMax = 64;
constexpr std::size_t kProofBytesMax = 16 * 1024;

struct GivenReceipt {
  std::string type;
  std::uint64_t index = 0;
  std::string entry;
  std::string proof;
};

Result<std::vector<GivenReceipt>> parse_receipts(const wire::Json& json) {
  wire::Fields all(json, "receipts");
  (void)all.text("id", 40);
  const wire::JsonArray items = all.array("receipts", kReceiptsMax);
  HANGU_CHECK(all.finish());
  std::vector<GivenReceipt> out;
  for (const wire::Json& item : items) {
    wire::Fields f(item, "receipt");
    GivenReceipt receipt;
    receipt.type = f.text("type", 64);
    receipt.index =
        static_cast<std::uint64_t>(f.integer("index", 0, std::numeric_limits<std::int64_t>::max()));
    receipt.entry = f.text("entry", kEntryBytesMax);
    receipt.proof = f.text("proof", kProofBytesMax);
    HANGU_CHECK(f.finish());
    out.push_back(std::move(receipt));
  }
  return out;
}

/// The entry is leaf `index` of the tree that the log signed, and speaks of this transfer.
Done check_receipt(const GivenReceipt& receipt, const TransferId& transfer,
                   const flow::LogIdentity& log) {
  HANGU_TRY(const audit::LogProof proof, audit::LogProof::parse(receipt.proof));
  if (proof.index != receipt.index) return fail(ErrorCode::forbidden, "proof-invalid", "index");
  HANGU_TRY(const flow::CheckpointHead head, flow::check_checkpoint(proof.checkpoint, log));
  HANGU_CHECK(flow::check_inclusion(head, receipt.index, bytes_of(receipt.entry), proof.path));
  HANGU_TRY(const flow::LoggedAct logged, flow::parse_logged_act(receipt.entry));
  if (logged.transfer != transfer.text() || logged.type != receipt.type)
    return fail(ErrorCode::forbidden, "proof-invalid", "the entry is of another act");
  return {};
}

/// The log to believe, when the caller wants receipts checked.
Result<std::optional<flow::LogIdentity>> log_of(const Arguments& arguments) {
  if (arguments.has("log-key")) {
    HANGU_TRY(flow::LogIdentity log, load_log_key("--log-key", arguments.text("log-key")));
    return std::optional(std::move(log));
  }
  if (arguments.has("trust")) {
    if (!arguments.has("log-origin")) return usage("--trust", "needs --log-origin");
    HANGU_TRY(flow::WarrantTrust trust,
              load_trust(arguments.text("trust"), arguments.text("log-origin")));
    return std::optional(std::move(trust.log));
  }
  if (arguments.has("verify"))
    return usage("--verify", "needs --log-key, or --trust and --log-origin");
  return std::optional<flow::LogIdentity>();
}

/// Writes a file, or finds these bytes in it; others are not overwritten.
Done keep_file(const std::string& path, std::string_view text) {
  if (path_exists(path)) {
    const auto there = read_text(path, text.size());
    if (!there || *there != text) return fail(ErrorCode::forbidden, "file-exists", printable(path));
    return {};
  }
  HANGU_CHECK(os::write_file_durably(path + ".part", bytes_of(text), 0644));
  return rename_anew(path + ".part", path);
}

Done keep(const GivenReceipt& receipt, const std::string& folder) {
  const std::string stem = folder + "/" + std::to_string(receipt.index);
  HANGU_CHECK(keep_file(stem + ".entry.json", receipt.entry));
  return keep_file(stem + ".tlog-proof", receipt.proof);
}

Result<Exit> run_receipt(Session& session, const Arguments& arguments) {
  HANGU_TRY(const TransferId transfer, transfer_of(arguments));
  HANGU_CHECK(check_not_dash("--out", arguments.text("out")));
  HANGU_TRY(const std::optional<flow::LogIdentity> log, log_of(arguments));
  HANGU_TRY(net::Client client, connect(arguments));
  Exit exit = Exit::done;
  HANGU_TRY(const auto json,
            ask(session, client,
                {net::Method::get, "/v1/packages/" + transfer.text() + "/receipts", {}}, exit));
  if (!json) return exit;
  HANGU_TRY(const std::vector<GivenReceipt> receipts, parse_receipts(*json));
  if (receipts.empty()) session.console.note(session.console.say(phrase::kReceiptsNone));
  const std::string folder = arguments.text("out");
  if (!folder.empty()) HANGU_CHECK(os::make_folders(folder, 0755));
  for (const GivenReceipt& receipt : receipts) {
    if (log) {
      if (const Done good = check_receipt(receipt, transfer, *log); !good)
        return std::unexpected(
            good.error().within(receipt.type + " " + std::to_string(receipt.index)));
    }
    if (const Done kept = folder.empty() ? Done() : keep(receipt, folder); !kept)
      return std::unexpected(about_file(kept.error(), folder));
    session.console.event("receipt", {{"id", transfer.text()},
                                      {"type", receipt.type},
                                      {"index", receipt.index},
                                      {"checked", log.has_value()},
                                      {"entry", receipt.entry},
                                      {"proof", receipt.proof}});
    session.console.line(printable(receipt.type) + "  " +
                         std::string(session.console.say(phrase::kEntry)) + " " +
                         std::to_string(receipt.index) +
                         (log ? "  " + session.console.coloured(
                                           Colour::good, session.console.say(phrase::kReceiptGood))
                              : ""));
  }
  return Exit::done;
}

}  // namespace

CommandSpec receipt_command() {
  return {
      "receipt",
      both("一次传输的日志条目和证明", "a transfer's log entries with their proofs"),
      {transfer_argument(),
       identity_option(),
       gateway_option(),
       server_name_option(),
       {"--out", "DIR",
        both("把条目和 .tlog-proof 存到这里", "keep entries and .tlog-proof files here")},
       {"--verify", "", both("核验证明", "check the proofs"), OptionKind::flag},
       {"--log-key", "FILE",
        both("日志公钥(vkey 或文件)", "the log's key: a vkey, or a file with one")},
       {"--trust", "FILE", both("网关的 anchors/stages.json", "the gateway's anchors/stages.json")},
       {"--log-origin", "NAME",
        both("日志名,如 gw-demo/audit", "the log's origin, such as gw-demo/audit")}},
      run_receipt};
}

}  // namespace hangu::cli
