#pragma once
// Effect: what a stage makes true once its step is in the log.

#include <functional>

#include "ledger/work.hpp"
#include "line/outcome.hpp"
#include "line/step_log.hpp"

namespace hangu::line {

/// One attempt at a step, between log and completion.
struct Effect {
  const ledger::Work& work;
  const Outcome& outcome;       ///< what this attempt made
  const LoggedOutcome& logged;  ///< what the log says: this, an earlier attempt, or another end
  StepLog& log;
};

/// May be repeated. Emit releases the package here.
using TakeEffect = std::function<Done(const Effect&)>;

}  // namespace hangu::line
