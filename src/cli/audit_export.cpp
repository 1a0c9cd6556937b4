// hangu audit export: entries of the log as lines for other systems, in a stream.

#include <unistd.h>

#include <optional>

#include "audit/reading/pruning_notice.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/draft_file.hpp"
#include "cli/phrases.hpp"
#include "cli/progress.hpp"
#include "cli/published_log.hpp"
#include "cli/values.hpp"
#include "os/file.hpp"

namespace hangu::cli {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{256} * 1024;
constexpr std::uint64_t kShowEvery = 4096;  ///< entries
constexpr Bilingual kReading = both("读取日志", "reading the log");
constexpr Bilingual kExported = both("已导出条目", "entries exported");

/// Which entries are wanted.
struct Wanted {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
  std::vector<std::string> types;

  [[nodiscard]] bool takes(std::string_view type) const {
    if (types.empty()) return true;
    for (const std::string& one : types)
      if (one.ends_with('.') ? type.starts_with(one) : type == one) return true;
    return false;
  }
};

Result<std::uint64_t> index_of(const Arguments& arguments, std::string_view name,
                               std::uint64_t otherwise) {
  if (!arguments.has(name)) return otherwise;
  HANGU_TRY(const std::int64_t value,
            parse_number("--" + std::string(name), arguments.text(name), 0,
                         static_cast<std::int64_t>(audit::kLogSizeMax)));
  return static_cast<std::uint64_t>(value);
}

Result<Wanted> wanted_of(const Session& session, const audit::LogReader& reader,
                         const Arguments& arguments) {
  Wanted out;
  HANGU_TRY(out.first, index_of(arguments, "from-index", reader.first()));
  HANGU_TRY(out.end, index_of(arguments, "to-index", reader.size()));
  if (arguments.has("to-index")) ++out.end;  // the last one is meant too
  if (out.first > out.end) return usage("--to-index", "is before --from-index");
  out.end = std::min(out.end, reader.size());
  out.first = std::min(out.first, out.end);
  if (arguments.has("since")) {
    HANGU_TRY(const WallTime since,
              parse_instant(session.clock, "--since", arguments.text("since"), Edge::start));
    HANGU_TRY(const std::uint64_t at, reader.find_time(since));
    out.first = std::max(out.first, at);
  }
  if (arguments.has("until")) {
    HANGU_TRY(const WallTime until,
              parse_instant(session.clock, "--until", arguments.text("until"), Edge::end));
    HANGU_TRY(const std::uint64_t at, reader.find_time(until));
    out.end = std::min(out.end, at);
  }
  out.first = std::min(out.first, out.end);
  out.types = split_lists(arguments.list("type"));
  return out;
}

/// Where the lines go: a file that takes its name when all of it is there, or stdout.
class Lines {
 public:
  Lines(Console& console, DraftFile* file, audit::LineFormat format)
      : console_(console), file_(file), break_(audit::line_break(format)) {}
  Done write(const std::string& line) {
    if (file_ == nullptr) {
      console_.data(line);
      console_.data(break_);
      return {};
    }
    block_ += line;
    block_ += break_;
    return block_.size() < kBlockBytes ? Done() : flush();
  }
  Done flush() {
    if (file_ != nullptr) HANGU_CHECK(os::write_all(file_->file(), bytes_of(block_)));
    block_.clear();
    return {};
  }

 private:
  Console& console_;
  DraftFile* file_;
  std::string_view break_;
  std::string block_;
};

/// The lines of what is wanted; how many. They count only when there is no error.
Result<std::uint64_t> write_lines(Session& session, const PublishedLog& log, const Wanted& wanted,
                                  audit::LineFormat format, const audit::LineSource& source,
                                  DraftFile* file) {
  Lines lines(session.console, file, format);
  if (const std::string head = audit::first_line(format); !head.empty())
    HANGU_CHECK(lines.write(head));
  ProgressLine progress(session.console, kReading);
  std::uint64_t count = 0;
  HANGU_CHECK(log.reader.authenticate(
      wanted.first, wanted.end, [&](const audit::StoredEntry& entry) -> Done {
        if (entry.index % kShowEvery == 0)
          progress.show(entry.index - wanted.first, wanted.end - wanted.first);
        const audit::EntryFacts facts = audit::facts_of(entry);
        if (!wanted.takes(facts.type)) return {};
        ++count;
        return lines.write(audit::line_of(format, facts, source));
      }));
  HANGU_CHECK(lines.flush());
  return count;
}

Result<Exit> run_export(Session& session, const Arguments& arguments) {
  HANGU_TRY(const audit::LineFormat format,
            from_option("--format", audit::parse_line_format(arguments.text("format"))));
  if (session.console.style().json && !arguments.has("output"))
    return usage("--json", "needs --output: both would speak on stdout");
  HANGU_TRY(const PublishedLog log, open_published_log(session, arguments));
  HANGU_CHECK(audit::check_pruning(log.reader));
  HANGU_TRY(const Wanted wanted, wanted_of(session, log.reader, arguments));
  audit::LineSource source = log.source(session);
  HANGU_TRY(
      const std::int64_t pen,
      parse_number("--enterprise-number", arguments.text("enterprise-number"), 1, 0xffff'ffff));
  source.pen = static_cast<std::uint32_t>(pen);
  const std::string output = arguments.text("output");
  std::optional<DraftFile> file;
  if (!output.empty()) {
    HANGU_CHECK(check_outside(log, "--output", output));
    HANGU_TRY(DraftFile draft, DraftFile::create(output));
    file.emplace(std::move(draft));
  }
  const Result<std::uint64_t> count =
      write_lines(session, log, wanted, format, source, file ? &*file : nullptr);
  if (!count) return std::unexpected(about_file(count.error(), output));
  tell_pruned(session, log);
  if (!file) return Exit::done;
  HANGU_CHECK(file->finish());
  session.console.event("exported", {{"output", output},
                                     {"format", arguments.text("format")},
                                     {"lines", *count},
                                     {"first", wanted.first},
                                     {"end", wanted.end},
                                     {"origin", source.origin},
                                     {"size", source.size},
                                     {"root", source.root},
                                     {"logFirst", source.first}});
  session.console.line(std::string(session.console.say(kExported)) + ": " + std::to_string(*count) +
                       " -> " + printable(output));
  return Exit::done;
}

}  // namespace

CommandSpec audit_export_command() {
  std::vector<OptionSpec> options = published_log_options();
  const std::vector<OptionSpec> own{
      {"--format", "FORMAT",
       both("rfc5424、cef、ocsf、csv 或 json", "rfc5424, cef, ocsf, csv or json"),
       OptionKind::value, true},
      {"--since", "TIME",
       both("此时起:RFC 3339、日期(UTC)或多久以前(7d)",
            "from then on: RFC 3339, a date (UTC), or how long ago (7d)")},
      {"--until", "TIME", both("此时之前;日期则包括当天", "before then; a date includes its day")},
      {"--from-index", "N", both("从这一条起", "from this entry on")},
      {"--to-index", "N", both("到这一条为止", "until this entry, it included")},
      {"--type", "TYPE",
       both("只要这些类型;以“.”结尾的表示一族;可重复",
            "only of these types; one that ends in '.' means a family; may be repeated"),
       OptionKind::list},
      {"--enterprise-number", "N",
       both("RFC 5424 行里 hangu@ 后的企业号;默认是文档专用号",
            "behind hangu@ in RFC 5424 lines; the default is for documentation"),
       OptionKind::value, false, std::to_string(audit::kDocumentationPen)},
      {"--output", "FILE", both("写入文件;默认写到标准输出", "write a file; default: stdout")}};
  options.insert(options.end(), own.begin(), own.end());
  return {"export",
          both("把日志条目导出为 RFC 5424、CEF、OCSF、CSV 或 JSON 行",
               "write entries as lines of RFC 5424, CEF, OCSF, CSV or JSON"),
          std::move(options), run_export};
}

}  // namespace hangu::cli
