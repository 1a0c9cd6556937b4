#pragma once
// Reader: opens an exchange package that anybody may have made.
// docs/protocols/exchange-package.md §6.

#include <span>

#include "crypto/sealing.hpp"
#include "os/descriptor.hpp"
#include "package/contents.hpp"
#include "package/header.hpp"
#include "package/layout.hpp"
#include "package/runs.hpp"

namespace hangu::package {

/// Where extract_all puts objects. Called under a lock, never by two threads at once, and each
/// index in rising order: output() for some objects ahead of accept().
class ObjectSink {
 public:
  virtual ~ObjectSink() = default;
  /// An empty file for object `index`; borrowed until accept(index) returns. At most
  /// kOutputsAheadMax are asked for before they are accepted.
  [[nodiscard]] virtual Result<os::FdView> output(std::size_t index) = 0;
  /// Object `index` is complete and has the digest that the statement names.
  [[nodiscard]] virtual Done accept(std::size_t index) = 0;
};

inline constexpr std::size_t kOutputsAheadMax = 128;

/// Reader holds an opened package: header, statement and content key. Nothing in it is trusted:
/// who signed the statement is not looked at here. Move-only. Thread: the const functions, any.
class Reader {
 public:
  /// Reads header and statement, and checks that the file is exactly as long as they say before
  /// anything is opened. `package` is borrowed, read by position, and must stay open.
  /// Errors: those of Header::parse and Contents::check; Forbidden "package-not-for-us" (none of
  /// `keys` is a recipient's); Malformed "key-unwrap-failed", "chunk-not-authentic" (the
  /// statement), "json-…", "field-…", "envelope-invalid", "package-truncated",
  /// "package-trailing-bytes", "package-too-large".
  [[nodiscard]] static Result<Reader> open(os::FdView package,
                                           std::span<const crypto::OpeningKey> keys);

  [[nodiscard]] const Header& header() const { return header_; }
  [[nodiscard]] const Contents& contents() const { return contents_; }
  [[nodiscard]] const Layout& layout() const { return layout_; }

  /// Writes object `index` to `out` (an empty regular file) on `threads` threads (0 = all cores).
  /// Each chunk is authenticated before it is hashed and written, and after the last one the
  /// chunk tree must be the one that the statement names: only then may `out` be used.
  /// Memory: kBufferBytesMax. Errors: Malformed "chunk-not-authentic", "object-digest-mismatch",
  /// "object-unknown" (index), "package-truncated" (the file became shorter); those of writing.
  [[nodiscard]] Done extract(std::size_t index, os::FdView out, unsigned threads = 0,
                             const Progress& progress = {}) const;
  /// All objects, in order; the kernel is let to forget the package's bytes behind them.
  /// Errors: as extract(), and those of `sink`.
  [[nodiscard]] Done extract_all(ObjectSink& sink, unsigned threads = 0,
                                 const Progress& progress = {}) const;
  /// Fills `out` from `offset` of object `index`, opening only the chunks in between. These are
  /// authentic, thus what the sealer put there; whether the object is the one that the statement
  /// names is known only after extract(). Errors: "chunk-not-authentic", "object-unknown",
  /// Malformed "range-outside", "package-truncated". `out` is zero after an error.
  [[nodiscard]] Done read_range(std::size_t index, std::uint64_t offset, MutableByteView out) const;

 private:
  Reader(os::FdView package, Header header, crypto::ContentKey key, Contents contents,
         Layout layout);

  os::FdView package_;
  Header header_;
  crypto::Hash context_;
  crypto::ContentKey key_;
  Contents contents_;
  Layout layout_;
};

}  // namespace hangu::package
