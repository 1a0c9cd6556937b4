#include "crypto/openssl/curve_key.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <openssl/core_names.h>
#include <openssl/params.h>

namespace hangu::crypto::openssl {
namespace {

Key from_parameters(CurveName curve, OSSL_PARAM* parameters, int selection) {
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, curve.type, nullptr));
  EVP_PKEY* raw = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &raw, selection, parameters) != 1)
    return nullptr;
  return Key(raw);
}

bool uncompressed(ByteView point) {
  return point.size() == kCurvePointBytes && point[0] == std::byte{0x04};
}

}  // namespace

Key public_key(CurveName curve, ByteView point) {
  start();
  if (!uncompressed(point)) return nullptr;
  std::string group = curve.group;
  Bytes encoded = to_bytes(point);
  std::array parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, encoded.data(), encoded.size()),
      OSSL_PARAM_construct_end()};
  Key key = from_parameters(curve, parameters.data(), EVP_PKEY_PUBLIC_KEY);
  if (!key) return nullptr;
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (!context || EVP_PKEY_public_check(context.get()) != 1) return nullptr;
  return key;
}

Key private_key(CurveName curve, const SecretBytes& scalar, ByteView point) {
  start();
  if (!uncompressed(point) || scalar.size() != kCurveScalarBytes) return nullptr;
  // OSSL_PARAM numbers are in the machine's byte order, which is little-endian here.
  static_assert(std::endian::native == std::endian::little);
  std::array<unsigned char, kCurveScalarBytes> number{};
  const ByteView secret = scalar.reveal(SecretAccess::for_signing());
  std::ranges::reverse_copy(std::span(octets(secret), secret.size()), number.begin());
  std::string group = curve.group;
  Bytes encoded = to_bytes(point);
  std::array parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, encoded.data(), encoded.size()),
      OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, number.data(), number.size()),
      OSSL_PARAM_construct_end()};
  Key key = from_parameters(curve, parameters.data(), EVP_PKEY_KEYPAIR);
  wipe(std::as_writable_bytes(std::span(number)));
  return key;
}

}  // namespace hangu::crypto::openssl
