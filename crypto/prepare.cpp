#include "crypto/prepare.hpp"

#include "crypto/hash.hpp"
#include "crypto/sealing.hpp"
#include "crypto/signature.hpp"

namespace hangu::crypto {
namespace {

void use_signatures(SignatureAlgorithm algorithm, Entropy& entropy) {
  const auto key = SigningKey::generate(algorithm, entropy);
  HANGU_ASSERT(key);
  const auto signature = key->sign({});
  HANGU_ASSERT(signature && key->verify_key().verify({}, *signature) &&
               verify_by_other_implementation(key->verify_key(), {}, *signature));
}

void use_sealing(Suite suite, Entropy& entropy) {
  (void)hash(hash_of(suite), {});
  const auto opening = OpeningKey::generate(suite, entropy);
  HANGU_ASSERT(opening);
  const ContentKey key = ContentKey::generate(suite, entropy);
  const auto sealer = ChunkSealer::create(key, 0, {});
  Bytes sealed(kTagBytes);
  HANGU_ASSERT(key.wrap(opening->recipient_key(), {}, entropy) && sealer &&
               sealer->seal(0, true, {}, sealed));
}

}  // namespace

void prepare() {
  SystemEntropy entropy;
  for (const auto algorithm :
       {SignatureAlgorithm::ed25519, SignatureAlgorithm::sm2, SignatureAlgorithm::ecdsa_p256})
    use_signatures(algorithm, entropy);
  for (const Suite suite : {Suite::intl, Suite::gm}) use_sealing(suite, entropy);
}

}  // namespace hangu::crypto
