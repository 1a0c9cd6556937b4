// hangu audit order: what the log does only when two auditors say so. One writes it, two sign it,
// it is given to the gateway. docs/operations/auditor-orders.md.

#include <limits>

#include "audit/disk_folder.hpp"
#include "audit/entry.hpp"
#include "audit/order.hpp"
#include "audit/order_desk.hpp"
#include "base/text.hpp"
#include "cli/archive_manifest.hpp"
#include "cli/commands.hpp"
#include "cli/identity.hpp"
#include "cli/log_keys.hpp"
#include "cli/pem_keys.hpp"
#include "cli/phrases.hpp"
#include "cli/published_log.hpp"
#include "cli/values.hpp"
#include "config/layout.hpp"
#include "config/trust.hpp"
#include "crypto/hash.hpp"
#include "os/file.hpp"

namespace hangu::cli {
namespace {

using audit::Order;

constexpr unsigned kOrderMode = 0644;
constexpr Bilingual kWritten =
    both("命令已写好,待两名审计员签署", "the order is written; two auditors must sign it");
constexpr Bilingual kSigned = both("已签署", "signed");
constexpr Bilingual kGiven = both("已交给网关;一分钟内执行,或在日志程序启动时",
                                  "given to the gateway: carried out within a minute, or when the "
                                  "log's program starts");
constexpr Bilingual kPrunes =
    both("删除此条之前的日志条目", "delete the log's entries before entry");
constexpr Bilingual kReleases =
    both("计数器与日志不符,仍接着用;计数器", "go on although the counter does not fit; counter");
constexpr Bilingual kArchive = both("归档清单的 SHA-256", "SHA-256 of the archive's manifest");
constexpr Bilingual kExpires = both("有效至", "counts until");
constexpr Bilingual kFrom = both("其中最早一条的时间", "time of the first of them");
constexpr Bilingual kTo = both("其中最后一条的时间", "time of the last of them");

/// What an order says, all of it, for the person who signs it. `signers` are names or keys' ids.
void tell_order(Session& session, const Order& order, std::span<const std::string> signers) {
  Console& console = session.console;
  wire::JsonArray names;
  for (const std::string& name : signers) names.emplace_back(name);
  console.event(
      "order",
      {{"order", wire::Json::parse(order.to_text(), audit::kOrderBytesMax).value_or(wire::Json())},
       {"signers", std::move(names)}});
  const auto row = [&](const Bilingual& label, std::string_view text) {
    console.line(std::string(console.say(label)) + ": " +
                 printable(text, audit::kOrderReasonBytesMax));
  };
  if (const auto* prune = std::get_if<audit::PruneOrder>(&order.act)) {
    row(kPrunes, std::to_string(prune->before));
    row(kArchive, prune->archive);
  } else {
    const auto& release = std::get<audit::ReleaseOrder>(order.act);
    row(kReleases, release.found.kind + " " + std::to_string(release.found.value));
    row(phrase::kPinSize, std::to_string(release.head.size));
    row(phrase::kPinRoot, to_hex(release.head.root));
  }
  row(phrase::kPinLog, order.origin);
  row(phrase::kReason, order.reason);
  row(kExpires, order.expires.to_text());
  for (const std::string& name : signers) row(phrase::kSignedBy, name);
}

Result<WallTime> expiry_of(const Session& session, const Arguments& arguments) {
  HANGU_TRY(const auto valid, parse_duration("--valid", arguments.text("valid")));
  HANGU_TRY(const WallTime now, session.clock.now());
  return now + valid;
}

Result<Exit> write_order(Session& session, const Arguments& arguments, const Order& order) {
  HANGU_CHECK(from_option("--reason", Order::parse(order.to_text())));
  const std::string path = arguments.text("out");
  HANGU_CHECK(check_not_dash("--out", path));
  if (path_exists(path)) return fail(ErrorCode::forbidden, "file-exists", printable(path));
  // Not an envelope yet: DSSE knows none without a signature.
  HANGU_CHECK(os::write_file_durably(path, bytes_of(order.to_text()), kOrderMode));
  tell_order(session, order, {});
  session.console.note(session.console.say(kWritten));
  return Exit::done;
}

/// The first entry of a whole bundle at or before the one that --before means.
Result<std::uint64_t> before_of(const Session& session, const audit::LogReader& reader,
                                const Arguments& arguments) {
  const std::string text = arguments.text("before");
  if (text.find('-') == std::string::npos) {
    HANGU_TRY(const std::int64_t index,
              parse_number("--before", text, 1, static_cast<std::int64_t>(audit::kLogSizeMax)));
    return static_cast<std::uint64_t>(index) / audit::kTileWidth * audit::kTileWidth;
  }
  HANGU_TRY(const WallTime time, parse_instant(session.clock, "--before", text, Edge::start));
  HANGU_TRY(const std::uint64_t index, reader.find_time(time));
  return index / audit::kTileWidth * audit::kTileWidth;
}

Result<Exit> run_prune(Session& session, const Arguments& arguments) {
  HANGU_TRY(const PublishedLog log, open_published_log(session, arguments));
  HANGU_TRY(const std::uint64_t before, before_of(session, log.reader, arguments));
  if (before <= log.reader.first()) return usage("--before", "nothing lies before it");
  HANGU_TRY(std::string archive,
            check_archive(session, log.reader, arguments.text("archive"), before));
  HANGU_TRY(const WallTime expires, expiry_of(session, arguments));
  return write_order(session, arguments,
                     {.origin = log.reader.checkpoint().origin,
                      .act = audit::PruneOrder{.before = before, .archive = std::move(archive)},
                      .reason = arguments.text("reason"),
                      .expires = expires});
}

Result<Exit> run_release(Session& session, const Arguments& arguments) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  HANGU_TRY(const std::int64_t counter,
            parse_number("--counter", arguments.text("counter"), 0, kMost));
  HANGU_TRY(const std::int64_t size, parse_number("--size", arguments.text("size"), 1,
                                                  static_cast<std::int64_t>(audit::kLogSizeMax)));
  HANGU_TRY(const audit::Hash hash,
            from_option("--root", audit::hash_from_hex(arguments.text("root"))));
  HANGU_TRY(const WallTime expires, expiry_of(session, arguments));
  return write_order(
      session, arguments,
      {.origin = arguments.text("origin"),
       .act = audit::ReleaseOrder{.head = {.size = static_cast<std::uint64_t>(size), .root = hash},
                                  .found = {.kind = arguments.text("kind"),
                                            .value = static_cast<std::uint64_t>(counter)}},
       .reason = arguments.text("reason"),
       .expires = expires});
}

/// An order's file, signed or not yet.
struct OrderFile {
  Order order;
  std::optional<flow::Envelope> envelope;
};

Result<OrderFile> read_order(const std::string& path) {
  HANGU_TRY(const Bytes bytes, os::read_file(path, audit::kOrderBytesMax));
  if (auto envelope = flow::Envelope::parse(text_of(bytes))) {
    HANGU_TRY(Order order, Order::parse(text_of(envelope->payload)));
    return OrderFile{std::move(order), *std::move(envelope)};
  }
  Result<Order> order = Order::parse(text_of(bytes));
  if (!order)
    return fail(ErrorCode::malformed, "order-invalid",
                printable(path) + ": " + std::string(order.error().reason()));
  return OrderFile{*std::move(order), std::nullopt};
}

/// The times of the entries that `prune` deletes, as the log or a copy of it has them.
Done tell_dates(Session& session, const audit::PruneOrder& prune, const std::string& gateway,
                const std::string& origin) {
  HANGU_TRY(const audit::NoteKey key, load_note_key("--folder", config::Layout(gateway).log_key()));
  HANGU_TRY(auto folder, audit::open_disk_folder(gateway + "/audit"));
  HANGU_TRY(const audit::LogReader reader, audit::LogReader::open(std::move(folder), key));
  if (reader.checkpoint().origin != origin)
    return fail(ErrorCode::forbidden, "order-other-log", printable(origin));
  if (prune.before <= reader.first() || prune.before > reader.size()) return {};
  for (const auto& [label, index] :
       {std::pair(kFrom, reader.first()), std::pair(kTo, prune.before - 1)}) {
    HANGU_TRY(const audit::Bundle bundle, reader.authentic_bundle(index / audit::kTileWidth));
    for (const audit::StoredEntry& entry : bundle.entries()) {
      if (entry.index != index) continue;
      HANGU_TRY(const audit::EntryHead head, audit::EntryHead::parse(entry.text));
      session.console.event("entry", {{"index", index}, {"time", head.time.to_text()}});
      session.console.line(std::string(session.console.say(label)) + ": " + head.time.to_text());
    }
  }
  return {};
}

/// Shows an order's file. Whose the keys are that have signed is known to the gateway; here their
/// ids stand, which `give` checks.
Done show(Session& session, const Arguments& arguments, const OrderFile& file) {
  std::vector<std::string> signers;
  if (file.envelope)
    for (const flow::EnvelopeSignature& one : file.envelope->signatures)
      signers.push_back(one.key_id);
  tell_order(session, file.order, signers);
  const auto* prune = std::get_if<audit::PruneOrder>(&file.order.act);
  if (prune == nullptr || !arguments.has("folder")) return {};
  return tell_dates(session, *prune, arguments.text("folder"), file.order.origin);
}

Result<Exit> run_show(Session& session, const Arguments& arguments) {
  HANGU_TRY(const OrderFile file, read_order(arguments.text("file")));
  HANGU_CHECK(show(session, arguments, file));
  return Exit::done;
}

Result<Exit> run_sign(Session& session, const Arguments& arguments) {
  const std::string path = arguments.text("file");
  HANGU_CHECK(check_not_dash("FILE", path));
  HANGU_TRY(OrderFile file, read_order(path));
  HANGU_CHECK(show(session, arguments, file));  // before anything is signed
  HANGU_TRY(const PersonalKey signer, load_signing_key("--key", arguments.text("key")));
  flow::Envelope envelope = file.envelope ? *std::move(file.envelope)
                                          : flow::Envelope{std::string(audit::kOrderPayloadType),
                                                           to_bytes(file.order.to_text()),
                                                           {}};
  HANGU_TRY(envelope, audit::sign_order(std::move(envelope), signer.key));
  HANGU_CHECK(os::write_file_durably(path, bytes_of(envelope.to_text()), kOrderMode));
  session.console.line(std::string(session.console.say(kSigned)) + ": " +
                       std::to_string(envelope.signatures.size()));
  return Exit::done;
}

/// With too many files the log's program takes none of them. Errors: Exhausted "order-too-many".
Done check_room(const std::string& folder) {
  HANGU_TRY(const auto orders, audit::open_disk_folder(folder));
  const auto names = orders->names(audit::kOrdersMax - 1);
  if (!names && names.error().reason() == "audit-folder-too-full")
    return fail(ErrorCode::exhausted, "order-too-many", printable(folder));
  return names ? Done() : Done(std::unexpected(names.error()));
}

Result<Exit> run_give(Session& session, const Arguments& arguments) {
  const config::Layout layout(arguments.text("folder"));
  HANGU_TRY(const config::StageKeys keys, config::load_stage_keys(layout.auditor_keys()));
  const std::vector<audit::Auditor> auditors = audit::auditors_of(keys);
  HANGU_TRY(const Bytes text, os::read_file(arguments.text("file"), audit::kOrderBytesMax));
  HANGU_TRY(const std::string origin, config::load_log_origin(layout.log_key()));
  HANGU_TRY(const WallTime now, session.clock.now());
  HANGU_TRY(const audit::SignedOrder order,
            audit::open_order(text_of(text), auditors, origin, now));
  HANGU_CHECK(check_room(layout.audit_orders()));
  const std::string digest = to_hex(crypto::hash(crypto::HashAlgorithm::sha256, text));
  HANGU_CHECK(os::write_file_durably(
      layout.audit_orders() + "/" + digest.substr(0, 16) + std::string(audit::kOrderSuffix), text,
      kOrderMode));
  tell_order(session, order.order, order.signers);
  session.console.note(session.console.say(kGiven));
  return Exit::done;
}

std::vector<OptionSpec> written_options() {
  return {
      {"--reason", "TEXT", both("理由", "why"), OptionKind::value, true},
      {"--valid", "DURATION", both("有效期", "how long it counts"), OptionKind::value, false, "7d"},
      {"--out", "FILE", both("命令文件", "the order's file"), OptionKind::value, true}};
}

std::vector<OptionSpec> joined(std::vector<OptionSpec> first, const std::vector<OptionSpec>& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

CommandSpec prune_command() {
  return {
      "prune",
      both("写一份删除到期条目的命令", "write an order to delete entries whose time is over"),
      joined(joined(published_log_options(),
                    {{"--before", "INDEX|DATE",
                      both("删除此前的条目(取整到 256 条)",
                           "delete what lies before (whole bundles of 256)"),
                      OptionKind::value, true},
                     {"--archive", "DIR", both("含有这些条目的归档", "the archive that holds them"),
                      OptionKind::value, true}}),
             written_options()),
      run_prune,
      {}};
}

CommandSpec release_command() {
  return {"release",
          both("写一份“计数器不符仍接着用”的命令;各值取自日志程序的报错",
               "write an order to go on although the counter does not fit; take the values from "
               "what the log's program said"),
          joined({{"--origin", "NAME", both("日志名", "name of the log"), OptionKind::value, true},
                  {"--counter", "N", both("计数器现值", "where the counter is"), OptionKind::value,
                   true},
                  {"--kind", "KIND", both("file、tpm 或 none", "file, tpm or none"),
                   OptionKind::value, true},
                  {"--size", "N", both("日志条数", "entries of the log"), OptionKind::value, true},
                  {"--root", "HEX", both("日志树根", "root of the log"), OptionKind::value, true}},
                 written_options()),
          run_release,
          {}};
}

}  // namespace

CommandSpec audit_order_command() {
  const OptionSpec file{"file", "FILE", both("命令文件", "the order's file"),
                        OptionKind::positional, true};
  const OptionSpec log{"--folder", "DIR",
                       both("网关文件夹,用来显示要删条目的时间",
                            "the gateway's folder, to show the times of what is to be deleted")};
  return {
      "order",
      both("需两名审计员签署的命令", "orders that two auditors sign"),
      {},
      {},
      {prune_command(),
       release_command(),
       {"show",
        both("显示一份命令的全部内容", "show all that an order says"),
        {file, log},
        run_show,
        {}},
       {"sign",
        both("显示并签署一份命令", "show an order and sign it"),
        {file,
         log,
         {"--key", "FILE", both("审计员的私钥", "the auditor's key"), OptionKind::value, true}},
        run_sign,
        {}},
       {"give",
        both("把两人签好的命令交给网关", "give an order with both signatures to the gateway"),
        {file,
         {"--folder", "DIR", both("网关文件夹", "the gateway's folder"), OptionKind::value, true}},
        run_give,
        {}}}};
}

}  // namespace hangu::cli
