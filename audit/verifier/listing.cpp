#include "audit/verifier/listing.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "audit/verifier/moments.hpp"
#include "audit/verifier/tree.hpp"

namespace hangu_verify {
namespace {

/// After one of these a transfer needs nothing more.
constexpr std::array<std::string_view, 2> kEnds{"transfer.withdrawn", "transfer.expired"};
constexpr std::size_t kRecipientsListedMax = 64;  ///< of a transfer, in its `transfer.stated`

/// The verdict that a stage states: a refusal is a transfer's end.
bool refuses(std::string_view entry) {
  const nlohmann::json whole = parse_entry(entry);
  std::string envelope;
  std::string payload;
  if (!whole.is_object() || !from_base64(text_in(whole, "statement"), envelope)) return false;
  const nlohmann::json signed_by = parse_entry(envelope);
  if (!signed_by.is_object() || !from_base64(text_in(signed_by, "payload"), payload)) return false;
  const nlohmann::json stated = parse_entry(payload);
  if (!stated.is_object() || !stated.contains("predicate")) return false;
  return text_in(stated["predicate"], "verdict") == "fail";
}

/// The texts in a member of an event that is a list.
std::vector<std::string> texts_in(const nlohmann::json& event, const char* name) {
  std::vector<std::string> out;
  if (!event.is_object() || !event.contains(name) || !event[name].is_array()) return out;
  for (const nlohmann::json& one : event[name])
    if (one.is_string()) out.push_back(one.get<std::string>());
  return out;
}

/// Seconds from one entry's time to another's; 0 when one is no time.
std::int64_t seconds_between(const std::string& from, const std::string& to) {
  const auto first = read_time(from);
  const auto second = read_time(to);
  return first && second ? (*second - *first) / 1000 : 0;
}

}  // namespace

void Lister::see(const Walked& entry) {
  if (!entry.facts().is_entry) return;
  if (listing_ == Listing::gaps) see_gaps(entry);
  if (listing_ == Listing::time) see_times(entry);
}

void Lister::see_gaps(const Walked& entry) {
  const Facts& facts = entry.facts();
  if (facts.boot != boot_) {
    if (!stopped_) found_.push_back({"boot-without-stop", entry.index() - 1, {boot_}});
    boot_ = facts.boot;
    boot_first_ = entry.index();
    stopped_ = false;
    last_beat_ = facts.time;
  }
  see_beat(entry);
  if (facts.type == "stop") stopped_ = true;
  if (facts.transfer) see_transfer(entry);
}

void Lister::see_transfer(const Walked& entry) {
  const Facts& facts = entry.facts();
  const bool refused = facts.type.starts_with("step.") && refuses(entry.text());
  if (refused || std::ranges::find(kEnds, facts.type) != kEnds.end()) {
    open_.erase(*facts.transfer);
    return;
  }
  const auto there = open_.find(*facts.transfer);
  if (facts.type == "transfer.acknowledged" && there != open_.end()) {
    std::erase(there->second.awaited, text_in(event_of(entry.text()), "node"));
    if (there->second.awaited.empty() && !there->second.more_awaited) {
      open_.erase(there);
      return;
    }
  }
  const bool of_delivery =
      facts.type == "transfer.acknowledged" || facts.type == "transfer.fetched";
  if (of_delivery && there == open_.end()) return;
  Open& open = open_.try_emplace(*facts.transfer, Open{entry.index(), 0, {}, {}, {}, false, false})
                   .first->second;
  if (facts.type == "transfer.stated") {
    open.awaited = texts_in(event_of(entry.text()), "recipients");
    open.more_awaited = open.awaited.size() >= kRecipientsListedMax;
  }
  open.waits_for_people = facts.type == "transfer.quarantined";
  open.last = entry.index();
  open.last_type = facts.type;
  open.last_time = facts.time;
}

/// While a run lasts a heartbeat comes every minute; any entry shows that the run lasted.
void Lister::see_beat(const Walked& entry) {
  const Facts& facts = entry.facts();
  const std::int64_t silent = seconds_between(last_beat_, facts.time);
  if (silent > kHeartbeatSeconds + kHeartbeatSlackSeconds) {
    found_.push_back({"heartbeat-missing", entry.index(), {std::to_string(silent), last_beat_}});
    last_beat_ = facts.time;
  }
  if (facts.type == "heartbeat" || facts.type == "boot") last_beat_ = facts.time;
}

void Lister::see_times(const Walked& entry) {
  const Facts& facts = entry.facts();
  if (facts.type == "clock") {
    const nlohmann::json event = event_of(entry.text());
    const std::string now = text_in(event, "now");
    const std::string last = text_in(event, "lastEntry");
    found_.push_back(
        {"clock-step", entry.index(), {now, last, std::to_string(seconds_between(now, last))}});
  } else if ((facts.type == "boot" || facts.type == "heartbeat" || facts.type == "recovery") &&
             text_in(event_of(entry.text()), "clock") == "unknown") {
    found_.push_back({"clock-unknown", entry.index(), {facts.time}});
  }
  if (last_beat_.empty()) found_.push_back({"time-first", entry.index(), {facts.time}});
  last_beat_ = facts.time;
}

void Lister::list_epochs(const Epochs& epochs, Report& report) const {
  for (const KeyRoll& roll : epochs.keys().rolls())
    report.told.push_back(
        {"log-keys", roll.size - 1, {roll.former.key->text, roll.next.key->text}});
  std::string opened;
  for (const ClosedEpoch& epoch : epochs.closed()) {
    report.told.push_back(
        {"epoch",
         epoch.size - 1,
         {std::to_string(epoch.number), std::to_string(epoch.first), std::to_string(epoch.size),
          epoch.time, to_hex_text(epoch.key.key_id)}});
    const std::int64_t lasted = opened.empty() ? 0 : seconds_between(opened, epoch.time);
    if (lasted > kEpochSeconds + kHeartbeatSlackSeconds)
      report.look("epoch-long", {std::to_string(epoch.number), std::to_string(lasted)},
                  epoch.size - 1);
    opened = epoch.time;
  }
  if (epochs.present())
    report.told.push_back({"epoch-present",
                           epochs.first(),
                           {std::to_string(epochs.number()), std::to_string(epochs.first()),
                            to_hex_text(epochs.present()->key_id)}});
}

void Lister::list_open(Report& report) const {
  std::vector<const Open*> open;
  for (const auto& [name, one] : open_)
    if (!one.waits_for_people) open.push_back(&one);
  std::ranges::sort(open, {}, &Open::last);
  for (const Open* one : open)
    report.look("transfer-open", {std::to_string(one->first), one->last_type, one->last_time},
                one->last);
}

void Lister::finish(const Epochs& epochs, Report& report) {
  if (listing_ == Listing::epochs) list_epochs(epochs, report);
  if (listing_ == Listing::time && !last_beat_.empty())
    found_.push_back({"time-last", {}, {last_beat_}});
  auto& into = listing_ == Listing::time ? report.told : report.worth_a_look;
  std::ranges::move(found_, std::back_inserter(into));
  if (listing_ == Listing::gaps) list_open(report);
}

}  // namespace hangu_verify
