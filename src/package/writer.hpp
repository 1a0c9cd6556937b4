#pragma once
// Writer: seals a statement and its objects into one exchange package.
// docs/protocols/exchange-package.md §5.

#include <span>

#include "base/entropy.hpp"
#include "base/ids.hpp"
#include "crypto/sealing.hpp"
#include "flow/envelope.hpp"
#include "os/descriptor.hpp"
#include "package/runs.hpp"
#include "package/source.hpp"

namespace hangu::package {

/// What goes into a package. Everything is borrowed.
struct SealPlan {
  crypto::Suite suite = crypto::Suite::intl;
  std::span<const crypto::RecipientKey> recipients;  ///< 1..kRecipientsMax, of `suite`
  const flow::Envelope& envelope;                    ///< signed; its statement names the objects
  std::span<const Source> sources;                   ///< one for each subject, in their order
  unsigned threads = 0;                              ///< 0 = all cores
  Progress progress;                                 ///< bytes of the package written
};

/// What came out.
struct Sealed {
  /// SHA-256 chunk tree of the package's own bytes (in both suites), its size included.
  crypto::ObjectDigest digest;
};

/// The transfer that a sealed package is: the first 16 bytes of its digest's root.
[[nodiscard]] TransferId transfer_id_of(const crypto::ObjectDigest& package);

/// Writes the package to `out` from its start: by position into a regular file (empty before),
/// else in order (pipe, socket). Each source is read once here, after the one time for its digest;
/// its digest is computed again from the bytes that were sealed. After an error the bytes in `out`
/// are no package and the caller throws them away.
///
/// Memory: kBufferBytesMax and the statement. Thread: one call per `out`.
/// Errors: those of Contents::check and Layout::create; Malformed "package-recipients" (count, one
/// named twice), "suite-mismatch" (a recipient), "package-sources" (their number);
/// Exhausted "statement-too-long" (over kStatementBytesMax); Corrupt "source-changed"; those of
/// writing.
[[nodiscard]] Result<Sealed> seal(const SealPlan& plan, os::FdView out, Entropy& entropy);

}  // namespace hangu::package
