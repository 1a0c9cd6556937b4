#pragma once
// inspect: what is really in the objects. Each is read into plain form by a worker of its own and
// measured by another; a sender's bytes go no further than this.

#include "line/custodian_client.hpp"
#include "line/outcome.hpp"

namespace hangu::stages {

/// Output table: the same names, each now a plain form (media type kPlainMediaType). Evidence:
/// "facts" (what was measured of each object, and its format), "plain" (the output table).
/// Refusals: "format-not-supported", and what a worker says no to; a worker that dies, hangs or
/// cannot read makes an error.
[[nodiscard]] Result<line::Outcome> inspect(const line::Work& work,
                                            line::CustodianClient& custodian,
                                            const std::string& worker_socket);

inline constexpr std::string_view kPlainMediaType = "application/vnd.hangu.plain";

}  // namespace hangu::stages
