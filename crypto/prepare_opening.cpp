#include "crypto/prepare.hpp"
#include "crypto/sealing.hpp"

namespace hangu::crypto {
namespace {

void use_opening(Suite suite, Entropy& entropy) {
  const auto opening = OpeningKey::generate(suite, entropy);
  HANGU_ASSERT(opening);
  const auto wrapped =
      ContentKey::generate(suite, entropy).wrap(opening->recipient_key(), {}, entropy);
  HANGU_ASSERT(wrapped);
  const auto key = ContentKey::unwrap(*opening, *wrapped, {});
  HANGU_ASSERT(key);
  const auto sealer = ChunkSealer::create(*key, 0, {});
  const auto opener = ChunkOpener::create(*key, 0, {});
  Bytes sealed(kTagBytes);
  Bytes nothing;
  HANGU_ASSERT(sealer && opener && sealer->seal(0, true, {}, sealed) &&
               opener->open(0, true, sealed, nothing));
}

}  // namespace

void prepare_opening() {
  SystemEntropy entropy;
  for (const Suite suite : {Suite::intl, Suite::gm}) use_opening(suite, entropy);
}

}  // namespace hangu::crypto
