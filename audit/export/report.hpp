#pragma once
// Report: what an auditor wants to know of one month of the log, exceptions first. Pure: entries'
// facts in, numbers out. docs/operations/auditor-reports.md.

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "audit/reading/facts.hpp"

namespace hangu::audit {

inline constexpr std::size_t kReportExceptionsMax = 500;  ///< listed of one kind; all are counted
inline constexpr std::size_t kReportTransfersMax = 2'000'000;  ///< kept in memory at once
inline constexpr std::size_t kReportRowsMax = 10'000;          ///< rows of one table
/// Twice the writer's interval, and something for a busy disk: a longer silence is told.
inline constexpr std::chrono::milliseconds kReportSilence{150'000};

/// What goes into a report. Days, months and hours are local: UTC plus `offset`.
struct ReportScope {
  std::string month;  ///< "2026-03"
  WallTime begin;     ///< first instant of the month
  WallTime end;       ///< first instant of the next
  std::chrono::minutes offset{0};
  unsigned open_hour = 8;    ///< office hours of Monday to Friday: from …
  unsigned close_hour = 18;  ///< … until before
  std::string from_zone;     ///< both empty: every zone pair
  std::string to_zone;
  std::string node;  ///< empty: every node

  /// Errors: Malformed "report-month" (not YYYY-MM, 1970..9999).
  [[nodiscard]] static Result<ReportScope> create(std::string_view month,
                                                  std::chrono::minutes offset);
  /// Day 1..31 of the month that an instant within it lies in.
  [[nodiscard]] unsigned day_of(WallTime time) const;
  [[nodiscard]] unsigned days() const;
  [[nodiscard]] bool off_hours(WallTime time) const;
};

enum class ExceptionKind : std::uint8_t {
  refusal,
  quarantine,
  sequence_gap,
  clock_step,
  recovery,
  unreadable,    ///< bytes that are no entry of ours
  unclean_stop,  ///< a start without the `stop` before
  silence,       ///< no entry for longer than kReportSilence while the writer ran
  self_approval,
  off_hours,  ///< a release or an approval
  resubmit,   ///< the same node and dataset after a refusal or a quarantine
  pruned,
  administration,    ///< policy, configuration, keys or programs are others than before
  witness,           ///< a witness's alarm, or nobody saw the log for long
  counter_released,  ///< two auditors took up a log that its counter does not fit
  turned_away,       ///< by the entrances
};
inline constexpr std::size_t kExceptionKinds = 16;

struct ReportException {
  std::uint64_t index = 0;
  WallTime time;
  std::string transfer;
  std::string what;  ///< a reason code, or what the kind needs: an id, a span
  std::string node;
  std::string person;
  std::string zones;  ///< "egov>internet"
};

/// What became of the transfers of one zone pair, one node or one day.
struct Tally {
  std::uint64_t submitted = 0;
  std::uint64_t released = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t refused = 0;
  std::uint64_t quarantined = 0;
  std::uint64_t withdrawn = 0;
  std::uint64_t expired = 0;
  std::uint64_t bytes_submitted = 0;
  std::uint64_t bytes_released = 0;
};

struct Approvals {
  std::uint64_t approved = 0;
  std::uint64_t refused = 0;
  std::uint64_t off_hours = 0;
};

/// At the entrances of a zone.
struct Access {
  std::uint64_t logins = 0;
  std::uint64_t refusals = 0;
};

/// (stage, decision, reason)
using ReasonKey = std::array<std::string, 3>;

struct Report {
  ReportScope scope;
  std::uint64_t entries = 0;  ///< of the month
  std::optional<std::uint64_t> first;
  std::optional<std::uint64_t> last;
  std::uint64_t heartbeats = 0;
  std::uint64_t starts = 0;
  Tally total;
  std::map<std::string, Tally> zone_pairs;
  std::map<std::string, Tally> nodes;
  std::map<ReasonKey, std::uint64_t> reasons;
  std::map<std::string, Approvals> people;
  std::map<std::string, Access> access;        ///< by "zone/node"; no node where none was proved
  std::map<std::string, std::uint64_t> types;  ///< entries of each type
  std::vector<Tally> days;                     ///< [0] is day 1
  std::array<std::uint64_t, kExceptionKinds> counts{};
  std::array<std::vector<ReportException>, kExceptionKinds> exceptions;

  [[nodiscard]] std::uint64_t count_of(ExceptionKind kind) const {
    return counts.at(static_cast<std::size_t>(kind));
  }
  [[nodiscard]] const std::vector<ReportException>& list_of(ExceptionKind kind) const {
    return exceptions.at(static_cast<std::size_t>(kind));
  }
};

/// ReportMaker takes the entries of a log in their order, from some time before the month on: a
/// transfer that began before it is counted in it by what happened in it.
/// Memory: about 300 bytes for each transfer that has not ended. Thread: one.
class ReportMaker {
 public:
  explicit ReportMaker(ReportScope scope);
  /// Errors: Exhausted "report-too-large" (transfers under way, or rows of one table).
  [[nodiscard]] Done add(const EntryFacts& facts);
  /// An entry that lies beyond the month: nothing after it matters.
  [[nodiscard]] bool is_over(WallTime time) const { return time >= report_.scope.end; }
  [[nodiscard]] Report take() { return std::move(report_); }

 private:
  struct Transfer {
    std::string node;
    std::string dataset;
    std::string from;
    std::string to;
    std::uint64_t bytes = 0;
    std::vector<std::string> awaited;  ///< recipients that have not acknowledged
    bool more_awaited = false;         ///< more than were listed
    bool stated = false;
  };
  using Documents = std::map<std::string, std::string>;  ///< digest by name
  Done add_transfer(const EntryFacts& facts);
  void add_act(const EntryFacts& facts, const Transfer& transfer);
  void add_approval(const EntryFacts& facts, const Transfer& transfer);
  void add_log_event(const EntryFacts& facts);
  void add_access(const EntryFacts& facts);
  void compare_documents(const EntryFacts& facts);
  [[nodiscard]] static bool ends(const EntryFacts& facts, Transfer& transfer);
  void watch_time(const EntryFacts& facts);
  void note(ExceptionKind kind, const EntryFacts& facts, const Transfer& transfer,
            std::string what);
  template <class Count>
  void count(const EntryFacts& facts, const Transfer& transfer, Count count);
  [[nodiscard]] bool within(WallTime time) const;
  [[nodiscard]] bool wanted(const Transfer& transfer) const;

  Report report_;
  std::unordered_map<std::string, Transfer> transfers_;
  std::set<std::pair<std::string, std::string>> failed_;  ///< node and dataset
  std::map<std::string, Documents> documents_;            ///< told last, by type of entry
  std::optional<WallTime> last_time_;
  std::string last_boot_;
  std::string last_type_;
};

/// "egov>internet"
[[nodiscard]] std::string zone_pair(std::string_view from, std::string_view to);

}  // namespace hangu::audit
