// hangu audit index, search and queries: the auditor's questions to a log.

#include <algorithm>

#include "audit/reading/pruning_notice.hpp"
#include "audit/search/saved_queries.hpp"
#include "base/text.hpp"
#include "cli/audit_phrases.hpp"
#include "cli/auditor.hpp"
#include "cli/commands.hpp"
#include "cli/draft_file.hpp"
#include "cli/folder_lock.hpp"
#include "cli/identity.hpp"
#include "cli/pem_keys.hpp"
#include "cli/phrases.hpp"
#include "cli/progress.hpp"
#include "cli/values.hpp"
#include "os/file.hpp"

namespace hangu::cli {
namespace {

using audit::search::SearchIndex;
using audit::search::SearchQuery;

constexpr std::int64_t kLimitMax = 1'000'000;

Result<std::string> queries_path(const Arguments& arguments) {
  HANGU_TRY(const std::string folder, state_folder(arguments));
  return folder + "/queries.json";
}

/// What the options ask, on top of a saved query's.
Result<SearchQuery> query_of(const Session& session, const Arguments& arguments) {
  SearchQuery query;
  if (arguments.has("saved")) {
    HANGU_TRY(const std::string path, queries_path(arguments));
    HANGU_TRY(const auto saved, audit::search::load_saved_queries(path));
    const auto found = saved.find(arguments.text("saved"));
    if (found == saved.end())
      return fail(ErrorCode::malformed, "query-unknown", printable(arguments.text("saved")));
    query = found->second;
  }
  if (arguments.has("since")) {
    HANGU_TRY(query.since,
              parse_instant(session.clock, "--since", arguments.text("since"), Edge::start));
  }
  if (arguments.has("until")) {
    HANGU_TRY(query.until,
              parse_instant(session.clock, "--until", arguments.text("until"), Edge::end));
  }
  for (const audit::search::CriterionKind& kind : audit::search::criterion_kinds())
    for (const std::string& wanted : arguments.list(kind.name))
      HANGU_CHECK(query.add(kind.name, wanted));
  for (const std::string& words : arguments.list("text"))
    for (const std::string_view word : split(words, ' '))
      if (!word.empty()) HANGU_CHECK(query.add_text(word));
  return query;
}

Done save_query(Session& session, const Arguments& arguments, const SearchQuery& query) {
  if (!arguments.has("save")) return {};
  const std::string name = arguments.text("save");
  HANGU_TRY(const std::string path, queries_path(arguments));
  HANGU_TRY(auto saved, audit::search::load_saved_queries(path));
  saved.insert_or_assign(name, query);
  HANGU_CHECK(audit::search::save_queries(path, saved));
  session.console.note(std::string(session.console.say(phrase::kQuerySaved)) + ": " +
                       printable(name));
  return {};
}

/// The facts of one entry; of one that was pruned, what the index still knows.
Result<audit::EntryFacts> shown_entry(SearchIndex& index, const audit::LogReader& reader,
                                      std::uint64_t number) {
  HANGU_TRY(const auto row, index.entry(number));
  if (!row)
    return fail(ErrorCode::corrupt, "index-corrupt", "no row of entry " + std::to_string(number));
  if (number >= reader.first()) {
    HANGU_TRY(const audit::Bundle bundle, reader.bundle(number / audit::kTileWidth));
    audit::EntryFacts facts = audit::facts_of(bundle.entries()[number % audit::kTileWidth]);
    if (facts.leaf != row->leaf)
      return fail(ErrorCode::corrupt, "index-entry-differs", "entry " + std::to_string(number));
    return facts;
  }
  audit::EntryFacts facts;
  facts.index = number;
  facts.leaf = row->leaf;
  facts.time = row->time;
  HANGU_TRY(const auto values, index.values_of(number));
  for (const audit::search::Value& value : values) {
    if (value.field == audit::search::Field::type) facts.type = value.text;
    if (value.field == audit::search::Field::program) facts.program = value.text;
    if (value.field == audit::search::Field::transfer) facts.transfer = value.text;
    if (value.field == audit::search::Field::reason) facts.reason = value.text;
  }
  return facts;
}

Done show_entries(Session& session, SearchIndex& index, const audit::LogReader& reader,
                  const std::vector<std::uint64_t>& numbers) {
  std::vector<std::vector<std::string>> rows{facts_heading(session)};
  for (const std::uint64_t number : numbers) {
    HANGU_TRY(const audit::EntryFacts facts, shown_entry(index, reader, number));
    const bool pruned = number < reader.first();
    wire::JsonObject members = facts_to_json(facts);
    if (pruned) members.emplace_back("pruned", true);
    session.console.event("entry", std::move(members));
    std::vector<std::string> row = facts_to_row(session, facts);
    if (pruned) row.back() = session.console.say(phrase::kPrunedEntry);
    rows.push_back(std::move(row));
  }
  if (rows.size() > 1) session.console.table(rows);
  return {};
}

void tell_count(Session& session, std::uint64_t count, std::size_t shown, wire::JsonObject more) {
  wire::JsonObject members{{"count", count}, {"shown", shown}};
  members.insert(members.end(), more.begin(), more.end());
  session.console.event("search", std::move(members));
  const auto say = [&](const Bilingual& text) { return std::string(session.console.say(text)); };
  if (count == 0) return session.console.line(say(phrase::kNothingFound));
  session.console.line(say(phrase::kHits) + " " + std::to_string(count) + ", " +
                       say(phrase::kShown) + " " + std::to_string(shown));
}

Done write_certificate(Session& session, const Arguments& arguments, const PublishedLog& log,
                       const SearchQuery& query, const audit::search::Evidence& evidence,
                       const crypto::SigningKey& key) {
  const std::string path = arguments.text("certificate");
  HANGU_TRY(const WallTime now, session.clock.now());
  const auto certificate = audit::search::make_certificate(log.reader, query, evidence, now);
  HANGU_TRY(const std::string text, certificate.sign(key));
  HANGU_TRY(DraftFile draft, DraftFile::create(path));
  HANGU_CHECK(os::write_all(draft.file(), bytes_of(text)));
  HANGU_CHECK(draft.finish());
  session.console.event("certificate", {{"file", path}, {"keyId", key.verify_key().id()}});
  session.console.line(std::string(session.console.say(phrase::kCertificateWritten)) + ": " +
                       printable(path));
  return {};
}

struct Showing {
  std::size_t limit = 0;
  audit::search::Order order = audit::search::Order::newest_first;
};

/// The shown ones of proved hits, in the order asked for.
std::vector<std::uint64_t> first_of(const std::vector<audit::search::Hit>& hits,
                                    const Showing& showing) {
  std::vector<std::uint64_t> numbers;
  const auto count = std::min(hits.size(), showing.limit);
  for (std::size_t i = 0; i < count; ++i)
    numbers.push_back(showing.order == audit::search::Order::newest_first
                          ? hits[hits.size() - 1 - i].index
                          : hits[i].index);
  return numbers;
}

Done show_proved(Session& session, const audit::LogReader& reader,
                 const std::vector<std::uint64_t>& numbers) {
  std::vector<std::vector<std::string>> rows{facts_heading(session)};
  rows.reserve(numbers.size() + 1);
  for (const std::uint64_t number : numbers) {
    HANGU_TRY(const audit::Bundle bundle, reader.authentic_bundle(number / audit::kTileWidth));
    const auto facts = audit::facts_of(bundle.entries()[number % audit::kTileWidth]);
    session.console.event("entry", facts_to_json(facts));
    rows.push_back(facts_to_row(session, facts));
  }
  if (rows.size() > 1) session.console.table(rows);
  return {};
}

Result<Exit> search_verified(Session& session, const Arguments& arguments, const PublishedLog& log,
                             SearchIndex& index, const SearchQuery& query, const Showing& showing) {
  std::optional<PersonalKey> key;
  if (arguments.has("certificate")) {
    HANGU_TRY(key, load_signing_key("--sign", arguments.text("sign")));
  }
  const audit::LogReader& reader = log.reader;
  Result<audit::search::Evidence> evidence = audit::search::Evidence();
  {
    ProgressLine line(session.console, phrase::kProving);
    evidence = audit::search::search_entries(
        reader, query, reader.size(),
        [&line](std::uint64_t done, std::uint64_t size) { line.show(done, size); });
  }
  if (!evidence) return std::unexpected(evidence.error());
  HANGU_TRY(const auto comparison, audit::search::compare(index, query, *evidence, reader.size()));
  const auto shown = first_of(evidence->hits, showing);
  HANGU_CHECK(show_proved(session, reader, shown));
  tell_count(session, evidence->hits.size(), shown.size(),
             {{"verified", true},
              {"a", evidence->span.first},
              {"b", evidence->span.end},
              {"size", reader.size()},
              {"root", to_hex(reader.checkpoint().head.root)},
              {"scanned", evidence->scanned()},
              {"undecided", evidence->undecided.size()},
              {"first", reader.first()},
              {"list", to_hex(evidence->list_digest())},
              {"differences", comparison.count}});
  const auto say = [&](const Bilingual& text) { return std::string(session.console.say(text)); };
  session.console.line(say(phrase::kProved) + " " + std::to_string(evidence->span.first) + ".." +
                       std::to_string(evidence->span.end) + " / " + std::to_string(reader.size()));
  if (reader.first() > 0)
    session.console.line(say(phrase::kOlderPruned) + ": " + std::to_string(reader.first()));
  if (!evidence->undecided.empty())
    session.console.line(say(phrase::kUndecided) + ": " +
                         std::to_string(evidence->undecided.size()));
  if (key) HANGU_CHECK(write_certificate(session, arguments, log, query, *evidence, key->key));
  if (!tell_comparison(session, comparison)) return kAuditTampered;
  session.console.line(session.console.coloured(Colour::good, say(phrase::kIndexAgrees)));
  return Exit::done;
}

Result<Exit> run_search(Session& session, const Arguments& arguments) {
  const bool verified = arguments.has("verified");
  if (arguments.has("certificate") != arguments.has("sign"))
    return usage("--certificate", "and --sign go together");
  if (arguments.has("certificate") && !verified) return usage("--certificate", "needs --verified");
  HANGU_CHECK(check_not_dash("--certificate", arguments.text("certificate")));
  if (arguments.has("certificate") && path_exists(arguments.text("certificate")))
    return fail(ErrorCode::forbidden, "file-exists", printable(arguments.text("certificate")));
  HANGU_TRY(const std::int64_t limit,
            parse_number("--limit", arguments.text("limit"), 0, kLimitMax));
  const std::string order = arguments.text("order");
  if (order != "newest" && order != "oldest") return usage("--order", "newest or oldest");
  const Showing showing{.limit = static_cast<std::size_t>(limit),
                        .order = order == "newest" ? audit::search::Order::newest_first
                                                   : audit::search::Order::oldest_first};
  HANGU_TRY(const SearchQuery query, query_of(session, arguments));
  HANGU_CHECK(save_query(session, arguments, query));
  HANGU_TRY(PublishedLog log,
            open_published_log(session, arguments, verified ? KeyFrom::others : KeyFrom::anybody));
  if (arguments.has("certificate"))
    HANGU_CHECK(check_outside(log, "--certificate", arguments.text("certificate")));
  HANGU_TRY(SearchIndex index, open_updated_index(session, arguments, log));
  if (verified) return search_verified(session, arguments, log, index, query, showing);
  HANGU_TRY(const auto asking, audit::search::Asking::prepare(index, query));
  HANGU_TRY(const auto span, asking.span(log.reader.size()));
  HANGU_TRY(const auto answer, asking.answer(span, showing.limit, showing.order));
  HANGU_CHECK(show_entries(session, index, log.reader, answer.shown));
  tell_count(session, answer.count, answer.shown.size(),
             {{"verified", false}, {"size", log.reader.size()}});
  session.console.note(session.console.say(phrase::kNotProved));
  return Exit::done;
}

Result<Exit> run_index(Session& session, const Arguments& arguments) {
  HANGU_TRY(PublishedLog log, open_published_log(session, arguments));
  HANGU_TRY(const std::string path, index_path(arguments, log));
  HANGU_TRY(const FolderLock lock, FolderLock::take(parent_folder(path)));
  HANGU_TRY(const auto updated, bring_up_index(session, arguments, log, path));
  HANGU_CHECK(audit::check_pruning(log.reader));
  session.console.event("index", {{"file", path},
                                  {"first", updated.mark.first},
                                  {"size", updated.mark.head.size},
                                  {"root", to_hex(updated.mark.head.root)},
                                  {"added", updated.added},
                                  {"begunAnew", updated.begun_anew}});
  session.console.line(std::string(session.console.say(phrase::kIndexed)) + ": " +
                       std::to_string(updated.mark.head.size - updated.mark.first) + " (" +
                       std::string(session.console.say(phrase::kAdded)) + " " +
                       std::to_string(updated.added) + ")");
  return Exit::done;
}

Result<Exit> run_queries(Session& session, const Arguments& arguments) {
  HANGU_TRY(const std::string path, queries_path(arguments));
  HANGU_TRY(auto saved, audit::search::load_saved_queries(path));
  if (arguments.has("delete")) {
    const std::string name = arguments.text("delete");
    if (saved.erase(name) == 0) return fail(ErrorCode::malformed, "query-unknown", printable(name));
    HANGU_CHECK(audit::search::save_queries(path, saved));
    session.console.note(std::string(session.console.say(phrase::kQueryForgotten)) + ": " +
                         printable(name));
    return Exit::done;
  }
  std::vector<std::vector<std::string>> rows{{std::string(session.console.say(phrase::kQueryName)),
                                              std::string(session.console.say(phrase::kQuery))}};
  for (const auto& [name, query] : saved) {
    session.console.event("query", {{"name", name}, {"query", query.to_json()}});
    rows.push_back({name, printable(query.to_json().to_text(), 1000)});
  }
  if (saved.empty()) session.console.note(session.console.say(phrase::kNoQueries));
  if (!saved.empty()) session.console.table(rows);
  return Exit::done;
}

/// An option of a criterion; may be repeated, any one is enough.
OptionSpec criterion(const char* name, const char* value, const Bilingual& help) {
  return {name, value, help, OptionKind::list};
}

std::vector<OptionSpec> search_options() {
  std::vector<OptionSpec> options = published_log_options();
  const std::vector<OptionSpec> own{
      state_option(),
      {"--since", "TIME",
       both("此时起:RFC 3339、日期(UTC)或多久以前(7d)",
            "from then on: RFC 3339, a date (UTC), or how long ago (7d)")},
      {"--until", "TIME", both("此时之前;日期则包括当天", "before then; a date includes its day")},
      criterion("--actor", "NAME",
                both("谁做的:人、节点或程序", "who did it: person, node, program")),
      criterion("--node", "NODE", both("发送或接收节点", "sending or receiving node")),
      criterion("--dataset", "CODE", both("数据集(产品代码)", "dataset (product code)")),
      criterion("--area", "CODE", both("行政区划代码(GB/T 2260)", "area code of GB/T 2260")),
      criterion("--secrecy", "GRADE", both("密级", "state secrecy")),
      criterion("--grade", "GRADE", both("数据级别", "data grade")),
      criterion("--from", "ZONE", both("来自区域", "zone it came from")),
      criterion("--to", "ZONE", both("去往区域", "zone it went to")),
      criterion("--decision", "WORD", both("决定", "allow, deny, hold or error")),
      criterion("--rule", "ID", both("策略规则", "rule of the policy")),
      criterion("--transfer", "ID", both("传输编号", "transfer's id")),
      criterion("--package", "DIGEST", both("数据包摘要", "digest of a package")),
      criterion("--type", "TYPE", both("条目类型,如 filter.*", "type of entry, as filter.*")),
      criterion("--stage", "STAGE", both("环节", "stage of the line")),
      criterion("--reason", "CODE", both("原因代码,如 policy-*", "reason code, as policy-*")),
      {"--text", "WORDS",
       both("都要出现的词;中文按连续的字", "words that all must occur; Chinese as it stands"),
       OptionKind::list},
      {"--limit", "N", both("最多显示", "show at most"), OptionKind::value, false, "50"},
      {"--order", "ORDER", both("newest 或 oldest 在前", "newest or oldest first"),
       OptionKind::value, false, "newest"},
      {"--verified", "",
       both("读取并核验范围内的每一条,再与索引比较;有差异则退出码 1",
            "read and prove every entry of the time, and compare the index with them; exit 1 when "
            "it differs"),
       OptionKind::flag},
      {"--certificate", "FILE", both("写查询证书(需 --sign)", "write a query certificate")},
      {"--sign", "FILE",
       both("签证书的私钥,或人员文件夹", "private key that signs it, or a person's folder")},
      {"--save", "NAME", both("保存这个查询", "keep this query under a name")},
      {"--saved", "NAME", both("用保存的查询", "use a kept query")}};
  options.insert(options.end(), own.begin(), own.end());
  return options;
}

}  // namespace

CommandSpec audit_index_command() {
  std::vector<OptionSpec> options = published_log_options();
  options.push_back(state_option());
  options.push_back({"--rebuild", "", both("重新建立", "begin anew"), OptionKind::flag});
  return {"index",
          both("建立或更新审计员的索引", "make the auditor's index, or bring it up to the log"),
          std::move(options), run_index};
}

CommandSpec audit_search_command() {
  return {"search", both("在日志中查找条目", "find entries in the log"), search_options(),
          run_search};
}

CommandSpec audit_queries_command() {
  return {"queries",
          both("保存的查询", "kept queries"),
          {state_option(), {"--delete", "NAME", both("删除", "delete this one")}},
          run_queries};
}

}  // namespace hangu::cli
