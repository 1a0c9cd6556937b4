#include "crypto/sodium/curve25519.hpp"

#include <algorithm>

#include <sodium.h>

#include "crypto/octets.hpp"
#include "crypto/sodium/library.hpp"

namespace hangu::crypto::sodium {
namespace {

static_assert(crypto_sign_SEEDBYTES == kCurve25519Bytes);
static_assert(crypto_sign_BYTES == kEd25519SignatureBytes);
static_assert(crypto_scalarmult_BYTES == kCurve25519Bytes);

/// True when the little-endian number is below 2^255 - 19.
bool below_field_prime(ByteView point) {
  constexpr std::byte kAll{0xff};
  if (point[31] != std::byte{0x7f}) return point[31] < std::byte{0x7f};
  for (std::size_t i = 30; i > 0; --i)
    if (point[i] != kAll) return true;
  return point[0] < std::byte{0xed};
}

}  // namespace

bool ed25519_point_valid(ByteView point) {
  start();
  return point.size() == kCurve25519Bytes && crypto_core_ed25519_is_valid_point(octets(point)) == 1;
}

Point ed25519_public(const SecretBytes& seed) {
  start();
  Point point{};
  std::array<std::byte, crypto_sign_SECRETKEYBYTES> expanded{};
  crypto_sign_seed_keypair(octets_out(point), octets_out(expanded),
                           octets(seed.reveal(SecretAccess::for_signing())));
  wipe(expanded);
  return point;
}

std::array<std::byte, kEd25519SignatureBytes> ed25519_sign(const SecretBytes& seed, ByteView point,
                                                           ByteView message) {
  start();
  // libsodium's secret key is seed ‖ point.
  std::array<std::byte, crypto_sign_SECRETKEYBYTES> expanded{};
  std::ranges::copy(seed.reveal(SecretAccess::for_signing()), expanded.begin());
  std::ranges::copy(point, expanded.begin() + kCurve25519Bytes);
  std::array<std::byte, kEd25519SignatureBytes> signature{};
  crypto_sign_detached(octets_out(signature), nullptr, octets(message), message.size(),
                       octets(expanded));
  wipe(expanded);
  return signature;
}

bool ed25519_verify(ByteView point, ByteView message, ByteView signature) {
  start();
  return point.size() == kCurve25519Bytes && signature.size() == kEd25519SignatureBytes &&
         crypto_sign_verify_detached(octets(signature), octets(message), message.size(),
                                     octets(point)) == 0;
}

bool x25519_point_valid(ByteView point) {
  if (point.size() != kCurve25519Bytes || !below_field_prime(point)) return false;
  // A small-order point times any clamped scalar (a multiple of eight) is zero.
  SecretBytes any_scalar(kCurve25519Bytes);
  return x25519_agree(any_scalar, point).has_value();
}

Point x25519_public(const SecretBytes& scalar) {
  start();
  Point point{};
  crypto_scalarmult_base(octets_out(point), octets(scalar.reveal(SecretAccess::for_agreement())));
  return point;
}

std::optional<SecretBytes> x25519_agree(const SecretBytes& scalar, ByteView point) {
  start();
  SecretBytes shared(kCurve25519Bytes);
  if (crypto_scalarmult(octets_out(shared.reveal_mutable(SecretAccess::for_agreement())),
                        octets(scalar.reveal(SecretAccess::for_agreement())), octets(point)) != 0)
    return std::nullopt;
  return shared;
}

}  // namespace hangu::crypto::sodium
