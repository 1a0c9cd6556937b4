#include "cli/auditor.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "cli/audit_phrases.hpp"
#include "cli/draft_file.hpp"
#include "cli/folder_lock.hpp"
#include "cli/progress.hpp"
#include "cli/reasons.hpp"
#include "os/file.hpp"
#include "os/process.hpp"

namespace hangu::cli {
namespace {

using audit::search::SearchIndex;

constexpr std::size_t kSentenceBytesMax = 400;

/// What only a log that was cut or put back to an earlier state shows.
constexpr auto kCutReasons =
    std::to_array<std::string_view>({"index-ahead", "log-shorter", "pin-larger"});
/// What only bytes that somebody changed show, beside everything that is Corrupt. One that ends in
/// '-' is a family.
constexpr auto kTamperedReasons = std::to_array<std::string_view>(
    {"note-", "checkpoint-", "entry-invalid", "tile-", "proof-", "certificate-unsigned",
     "certificate-malformed", "certificate-checkpoint", "genesis-"});

template <std::size_t N>
bool among(std::string_view reason, const std::array<std::string_view, N>& reasons) {
  return std::ranges::any_of(reasons, [&](std::string_view one) {
    return one.ends_with('-') ? reason.starts_with(one) : reason == one;
  });
}

wire::JsonArray to_array(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

/// A member for each fact that is there.
class Members {
 public:
  void add(const char* name, std::string_view text) {
    if (!text.empty()) members_.emplace_back(name, std::string(text));
  }
  void add(const char* name, const std::vector<std::string>& texts) {
    if (!texts.empty()) members_.emplace_back(name, to_array(texts));
  }
  template <class T>
  void add(const char* name, const std::optional<T>& number) {
    if (number) members_.emplace_back(name, *number);
  }
  void put(const char* name, wire::Json value) { members_.emplace_back(name, std::move(value)); }
  [[nodiscard]] wire::JsonObject take() { return std::move(members_); }

 private:
  wire::JsonObject members_;
};

wire::JsonArray seen_to_json(const std::vector<audit::ObjectFacts>& seen) {
  wire::JsonArray out;
  for (const audit::ObjectFacts& object : seen) {
    Members members;
    members.add("name", object.name);
    members.add("object", object.object);
    members.add("output", object.output);
    members.add("verdict", object.verdict);
    members.add("reason", object.reason);
    members.add("actions", object.actions);
    out.emplace_back(members.take());
  }
  return out;
}

wire::JsonArray refused_to_json(const std::vector<audit::RefusalFacts>& refused) {
  wire::JsonArray out;
  for (const audit::RefusalFacts& refusal : refused) {
    Members members;
    members.add("zone", refusal.zone);
    members.add("node", refusal.node);
    members.add("reason", refusal.reason);
    members.put("count", refusal.count);
    out.emplace_back(members.take());
  }
  return out;
}

wire::JsonArray logins_to_json(const std::vector<audit::LoginFacts>& logins) {
  wire::JsonArray out;
  for (const audit::LoginFacts& login : logins)
    out.emplace_back(
        wire::JsonObject{{"zone", login.zone}, {"node", login.node}, {"count", login.count}});
  return out;
}

wire::JsonArray documents_to_json(const std::vector<audit::DocumentFacts>& documents) {
  wire::JsonArray out;
  for (const audit::DocumentFacts& document : documents)
    out.emplace_back(wire::JsonObject{{"name", document.name}, {"sha256", document.sha256}});
  return out;
}

}  // namespace

Exit audit_exit_of(const Error& error) {
  const std::string_view reason = error.reason();
  if (among(reason, kCutReasons)) return kAuditCut;
  if (error.code() == ErrorCode::corrupt || among(reason, kTamperedReasons)) return kAuditTampered;
  return kAuditCannotTell;
}

Result<Exit> settle_audit(Session& session, Result<Exit> exit) {
  if (exit) return exit;
  session.console.error(exit.error());
  return audit_exit_of(exit.error());
}

OptionSpec state_option() {
  return {"--state", "DIR",
          both("索引和保存的查询所在[XDG_STATE_HOME/hangu/auditor]",
               "where index and saved queries are [XDG_STATE_HOME/hangu/auditor]")};
}

Result<std::string> state_folder(const Arguments& arguments) {
  std::string folder = arguments.text("state");
  if (folder.empty()) {
    const std::string state = os::environment("XDG_STATE_HOME").value_or("");
    const std::string home = os::environment("HOME").value_or("");
    if (!state.empty()) {
      folder = state + "/hangu/auditor";
    } else if (!home.empty()) {
      folder = home + "/.local/state/hangu/auditor";
    } else {
      return usage("--state", "is needed: the environment names no home");
    }
  }
  HANGU_CHECK(os::make_folders(folder));
  return folder;
}

Result<std::string> index_path(const Arguments& arguments, const PublishedLog& log) {
  HANGU_TRY(std::string folder, state_folder(arguments));
  // One folder for each log: by its origin and its first entry, which no two logs have alike.
  constexpr std::size_t kNameBytes = 8;
  Bytes whose = to_bytes(log.reader.checkpoint().origin + "\n");
  if (log.reader.size() > 0) {
    HANGU_TRY(const std::vector<audit::Hash> first, log.reader.tiles().hashes(0, 0, 1));
    append(whose, first.front());
  }
  const crypto::Hash name = crypto::hash(crypto::HashAlgorithm::sha256, whose);
  folder += "/" + to_hex(ByteView(name).first(kNameBytes));
  HANGU_CHECK(os::make_folders(folder));
  std::string path = folder + "/index.sqlite";
  HANGU_CHECK(check_outside(log, "--state", path));
  return path;
}

/// Tells with a note that it was begun anew.
Result<audit::search::Updated> update_index(Session& session, SearchIndex& index,
                                            const audit::LogReader& reader) {
  ProgressLine line(session.console, phrase::kIndexing);
  auto updated = audit::search::update_index(
      index, reader, [&line](std::uint64_t done, std::uint64_t size) { line.show(done, size); });
  if (updated && updated->begun_anew) session.console.note(session.console.say(phrase::kBegunAnew));
  return updated;
}

Result<audit::search::Updated> bring_up_index(Session& session, const Arguments& arguments,
                                              PublishedLog& log, const std::string& path) {
  if (arguments.has("rebuild")) SearchIndex::remove(path);
  HANGU_TRY(SearchIndex index, SearchIndex::open(path));
  auto updated = update_index(session, index, log.reader);
  if (updated || updated.error().reason() != "index-ahead") return updated;
  // Another command may have indexed what came since our checkpoint was taken.
  HANGU_CHECK(log.look_again());
  return update_index(session, index, log.reader);
}

Result<SearchIndex> open_updated_index(Session& session, const Arguments& arguments,
                                       PublishedLog& log) {
  HANGU_TRY(const std::string path, index_path(arguments, log));
  HANGU_TRY(const FolderLock lock, FolderLock::take(parent_folder(path)));
  HANGU_TRY(const auto updated, bring_up_index(session, arguments, log, path));
  (void)updated;
  HANGU_TRY(SearchIndex index, SearchIndex::open_made(path));
  HANGU_CHECK(audit::search::check_pruning(index, log.reader));
  return index;
}

Result<SearchIndex> open_kept_index(const Arguments& arguments, PublishedLog& log) {
  HANGU_TRY(const std::string path, index_path(arguments, log));
  HANGU_TRY(const FolderLock lock, FolderLock::take(parent_folder(path)));
  HANGU_TRY(SearchIndex index, SearchIndex::open_made(path));
  HANGU_TRY(const auto mark, index.mark());
  if (mark && mark->head.size > log.reader.size()) HANGU_CHECK(log.look_again());
  HANGU_CHECK(audit::search::check_pruning(index, log.reader));
  return index;
}

std::string sentence_for(const Session& session, const audit::EntryFacts& facts) {
  const audit::FactText text = audit::sentence_of(facts);
  return session.console.style().language == Language::zh ? text.zh : text.en;
}

wire::JsonObject facts_to_json(const audit::EntryFacts& facts) {
  const audit::FactText sentence = audit::sentence_of(facts);
  Members members;
  members.put("index", facts.index);
  members.add("leaf", to_hex(facts.leaf));
  if (facts.readable) {
    members.add("time", facts.time.to_text());
    members.add("type", facts.type);
    members.add("program", facts.program);
    members.put("uid", facts.uid);
    members.add("actor", facts.actor());
  }
  members.add("transfer", facts.transfer);
  members.add("previous", facts.previous);
  members.add("stage", facts.stage);
  members.add("decision", audit::to_text(facts.decision));
  members.add("reason", facts.reason);
  members.add("rules", facts.rules);
  members.add("policy", facts.policy);
  members.add("node", facts.node);
  members.add("person", facts.person);
  members.add("role", facts.role);
  members.add("keyId", facts.key);
  members.add("words", facts.words);
  members.add("dataset", facts.dataset);
  members.add("areas", facts.areas);
  members.add("secrecy", facts.secrecy);
  members.add("grade", facts.grade);
  members.add("owner", facts.owner);
  members.add("from", facts.from);
  members.add("to", facts.to);
  members.add("recipients", facts.recipients);
  members.add("packages", facts.packages);
  members.add("objects", facts.objects);
  members.add("bytes", facts.bytes);
  members.add("signers", facts.signers);
  members.add("witness", facts.witness);
  members.add("detail", facts.detail);
  if (!facts.logins.empty()) members.put("logins", logins_to_json(facts.logins));
  if (!facts.documents.empty()) members.put("documents", documents_to_json(facts.documents));
  if (!facts.refused.empty()) members.put("refused", refused_to_json(facts.refused));
  if (!facts.seen.empty()) members.put("seen", seen_to_json(facts.seen));
  members.add("zh", sentence.zh);
  members.add("en", sentence.en);
  return members.take();
}

std::vector<std::string> facts_heading(const Session& session) {
  const auto say = [&](const Bilingual& text) { return std::string(session.console.say(text)); };
  return {say(phrase::kEntry), say(phrase::kTime),     say(phrase::kEntryType),
          say(phrase::kActor), say(phrase::kDecision), say(phrase::kWhat)};
}

std::vector<std::string> facts_to_row(const Session& session, const audit::EntryFacts& facts) {
  return {std::to_string(facts.index),
          facts.readable ? facts.time.to_text() : "",
          facts.type,
          printable(facts.actor()),
          std::string(audit::to_text(facts.decision)),
          printable(sentence_for(session, facts), kSentenceBytesMax)};
}

bool tell_comparison(Session& session, const audit::search::Comparison& comparison) {
  for (const audit::search::Difference& difference : comparison.told) {
    const auto& words = difference.fault == audit::search::Fault::hidden  ? phrase::kHiddenByIndex
                        : difference.fault == audit::search::Fault::added ? phrase::kMadeUpByIndex
                                                                          : phrase::kChangedByIndex;
    session.console.event("difference", {{"fault", audit::search::to_text(difference.fault)},
                                         {"index", difference.index}});
    session.console.line(session.console.coloured(
        Colour::bad,
        std::string(session.console.say(words)) + " " + std::to_string(difference.index)));
  }
  if (comparison.count > comparison.told.size())
    session.console.line(std::string(session.console.say(phrase::kMoreDifferences)) + ": " +
                         std::to_string(comparison.count - comparison.told.size()));
  return comparison.count == 0;
}

}  // namespace hangu::cli
