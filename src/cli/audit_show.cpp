// hangu audit show and lineage: one entry, and the story of a transfer or a dataset.

#include <algorithm>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "cli/audit_phrases.hpp"
#include "cli/auditor.hpp"
#include "cli/commands.hpp"
#include "cli/values.hpp"
#include "flow/envelope.hpp"

namespace hangu::cli {
namespace {

using audit::EntryFacts;
using audit::search::SearchIndex;
using audit::search::SearchQuery;

constexpr std::size_t kEntriesOfTransferMax = 10'000;
constexpr std::int64_t kTransfersMax = 1000;

/// The chapters of a transfer's story in their order, and the entries that belong in each.
struct Chapter {
  std::string_view name;
  Bilingual heading;
  std::vector<std::string_view> types;
};
const std::vector<Chapter>& chapters() {
  static const std::vector<Chapter> kChapters{
      {"sent",
       phrase::kChapterSent,
       {"transfer.received", "step.receive", "transfer.stated", "document.submission",
        "sequence.gap", "step.verify"}},
      {"found", phrase::kChapterFound, {"filter.inspect", "step.inspect"}},
      {"decided", phrase::kChapterDecided, {"transfer.decided", "step.decide", "step.clear"}},
      {"removed", phrase::kChapterRemoved, {"filter.transform", "step.transform"}},
      {"checked", phrase::kChapterChecked, {"filter.check", "step.check"}},
      {"approved", phrase::kChapterApproved, {"approval.given", "step.approve"}},
      {"left", phrase::kChapterLeft, {"step.emit"}},
      {"fetched", phrase::kChapterFetched, {"transfer.fetched", "transfer.acknowledged"}},
      {"ended", phrase::kChapterEnded, {}},  // all others
  };
  return kChapters;
}

const Chapter& chapter_of(std::string_view type) {
  for (const Chapter& chapter : chapters())
    if (std::ranges::find(chapter.types, type) != chapter.types.end()) return chapter;
  return chapters().back();
}

/// The facts of a proved entry.
Result<EntryFacts> proved_entry(const audit::LogReader& reader, std::uint64_t index) {
  HANGU_TRY(const audit::Bundle bundle, reader.authentic_bundle(index / audit::kTileWidth));
  return audit::facts_of(bundle.entries()[index % audit::kTileWidth]);
}

/// A transfer's entries, oldest first. Each names the one before: none in between is missing.
struct Lineage {
  std::vector<EntryFacts> entries;
  std::uint64_t count = 0;  ///< by the index; more than there are entries when they were cut
};
Result<Lineage> lineage_of(SearchIndex& index, const audit::LogReader& reader,
                           const std::string& transfer) {
  SearchQuery query;
  HANGU_CHECK(query.add("transfer", transfer));
  HANGU_TRY(const auto asking, audit::search::Asking::prepare(index, query));
  HANGU_TRY(const auto span, asking.span(reader.size()));
  HANGU_TRY(
      const auto answer,
      asking.answer({std::max(span.first, reader.first()), std::max(span.end, reader.first())},
                    kEntriesOfTransferMax, audit::search::Order::oldest_first));
  Lineage lineage{.entries = {}, .count = answer.count};
  std::vector<EntryFacts>& out = lineage.entries;
  for (const std::uint64_t at : answer.shown) {
    HANGU_TRY(EntryFacts facts, proved_entry(reader, at));
    const auto before = out.empty() ? std::nullopt : std::optional(out.back().index);
    const bool follows = facts.previous == before ||
                         (out.empty() && facts.previous && *facts.previous < reader.first());
    if (facts.transfer != transfer || !follows)
      return fail(ErrorCode::corrupt, "index-entry-differs",
                  "entry " + std::to_string(at) + " follows on " +
                      (facts.previous ? std::to_string(*facts.previous) : "none"));
    out.push_back(std::move(facts));
  }
  return lineage;
}

void tell_transfer(Session& session, const std::string& transfer,
                   const std::vector<EntryFacts>& entries) {
  session.console.line(std::string(session.console.say(phrase::kTransfer)) + " " + transfer);
  for (const Chapter& chapter : chapters()) {
    bool told = false;
    for (const EntryFacts& facts : entries) {
      if (&chapter_of(facts.type) != &chapter) continue;
      if (!told) session.console.line("  " + std::string(session.console.say(chapter.heading)));
      told = true;
      wire::JsonObject members{{"chapter", chapter.name}};
      for (auto& member : facts_to_json(facts)) members.push_back(std::move(member));
      session.console.event("lineage", std::move(members));
      session.console.line("    " + facts.time.to_text() + "  #" + std::to_string(facts.index) +
                           "  " + sentence_for(session, facts));
    }
  }
}

/// What a lineage is worth: which of it is proved, and what is the index's word.
void tell_worth(Session& session, const PublishedLog& log, const Lineage& lineage) {
  const EntryFacts& first = lineage.entries.front();
  const EntryFacts& last = lineage.entries.back();
  const bool cut = lineage.count > lineage.entries.size();
  const bool begins = !first.previous.has_value();
  session.console.event("lineage-end", {{"transfer", first.transfer},
                                        {"entries", lineage.entries.size()},
                                        {"cut", cut},
                                        {"olderPruned", !begins},
                                        {"proved", true},
                                        {"keyGiven", log.key_given},
                                        {"laterProved", false},
                                        {"size", log.reader.size()},
                                        {"root", to_hex(log.reader.checkpoint().head.root)}});
  const auto say = [&](const Bilingual& text) { return std::string(session.console.say(text)); };
  session.console.line("  " + say(phrase::kLineageProved) + " " +
                       std::to_string(log.reader.size()));
  if (!begins)
    session.console.line("  " + say(phrase::kOlderPruned) + ": " +
                         std::to_string(log.reader.first()));
  if (cut)
    session.console.line("  " + say(phrase::kLineageCut) + ": hangu audit search --transfer " +
                         first.transfer + " --order oldest --limit " +
                         std::to_string(lineage.count));
  session.console.line("  " + say(phrase::kLaterNotProved) + " #" + std::to_string(last.index) +
                       ": hangu audit search --transfer " + first.transfer + " --verified --key …");
}

/// The transfers of a dataset, newest first, and whether there may be more.
struct Transfers {
  std::vector<std::string> ids;
  bool cut = false;
};
Result<Transfers> transfers_of(SearchIndex& index, const audit::LogReader& reader,
                               const std::string& dataset, std::size_t limit) {
  SearchQuery query;
  HANGU_CHECK(query.add("dataset", dataset));
  HANGU_CHECK(query.add("type", audit::search::kStatedType));
  HANGU_TRY(const auto asking, audit::search::Asking::prepare(index, query));
  HANGU_TRY(const auto span, asking.span(reader.size()));
  HANGU_TRY(
      const auto answer,
      asking.answer({std::max(span.first, reader.first()), std::max(span.end, reader.first())},
                    kEntriesOfTransferMax, audit::search::Order::newest_first));
  Transfers out{.ids = {}, .cut = answer.count > answer.shown.size()};
  for (const std::uint64_t at : answer.shown) {
    HANGU_TRY(const EntryFacts facts, proved_entry(reader, at));
    if (std::ranges::find(out.ids, facts.transfer) != out.ids.end()) continue;
    if (out.ids.size() == limit) {
      out.cut = true;
      break;
    }
    out.ids.push_back(facts.transfer);
  }
  return out;
}

Result<Exit> run_lineage(Session& session, const Arguments& given) {
  Arguments arguments = given;
  const bool of_dataset = arguments.has("dataset");
  if (of_dataset && arguments.has("dir")) return usage("TRANSFER", "or --dataset: one of them");
  if (of_dataset && arguments.has("transfer"))  // the only word is the log's folder then
    arguments.set("dir", {arguments.text("transfer")});
  if (!of_dataset)
    HANGU_CHECK(from_option("TRANSFER", TransferId::create(arguments.text("transfer"))));
  HANGU_TRY(const std::int64_t limit,
            parse_number("--limit", arguments.text("limit"), 1, kTransfersMax));
  HANGU_TRY(PublishedLog log, open_published_log(session, arguments));
  HANGU_TRY(SearchIndex index, open_updated_index(session, arguments, log));
  Transfers transfers{.ids = {arguments.text("transfer")}};
  if (of_dataset) {
    HANGU_TRY(transfers, transfers_of(index, log.reader, arguments.text("dataset"),
                                      static_cast<std::size_t>(limit)));
  }
  bool any = false;
  for (const std::string& transfer : transfers.ids) {
    HANGU_TRY(const Lineage lineage, lineage_of(index, log.reader, transfer));
    if (lineage.entries.empty()) continue;
    any = true;
    tell_transfer(session, transfer, lineage.entries);
    tell_worth(session, log, lineage);
  }
  if (transfers.cut)
    session.console.line(std::string(session.console.say(phrase::kTransfersCut)) + ": --limit");
  if (!any) session.console.line(session.console.say(phrase::kNothingFound));
  return Exit::done;
}

/// What is signed in an entry that holds a statement.
std::optional<wire::Json> statement_in(const Result<wire::Json>& entry) {
  const wire::Json* const member = entry ? entry->find("statement") : nullptr;
  if (member == nullptr || member->as_string() == nullptr) return std::nullopt;
  const auto text = from_base64(*member->as_string());
  const auto envelope = text ? flow::Envelope::parse(text_of(*text))
                             : Result<flow::Envelope>(std::unexpected(text.error()));
  if (!envelope) return std::nullopt;
  const auto payload = wire::Json::parse(text_of(envelope->payload), kStatementBytesMax);
  return payload ? std::optional(*payload) : std::nullopt;
}

Result<Exit> run_show(Session& session, const Arguments& arguments) {
  HANGU_TRY(const std::int64_t wanted, parse_number("INDEX", arguments.text("index"), 0,
                                                    static_cast<std::int64_t>(audit::kLogSizeMax)));
  const auto at = static_cast<std::uint64_t>(wanted);
  HANGU_TRY(const PublishedLog log, open_published_log(session, arguments));
  if (at >= log.reader.size())
    return usage("INDEX", "the log has " + std::to_string(log.reader.size()) + " entries");
  HANGU_TRY(const audit::Bundle bundle, log.reader.authentic_bundle(at / audit::kTileWidth));
  const audit::StoredEntry& entry = bundle.entries()[at % audit::kTileWidth];
  const EntryFacts facts = audit::facts_of(entry);
  const auto json = wire::Json::parse(entry.text, entry.text.size());
  wire::JsonObject members = facts_to_json(facts);
  members.emplace_back("size", log.reader.size());
  if (const auto statement = statement_in(json)) members.emplace_back("signed", *statement);
  members.emplace_back("raw", json ? *json : wire::Json(to_base64(bytes_of(entry.text))));
  session.console.event("entry", std::move(members));
  const auto say = [&](const Bilingual& text) { return std::string(session.console.say(text)); };
  session.console.table({{say(phrase::kEntry), std::to_string(at)},
                         {say(phrase::kTime), facts.time.to_text()},
                         {say(phrase::kEntryType), facts.type},
                         {say(phrase::kActor), printable(facts.actor())},
                         {say(phrase::kLeaf), to_hex(facts.leaf)},
                         {say(phrase::kWhat), sentence_for(session, facts)}});
  session.console.line(say(phrase::kEntryProved) + " " + std::to_string(log.reader.size()));
  session.console.line(json ? json->to_pretty_text() : printable(entry.text, entry.text.size()));
  if (const auto statement = statement_in(json)) {
    session.console.line(session.console.say(phrase::kStated));
    session.console.line(statement->to_pretty_text());
  }
  return Exit::done;
}

}  // namespace

CommandSpec audit_show_command() {
  std::vector<OptionSpec> options{
      {"index", "INDEX", both("条目的序号", "the entry's index"), OptionKind::positional, true}};
  for (OptionSpec& option : published_log_options()) options.push_back(std::move(option));
  return {"show",
          both("一个条目:事项、证明和原文", "one entry: what it says, proved, and as it stands"),
          std::move(options), run_show};
}

CommandSpec audit_lineage_command() {
  std::vector<OptionSpec> options{{"transfer", "TRANSFER",
                                   both("一次传输的编号", "one transfer's id"),
                                   OptionKind::positional}};
  for (OptionSpec& option : published_log_options()) options.push_back(std::move(option));
  options.insert(options.end(),
                 {state_option(),
                  {"--dataset", "CODE", both("一个数据集的各次传输", "the transfers of a dataset")},
                  {"--limit", "N", both("最多几次传输", "at most so many transfers"),
                   OptionKind::value, false, "20"}});
  return {"lineage",
          both("来龙去脉:谁发送、查出什么、去除什么、谁审批、谁取走",
               "the story: who sent it, what was found, what was removed, who approved, who "
               "fetched it"),
          std::move(options), run_lineage};
}

}  // namespace hangu::cli
