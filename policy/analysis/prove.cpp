#include "policy/analysis/prove.hpp"

namespace hangu::policy {

std::string_view to_text(Answer answer) {
  switch (answer) {
    case Answer::holds: return "holds";
    case Answer::broken: return "broken";
    case Answer::unknown: return "unknown";
  }
  return "unknown";
}

Proof prove(const Promise& promise, const RuleBook& book, const Catalogue& catalogue) {
  Reach reach = reach_of(promise, book, catalogue);
  Proof out;
  out.by_search = reach.breach ? Answer::broken : reach.complete ? Answer::holds : Answer::unknown;
  if (reach.complete)
    out.by_solver = check_by_solver(promise, book, catalogue, reach, out.detail);
  else
    out.detail = "more slices or places than are searched";
  out.breach = std::move(reach.breach);
  return out;
}

}  // namespace hangu::policy
