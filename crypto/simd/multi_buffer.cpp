#include "crypto/simd/multi_buffer.hpp"

#include <cstdint>

namespace hangu::crypto::simd {

const IMB_MGR* multi_buffer() {
  // Never freed: it lives as long as the process. Only its function table is used, which does not
  // change, so threads share it.
  static const IMB_MGR* const kManager = []() -> const IMB_MGR* {
    constexpr std::uint64_t kWanted =
        IMB_FEATURE_AVX512_SKX | IMB_FEATURE_VAES | IMB_FEATURE_VPCLMULQDQ;
    IMB_MGR* made = alloc_mb_mgr(0);
    if (made == nullptr) return nullptr;
    IMB_ARCH architecture = IMB_ARCH_NONE;
    if ((made->features & kWanted) == kWanted) init_mb_mgr_auto(made, &architecture);
    if (architecture == IMB_ARCH_AVX512) return made;
    free_mb_mgr(made);
    return nullptr;
  }();
  return kManager;
}

}  // namespace hangu::crypto::simd
