#include "crypto/openssl/p256.hpp"

#include <openssl/err.h>

#include "crypto/openssl/curve_key.hpp"
#include "crypto/openssl/library.hpp"
#include "crypto/signature.hpp"

namespace hangu::crypto::openssl {
namespace {

using Group = Owned<EC_GROUP, EC_GROUP_free>;
using GroupPoint = Owned<EC_POINT, EC_POINT_clear_free>;
using NumberContext = Owned<BN_CTX, BN_CTX_free>;

/// `identity` (may be empty) goes into SM2's Z value.
bool verify(EVP_PKEY* key, const EVP_MD* digest, std::string_view identity, ByteView message,
            ByteView signature) {
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key_context = nullptr;  // owned by `context`
  bool valid =
      context && EVP_DigestVerifyInit(context.get(), &key_context, digest, nullptr, key) == 1;
  if (valid && !identity.empty())
    valid =
        EVP_PKEY_CTX_set1_id(key_context, identity.data(), static_cast<int>(identity.size())) == 1;
  valid = valid && EVP_DigestVerify(context.get(), octets(signature), signature.size(),
                                    octets(message), message.size()) == 1;
  ERR_clear_error();
  return valid;
}

}  // namespace

bool p256_point_valid(ByteView point) {
  const bool valid = public_key(kP256Curve, point) != nullptr;
  ERR_clear_error();
  return valid;
}

std::optional<P256Point> p256_public(const SecretBytes& scalar) {
  start();
  static const Group kGroup(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  if (scalar.size() != kCurveScalarBytes) return std::nullopt;
  const ByteView secret = scalar.reveal(SecretAccess::for_signing());
  const Number number(BN_secure_new());
  const NumberContext workspace(BN_CTX_secure_new());
  const GroupPoint point(EC_POINT_new(kGroup.get()));
  HANGU_ASSERT(kGroup && number && workspace && point);
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  HANGU_ASSERT(BN_bin2bn(octets(secret), static_cast<int>(secret.size()), number.get()) != nullptr);
  if (BN_is_zero(number.get()) || BN_cmp(number.get(), EC_GROUP_get0_order(kGroup.get())) >= 0)
    return std::nullopt;
  P256Point encoded{};
  if (EC_POINT_mul(kGroup.get(), point.get(), number.get(), nullptr, nullptr, workspace.get()) !=
          1 ||
      EC_POINT_point2oct(kGroup.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
                         octets_out(encoded), encoded.size(), workspace.get()) != encoded.size())
    return std::nullopt;
  return encoded;
}

Result<Bytes> p256_sign(const SecretBytes& scalar, ByteView point, ByteView message) {
  const Key key = private_key(kP256Curve, scalar, point);
  const DigestContext context(EVP_MD_CTX_new());
  std::size_t length = 0;
  if (!key || !context ||
      EVP_DigestSignInit(context.get(), nullptr, sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &length, octets(message), message.size()) != 1)
    return fail(ErrorCode::internal, "sign-failed", last_error());
  Bytes signature(length);
  if (EVP_DigestSign(context.get(), octets_out(signature), &length, octets(message),
                     message.size()) != 1)
    return fail(ErrorCode::internal, "sign-failed", last_error());
  signature.resize(length);
  return signature;
}

bool p256_verify(ByteView point, ByteView message, ByteView signature) {
  const Key key = public_key(kP256Curve, point);
  return key && verify(key.get(), sha256(), {}, message, signature);
}

bool sm2_verify(ByteView point, ByteView message, ByteView signature) {
  const Key key = public_key(kSm2Curve, point);
  return key && verify(key.get(), sm3(), kSm2Identity, message, signature);
}

}  // namespace hangu::crypto::openssl
