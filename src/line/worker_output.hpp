#pragma once
// Freezing what a worker wrote.

#include "line/custodian_client.hpp"

namespace hangu::line {

/// Closes our copy of `output` and freezes it. The worker answers an instant before its process is
/// gone and its copy of the descriptor with it, so a refusal because somebody can still write is
/// asked again for a bounded time; a worker that keeps its descriptor longer is an error.
/// Errors: Internal "output-still-writable"; those of CustodianClient::freeze.
[[nodiscard]] Result<crypto::ObjectDigest> freeze_worker_output(CustodianClient& custodian,
                                                                const Token& token,
                                                                Output output);

}  // namespace hangu::line
