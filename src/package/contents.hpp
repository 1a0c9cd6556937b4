#pragma once
// Contents: what a package states about itself. One check for both directions, so that nothing is
// sealed that would be refused when opened.

#include <optional>
#include <string_view>

#include "flow/envelope.hpp"
#include "flow/statement.hpp"
#include "flow/submission.hpp"

namespace hangu::package {

inline constexpr std::string_view kReleasePredicate = "urn:hangu:release:v1";
/// The last object of every release: the statements, certificate, approvals and proofs that led to
/// it. Submissions may not use the name, nor one that a file system could take for it.
inline constexpr std::string_view kStoryName = "hangu-story.json";
inline constexpr std::string_view kStoryMediaType = "application/vnd.hangu.story+json";

enum class Kind : std::uint8_t {
  submission,  ///< from a node to the gateway
  release,     ///< from the gateway to its recipients
};

/// Contents is well-formed, and nothing more: whose signature it is and whether it counts is for
/// others to say (the verify stage, `hangu open`).
struct Contents {
  Kind kind = Kind::submission;
  flow::Envelope envelope;
  flow::Statement statement;
  std::optional<flow::Submission> submission;  ///< present exactly for Kind::submission
  flow::ObjectTable table;                     ///< the statement's subjects

  /// Errors: those of flow::Statement and flow::Submission; Malformed "statement-predicate" (no
  /// kind that rides in a package), "suite-mismatch" (statement or digests of another suite than
  /// `suite`), "name-reserved", "story-missing" (a release whose last object is not its story).
  [[nodiscard]] static Result<Contents> check(flow::Envelope envelope, crypto::Suite suite);
};

}  // namespace hangu::package
