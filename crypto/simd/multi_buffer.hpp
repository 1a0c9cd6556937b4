#pragma once
// Intel's multi-buffer library: AES-GCM and GHASH with VAES and VPCLMULQDQ. Included by
// crypto/simd only.

#include <intel-ipsec-mb.h>

namespace hangu::crypto::simd {

/// The library's functions for this processor, chosen once; null when the processor lacks
/// AVX-512, VAES or VPCLMULQDQ, without which other libraries are as fast.
[[nodiscard]] const IMB_MGR* multi_buffer();

}  // namespace hangu::crypto::simd
