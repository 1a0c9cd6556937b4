#include "witness/round.hpp"

namespace hangu::witness {

void Round::add(std::size_t i, audit::NoteSignature line) {
  cosigned_[i] = true;
  lines_.push_back(std::move(line));
}

bool Round::over(bool reached, bool anyone_busy, Milliseconds now) const {
  const Milliseconds lasted = now - begun_;
  if (lasted >= kRoundTimeMax) return true;
  return lasted >= kRoundEvery && (reached || !anyone_busy);
}

}  // namespace hangu::witness
