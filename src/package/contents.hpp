#pragma once
// Contents: what a package states about itself. One check for both directions, so that nothing is
// sealed that would be refused when opened.

#include <optional>

#include "flow/envelope.hpp"
#include "flow/receipt.hpp"
#include "flow/release.hpp"
#include "flow/statement.hpp"
#include "flow/submission.hpp"

namespace hangu::package {

enum class Kind : std::uint8_t {
  submission,  ///< from a node to the gateway
  release,     ///< from the gateway to its recipients
};

/// Contents is well-formed, and nothing more: whose signature it is and whether it counts is for
/// others to say (the verify stage, `hangu open`). The last object of every release is its story
/// (flow::kStoryName); submissions may not use that name, nor one that a file system could take
/// for it.
struct Contents {
  Kind kind = Kind::submission;
  flow::Envelope envelope;
  flow::Statement statement;
  std::optional<flow::Submission> submission;  ///< present exactly for Kind::submission
  std::optional<flow::Release> release;        ///< present exactly for Kind::release
  flow::ObjectTable table;                     ///< the statement's subjects

  /// Errors: those of flow::Statement, flow::Submission and flow::Release; Malformed
  /// "statement-type", "statement-predicate" (no kind that rides in a package), "suite-mismatch"
  /// (statement or digests of another suite than `suite`), "name-reserved", "story-missing" (a
  /// release whose last object is not its story), "story-too-long" (over kStoryBytesMax).
  [[nodiscard]] static Result<Contents> check(flow::Envelope envelope, crypto::Suite suite);
};

}  // namespace hangu::package
