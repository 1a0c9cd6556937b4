// hangu policy replay: decisions on record, asked again of a candidate policy.

#include "cli/policy_replay.hpp"

#include "audit/reading/entry_event.hpp"
#include "audit/reading/facts.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/phrases.hpp"
#include "cli/policy_file.hpp"
#include "cli/values.hpp"

namespace hangu::cli {
namespace {

constexpr std::int64_t kLastMax = 1'000'000;

constexpr Bilingual kDecisions = both("个决定", "decisions");
constexpr Bilingual kThen = both("当时的规则", "rules then");
constexpr Bilingual kRules = both("规则", "rules");
constexpr Bilingual kSuchAs = both("如", "such as");
constexpr Bilingual kEntry = both("条目", "entry");
constexpr Bilingual kTransfer = both("传输", "transfer");
constexpr Bilingual kFewer = both("日志中没有这么多决定", "the log has no more decisions");

const Bilingual& word_of(policy::Outcome outcome) {
  static constexpr Bilingual kSame = both("不变", "the same");
  static constexpr Bilingual kAllowed = both("当时拒绝,现在会允许", "refused then, allowed now");
  static constexpr Bilingual kWeakened = both("现在要求会减少", "less would be demanded now");
  static constexpr Bilingual kRefused = both("当时允许,现在会拒绝", "allowed then, refused now");
  static constexpr Bilingual kStrengthened = both("现在要求会增加", "more would be demanded now");
  static constexpr Bilingual kUnknown =
      both("日志中没有记下请求,不知道", "not known: what was asked is not on the record");
  switch (outcome) {
    case policy::Outcome::same: return kSame;
    case policy::Outcome::now_allowed: return kAllowed;
    case policy::Outcome::weakened: return kWeakened;
    case policy::Outcome::now_refused: return kRefused;
    case policy::Outcome::strengthened: return kStrengthened;
    case policy::Outcome::unknown: return kUnknown;
  }
  return kUnknown;
}

/// The decisions of one proved bundle, newest first, until `wanted` are there.
Done read_bundle(const audit::LogReader& reader, std::uint64_t number, std::size_t wanted,
                 std::vector<policy::PastDecision>& out) {
  HANGU_TRY(const audit::Bundle bundle, reader.authentic_bundle(number));
  const auto& entries = bundle.entries();
  for (auto entry = entries.rbegin(); entry != entries.rend() && out.size() < wanted; ++entry) {
    if (entry->index < reader.first()) break;
    const audit::EntryFacts facts = audit::facts_of(*entry);
    if (facts.type != "transfer.decided") continue;
    // One that cannot be read is a decision all the same: of it nothing is known.
    auto event = audit::event_of(*entry, "transfer.decided");
    out.push_back({.entry = entry->index,
                   .transfer = facts.transfer,
                   .event = event ? *std::move(event) : wire::Json(wire::JsonObject{})});
  }
  return {};
}

/// The last ones, newest first.
Result<std::vector<policy::PastDecision>> last_decisions(const audit::LogReader& reader,
                                                         std::size_t wanted) {
  std::vector<policy::PastDecision> out;
  const std::uint64_t first = reader.first() / audit::kTileWidth;
  for (std::uint64_t number = reader.bundles(); number > first && out.size() < wanted; --number)
    HANGU_CHECK(read_bundle(reader, number - 1, wanted, out));
  return out;
}

void tell(Console& console, const policy::ReplayGroup& group) {
  const auto say = [&](const Bilingual& text) { return std::string(console.say(text)); };
  std::string rules;
  wire::JsonArray told;
  for (const std::string& id : group.rules) {
    rules += (rules.empty() ? "" : ", ") + printable(id, 64);
    told.emplace_back(id);
  }
  const std::string by =
      rules.empty() ? "" : say(group.of_candidate ? kRules : kThen) + " " + rules + ", ";
  console.line(say(word_of(group.outcome)) + ": " + std::to_string(group.count) + " (" + by +
               printable(group.reason, 64) + "; " + say(kSuchAs) + " " + say(kTransfer) + " " +
               printable(group.example.transfer, 64) + ", " + say(kEntry) + " " +
               std::to_string(group.example.entry) + ")");
  console.event("policy-replayed-group", {{"outcome", std::string(to_text(group.outcome))},
                                          {"count", group.count},
                                          {"rules", std::move(told)},
                                          {"rulesOf", group.of_candidate ? "candidate" : "then"},
                                          {"reason", group.reason},
                                          {"transfer", group.example.transfer},
                                          {"entry", group.example.entry}});
}

Result<Exit> run_replay(Session& session, const Arguments& arguments) {
  Console& console = session.console;
  HANGU_TRY(const PolicyFile file, read_good_policy_file(arguments));
  HANGU_TRY(const std::int64_t last, parse_number("--last", arguments.text("last"), 1, kLastMax));
  HANGU_TRY(const PublishedLog log, open_published_log(session, arguments, KeyFrom::others));
  HANGU_TRY(const policy::Replay replay,
            replay_last(log, file.reading.policy, file.catalogue, static_cast<std::size_t>(last)));
  tell_pruned(session, log);
  if (replay.decisions < static_cast<std::size_t>(last)) console.note(console.say(kFewer));
  tell_replay(console, file.reading.policy.name(), replay);
  return replay.widens() ? Exit::integrity : Exit::done;
}

}  // namespace

Result<policy::Replay> replay_last(const PublishedLog& log, const policy::Policy& candidate,
                                   const policy::Catalogue& catalogue, std::size_t last) {
  HANGU_TRY(const auto decisions, last_decisions(log.reader, last));
  policy::Replayer replayer(candidate, catalogue);
  for (const policy::PastDecision& past : decisions) replayer.add(past);
  return replayer.replay();
}

void tell_replay(Console& console, const std::string& policy, const policy::Replay& replay) {
  using policy::Outcome;
  for (const policy::ReplayGroup& group : replay.groups)
    if (group.outcome != Outcome::same) tell(console, group);
  std::string line = policy + ": " + std::to_string(replay.decisions) +
                     (console.style().language == Language::zh ? "" : " ") +
                     std::string(console.say(kDecisions));
  wire::JsonObject told{
      {"policy", policy}, {"decisions", replay.decisions}, {"widens", replay.widens()}};
  for (const Outcome outcome : {Outcome::same, Outcome::now_allowed, Outcome::weakened,
                                Outcome::now_refused, Outcome::strengthened, Outcome::unknown}) {
    const std::size_t count = replay.count(outcome);
    told.emplace_back(std::string(to_text(outcome)), count);
    if (count > 0)
      line += "; " + std::string(console.say(word_of(outcome))) + " " + std::to_string(count);
  }
  console.line(line);
  console.event("policy-replayed", std::move(told));
}

CommandSpec policy_replay_command() {
  std::vector<OptionSpec> options = policy_file_options();
  options.push_back(
      {"--log", "DIR", both("日志文件夹(可以是副本)", "the log's folder; may be a copy")});
  for (OptionSpec& option : published_log_options())
    if (option.kind != OptionKind::positional) options.push_back(std::move(option));
  options.push_back({"--last", "N", both("最近多少个决定", "how many of the last decisions"),
                     OptionKind::value, false, "1000"});
  return {"replay",
          both("用候选策略重判日志中最近的决定",
               "asks a candidate policy the log's last decisions again"),
          std::move(options),
          run_replay,
          {}};
}

}  // namespace hangu::cli
