#include "stages/decide/holds.hpp"

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
  HANGU_CHECK(custodian.release(work.token, kHeldRetry, "log-unwitnessed"));
  return true;
}

Result<bool> hold_in_posture(const line::Work& work, line::CustodianClient& custodian,
                             const policy::Catalogue& catalogue, const flow::Decision& decision,
                             policy::Posture posture) {
  const auto from = catalogue.zones.find(decision.origin.text());
  const auto to = catalogue.zones.find(decision.destination.text());
  const bool flows = from && to
                         ? lets_flow(posture, catalogue.ceilings[*from], catalogue.ceilings[*to])
                         : posture == policy::Posture::normal;
  if (flows) return false;
  HANGU_CHECK(
      custodian.release(work.token, kHeldRetry,
                        posture == policy::Posture::stop ? "posture-stop" : "posture-import-only"));
  return true;
}

}  // namespace hangu::stages
