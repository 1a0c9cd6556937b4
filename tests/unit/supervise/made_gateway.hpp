#pragma once
// A gateway's folder as `hangu up --loopback` sets it up, without its programs.

#include "crypto/secret.hpp"
#include "os/clock.hpp"
#include "supervise/setup.hpp"
#include "tests/unit/os/scratch.hpp"

namespace hangu::supervise::test {

struct MadeGateway {
  os::test::ScratchFolder scratch;
  os::SystemClock clock;
  crypto::SystemEntropy entropy;
  SetupPlan plan{scratch / "gateway", scratch / "pki", {}, true};
  config::Layout layout{plan.folder};
  Result<config::Gateway> gateway = set_up();

  /// Once more, as the next `up` does.
  Result<config::Gateway> set_up() { return supervise::set_up(plan, clock, entropy); }
};

}  // namespace hangu::supervise::test
