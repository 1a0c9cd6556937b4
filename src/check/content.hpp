#pragma once
// Content: what a rendition must hold, taken from plain form; and the formats' checks.

#include <future>

#include "check/byte_source.hpp"
#include "check/finding.hpp"
#include "check/sqlite_walker.hpp"
#include "plain/outline.hpp"

namespace hangu::check {

/// What plain form says, without its features and samples: those are in the digest.
using Content = plain::Outline;

/// How a part of a check is done on a thread of its own; by who waits for it when there can be
/// none.
inline constexpr auto kBeside = std::launch::async | std::launch::deferred;

/// The checks of each format add their findings and stop at the first that does not pass: what
/// follows could not be believed. "content" is that the digest, recomputed from the rendition, is
/// the plain form's; a companion, which may be null, hashes for it. Thread: one.
void check_geotiff(const ByteSource& source, const Content& content, os::Companion* companion,
                   Findings& findings);
void check_csv(const ByteSource& source, const Content& content, Findings& findings);
/// `pages` is what walk_sqlite() said of the same source.
void check_geopackage(const ByteSource& source, const Result<SqliteLayout>& pages,
                      const Content& content, os::Companion* companion, Findings& findings);

/// Compares trailers. Errors: Malformed "rendition-count-differs", "rendition-content-differs".
[[nodiscard]] Done compare(const plain::Trailer& rendition, const plain::Trailer& plain_form);

/// Runs one check, notes its finding, and says whether it passed.
template <class Check>
[[nodiscard]] bool found(Findings& findings, std::string name, Check&& act) {
  Result<wire::JsonObject> measured = std::forward<Check>(act)();
  if (!measured) {
    findings.stop(std::move(name), measured.error());
    return false;
  }
  findings.pass(std::move(name), *std::move(measured));
  return true;
}

}  // namespace hangu::check
