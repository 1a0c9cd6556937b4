#pragma once
// A monotonic counter in a TPM 2.0: an NV index of type counter (TPM 2.0 library part 1, §37.2.4),
// by tpm2-tss. A counter that is deleted and made again goes on above every value that any counter
// of that TPM has had, so that nobody, its owner included, can set it back.

#include <memory>
#include <string>

#include "audit/counter.hpp"

namespace hangu::audit {

/// In the range that the TCG leaves to owners (0x01800000..0x01BFFFFF).
inline constexpr std::uint32_t kTpmCounterIndex = 0x0180'4855;

/// Connects to the TPM that `tcti` names ("device:/dev/tpmrm0"; tpm2-tss's own syntax) and defines
/// the counter when it is not there; its first use gives it its first value. Some 500,000 values:
/// one an hour lasts half a century. The connection stays open: call it before the sandbox.
///
/// Errors of opening and of use: Unavailable "counter-unavailable" (no TPM, or it refuses: the
/// context is its own word); Corrupt "counter-invalid" (the index is something else).
[[nodiscard]] Result<std::unique_ptr<MonotonicCounter>> open_tpm_counter(
    const std::string& tcti, std::uint32_t index = kTpmCounterIndex);

}  // namespace hangu::audit
