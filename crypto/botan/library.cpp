#include "crypto/botan/library.hpp"

#include <botan/exceptn.h>

namespace hangu::crypto::botan {

const Botan::EC_Group& sm2_group() {
  static const Botan::EC_Group kGroup("sm2p256v1");
  return kGroup;
}

const Botan::EC_Group& p256_group() {
  static const Botan::EC_Group kGroup("secp256r1");
  return kGroup;
}

Botan::PointGFp decode_point(const Botan::EC_Group& group, ByteView point) {
  // Botan would also take compressed and hybrid forms: one key, one encoding.
  if (point.size() != 65 || point[0] != std::byte{0x04}) throw Botan::Decoding_Error("point form");
  Botan::PointGFp decoded = group.OS2ECP(octets(point), point.size());
  // Both curves have prime order, so every point but infinity generates the group;
  // verify_public_element() would multiply by the order, which costs as much as a signature check.
  if (decoded.is_zero() || !decoded.on_the_curve())
    throw Botan::Decoding_Error("point off the curve");
  return decoded;
}

}  // namespace hangu::crypto::botan
