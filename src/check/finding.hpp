#pragma once
// Findings: what check measured of one object, for the release certificate.

#include <string>
#include <vector>

#include "flow/stage.hpp"
#include "wire/json.hpp"

namespace hangu::check {

/// One named check with what was measured.
struct Finding {
  std::string name;  ///< "bytes", "schema", "crs", "content", …
  flow::Verdict verdict = flow::Verdict::error;
  std::string reason;  ///< "ok", or the stable reason
  wire::JsonObject measured;
};

/// The findings of one object, in the order in which they were made.
class Findings {
 public:
  void pass(std::string name, wire::JsonObject measured);
  /// A malformed or forbidden input fails; whatever kept a check from being done is an error.
  void stop(std::string name, const Error& error);

  /// Pass only when there is a finding and all passed; error before fail.
  [[nodiscard]] flow::Verdict verdict() const;
  /// Reason of the first that did not pass; "ok" otherwise.
  [[nodiscard]] std::string reason() const;
  [[nodiscard]] const std::vector<Finding>& list() const { return list_; }
  /// [{"check", "verdict", "reason", "measured": {…}}]; a finding that stopped measures its
  /// "detail".
  [[nodiscard]] wire::JsonArray to_json() const;

 private:
  std::vector<Finding> list_;
};

}  // namespace hangu::check
