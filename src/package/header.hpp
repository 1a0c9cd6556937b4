#pragma once
// Header: the clear beginning of an exchange package. docs/protocols/exchange-package.md §4.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/limits.hpp"
#include "crypto/hash.hpp"
#include "crypto/sealing.hpp"
#include "crypto/suite.hpp"

namespace hangu::package {

inline constexpr std::string_view kMagic = "HANGUPKG";
inline constexpr std::uint8_t kVersion = 1;
inline constexpr std::size_t kKeyIdBytes = 32;
/// Magic, version, suite, flags, count; then the recipients; then the length of the objects.
inline constexpr std::size_t kHeaderFixedBytes = 8 + 1 + 1 + 2 + 4 + 8;
/// 1 EiB: offsets stay far within a file offset.
inline constexpr std::uint64_t kPackageBytesMax = std::uint64_t{1} << 60;
inline constexpr std::size_t kHeaderBytesMax =
    kHeaderFixedBytes + kRecipientsMax * (kKeyIdBytes + 4 + crypto::kWrappedBytesMax);

using KeyId = std::array<std::byte, kKeyIdBytes>;

/// One recipient: who, and the content key wrapped for it (1..kWrappedBytesMax bytes).
struct WrappedKey {
  KeyId key_id{};
  Bytes wrapped;
  bool operator==(const WrappedKey&) const = default;
};

/// Header of a package. Recipients rise strictly by key id, so each header has one spelling.
struct Header {
  crypto::Suite suite = crypto::Suite::intl;
  std::vector<WrappedKey> recipients;  ///< 1..kRecipientsMax
  std::uint64_t objects_bytes = 0;     ///< all sealed objects together; 1..kPackageBytesMax

  [[nodiscard]] Bytes to_bytes() const;
  /// Length of to_bytes().
  [[nodiscard]] std::size_t byte_count() const;
  /// Reads the header at the start of `package`, which holds at least kHeaderBytesMax bytes or the
  /// whole package; what stands behind the header is not looked at.
  /// Errors: Malformed "package-magic", "package-version", "package-suite", "package-flags" (any
  /// set bit is an unknown critical extension), "package-recipients" (none, too many, not rising),
  /// "package-wrapped-key" (length), "package-objects-length", "package-truncated".
  [[nodiscard]] static Result<Header> parse(ByteView package);

  /// What every sealed chunk is bound to: the suite's hash of all header bytes.
  [[nodiscard]] crypto::Hash chunk_context() const;
  bool operator==(const Header&) const = default;
};

/// What a wrapped content key is bound to: "hangu-package" ‖ version ‖ suite.
[[nodiscard]] Bytes wrap_context(crypto::Suite suite);
/// The id under which a header lists `key`.
[[nodiscard]] KeyId key_id_of(const crypto::RecipientKey& key);

}  // namespace hangu::package
