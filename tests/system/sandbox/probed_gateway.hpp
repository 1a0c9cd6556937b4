#pragma once
// A gateway as `hangu up` makes it (uids, folders, modes, sockets, network namespaces), in which a
// probe stands in the place of every program; and what the probes reported.

#include <map>
#include <string>

#include "config/gateway.hpp"

namespace hangu::sandbox_test {

/// "read /etc/passwd" -> "13", "killed".
using Answers = std::map<std::string, std::string>;

class ProbedGateway {
 public:
  /// Sets up, probes and takes down, once for all tests of the process. Needs root: without it the
  /// test that asks FAILS.
  [[nodiscard]] static const ProbedGateway& once();

  [[nodiscard]] const config::Gateway& gateway() const { return gateway_; }
  /// What `member` reported in `phase`: "free" (as the mere uid), "locked", and (worker) "job" and
  /// "companion" (of a job). In "opened free", "opened locked" and so on every file and folder of
  /// the gateway had been opened to everybody, so that nothing but the sandbox refuses.
  [[nodiscard]] const Answers& answers(const std::string& member, const std::string& phase) const;

 private:
  explicit ProbedGateway(config::Gateway gateway) : gateway_(std::move(gateway)) {}
  void probe(const std::string& probes, const std::string& prefix);

  config::Gateway gateway_;
  std::map<std::string, std::map<std::string, Answers>> reports_;  ///< by member, phase
};

}  // namespace hangu::sandbox_test
