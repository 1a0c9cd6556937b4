#include <algorithm>
#include <array>
#include <set>

#include "policy/analysis/axes.hpp"

namespace hangu::policy {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::sys_days;

constexpr minutes kDay{1440};
constexpr int kFarthest = 2;  ///< days around one that may be its local day, and one more

WallTime time_of(sys_days day, minutes of_day) {
  return WallTime(std::chrono::duration_cast<std::chrono::milliseconds>(day.time_since_epoch()) +
                  of_day);
}

sys_days day_of(WallTime time) {
  return std::chrono::floor<days>(
      std::chrono::sys_time<std::chrono::milliseconds>(time.since_epoch()));
}

}  // namespace

/// Looks at one day of each kind: days are of one kind when each calendar counts the same of the
/// day itself and of its neighbours, which may be its local day.
class TimeAxis::Cutter {
 public:
  Cutter(TimeAxis& out, std::span<const Period> periods) : out_(out), periods_(periods) {
    for (const When& when : out_.whens_) {
      calendars_.insert(when.calendar);
      add_cuts(when);
    }
    cuts_.insert(minutes(0));
    for (const NameIndex calendar : calendars_)
      for (const auto* list : {&out_.calendars_[calendar].off, &out_.calendars_[calendar].made})
        special_.insert(list->begin(), list->end());
  }

  /// False when a bound is met.
  bool run() {
    std::set<sys_days> looked_at;
    for (const Period& period : periods_) {
      if (period.to <= period.from) continue;
      const sys_days first = day_of(period.from);
      const sys_days last = day_of(period.to + -std::chrono::milliseconds(1));
      looked_at.insert({first, last});
      add_plain(first, last, looked_at);
      for (auto day = special_.lower_bound(first - days(kFarthest));
           day != special_.end() && *day <= last + days(kFarthest); ++day) {
        for (int away = -kFarthest; away <= kFarthest; ++away) {
          const sys_days near = *day + days(away);
          if (first <= near && near <= last) looked_at.insert(near);
        }
        if (looked_at.size() > kDaysLookedAtMax) return false;
      }
    }
    return std::ranges::all_of(looked_at, [&](sys_days day) { return look_at(day); });
  }

 private:
  void add_cuts(const When& when) {
    const minutes offset = out_.calendars_[when.calendar].offset;
    const auto add = [&](minutes local) { cuts_.insert(((local - offset) % kDay + kDay) % kDay); };
    add(minutes(0));
    for (const Hours& hours : when.hours) {
      add(hours.from);
      add(hours.to);
    }
  }

  [[nodiscard]] bool is_plain(sys_days day) const {
    const auto near = special_.lower_bound(day - days(kFarthest));
    return near == special_.end() || *near > day + days(kFarthest);
  }

  /// One of each weekday with nothing special around it. Ends: special days are counted.
  void add_plain(sys_days first, sys_days last, std::set<sys_days>& days_out) const {
    std::set<unsigned> weekdays;
    for (sys_days day = first; day <= last && weekdays.size() < 7; day += days(1))
      if (is_plain(day) && weekdays.insert(std::chrono::weekday(day).c_encoding()).second)
        days_out.insert(day);
  }

  [[nodiscard]] bool is_whole(sys_days day) const {
    return std::ranges::any_of(periods_, [&](const Period& period) {
      return period.from <= time_of(day, minutes(0)) && time_of(day, kDay) <= period.to;
    });
  }

  bool look_at(sys_days day) {
    std::vector<bool> kind;
    for (const NameIndex calendar : calendars_)
      for (int away = -1; away <= 1; ++away)
        kind.push_back(out_.calendars_[calendar].counts(day + days(away)));
    if (is_whole(day) && !kinds_.insert(std::move(kind)).second) return true;
    for (auto cut = cuts_.begin(); cut != cuts_.end(); ++cut) {
      const WallTime from = time_of(day, *cut);
      const WallTime to = time_of(day, std::next(cut) == cuts_.end() ? kDay : *std::next(cut));
      for (const Period& period : periods_) {
        const WallTime time = std::max(from, period.from);
        if (time >= std::min(to, period.to)) continue;
        times_ += out_.whens_.size() + 1;
        if (times_ > kTimesLookedAtMax) return false;
        if (out_.atoms_.emplace(out_.signature_of(time), out_.examples_.size()).second)
          out_.examples_.push_back(time);
        if (out_.examples_.size() > kAtomsMax) return false;
        break;
      }
    }
    return true;
  }

  TimeAxis& out_;
  std::span<const Period> periods_;
  std::set<NameIndex> calendars_;
  std::set<minutes> cuts_;
  std::set<sys_days> special_;
  std::set<std::vector<bool>> kinds_;
  std::size_t times_ = 0;
};

std::optional<TimeAxis> TimeAxis::cut(std::span<const Rule* const> rules,
                                      const std::vector<Calendar>& calendars,
                                      std::span<const Period> periods) {
  TimeAxis out;
  out.calendars_ = calendars;
  std::set<std::pair<NameIndex, std::vector<std::pair<minutes, minutes>>>> seen;
  for (const Rule* rule : rules) {
    if (!rule->box.when) continue;
    std::vector<std::pair<minutes, minutes>> hours;
    for (const Hours& part : rule->box.when->hours) hours.emplace_back(part.from, part.to);
    if (seen.emplace(rule->box.when->calendar, std::move(hours)).second)
      out.whens_.push_back(*rule->box.when);
    if (out.whens_.size() > kAtomsMax) return std::nullopt;
  }
  if (!Cutter(out, periods).run()) return std::nullopt;
  return out;
}

std::vector<bool> TimeAxis::signature_of(WallTime time) const {
  std::vector<bool> out;
  out.reserve(whens_.size());
  for (const When& when : whens_)
    out.push_back(is_within(calendars_[when.calendar], when.hours, time));
  return out;
}

Atoms TimeAxis::atoms_of(const When& when) const {
  Atoms out(size());
  for (std::size_t atom = 0; atom < size(); ++atom)
    if (is_within(calendars_[when.calendar], when.hours, examples_[atom])) out.add(atom);
  return out;
}

std::optional<std::size_t> TimeAxis::atom_of(WallTime time) const {
  const auto at = atoms_.find(signature_of(time));
  if (at == atoms_.end()) return std::nullopt;
  return at->second;
}

}  // namespace hangu::policy
