#pragma once
// Writer: seals a statement and its objects into one exchange package.
// docs/protocols/exchange-package.md §5.

#include <functional>
#include <span>

#include "base/entropy.hpp"
#include "base/ids.hpp"
#include "crypto/sealing.hpp"
#include "flow/envelope.hpp"
#include "os/descriptor.hpp"
#include "package/runs.hpp"
#include "package/source.hpp"

namespace hangu::package {

/// States and signs what was sealed: the envelope of a statement whose subjects are that table.
using StateObjects = std::function<Result<flow::Envelope>(const flow::ObjectTable&)>;

/// What goes into a package. Everything is borrowed.
struct SealPlan {
  crypto::Suite suite = crypto::Suite::intl;
  std::span<const crypto::RecipientKey> recipients;  ///< 1..kRecipientsMax, of `suite`
  std::span<const SourceObject> objects;             ///< 1..kObjectsMax
  StateObjects state;    ///< called once, from any thread, when all objects are sealed
  unsigned threads = 0;  ///< 0 = all cores
  Progress progress;     ///< bytes of the package written
};

/// What came out.
struct Sealed {
  /// SHA-256 chunk tree of the package's own bytes (in both suites), its size included.
  crypto::ObjectDigest digest;
};

/// The transfer that a sealed package is: the first 16 bytes of its digest's root.
[[nodiscard]] TransferId transfer_id_of(const crypto::ObjectDigest& package);

/// Writes the package to `out` from its start: by position into a regular file (empty before),
/// else in order (pipe, socket). Each source is read once; the statement is made last, about the
/// bytes that were sealed. After an error the bytes in `out` are no package and the caller throws
/// them away.
///
/// Memory: kBufferBytesMax and the statement. Thread: one call per `out`.
/// Errors: those of outline_objects, of `state`, of Contents::check and of sealed_objects_bytes;
/// Malformed "package-recipients" (count, one named twice), "suite-mismatch" (a recipient),
/// "statement-no-subject" (no object); Exhausted "statement-too-long" (over kStatementBytesMax);
/// Corrupt "source-changed" (its size, or the statement is about other bytes); those of writing.
[[nodiscard]] Result<Sealed> seal(const SealPlan& plan, os::FdView out, Entropy& entropy);

}  // namespace hangu::package
