#pragma once
// SM3 (GB/T 32905-2016) by Botan.

#include <memory>

#include "base/bytes.hpp"
#include "crypto/hash.hpp"

namespace Botan {
class HashFunction;
}

namespace hangu::crypto::botan {

/// Sm3 digests a stream; fresh again after finish().
class Sm3 {
 public:
  Sm3();
  Sm3(Sm3&&) noexcept;
  Sm3& operator=(Sm3&&) noexcept;
  ~Sm3();
  void update(ByteView bytes);
  [[nodiscard]] Hash finish();

 private:
  std::unique_ptr<Botan::HashFunction> function_;
};

}  // namespace hangu::crypto::botan
