#pragma once
// Entropy: where randomness comes from. Logic takes it as a parameter so that tests replay.

#include "base/bytes.hpp"

namespace hangu {

class Entropy {
 public:
  virtual ~Entropy() = default;
  /// Fills `out` with unpredictable bytes (crypto::SystemEntropy), or with a replayable stream
  /// (test doubles). Never fails: the system source ends the process when the kernel does.
  virtual void fill(MutableByteView out) = 0;
};

}  // namespace hangu
