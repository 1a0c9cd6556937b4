#include "audit/verifier/quorum.hpp"

#include <algorithm>

#include "audit/verifier/head.hpp"
#include "audit/verifier/moments.hpp"

namespace hangu_verify {

void Quorum::add(const Note& note, const std::string& path, Report& report) {
  if (!policy_) return;
  for (const Policy::Witness& witness : policy_->witnesses) {
    std::uint64_t time = 0;
    switch (check_line(note, witness.key, &time)) {
      case LineVerdict::missing: break;
      case LineVerdict::bad:
        report.worsen(Finding::tampered, {"line-bad", {}, {path, witness.key.name}, path});
        break;
      case LineVerdict::good:
        seen_[note.checkpoint.size].insert(witness.name);
        all_.push_back({note.checkpoint.size, time, witness.key.name});
        break;
    }
  }
}

std::optional<std::uint64_t> Quorum::witnessed(std::uint64_t size) const {
  if (!policy_ || !policy_->demands_witnesses()) return std::nullopt;
  std::uint64_t out = 0;
  for (const auto& [at, witnesses] : seen_)
    if (at <= size && policy_->met_by(witnesses)) out = at;
  return out;
}

void Quorum::judge(const Request& request, const LogFiles& files, std::uint64_t size,
                   Report& report) const {
  const auto seen = witnessed(size);
  report.witnessed = seen;
  if (!seen || *seen >= size) return;
  const std::string left = std::to_string(size - *seen);
  const auto first = read_time(time_of(files, size, *seen));
  const auto last = read_time(time_of(files, size, size - 1));
  const auto lag = static_cast<std::int64_t>(request.lag_seconds);
  if (*seen > 0 && first && last && *last - *first <= 1000 * lag)
    return report.look("not-yet-witnessed", {left}, *seen);
  report.worsen(Finding::unwitnessed, {"unwitnessed", *seen, {left}});
}

FutureWatch::FutureWatch(const std::vector<Cosignature>& cosignatures) {
  std::vector<Cosignature> sorted = cosignatures;
  std::ranges::sort(sorted, {}, &Cosignature::size);
  const Cosignature* earliest = nullptr;  // of those with as many entries or more
  for (std::size_t i = sorted.size(); i-- > 0;) {
    if (earliest == nullptr || sorted[i].time < earliest->time) earliest = &sorted[i];
    const std::uint64_t time = std::min(earliest->time, kSecondsMax);
    bounds_.push_back({sorted[i].size, time_text(time + static_cast<std::uint64_t>(kClockSlack)),
                       earliest->witness});
  }
  std::ranges::reverse(bounds_);
}

void FutureWatch::see(const Walked& entry) {
  while (next_ < bounds_.size() && bounds_[next_].size <= entry.index()) ++next_;
  if (next_ == bounds_.size()) return;
  Bound& bound = bounds_[next_];
  if (bound.told || entry.facts().time <= bound.time) return;
  bound.told = true;
  entry.bad("entry-future", {bound.witness, bound.time});
}

}  // namespace hangu_verify
