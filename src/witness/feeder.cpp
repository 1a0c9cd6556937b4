#include "witness/feeder.hpp"

#include <algorithm>

#include "audit/limits.hpp"
#include "audit/witness/published_proof.hpp"
#include "base/text.hpp"

namespace hangu::witness {
namespace {

constexpr std::string_view kCheckpoint = "checkpoint";

std::string_view to_text(FeedEnd end) {
  switch (end) {
    case FeedEnd::cosigned: return "cosigned";
    case FeedEnd::unreachable: return "unreachable";
    case FeedEnd::refused: return "refused";
    case FeedEnd::nonsense: return "nonsense";
    case FeedEnd::unable: return "unable";
    case FeedEnd::ahead: return "ahead";
    case FeedEnd::forked: return "forked";
  }
  return "unreachable";
}

bool is_alarm(FeedEnd end) { return end == FeedEnd::ahead || end == FeedEnd::forked; }

}  // namespace

Feeder::Feeder(FeederPlan plan) : plan_(std::move(plan)) {
  const audit::Folder* const log = plan_.log;
  const Prove prove = [log](std::uint64_t from, const audit::TreeHead& to) {
    return audit::published_consistency(*log, from, to);
  };
  const auto& witnesses = plan_.policy.witnesses();
  HANGU_ASSERT(plan_.posts.size() == witnesses.size());
  for (std::size_t i = 0; i < witnesses.size(); ++i) {
    if (!plan_.posts[i]) continue;
    seats_.push_back({.witness = i,
                      .link = std::make_unique<WitnessLink>(witnesses[i], *plan_.posts[i], prove),
                      .last = std::nullopt,
                      .told = {}});
  }
}

void Feeder::tick(Milliseconds now) {
  for (Seat& seat : seats_) {
    if (const std::optional<Delivery> delivery = seat.link->take(now)) take(seat, *delivery, now);
  }
  if (round_) {
    offer_to_all(now);
    const bool reached = round_->quorum(plan_.policy);
    if (reached) hand_over_once();
    if (!round_->over(reached, anyone_busy(now), now)) return;
    shown_size_ = round_->target()->head.size;
    again_at_ = now + (reached ? kRefreshEvery : kRetryEvery);
    round_.reset();
  }
  begin_round(now);
}

void Feeder::take(Seat& seat, const Delivery& delivery, Milliseconds now) {
  const FeedOutcome& outcome = delivery.outcome;
  tell_trouble(seat, outcome, delivery.target->head.size, now);
  if (outcome.end != FeedEnd::cosigned || !round_ || round_->target() != delivery.target) return;
  round_->add(seat.witness, *outcome.line);
}

/// Each change, and a trouble that stays every kTroubleEvery; of one witness nothing twice within
/// that time, however its answers alternate.
void Feeder::tell_trouble(Seat& seat, const FeedOutcome& outcome, std::uint64_t size,
                          Milliseconds now) {
  if (outcome.end == FeedEnd::cosigned && seat.last == FeedEnd::cosigned) return;
  const auto before = seat.told.find(outcome.end);
  if (before != seat.told.end() && now - before->second < kTroubleEvery) return;
  seat.last = outcome.end;
  seat.told[outcome.end] = now;
  const std::string& name = seat.link->witness().name;
  const std::string what =
      printable(name) + ": " + std::string(to_text(outcome.end)) + ": " + outcome.detail;
  if (outcome.end == FeedEnd::cosigned) return plan_.tell("HANGU-FEEDER-0002 " + what);
  if (!is_alarm(outcome.end)) return plan_.tell("HANGU-FEEDER-0003 " + what);
  plan_.tell("HANGU-FEEDER-0004 ALARM " + what);
  const Done logged = plan_.log_alarm({{"witness", printable(name)},
                                       {"alarm", std::string(to_text(outcome.end))},
                                       {"size", size},
                                       {"witnessSize", outcome.witness_size},
                                       {"detail", printable(outcome.detail)}});
  if (!logged) plan_.tell("HANGU-FEEDER-0006 the alarm is not logged: " + logged.error().message());
}

/// With the first quorum, and again with each line that comes after it.
void Feeder::hand_over_once() {
  const std::size_t lines = round_->lines().size();
  if (lines == handed_lines_) return;
  const Result<std::string> note = audit::with_signatures(round_->target()->note, round_->lines());
  const Done handed = note ? plan_.hand_over(*note) : Done(std::unexpected(note.error()));
  if (handed) handed_lines_ = lines;  // else again at the next tick, while the round lasts
  const std::string problem = handed ? "" : handed.error().message();
  if (problem != unhanded_ && !handed) plan_.tell("HANGU-FEEDER-0006 not handed over: " + problem);
  unhanded_ = problem;
}

void Feeder::begin_round(Milliseconds now) {
  const auto read = [&]() -> Result<Target> {
    HANGU_TRY(const Bytes note, plan_.log->read(std::string(kCheckpoint), audit::kNoteBytesMax));
    return Target::read(text_of(note), plan_.log_key);
  };
  Result<Target> target = read();
  const std::string problem = target ? "" : target.error().message();
  if (problem != unreadable_ && !target) plan_.tell("HANGU-FEEDER-0005 " + problem);
  unreadable_ = problem;
  if (!target) return;
  const bool shown = target->head.size == shown_size_ && now < again_at_;
  if (shown || std::ranges::none_of(seats_, [&](const Seat& s) { return s.link->ready(now); })) {
    return;
  }
  round_.emplace(std::make_shared<const Target>(*std::move(target)),
                 plan_.policy.witnesses().size(), now);
  handed_lines_ = 0;
  offer_to_all(now);
}

void Feeder::offer_to_all(Milliseconds now) {
  for (Seat& seat : seats_) {
    if (!round_->wants(seat.witness) || !seat.link->ready(now)) continue;
    round_->asked(seat.witness);
    seat.link->offer(round_->target());
  }
}

bool Feeder::anyone_busy(Milliseconds now) const {
  return std::ranges::any_of(seats_, [&](const Seat& seat) {
    return !seat.link->idle() || (round_->wants(seat.witness) && seat.link->ready(now));
  });
}

}  // namespace hangu::witness
