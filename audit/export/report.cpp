#include "audit/export/report.hpp"

#include "audit/export/line_text.hpp"

namespace hangu::audit {
namespace {

constexpr std::string_view kUnknown = "?";

std::string named(const std::string& text) {
  return text.empty() ? std::string(kUnknown) : line_text(text);
}

/// A span of time as minutes and seconds: "3:05".
std::string span_text(std::chrono::milliseconds span) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(span).count();
  const std::string rest = std::to_string(seconds % 60);
  return std::to_string(seconds / 60) + ":" + (rest.size() < 2 ? "0" + rest : rest);
}

/// The writer lists so many recipients of a transfer.
constexpr std::size_t kRecipientsListedMax = 64;

}  // namespace

std::string zone_pair(std::string_view from, std::string_view to) {
  return std::string(from).append(">").append(to);
}

ReportMaker::ReportMaker(ReportScope scope) {
  report_.days.resize(scope.days());
  report_.scope = std::move(scope);
}

bool ReportMaker::within(WallTime time) const {
  return time >= report_.scope.begin && time < report_.scope.end;
}

bool ReportMaker::wanted(const Transfer& transfer) const {
  const ReportScope& scope = report_.scope;
  if (!scope.node.empty() && transfer.node != scope.node) return false;
  if (scope.from_zone.empty() && scope.to_zone.empty()) return true;
  return transfer.from == scope.from_zone && transfer.to == scope.to_zone;
}

Done ReportMaker::add(const EntryFacts& facts) {
  if (!facts.readable) {  // no time of its own: it belongs where its neighbours are
    if (last_time_ && within(*last_time_)) note(ExceptionKind::unreadable, facts, {}, "");
    return {};
  }
  if (is_over(facts.time)) return {};
  if (within(facts.time)) {
    ++report_.entries;
    if (!report_.first) report_.first = facts.index;
    report_.last = facts.index;
    ++report_.types[named(facts.type)];
  }
  watch_time(facts);
  compare_documents(facts);
  if (facts.transfer.empty()) {
    if (within(facts.time)) add_log_event(facts);
    if (report_.access.size() > kReportRowsMax || report_.types.size() > kReportRowsMax)
      return fail(ErrorCode::exhausted, "report-too-large", facts.type);
    return {};
  }
  return add_transfer(facts);
}

/// Silences and starts, which show by the time and boot of neighbours. The first entry that is read
/// has none before.
void ReportMaker::watch_time(const EntryFacts& facts) {
  if (last_time_ && within(facts.time)) {
    const auto span = facts.time - *last_time_;
    if (facts.boot != last_boot_) {
      ++report_.starts;
      if (last_type_ != "stop") note(ExceptionKind::unclean_stop, facts, {}, span_text(span));
    } else if (span > kReportSilence) {
      note(ExceptionKind::silence, facts, {}, span_text(span));
    }
  } else if (!last_time_ && within(facts.time)) {
    ++report_.starts;
  }
  last_time_ = facts.time;
  last_boot_ = facts.boot;
  last_type_ = facts.type;
}

void ReportMaker::add_log_event(const EntryFacts& facts) {
  if (facts.type == "heartbeat") ++report_.heartbeats;
  const std::string number = facts.count ? std::to_string(*facts.count) : "";
  if (facts.type == "clock") note(ExceptionKind::clock_step, facts, {}, "");
  if (facts.type == "recovery") note(ExceptionKind::recovery, facts, {}, number);
  if (facts.type == "log.pruned") note(ExceptionKind::pruned, facts, {}, number);
  if (facts.replaces_keys())
    note(ExceptionKind::administration, facts, {}, line_text(facts.detail));
  if (facts.type == "witness.alarm" || facts.type == "witness.age")
    note(ExceptionKind::witness, facts, {}, facts.type + " " + facts.reason);
  if (facts.type == "counter.released") note(ExceptionKind::counter_released, facts, {}, number);
  if (facts.type == "edge.access") add_access(facts);
}

void ReportMaker::add_access(const EntryFacts& facts) {
  for (const LoginFacts& login : facts.logins)
    report_.access[line_text(login.zone + "/" + login.node)].logins += login.count;
  for (const RefusalFacts& refusal : facts.refused) {
    const std::string where = line_text(refusal.zone + "/" + refusal.node);
    report_.access[where].refusals += refusal.count;
    Transfer of_node;
    of_node.node = refusal.node;
    note(ExceptionKind::turned_away, facts, of_node,
         where + " " + refusal.reason + " x" + std::to_string(refusal.count));
  }
}

/// `boot` and `policy.changed` are written at every start: a change is what differs from the one
/// before. The first that is read has nothing before it.
void ReportMaker::compare_documents(const EntryFacts& facts) {
  if (facts.type != "boot" && facts.type != "policy.changed") return;
  Documents now;
  for (const DocumentFacts& document : facts.documents)
    now.insert_or_assign(document.name, document.sha256);
  if (!facts.policy.empty()) now.insert_or_assign(facts.policy, "");
  const auto before = documents_.find(facts.type);
  if (before != documents_.end() && within(facts.time)) {
    std::set<std::string> changed;
    for (const auto& one : now)
      if (const auto was = before->second.find(one.first);
          was == before->second.end() || was->second != one.second)
        changed.insert(one.first);
    for (const auto& one : before->second)
      if (!now.contains(one.first)) changed.insert(one.first);
    std::string what = facts.type + ":";
    for (const std::string& name : changed) what += " " + name;
    if (!changed.empty()) note(ExceptionKind::administration, facts, {}, what);
  }
  documents_.insert_or_assign(facts.type, std::move(now));
}

/// Whether this entry is the transfer's last: for an acknowledgement, when no recipient is awaited
/// any more.
bool ReportMaker::ends(const EntryFacts& facts, Transfer& transfer) {
  if (facts.type == "transfer.acknowledged") {
    std::erase(transfer.awaited, facts.node);
    return transfer.awaited.empty() && !transfer.more_awaited;
  }
  return facts.type == "transfer.withdrawn" || facts.type == "transfer.expired" ||
         (facts.type.starts_with("step.") && facts.decision == Ruling::deny);
}

Done ReportMaker::add_transfer(const EntryFacts& facts) {
  Transfer& transfer = transfers_[facts.transfer];
  if (transfers_.size() > kReportTransfersMax || report_.nodes.size() > kReportRowsMax ||
      report_.zone_pairs.size() > kReportRowsMax || report_.people.size() > kReportRowsMax ||
      report_.reasons.size() > kReportRowsMax || failed_.size() > kReportTransfersMax)
    return fail(ErrorCode::exhausted, "report-too-large", facts.transfer);
  if (facts.type == "transfer.stated") {  // what names the rest of the transfer's entries
    transfer.node = facts.node;
    transfer.dataset = facts.dataset;
    transfer.from = facts.from;
    transfer.to = facts.to;
    transfer.bytes = facts.bytes.value_or(0);
    transfer.awaited = facts.recipients;
    transfer.more_awaited = facts.recipients.size() >= kRecipientsListedMax;
    transfer.stated = true;
  }
  const bool wanted_here = wanted(transfer);
  if (wanted_here && within(facts.time)) add_act(facts, transfer);
  const bool fails = facts.type.starts_with("step.")
                         ? facts.decision == Ruling::deny || facts.decision == Ruling::error
                         : facts.type == "transfer.quarantined";
  if (fails && transfer.stated) failed_.emplace(transfer.node, transfer.dataset);
  if (ends(facts, transfer)) transfers_.erase(facts.transfer);
  return {};
}

template <class Count>
void ReportMaker::count(const EntryFacts& facts, const Transfer& transfer, Count count) {
  count(report_.total);
  count(report_.zone_pairs[zone_pair(named(transfer.from), named(transfer.to))]);
  count(report_.nodes[named(transfer.node)]);
  count(report_.days.at(report_.scope.day_of(facts.time) - 1));
}

void ReportMaker::add_act(const EntryFacts& facts, const Transfer& transfer) {
  const std::string& type = facts.type;
  const bool is_step = type.starts_with("step.");
  if (type == "transfer.stated") {
    count(facts, transfer, [&](Tally& t) {
      ++t.submitted;
      t.bytes_submitted += transfer.bytes;
    });
    if (failed_.contains({transfer.node, transfer.dataset}))
      note(ExceptionKind::resubmit, facts, transfer, transfer.dataset);
  }
  if (is_step && facts.decision == Ruling::deny) {
    count(facts, transfer, [](Tally& t) { ++t.refused; });
    note(ExceptionKind::refusal, facts, transfer, facts.reason);
  }
  if ((is_step && facts.decision == Ruling::error) || type == "transfer.quarantined") {
    count(facts, transfer, [](Tally& t) { ++t.quarantined; });
    note(ExceptionKind::quarantine, facts, transfer, facts.reason);
  }
  if (type == "step.emit" && facts.decision == Ruling::allow) {
    count(facts, transfer, [&](Tally& t) {
      ++t.released;
      t.bytes_released += transfer.bytes;
    });
    if (report_.scope.off_hours(facts.time))
      note(ExceptionKind::off_hours, facts, transfer, "step.emit");
  }
  if (type == "transfer.withdrawn") count(facts, transfer, [](Tally& t) { ++t.withdrawn; });
  if (type == "transfer.expired") count(facts, transfer, [](Tally& t) { ++t.expired; });
  if (type == "transfer.acknowledged") count(facts, transfer, [](Tally& t) { ++t.acknowledged; });
  if (type == "sequence.gap")
    note(ExceptionKind::sequence_gap, facts, transfer,
         facts.count ? std::to_string(*facts.count) : "");
  if (type == "approval.given") add_approval(facts, transfer);
  if (facts.reason == "approval-submitter" || facts.reason == "approval-twice")
    note(ExceptionKind::self_approval, facts, transfer, facts.reason);
  const bool bad = is_step ? facts.decision == Ruling::deny || facts.decision == Ruling::error
                           : type == "transfer.quarantined";
  if (bad)
    ++report_
          .reasons[{named(facts.stage), std::string(to_text(facts.decision)), named(facts.reason)}];
}

void ReportMaker::add_approval(const EntryFacts& facts, const Transfer& transfer) {
  Approvals& person = report_.people[named(facts.person)];
  ++(facts.decision == Ruling::deny ? person.refused : person.approved);
  if (!report_.scope.off_hours(facts.time)) return;
  ++person.off_hours;
  note(ExceptionKind::off_hours, facts, transfer, facts.type);
}

void ReportMaker::note(ExceptionKind kind, const EntryFacts& facts, const Transfer& transfer,
                       std::string what) {
  const auto place = static_cast<std::size_t>(kind);
  ++report_.counts.at(place);
  auto& list = report_.exceptions.at(place);
  if (list.size() >= kReportExceptionsMax) return;
  const bool zones = !transfer.from.empty() || !transfer.to.empty();
  list.push_back({.index = facts.index,
                  .time = facts.time,
                  .transfer = facts.transfer,
                  .what = line_text(what),
                  .node = line_text(transfer.node.empty() ? facts.node : transfer.node),
                  .person = line_text(facts.person),
                  .zones = zones ? line_text(zone_pair(transfer.from, transfer.to)) : ""});
}

}  // namespace hangu::audit
