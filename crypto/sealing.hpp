#pragma once
// Sealing: content keys wrapped for recipients, and chunks sealed with their position and finality
// bound in. docs/protocols/crypto.md §5 and §6 have the constructions and vectors.

#include <memory>
#include <span>

#include "base/bytes.hpp"
#include "crypto/secret.hpp"
#include "crypto/suite.hpp"

namespace hangu::crypto {

inline constexpr std::size_t kTagBytes = 16;                  ///< AEAD tag behind each sealed chunk
inline constexpr std::size_t kWrappedBytesMax = 256;          ///< one wrapped content key
inline constexpr std::size_t kSealingContextBytesMax = 1024;  ///< what a wrap or stream binds in

/// RecipientKey is a public encryption key: X25519 (32 bytes) in `intl`, SM2 point (65) in `gm`.
class RecipientKey {
 public:
  /// Errors: Malformed "key-invalid".
  [[nodiscard]] static Result<RecipientKey> create(Suite suite, ByteView point);
  [[nodiscard]] Suite suite() const { return suite_; }
  [[nodiscard]] ByteView point() const { return point_; }
  /// SHA-256("hangu-recipient\n" ‖ suite name ‖ "\n" ‖ point).
  [[nodiscard]] Bytes id() const;
  bool operator==(const RecipientKey&) const = default;

 private:
  RecipientKey(Suite suite, Bytes point) : suite_(suite), point_(std::move(point)) {}
  Suite suite_;
  Bytes point_;
};

/// OpeningKey is the private half. Move-only.
class OpeningKey {
 public:
  [[nodiscard]] static Result<OpeningKey> generate(Suite suite, Entropy& entropy);
  [[nodiscard]] static Result<OpeningKey> create(Suite suite, SecretBytes secret);
  [[nodiscard]] const RecipientKey& recipient_key() const { return recipient_; }
  [[nodiscard]] const SecretBytes& secret() const { return secret_; }

 private:
  OpeningKey(SecretBytes secret, RecipientKey recipient)
      : secret_(std::move(secret)), recipient_(std::move(recipient)) {}
  SecretBytes secret_;
  RecipientKey recipient_;
};

/// ContentKey is the random key of one package (32 bytes; `gm` uses derived 16-byte SM4 keys).
class ContentKey {
 public:
  [[nodiscard]] static ContentKey generate(Suite suite, Entropy& entropy);
  /// `context` (any bytes, the same at unwrap) is bound into the wrapping.
  /// intl: ephemeral X25519, HKDF-SHA-256, AES-256-GCM. gm: SM2 public key encryption
  /// (GB/T 32918.4, C1‖C3‖C2) over key ‖ SM3(context). docs/protocols/crypto.md §5.
  /// Errors: Malformed "suite-mismatch", Exhausted "context-too-long", Internal "encrypt-failed".
  [[nodiscard]] Result<Bytes> wrap(const RecipientKey& to, ByteView context,
                                   Entropy& entropy) const;
  /// Errors: Malformed "key-unwrap-failed" for every cause.
  [[nodiscard]] static Result<ContentKey> unwrap(const OpeningKey& with, ByteView wrapped,
                                                 ByteView context);
  [[nodiscard]] Suite suite() const { return suite_; }

 private:
  friend class ChunkSealer;
  friend class ChunkOpener;
  ContentKey(Suite suite, SecretBytes secret) : suite_(suite), secret_(std::move(secret)) {}
  Suite suite_;
  SecretBytes secret_;
};

/// ChunkSealer seals the chunks of one stream (one object of a package).
///
/// Stream key = HKDF(content key, "hangu-stream" ‖ u32 stream ‖ context); nonce = 3 zero bytes ‖
/// u64 chunk index ‖ final (0|1); the nonce never comes from the caller and a (key, nonce) pair
/// is never used for two plaintexts as long as each stream number is sealed once per content key.
/// Thread: seal() is const and may run on several threads.
class ChunkSealer {
 public:
  [[nodiscard]] static Result<ChunkSealer> create(const ContentKey& key, std::uint32_t stream,
                                                  ByteView context);
  ChunkSealer(ChunkSealer&&) noexcept;
  ChunkSealer& operator=(ChunkSealer&&) noexcept;
  ~ChunkSealer();
  /// `out` is plain.size() + kTagBytes long and may not overlap `plain` unless they start at the
  /// same byte.
  [[nodiscard]] Done seal(std::uint64_t index, bool final, ByteView plain,
                          MutableByteView out) const;

 private:
  struct State;
  explicit ChunkSealer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class ChunkOpener {
 public:
  [[nodiscard]] static Result<ChunkOpener> create(const ContentKey& key, std::uint32_t stream,
                                                  ByteView context);
  ChunkOpener(ChunkOpener&&) noexcept;
  ChunkOpener& operator=(ChunkOpener&&) noexcept;
  ~ChunkOpener();
  /// `out` is sealed.size() - kTagBytes long; its bytes are zero after a failure.
  /// Errors: Malformed "chunk-not-authentic".
  [[nodiscard]] Done open(std::uint64_t index, bool final, ByteView sealed,
                          MutableByteView out) const;

 private:
  struct State;
  explicit ChunkOpener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace hangu::crypto
