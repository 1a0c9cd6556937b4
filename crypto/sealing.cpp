#include "crypto/sealing.hpp"

#include <algorithm>
#include <optional>

#include "crypto/aead.hpp"
#include "crypto/botan/sm2.hpp"
#include "crypto/hash.hpp"
#include "crypto/openssl/hkdf.hpp"
#include "crypto/sodium/curve25519.hpp"

namespace hangu::crypto {
namespace {

constexpr std::size_t kSecretBytes = 32;  ///< content keys, X25519 and SM2 scalars
constexpr std::size_t kAesKeyBytes = 32;
constexpr std::size_t kSm4KeyBytes = 16;
constexpr std::size_t kIntlWrappedBytes = 32 + kSecretBytes + kTagBytes;
constexpr std::size_t kGmPlainBytes = kSecretBytes + sizeof(Hash);
constexpr std::size_t kGmWrappedBytes = kGmPlainBytes + botan::kSm2CipherOverheadBytes;
static_assert(kIntlWrappedBytes <= kWrappedBytesMax && kGmWrappedBytes <= kWrappedBytesMax);
/// A random scalar is out of range once in 2^32; more often means a broken source.
constexpr int kGenerateAttemptsMax = 16;
/// Bound of the libraries' int lengths, far above a chunk.
constexpr std::size_t kSealBytesMax = std::size_t{1} << 30;

std::unexpected<Error> unwrap_failed() { return fail(ErrorCode::malformed, "key-unwrap-failed"); }

Done check_context(ByteView context) {
  if (context.size() > kSealingContextBytesMax)
    return fail(ErrorCode::exhausted, "context-too-long", std::to_string(context.size()));
  return {};
}

/// The key that wraps for one recipient: HKDF-SHA-256 with the salt ephemeral ‖ recipient.
SecretBytes wrapping_key(const SecretBytes& shared, ByteView ephemeral, ByteView recipient,
                         ByteView context) {
  Bytes salt = to_bytes(ephemeral);
  append(salt, recipient);
  Bytes label = to_bytes("hangu-wrap");
  append(label, context);
  return openssl::hkdf(HashAlgorithm::sha256, shared, salt, label, kAesKeyBytes);
}

Result<Bytes> wrap_intl(const SecretBytes& content, const RecipientKey& to, ByteView context,
                        Entropy& entropy) {
  const SecretBytes scalar = SecretBytes::random(kSecretBytes, entropy);
  const sodium::Point ephemeral = sodium::x25519_public(scalar);
  const auto shared = sodium::x25519_agree(scalar, to.point());
  if (!shared) return fail(ErrorCode::internal, "encrypt-failed", "x25519");
  const auto aead = aes_256_gcm(wrapping_key(*shared, ephemeral, to.point(), context));
  Bytes wrapped(kIntlWrappedBytes);
  std::ranges::copy(ephemeral, wrapped.begin());
  // The wrapping key is used once, so its nonce may be constant.
  aead->seal(Nonce{}, {}, content.reveal(SecretAccess::for_sealing()),
             MutableByteView(wrapped).subspan(ephemeral.size()));
  return wrapped;
}

std::optional<SecretBytes> unwrap_intl(const OpeningKey& with, ByteView wrapped, ByteView context) {
  if (wrapped.size() != kIntlWrappedBytes) return std::nullopt;
  const ByteView ephemeral = wrapped.first(32);
  if (!sodium::x25519_point_valid(ephemeral)) return std::nullopt;
  const auto shared = sodium::x25519_agree(with.secret(), ephemeral);
  if (!shared) return std::nullopt;
  const auto aead =
      aes_256_gcm(wrapping_key(*shared, ephemeral, with.recipient_key().point(), context));
  SecretBytes content(kSecretBytes);
  if (!aead->open(Nonce{}, {}, wrapped.subspan(32),
                  content.reveal_mutable(SecretAccess::for_sealing())))
    return std::nullopt;
  return content;
}

Result<Bytes> wrap_gm(const SecretBytes& content, const RecipientKey& to, ByteView context,
                      Entropy& entropy) {
  const Hash bound = hash(HashAlgorithm::sm3, context);
  SecretBytes plain(kGmPlainBytes);
  const MutableByteView at = plain.reveal_mutable(SecretAccess::for_sealing());
  std::ranges::copy(content.reveal(SecretAccess::for_sealing()), at.begin());
  std::ranges::copy(bound, at.begin() + kSecretBytes);
  return botan::sm2_encrypt(to.point(), at, entropy);
}

std::optional<SecretBytes> unwrap_gm(const OpeningKey& with, ByteView wrapped, ByteView context) {
  if (wrapped.size() != kGmWrappedBytes) return std::nullopt;
  auto plain = botan::sm2_decrypt(with.secret(), wrapped);
  if (!plain || plain->size() != kGmPlainBytes) return std::nullopt;
  const MutableByteView at = plain->reveal_mutable(SecretAccess::for_sealing());
  if (!constant_time_equal(at.subspan(kSecretBytes), hash(HashAlgorithm::sm3, context)))
    return std::nullopt;
  return SecretBytes::take(at.first(kSecretBytes));
}

/// The AEAD of one stream of a package.
std::unique_ptr<const Aead> stream_aead(Suite suite, const SecretBytes& content,
                                        std::uint32_t stream, ByteView context) {
  Bytes label = to_bytes("hangu-stream");
  std::array<std::byte, 4> number{};
  store_u32(number, stream);
  append(label, number);
  append(label, context);
  if (suite == Suite::gm)
    return sm4_gcm(openssl::hkdf(HashAlgorithm::sm3, content, {}, label, kSm4KeyBytes));
  return aes_256_gcm(openssl::hkdf(HashAlgorithm::sha256, content, {}, label, kAesKeyBytes));
}

Nonce chunk_nonce(std::uint64_t index, bool final) {
  Nonce nonce{};
  store_u64(MutableByteView(nonce).subspan(3, 8), index);
  nonce[11] = std::byte{final};
  return nonce;
}

}  // namespace

Result<RecipientKey> RecipientKey::create(Suite suite, ByteView point) {
  const bool valid =
      suite == Suite::gm ? botan::sm2_point_valid(point) : sodium::x25519_point_valid(point);
  if (!valid)
    return fail(ErrorCode::malformed, "key-invalid",
                std::string(to_text(suite)) + ": not a valid recipient key");
  return RecipientKey(suite, to_bytes(point));
}

Bytes RecipientKey::id() const {
  Hasher hasher(HashAlgorithm::sha256);
  hasher.update(bytes_of("hangu-recipient\n"))
      .update(bytes_of(to_text(suite_)))
      .update(bytes_of("\n"))
      .update(point_);
  return to_bytes(hasher.finish());
}

Result<OpeningKey> OpeningKey::generate(Suite suite, Entropy& entropy) {
  for (int attempt = 0; attempt < kGenerateAttemptsMax; ++attempt)
    if (auto key = create(suite, SecretBytes::random(kSecretBytes, entropy)); key) return key;
  return fail(ErrorCode::internal, "entropy-unusable", std::string(to_text(suite)));
}

Result<OpeningKey> OpeningKey::create(Suite suite, SecretBytes secret) {
  Bytes point;
  if (secret.size() == kSecretBytes) {
    if (suite == Suite::intl) {
      point = to_bytes(sodium::x25519_public(secret));
    } else if (const auto sm2 = botan::sm2_public(secret)) {
      point = to_bytes(*sm2);
    }
  }
  if (point.empty())
    return fail(ErrorCode::malformed, "key-invalid",
                std::string(to_text(suite)) + ": secret out of range");
  HANGU_TRY(auto recipient, RecipientKey::create(suite, point));
  return OpeningKey(std::move(secret), std::move(recipient));
}

ContentKey ContentKey::generate(Suite suite, Entropy& entropy) {
  return {suite, SecretBytes::random(kSecretBytes, entropy)};
}

Result<Bytes> ContentKey::wrap(const RecipientKey& to, ByteView context, Entropy& entropy) const {
  if (to.suite() != suite_)
    return fail(ErrorCode::malformed, "suite-mismatch", "content key and recipient differ");
  HANGU_CHECK(check_context(context));
  return suite_ == Suite::gm ? wrap_gm(secret_, to, context, entropy)
                             : wrap_intl(secret_, to, context, entropy);
}

Result<ContentKey> ContentKey::unwrap(const OpeningKey& with, ByteView wrapped, ByteView context) {
  if (!check_context(context)) return unwrap_failed();
  const Suite suite = with.recipient_key().suite();
  auto content =
      suite == Suite::gm ? unwrap_gm(with, wrapped, context) : unwrap_intl(with, wrapped, context);
  if (!content) return unwrap_failed();
  return ContentKey(suite, *std::move(content));
}

struct ChunkSealer::State {
  std::unique_ptr<const Aead> aead;
};
struct ChunkOpener::State {
  std::unique_ptr<const Aead> aead;
};

ChunkSealer::ChunkSealer(std::unique_ptr<State> state) : state_(std::move(state)) {}
ChunkSealer::ChunkSealer(ChunkSealer&&) noexcept = default;
ChunkSealer& ChunkSealer::operator=(ChunkSealer&&) noexcept = default;
ChunkSealer::~ChunkSealer() = default;

Result<ChunkSealer> ChunkSealer::create(const ContentKey& key, std::uint32_t stream,
                                        ByteView context) {
  HANGU_CHECK(check_context(context));
  auto state = std::make_unique<State>();
  state->aead = stream_aead(key.suite_, key.secret_, stream, context);
  return ChunkSealer(std::move(state));
}

Done ChunkSealer::seal(std::uint64_t index, bool final, ByteView plain, MutableByteView out) const {
  HANGU_ASSERT(out.size() == plain.size() + kTagBytes);
  if (plain.size() > kSealBytesMax)
    return fail(ErrorCode::exhausted, "chunk-too-long", std::to_string(plain.size()));
  state_->aead->seal(chunk_nonce(index, final), {}, plain, out);
  return {};
}

ChunkOpener::ChunkOpener(std::unique_ptr<State> state) : state_(std::move(state)) {}
ChunkOpener::ChunkOpener(ChunkOpener&&) noexcept = default;
ChunkOpener& ChunkOpener::operator=(ChunkOpener&&) noexcept = default;
ChunkOpener::~ChunkOpener() = default;

Result<ChunkOpener> ChunkOpener::create(const ContentKey& key, std::uint32_t stream,
                                        ByteView context) {
  HANGU_CHECK(check_context(context));
  auto state = std::make_unique<State>();
  state->aead = stream_aead(key.suite_, key.secret_, stream, context);
  return ChunkOpener(std::move(state));
}

Done ChunkOpener::open(std::uint64_t index, bool final, ByteView sealed,
                       MutableByteView out) const {
  const bool fits = sealed.size() >= kTagBytes && sealed.size() <= kSealBytesMax + kTagBytes;
  if (fits) {
    HANGU_ASSERT(out.size() == sealed.size() - kTagBytes);
    if (state_->aead->open(chunk_nonce(index, final), {}, sealed, out)) return {};
  }
  wipe(out);
  return fail(ErrorCode::malformed, "chunk-not-authentic", "chunk " + std::to_string(index));
}

}  // namespace hangu::crypto
