#pragma once
// SHA-256 (FIPS 180-4) by OpenSSL.

#include <memory>

#include "base/bytes.hpp"
#include "crypto/hash.hpp"

struct evp_md_ctx_st;

namespace hangu::crypto::openssl {

/// Sha256 digests a stream; fresh again after finish().
class Sha256 {
 public:
  Sha256();
  void update(ByteView bytes);
  [[nodiscard]] Hash finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace hangu::crypto::openssl
