#include "stages/decide/unwitnessed.hpp"

namespace hangu::stages {

bool must_wait(const policy::Unwitnessed& limit, const flow::Label& label,
               const audit::Witnessed& log, WallTime now) {
  if (label.secrecy <= limit.secrecy && label.grade <= limit.grade) return false;
  return log.size == 0 || now - WallTime(log.time) > limit.after;
}

Result<bool> hold_unwitnessed(const line::Work& work, line::CustodianClient& custodian,
                              const policy::Policy& policy, const flow::Label& label,
                              const audit::Witnessed& log, WallTime now) {
  if (!policy.unwitnessed || !must_wait(*policy.unwitnessed, label, log, now)) return false;
  HANGU_CHECK(custodian.release(work.token, kUnwitnessedRetry, "log-unwitnessed"));
  return true;
}

}  // namespace hangu::stages
