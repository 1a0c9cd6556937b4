#include "crypto/suite.hpp"

#include "base/text.hpp"

namespace hangu::crypto {

std::string_view to_text(Suite suite) {
  switch (suite) {
    case Suite::intl: return "intl";
    case Suite::gm: return "gm";
  }
  return "?";
}

std::string_view to_text(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::sha256: return "sha256";
    case HashAlgorithm::sm3: return "sm3";
  }
  return "?";
}

std::string_view to_text(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::ed25519: return "ed25519";
    case SignatureAlgorithm::sm2: return "sm2";
    case SignatureAlgorithm::ecdsa_p256: return "ecdsa-p256";
  }
  return "?";
}

Result<Suite> parse_suite(std::string_view text) {
  for (const Suite suite : {Suite::intl, Suite::gm})
    if (text == to_text(suite)) return suite;
  return fail(ErrorCode::malformed, "suite-unknown", printable(text, 40));
}

Result<HashAlgorithm> parse_hash_algorithm(std::string_view text) {
  for (const HashAlgorithm algorithm : {HashAlgorithm::sha256, HashAlgorithm::sm3})
    if (text == to_text(algorithm)) return algorithm;
  return fail(ErrorCode::malformed, "hash-unknown", printable(text, 40));
}

Result<SignatureAlgorithm> parse_signature_algorithm(std::string_view text) {
  for (const SignatureAlgorithm algorithm :
       {SignatureAlgorithm::ed25519, SignatureAlgorithm::sm2, SignatureAlgorithm::ecdsa_p256})
    if (text == to_text(algorithm)) return algorithm;
  return fail(ErrorCode::malformed, "signature-unknown", printable(text, 40));
}

HashAlgorithm hash_of(Suite suite) {
  return suite == Suite::gm ? HashAlgorithm::sm3 : HashAlgorithm::sha256;
}

SignatureAlgorithm signature_of(Suite suite) {
  return suite == Suite::gm ? SignatureAlgorithm::sm2 : SignatureAlgorithm::ed25519;
}

}  // namespace hangu::crypto
