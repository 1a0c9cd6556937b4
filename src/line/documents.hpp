#pragma once
// Documents of a transfer: the named evidence that stages read.

#include "flow/decision.hpp"
#include "flow/submission.hpp"
#include "line/custodian_client.hpp"

namespace hangu::line {

/// The bytes of named evidence. Errors: Corrupt "evidence-missing"; those of read().
[[nodiscard]] Result<Bytes> read_evidence(const Work& work, CustodianClient& custodian,
                                          const std::string& name);
[[nodiscard]] Result<flow::Decision> read_decision(const Work& work, CustodianClient& custodian,
                                                   const std::string& name);
/// The object table that the previous step handed on.
[[nodiscard]] Result<flow::ObjectTable> read_table(const Work& work, CustodianClient& custodian);
[[nodiscard]] Result<flow::ObjectTable> read_table(const Work& work, CustodianClient& custodian,
                                                   const crypto::ObjectDigest& digest);

}  // namespace hangu::line
