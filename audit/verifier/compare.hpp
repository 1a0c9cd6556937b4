#pragma once
// Two logs beside each other: equal, one the beginning of the other, or where they part.

#include "audit/verifier/report.hpp"

namespace hangu_verify {

/// `first` and `second` are folders of logs, or files that hold a checkpoint. By hash tiles alone,
/// each of which must fit what stands above it; what the entries say is the matter of check_log().
///
/// Findings: tampered when they part, truncated when a kept checkpoint is of more entries than the
/// other has, cannot_tell when nothing joins them (two checkpoints of different sizes).
[[nodiscard]] Report compare_logs(const Request& request, const std::string& first,
                                  const std::string& second);

}  // namespace hangu_verify
