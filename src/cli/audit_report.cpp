// hangu audit report: one month of the log as HTML or PDF, read from the log itself.

#include <filesystem>

#include "audit/export/report_html.hpp"
#include "audit/reading/pruning_notice.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/draft_file.hpp"
#include "cli/identity.hpp"
#include "cli/pdf_tool.hpp"
#include "cli/pem_keys.hpp"
#include "cli/phrases.hpp"
#include "cli/progress.hpp"
#include "cli/published_log.hpp"
#include "cli/reasons.hpp"
#include "cli/values.hpp"
#include "flow/envelope.hpp"
#include "os/file.hpp"

namespace hangu::cli {
namespace {

/// Transfers that began so long before the month may end in it.
constexpr std::chrono::hours kLookBack{93 * 24};
constexpr std::uint64_t kShowEvery = 4096;  ///< entries
constexpr std::size_t kReportBytesMax = std::size_t{256} << 20;
constexpr std::string_view kPayloadType = "application/vnd.hangu.audit-report+json";
constexpr Bilingual kReading = both("读取日志", "reading the log");
constexpr Bilingual kWritten = both("报告已写好", "report written");

/// "+08:00", "-03:30", "+00:00".
Result<std::chrono::minutes> parse_offset(std::string_view text) {
  const auto refused = [&] { return usage("--utc-offset", "like +08:00"); };
  constexpr std::size_t kLength = 6;
  if (text.size() != kLength || (text[0] != '+' && text[0] != '-') || text[3] != ':')
    return refused();
  constexpr int kHoursMax = 14, kMinutesMax = 59;
  HANGU_TRY(const std::int64_t hours,
            parse_number("--utc-offset", text.substr(1, 2), 0, kHoursMax));
  HANGU_TRY(const std::int64_t minutes,
            parse_number("--utc-offset", text.substr(4), 0, kMinutesMax));
  const std::chrono::minutes offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  return text[0] == '-' ? -offset : offset;
}

/// "8-18"
Done read_office_hours(const Arguments& arguments, audit::ReportScope& scope) {
  constexpr std::string_view kOption = "--office-hours";
  constexpr int kHoursMax = 24;
  const std::string text = arguments.text("office-hours");
  const auto parts = split(text, '-');
  if (parts.size() != 2) return usage(kOption, "like 8-18");
  HANGU_TRY(const std::int64_t open, parse_number(kOption, parts[0], 0, kHoursMax));
  HANGU_TRY(const std::int64_t close, parse_number(kOption, parts[1], 0, kHoursMax));
  if (open >= close) return usage(kOption, "like 8-18");
  scope.open_hour = static_cast<unsigned>(open);
  scope.close_hour = static_cast<unsigned>(close);
  return {};
}

Result<audit::ReportScope> scope_of(const Arguments& arguments) {
  HANGU_TRY(const std::chrono::minutes offset, parse_offset(arguments.text("utc-offset")));
  HANGU_TRY(audit::ReportScope scope,
            from_option("--month", audit::ReportScope::create(arguments.text("month"), offset)));
  HANGU_CHECK(read_office_hours(arguments, scope));
  scope.node = arguments.text("node");
  if (arguments.has("zone-pair")) {
    const std::string pair = arguments.text("zone-pair");
    const auto zones = split(pair, ':');
    if (zones.size() != 2 || !ZoneId::create(zones[0]) || !ZoneId::create(zones[1]))
      return usage("--zone-pair", "like egov:internet");
    scope.from_zone = zones[0];
    scope.to_zone = zones[1];
  }
  return scope;
}

Result<audit::Report> make_report(Session& session, const audit::LogReader& reader,
                                  const audit::ReportScope& scope) {
  const WallTime begin =
      scope.begin.since_epoch() > kLookBack ? scope.begin + -kLookBack : WallTime();
  HANGU_TRY(const std::uint64_t first, reader.find_time(begin));
  HANGU_TRY(const std::uint64_t end, reader.find_time(scope.end));
  audit::ReportMaker maker(scope);
  ProgressLine progress(session.console, kReading);
  HANGU_CHECK(reader.authenticate(first, end, [&](const audit::StoredEntry& entry) -> Done {
    if (entry.index % kShowEvery == 0) progress.show(entry.index - first, end - first);
    return maker.add(audit::facts_of(entry));
  }));
  return maker.take();
}

std::string explained(const Console& console, std::string_view reason) {
  const Explanation* const known = explain(reason);
  return known == nullptr ? std::string() : std::string(console.say(known->what));
}

/// Writes the report under `path`, which says what it is by its extension.
Done write_report(const std::string& path, const std::string& html) {
  HANGU_TRY(DraftFile draft, DraftFile::create(path));
  if (path.ends_with(".pdf")) {
    HANGU_TRY(const os::UniqueFd folder, os::open_folder(parent_folder(path)));
    HANGU_CHECK(make_pdf(html, folder.view(), draft.file()));
  } else {
    HANGU_CHECK(os::write_all(draft.file(), bytes_of(html)));
  }
  return draft.finish();
}

/// What is signed: which file, of which log, over which entries.
wire::JsonObject statement_of(const audit::Report& report, const audit::LineSource& source,
                              const std::string& path, ByteView bytes, WallTime made) {
  const auto index = [](const std::optional<std::uint64_t>& at) {
    return at ? wire::Json(*at) : wire::Json(nullptr);
  };
  const audit::ReportScope& scope = report.scope;
  return {{"file", std::filesystem::path(path).filename().string()},
          {"sha256", to_hex(crypto::hash(crypto::HashAlgorithm::sha256, bytes))},
          {"bytes", bytes.size()},
          {"month", scope.month},
          {"utcOffset", audit::offset_text(scope.offset)},
          {"zonePair", scope.from_zone.empty() ? "" : scope.from_zone + ":" + scope.to_zone},
          {"node", scope.node},
          {"log", wire::JsonObject{{"origin", source.origin},
                                   {"size", source.size},
                                   {"root", source.root},
                                   {"first", source.first}}},
          {"entries", wire::JsonObject{{"first", index(report.first)},
                                       {"last", index(report.last)},
                                       {"count", report.entries}}},
          {"made", made.to_text()}};
}

Done sign_report(const std::string& key, const audit::Report& report,
                 const audit::LineSource& source, const std::string& path, WallTime made) {
  HANGU_TRY(const PersonalKey signer, load_signing_key("--sign", key));
  HANGU_TRY(const Bytes bytes, os::read_file(path, kReportBytesMax));
  const std::string statement =
      wire::Json(statement_of(report, source, path, bytes, made)).to_text();
  HANGU_TRY(const flow::Envelope envelope,
            flow::Envelope::sign(std::string(kPayloadType), to_bytes(statement), signer.key,
                                 signer.certificate));
  HANGU_TRY(DraftFile draft, DraftFile::create(path + ".dsse"));
  HANGU_CHECK(os::write_all(draft.file(), bytes_of(envelope.to_text())));
  return draft.finish();
}

Result<Exit> run_report(Session& session, const Arguments& arguments) {
  const std::string output = arguments.text("output");
  if (!output.ends_with(".html") && !output.ends_with(".pdf"))
    return usage("--output", "FILE.html or FILE.pdf");
  HANGU_TRY(const audit::ReportScope scope, scope_of(arguments));
  HANGU_TRY(const WallTime made, session.clock.now());
  HANGU_TRY(const PublishedLog log,
            open_published_log(session, arguments,
                               arguments.has("sign") ? KeyFrom::others : KeyFrom::anybody));
  HANGU_CHECK(audit::check_pruning(log.reader));
  HANGU_CHECK(check_outside(log, "--output", output));
  if (arguments.has("sign") && path_exists(output + ".dsse"))
    return fail(ErrorCode::forbidden, "file-exists", printable(output) + ".dsse");
  HANGU_TRY(const audit::Report report, make_report(session, log.reader, scope));
  const audit::LineSource source = log.source(session);
  const std::string html = audit::report_html(
      report, {.source = source, .made = made, .explain = [&](std::string_view reason) {
                 return explained(session.console, reason);
               }});
  if (const Done written = write_report(output, html); !written)
    return std::unexpected(about_file(written.error(), output));
  if (arguments.has("sign"))
    HANGU_CHECK(sign_report(arguments.text("sign"), report, source, output, made));
  std::uint64_t exceptions = 0;
  for (const std::uint64_t count : report.counts) exceptions += count;
  session.console.event("report", {{"output", output},
                                   {"month", scope.month},
                                   {"entries", report.entries},
                                   {"exceptions", exceptions},
                                   {"size", source.size},
                                   {"root", source.root},
                                   {"first", source.first}});
  tell_pruned(session, log);
  session.console.line(std::string(session.console.say(kWritten)) + ": " + printable(output));
  return Exit::done;
}

}  // namespace

CommandSpec audit_report_command() {
  std::vector<OptionSpec> options = published_log_options();
  const std::vector<OptionSpec> own{
      {"--month", "YYYY-MM", both("哪一个月", "which month"), OptionKind::value, true},
      {"--output", "FILE", both("FILE.html 或 FILE.pdf", "FILE.html or FILE.pdf"),
       OptionKind::value, true},
      {"--zone-pair", "A:B", both("只要从 A 到 B 的传输", "only transfers from A to B")},
      {"--node", "NODE", both("只要这个节点的传输", "only transfers of this node")},
      {"--utc-offset", "+HH:MM", both("当地时间与 UTC 之差", "of local time"), OptionKind::value,
       false, "+08:00"},
      {"--office-hours", "H-H", both("周一至周五的办公时间", "office hours, Monday to Friday"),
       OptionKind::value, false, "8-18"},
      {"--sign", "KEY",
       both("签名并写 FILE.dsse:人员文件夹,或私钥文件",
            "sign, and write FILE.dsse: a person's folder, or a private key's file")}};
  options.insert(options.end(), own.begin(), own.end());
  return {"report",
          both("月度审计报告(HTML 或 PDF),异常在前",
               "the month's audit report as HTML or PDF, exceptions first"),
          std::move(options), run_report};
}

}  // namespace hangu::cli
